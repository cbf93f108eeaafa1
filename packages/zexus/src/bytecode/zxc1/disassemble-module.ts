import type { Zxc1Constant, Zxc1Module, Zxc1Operand } from './module.ts';
import { floatText } from './upstream-json.ts';
import { upstreamOpcodeName } from './upstream-opcodes.ts';

/** Constants in comments are cut to this many characters. */
const COMMENT_CHARS = 60;

/** Opcodes whose operand, or the first of two, is the index of a constant. */
const TAKES_CONSTANT: ReadonlySet<number> = new Set([
  ...[1, 2, 3, 4, 50, 51, 53, 54, 81, 90, 91, 113, 114],
]);

/** Opcodes whose operand is the index of an instruction. */
const JUMPS: ReadonlySet<number> = new Set([40, 41, 42, 140]);

/**
 * A module of version 1 as text for people: constants and instructions, one line each. Works on every
 * module that can be read: unknown opcodes are shown by number, what an operand does not find as `?`.
 */
export function disassembleModule(module: Zxc1Module): string {
  const { constants, instructions } = module;
  return [
    'module ; version 1',
    ...(constants.length === 0 ? [] : ['', 'constants']),
    ...constants.map((constant, index) => `  ${column(index)}  ${constantText(constant)}`),
    ...(instructions.length === 0 ? [] : ['', 'code']),
    ...instructions.map(({ opcode, operand }, index) => {
      const name = upstreamOpcodeName(opcode) ?? `opcode ${opcode}`;
      const text = [name, ...operandNumbers(operand)].join(' ');
      const meaning = meaningOf(module, opcode, operand);
      const line = meaning === undefined ? text : `${text.padEnd(20)} ; ${cut(meaning)}`;
      return `  ${column(index)}  ${line}`;
    }),
    '',
  ].join('\n');
}

function column(index: number): string {
  return String(index).padStart(4);
}

function operandNumbers(operand: Zxc1Operand): readonly (number | bigint)[] {
  if (operand.kind === 'none') return [];
  return 'value' in operand ? [operand.value] : operand.values;
}

function meaningOf(
  { constants, instructions }: Zxc1Module,
  opcode: number,
  operand: Zxc1Operand,
): string | undefined {
  const [first] = operandNumbers(operand);
  if (typeof first !== 'number') return undefined;
  if (JUMPS.has(opcode)) return first < instructions.length ? `to ${first}` : 'to the end';
  if (!TAKES_CONSTANT.has(opcode)) return undefined;
  const constant = constants[first];
  return constant === undefined ? '?' : constantText(constant);
}

function constantText(constant: Zxc1Constant): string {
  switch (constant.kind) {
    case 'null':
      return 'null';
    case 'string':
      return JSON.stringify(constant.value);
    case 'description':
      return `description ${JSON.stringify(constant.json)}`;
    case 'float':
      return Number.isFinite(constant.value) ? floatText(constant.value) : String(constant.value);
    case 'list':
      return `[${constant.items.map(constantText).join(', ')}]`;
    case 'map': {
      const entries = constant.entries.map(
        ([key, value]) => `${constantText(key)}: ${constantText(value)}`,
      );
      return `{${entries.join(', ')}}`;
    }
    default:
      return String(constant.value);
  }
}

function cut(text: string): string {
  return text.length <= COMMENT_CHARS ? text : `${text.slice(0, COMMENT_CHARS)}…`;
}
