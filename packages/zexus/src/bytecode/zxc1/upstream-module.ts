import { zexusErrors } from '../../errors.ts';
import { isInt64 } from './format.ts';
import type { Zxc1Constant, Zxc1Instruction, Zxc1Module, Zxc1Operand } from './module.ts';
import { type UpstreamValue, upstreamJson } from './upstream-json.ts';
import { upstreamOpcode } from './upstream-opcodes.ts';

/** The operand of an instruction in upstream's compiler: nothing, an integer, or a tuple of two or three. */
export type UpstreamOperand =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | readonly [Int, Int]
  | readonly [Int, Int, Int];

type Int = number | bigint;

/** An instruction of upstream's compiler: the name or the number of an opcode, and its operand. */
export type UpstreamInstruction = readonly [opcode: number | string, operand?: UpstreamOperand];

/**
 * The module that upstream's writer makes of what its compiler hands over.
 *
 * @throws `ZXC1_OPCODE` for a name that is none (upstream writes NOP), `ZXC1_INTEGER` for an integer of
 *   more than 64 bits, `ZXC1_OPERAND` for what is no operand
 */
export function upstreamModule(
  constants: readonly UpstreamValue[],
  instructions: readonly UpstreamInstruction[],
): Zxc1Module {
  return {
    constants: constants.map(upstreamConstant),
    instructions: instructions.map(([opcode, operand]): Zxc1Instruction => {
      const number = typeof opcode === 'number' ? opcode : upstreamOpcode(opcode);
      if (number === undefined) throw zexusErrors.create('ZXC1_OPCODE', String(opcode));
      return { opcode: number, operand: upstreamOperand(operand) };
    }),
  };
}

/** A dictionary becomes JSON, never a map: upstream's writer takes it for a function's description. */
function upstreamConstant(value: UpstreamValue): Zxc1Constant {
  if (value === null) return { kind: 'null' };
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean', value };
    case 'bigint':
      return { kind: 'integer', value: int64(value) };
    case 'number':
      return { kind: 'float', value };
    case 'string':
      return { kind: 'string', value };
    default:
      if (value instanceof Map) return { kind: 'description', json: upstreamJson(value) };
      return { kind: 'list', items: (value as readonly UpstreamValue[]).map(upstreamConstant) };
  }
}

function upstreamOperand(operand: UpstreamOperand): Zxc1Operand {
  if (operand === null || operand === undefined) return { kind: 'none' };
  if (typeof operand !== 'object') {
    const value = int64(integerOf(operand));
    const isShort = value >= 0n && value < 2n ** 32n;
    return isShort ? { kind: 'u32', value: Number(value) } : { kind: 'i64', value };
  }
  const [first, second, third] = operand.map(low32);
  if (first === undefined || second === undefined) {
    throw zexusErrors.create('ZXC1_OPERAND', 'a tuple of less than two numbers');
  }
  if (third === undefined) return { kind: 'pair', values: [first, second] };
  return { kind: 'triple', values: [first, second, third] };
}

/** A boolean is an integer of Python. */
function integerOf(value: boolean | Int): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw zexusErrors.create('ZXC1_OPERAND', `${value} is no integer`);
  }
  return BigInt(value);
}

/** The lowest 32 bits, which is what upstream's writer keeps of a number in a tuple. */
function low32(value: Int): number {
  return Number(BigInt.asUintN(32, integerOf(value)));
}

function int64(value: bigint): bigint {
  if (!isInt64(value)) throw zexusErrors.create('ZXC1_INTEGER', `${value}`);
  return value;
}
