/** Numbers of one register instruction: its operation and three operands. */
export const REGISTER_STRIDE = 4;

/**
 * Operations of the register code, which exists in memory only. An operand that is a value is a
 * register of the frame, or the constant ~operand when it is below zero. `into` is a register, and
 * `from` the first of consecutive registers. The interpreter's switch has these numbers as literals,
 * which alone become a jump table; a test compares the two. TRACE is only in programs that are traced,
 * so that it costs nothing in others.
 */
export const REGISTER_OPS = {
  /** gas: charges a basic block. */
  GAS: 0,
  /** into, value */
  MOVE: 1,
  /** into, left, right; so are all with two operands. */
  ADD: 2,
  SUB: 3,
  MUL: 4,
  DIV: 5,
  MOD: 6,
  POW: 7,
  EQ: 8,
  NEQ: 9,
  LT: 10,
  GT: 11,
  LTE: 12,
  GTE: 13,
  /** into, value */
  NEG: 14,
  NOT: 15,
  /** position */
  JUMP: 16,
  /** position, condition */
  JUMP_IF_FALSE: 17,
  JUMP_IF_TRUE: 18,
  /** position, left, right: jumps when the comparison is false. */
  JUMP_UNLESS_EQ: 19,
  JUMP_UNLESS_NEQ: 20,
  JUMP_UNLESS_LT: 21,
  JUMP_UNLESS_GT: 22,
  JUMP_UNLESS_LTE: 23,
  JUMP_UNLESS_GTE: 24,
  /** value */
  RETURN: 25,
  /** from, action: the result goes to `from`, where the callee's registers begin. */
  CALL: 26,
  /** into, builtin, from */
  BUILTIN: 27,
  /** into, field */
  CONTEXT: 28,
  /** into, variable */
  STATE_READ: 29,
  /** variable, value */
  STATE_WRITE: 30,
  /** into, variable, from: keys */
  MAP_READ: 31,
  /** variable, from: keys, then the value */
  MAP_WRITE: 32,
  /** condition, message */
  REQUIRE: 33,
  /** message */
  REVERT: 34,
  /** event, from */
  EMIT: 35,
  /** position in the stack code, gas that is charged for it and for the rest of its block already. */
  TRACE: 36,
} as const;
