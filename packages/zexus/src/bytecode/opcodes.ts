/**
 * What an instruction's operand means.
 * `none`; `constant`: index of a constant; `jump`: index of an instruction of the same action;
 * `pair`: two numbers whose meaning the instruction says; `immediate`: a number.
 */
export type OperandKind = 'constant' | 'immediate' | 'jump' | 'none' | 'pair';

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
  /** Values taken from the stack; `pair` instructions with a count take that many more. */
  readonly pops: number;
  readonly pushes: number;
  /** Gas per execution, without what depends on sizes or on the state. */
  readonly gas: number;
  /** A basic block, for which gas is charged before it runs, ends behind it. */
  readonly endsBlock: boolean;
};

const op = (
  code: number,
  name: string,
  operand: OperandKind,
  pops: number,
  pushes: number,
  gas: number,
  endsBlock = false,
): Opcode => ({ code, name, operand, pops, pushes, gas, endsBlock });

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
  op(32, 'NOT', 'none', 1, 1, 2),
  op(40, 'JUMP', 'jump', 0, 0, 2, true),
  op(41, 'JUMP_IF_FALSE', 'jump', 1, 0, 3, true),
  op(42, 'JUMP_IF_TRUE', 'jump', 1, 0, 3, true),
  /** Ends the action; the value goes to the caller, null when it returns nothing. */
  op(43, 'RETURN', 'none', 1, 0, 2, true),
  /** Operands: constant that names the builtin, number of arguments. Gas: 8 + 2 an argument. */
  op(53, 'CALL_BUILTIN', 'pair', 0, 1, 8, true),
  /** The cell that the constant names in the state schema. State costs follow EIP-2929 alone. */
  op(113, 'STATE_READ', 'constant', 0, 1, 0, true),
  op(114, 'STATE_WRITE', 'constant', 1, 0, 0, true),
  /** condition, message → ; a false condition reverts with Error(message), null with no data. */
  op(130, 'REQUIRE', 'none', 2, 0, 5, true),
  op(255, 'NOP', 'none', 0, 0, 0),
  /** Operands: constant that names the map, number of keys. keys → value */
  op(0x0400, 'MAP_READ', 'pair', 0, 1, 0, true),
  /** Operands: constant that names the map, number of keys. keys, value → */
  op(0x0401, 'MAP_WRITE', 'pair', 1, 0, 0, true),
  /** message → ; reverts with Error(message), null with no data. */
  op(0x0402, 'REVERT', 'none', 1, 0, 5, true),
  /** Operands: index of the event, number of arguments. arguments → */
  op(0x0403, 'EMIT', 'pair', 0, 0, 0, true),
  /** Operands: index of the action, number of arguments. arguments → result. Gas: 10 + 2 an argument. */
  op(0x0404, 'CALL_ACTION', 'pair', 0, 1, 10, true),
  /** Operand: a number of {@link TX_FIELDS}. */
  op(0x0405, 'TX_READ', 'immediate', 0, 1, 2),
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
