/**
 * What an instruction's operand means.
 * `none`; `constant`: index of a constant; `jump`: index of an instruction of the same action;
 * `count`: how many items it takes from the stack; `pair`: a number whose meaning the instruction
 * says, then such a count; `immediate`: a number.
 */
export type OperandKind = 'constant' | 'count' | 'immediate' | 'jump' | 'none' | 'pair';

/** One instruction: a code of {@link OPCODES} and its operands, 32-bit each. */
export type Instruction = {
  readonly opcode: number;
  readonly operands: readonly number[];
};

/** The rules of one opcode. */
export type Opcode = {
  readonly code: number;
  readonly name: string;
  readonly operand: OperandKind;
  /** Values taken from the stack, beside the items that an operand counts. */
  readonly pops: number;
  readonly pushes: number;
  /** Gas per execution, without what depends on sizes or on the state. */
  readonly gas: number;
  /** A basic block, for which gas is charged before it runs, ends behind it. */
  readonly endsBlock: boolean;
  /** Values of one item that an operand counts. */
  readonly itemPops: number;
  /** Gas of one item, beside {@link gas}. */
  readonly itemGas: number;
  /**
   * Values that it leaves where its jump leads, when these are others than on the way straight on: of
   * SETUP_TRY the error, of ITER_NEXT none.
   */
  readonly pushesAtTarget: number | undefined;
};

type Extras = {
  readonly ends?: true;
  readonly itemPops?: number;
  readonly itemGas?: number;
  readonly pushesAtTarget?: number;
};

const op = (
  code: number,
  name: string,
  operand: OperandKind,
  pops: number,
  pushes: number,
  gas: number,
  { ends, itemPops = 1, itemGas = 0, pushesAtTarget }: Extras = {},
): Opcode => ({
  code,
  name,
  operand,
  pops,
  pushes,
  gas,
  endsBlock: ends === true,
  itemPops,
  itemGas,
  pushesAtTarget,
});

/**
 * The instructions that contracts can use. Numbers below 0x0400 and their base costs are those of
 * upstream's machine; ours start at 0x0400. Numbers are part of the format: none is ever reused.
 */
export const OPCODES: readonly Opcode[] = [
  op(1, 'LOAD_CONST', 'constant', 0, 1, 1),
  /** A local variable by the constant that names it; null before its first store. */
  op(2, 'LOAD_NAME', 'constant', 0, 1, 2),
  op(3, 'STORE_NAME', 'constant', 1, 0, 3),
  op(5, 'POP', 'none', 1, 0, 1),
  op(6, 'DUP', 'none', 1, 2, 1),
  op(10, 'ADD', 'none', 2, 1, 3),
  op(11, 'SUB', 'none', 2, 1, 3),
  op(12, 'MUL', 'none', 2, 1, 5),
  op(13, 'DIV', 'none', 2, 1, 10),
  op(14, 'MOD', 'none', 2, 1, 10),
  op(15, 'POW', 'none', 2, 1, 20),
  op(16, 'NEG', 'none', 1, 1, 2),
  op(20, 'EQ', 'none', 2, 1, 2),
  op(21, 'NEQ', 'none', 2, 1, 2),
  op(22, 'LT', 'none', 2, 1, 2),
  op(23, 'GT', 'none', 2, 1, 2),
  op(24, 'LTE', 'none', 2, 1, 2),
  op(25, 'GTE', 'none', 2, 1, 2),
  /** Of two values that are there already: the language's `&&` and `||` are jumps. */
  op(30, 'AND', 'none', 2, 1, 2),
  op(31, 'OR', 'none', 2, 1, 2),
  op(32, 'NOT', 'none', 1, 1, 2),
  op(40, 'JUMP', 'jump', 0, 0, 2, { ends: true }),
  op(41, 'JUMP_IF_FALSE', 'jump', 1, 0, 3, { ends: true }),
  op(42, 'JUMP_IF_TRUE', 'jump', 1, 0, 3, { ends: true }),
  /** Ends the action; the value goes to the caller, null when it returns nothing. */
  op(43, 'RETURN', 'none', 1, 0, 2, { ends: true }),
  /** function, arguments → result */
  op(52, 'CALL_TOP', 'count', 1, 1, 10, { ends: true, itemGas: 2 }),
  /** Operands: constant that names the builtin, number of arguments. */
  op(53, 'CALL_BUILTIN', 'pair', 0, 1, 8, { ends: true, itemGas: 2 }),
  /**
   * Operands: constant that names the method, number of arguments. object, arguments → result. The
   * kind of the object decides; an address is a contract whose action is called (`zx_call`).
   */
  op(54, 'CALL_METHOD', 'pair', 1, 1, 10, { ends: true, itemGas: 2 }),
  /** items → list */
  op(60, 'BUILD_LIST', 'count', 0, 1, 5, { itemGas: 1 }),
  /** key, value, key, value, … → map; of equal keys the last value, at the place of the first */
  op(61, 'BUILD_MAP', 'count', 0, 1, 5, { itemPops: 2, itemGas: 2 }),
  /** items → list of those that are different, in the order in which they first occur */
  op(62, 'BUILD_SET', 'count', 0, 1, 5, { itemGas: 1 }),
  /** object, key → value */
  op(63, 'INDEX', 'none', 2, 1, 3, { ends: true }),
  /** object, start, end → part; null as start or end is the object's */
  op(64, 'SLICE', 'none', 3, 1, 5),
  /** map, name → value */
  op(65, 'GET_ATTR', 'none', 2, 1, 3, { ends: true }),
  /** Operand: constant that names the event. data → ; logs topic keccak(name ‖ "(bytes)"). */
  op(81, 'EMIT_EVENT', 'constant', 1, 0, 10, { ends: true }),
  /** value → SHA-256 of bytes, or of the UTF-8 of the canonical text */
  op(110, 'HASH_BLOCK', 'none', 1, 1, 50),
  /** signature, message, public key → bool: ECDSA over secp256k1 and SHA-256 of the message */
  op(111, 'VERIFY_SIGNATURE', 'none', 3, 1, 100),
  /** items → root over the SHA-256 of each one's bytes or text */
  op(112, 'MERKLE_ROOT', 'count', 0, 1, 30, { itemGas: 5 }),
  /**
   * The variable of the state that the constant names: the value of a cell, a handle of a map or list.
   * State costs follow EIP-2929 alone.
   */
  op(113, 'STATE_READ', 'constant', 0, 1, 0, { ends: true }),
  op(114, 'STATE_WRITE', 'constant', 1, 0, 0, { ends: true }),
  /** From here on, state, balances and logs can be taken back to this moment. */
  op(115, 'TX_BEGIN', 'none', 0, 0, 20, { ends: true }),
  op(116, 'TX_COMMIT', 'none', 0, 0, 30, { ends: true }),
  /** Takes back what was done since the last TX_BEGIN, and goes on. */
  op(117, 'TX_REVERT', 'none', 0, 0, 20, { ends: true }),
  /** Charges as much gas as its operand says. */
  op(118, 'GAS_CHARGE', 'immediate', 0, 0, 0, { ends: true }),
  /** value → ; appends to the contract's ledger */
  op(119, 'LEDGER_APPEND', 'none', 1, 0, 40, { ends: true }),
  /** condition, message → ; a false condition reverts with Error(message), null with no data. */
  op(130, 'REQUIRE', 'none', 2, 0, 5, { ends: true }),
  /** action, data → ; logs AuditLog(string,bytes) */
  op(136, 'AUDIT_LOG', 'none', 2, 0, 15, { ends: true }),
  /** A failure until POP_TRY goes on at the operand, with what failed on the stack. */
  op(140, 'SETUP_TRY', 'jump', 0, 0, 3, { ends: true, pushesAtTarget: 1 }),
  op(141, 'POP_TRY', 'none', 0, 0, 2, { ends: true }),
  /** value → ; reverts with Error(canonical text) when nothing catches it */
  op(142, 'THROW', 'none', 1, 0, 5, { ends: true }),
  op(255, 'NOP', 'none', 0, 0, 0),
  /** Operands: constant that names the map, number of keys. keys → value, or a handle of an inner one */
  op(0x0400, 'MAP_READ', 'pair', 0, 1, 0, { ends: true }),
  /** Operands: constant that names the map, number of keys. keys, value → */
  op(0x0401, 'MAP_WRITE', 'pair', 1, 0, 0, { ends: true }),
  /** message → ; reverts with Error(message), null with no data. */
  op(0x0402, 'REVERT', 'none', 1, 0, 5, { ends: true }),
  /** Operands: index of the event, number of arguments. arguments → */
  op(0x0403, 'EMIT', 'pair', 0, 0, 0, { ends: true }),
  /** Operands: index of the action, number of arguments. arguments → result */
  op(0x0404, 'CALL_ACTION', 'pair', 0, 1, 10, { ends: true, itemGas: 2 }),
  /** Operand: a number of {@link TX_FIELDS}. */
  op(0x0405, 'TX_READ', 'immediate', 0, 1, 2),
  /** object → iterator, which only ITER_NEXT, ITER_NEXT_PAIR and POP may take */
  op(0x0406, 'ITERATE', 'none', 1, 1, 5, { ends: true }),
  /** iterator → iterator, value; jumps without both at the end */
  op(0x0407, 'ITER_NEXT', 'jump', 1, 2, 5, { ends: true, pushesAtTarget: 0 }),
  /** iterator → iterator, key or position, value; jumps without them at the end */
  op(0x0408, 'ITER_NEXT_PAIR', 'jump', 1, 3, 5, { ends: true, pushesAtTarget: 0 }),
  /** object, key, value → */
  op(0x0409, 'STORE_INDEX', 'none', 3, 0, 5, { ends: true }),
  /** Operands: index of the action, number of values. The first parameters of the action → function */
  op(0x040a, 'MAKE_CLOSURE', 'pair', 0, 1, 5, { itemGas: 1 }),
  /**
   * target, signature, list of arguments, value, gas → result. The signature is `name(types)->(type)`
   * of the ABI, or a bare name (`zx_call`), or null: then the argument is bytes and so is the result.
   */
  op(0x040b, 'CALL_CONTRACT', 'none', 5, 1, 10, { ends: true }),
  /** target, signature, list of arguments, gas → result; nothing may be changed */
  op(0x040c, 'STATIC_CALL', 'none', 4, 1, 10, { ends: true }),
  /** target, signature, list of arguments, gas → result; the target's code on this contract's state */
  op(0x040d, 'DELEGATE_CALL', 'none', 4, 1, 10, { ends: true }),
  /** Operands: index of the error, number of arguments. arguments → ; reverts with the declared error. */
  op(0x040e, 'REVERT_ERROR', 'pair', 0, 0, 5, { ends: true }),
  /** a, b → a, b, a, b */
  op(0x040f, 'DUP2', 'none', 2, 4, 2),
];

/** What TX_READ reads; the position is the operand. */
export const TX_FIELDS = [
  'caller',
  'value',
  'origin',
  'timestamp',
  'height',
  'chainId',
  'coinbase',
  'gasPrice',
  /** The contract's own address. */
  'address',
  /** Hash of the block before this one, 32 bytes. */
  'parentHash',
  /** Gas limit of the block. */
  'gasLimit',
  /** Calldata of the call, with its selector. */
  'data',
] as const;

/** How many operands an instruction has. */
export function operandCount(kind: OperandKind): number {
  if (kind === 'none') return 0;
  return kind === 'pair' ? 2 : 1;
}

const byCode: ReadonlyMap<number, Opcode> = new Map(OPCODES.map((entry) => [entry.code, entry]));
const byName: ReadonlyMap<string, Opcode> = new Map(OPCODES.map((entry) => [entry.name, entry]));

/** The rules of a code; undefined when contracts cannot use it. */
export function opcodeByCode(code: number): Opcode | undefined {
  return byCode.get(code);
}

/** The rules of a name such as `ADD`. */
export function opcodeByName(name: string): Opcode | undefined {
  return byName.get(name);
}
