/** Numbers of one register instruction: its operation and three operands. */
export const REGISTER_STRIDE = 4;

/**
 * Operations of the register code, which exists in memory only. An operand that is a value is a
 * register of the frame, or the constant ~operand when it is below zero. `into` is a register, and
 * `from` the first of consecutive registers. The interpreter's switch has the numbers up to
 * {@link LAST_INLINE} as literals, which alone become a jump table; a test compares the two. The others
 * are in the table of `rare-operations.ts`. TRACE is only in programs that are traced, so that it costs
 * nothing in others.
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
  EQ: 7,
  NEQ: 8,
  LT: 9,
  GT: 10,
  LTE: 11,
  GTE: 12,
  /** position */
  JUMP: 13,
  /** position, condition */
  JUMP_IF_FALSE: 14,
  JUMP_IF_TRUE: 15,
  /** position, left, right: jumps when the comparison is false. */
  JUMP_UNLESS_EQ: 16,
  JUMP_UNLESS_NEQ: 17,
  JUMP_UNLESS_LT: 18,
  JUMP_UNLESS_GT: 19,
  JUMP_UNLESS_LTE: 20,
  JUMP_UNLESS_GTE: 21,
  /** value */
  RETURN: 22,
  /** from, action: the result goes to `from`, where the callee's registers begin. */
  CALL: 23,
  /** from, count: the function, then its arguments; as CALL. */
  CALL_TOP: 24,
  /** position of the handler, register for what it is given */
  SETUP_TRY: 25,
  POP_TRY: 26,
  /** into, object, key */
  INDEX: 27,
  /** object, key, value */
  STORE_INDEX: 28,
  /** position of the end, iterator, into */
  ITER_NEXT: 29,
  /** position of the end, iterator, into: the key or position, and behind it the value */
  ITER_NEXT_PAIR: 30,
  /** into, left, right */
  POW: 31,
  AND: 32,
  OR: 33,
  /** into, value */
  NEG: 34,
  NOT: 35,
  /** into, builtin, from */
  BUILTIN: 36,
  /** from, constant that names it, count: the object, then arguments; the result goes to `from`. */
  METHOD: 37,
  /** into, from, count */
  BUILD_LIST: 38,
  BUILD_MAP: 39,
  BUILD_SET: 40,
  MERKLE_ROOT: 41,
  /** into, from: object, start, end */
  SLICE: 42,
  /** into, map, name */
  GET_ATTR: 43,
  /** into, value */
  ITERATE: 44,
  /** action, from, count: the function goes to `from`. */
  MAKE_CLOSURE: 45,
  /** into, field */
  CONTEXT: 46,
  /** into, value */
  HASH_BLOCK: 47,
  /** into, from: signature, message, public key */
  VERIFY_SIGNATURE: 48,
  /** into, place, from: keys */
  READ: 49,
  /** place, from: keys, then the value */
  WRITE: 50,
  TX_BEGIN: 51,
  TX_COMMIT: 52,
  TX_REVERT: 53,
  /** value */
  LEDGER_APPEND: 54,
  /** condition, message */
  REQUIRE: 55,
  /** message */
  REVERT: 56,
  /** error, from */
  REVERT_ERROR: 57,
  /** value */
  THROW: 58,
  /** event, from */
  EMIT: 59,
  /** constant that names the event, data */
  EMIT_EVENT: 60,
  /** action, data */
  AUDIT_LOG: 61,
  /** into, from: target, signature, arguments, value, gas */
  CALL_CONTRACT: 62,
  /** into, from: target, signature, arguments, gas */
  STATIC_CALL: 63,
  DELEGATE_CALL: 64,
  /** position in the stack code, gas that is charged for it and for the rest of its block already. */
  TRACE: 65,
} as const;

/** The last operation that the interpreter's switch has. */
export const LAST_INLINE: number = REGISTER_OPS.ITER_NEXT_PAIR;
