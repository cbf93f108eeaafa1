import type { Container, ContainerAction } from '../../src/bytecode/container.ts';
import { type Instruction, type Opcode, opcodeByCode } from '../../src/bytecode/opcodes.ts';
import { DiagnosticSink, locate } from '../../src/syntax/diagnostics.ts';
import { tokenize } from '../../src/syntax/lexer.ts';
import type { SourceFile } from '../../src/syntax/source.ts';

/** The tokens of a text, those of one line in one line: `kind text`. */
export function tokenLines(source: SourceFile): string[] {
  const tokens = tokenize(source, new DiagnosticSink(source)) ?? [];
  const lines = new Map<number, string[]>();
  for (const { kind, text, start } of tokens) {
    if (kind === 'end') continue;
    const { line } = locate(source, start);
    const shown = kind === 'string' ? JSON.stringify(text) : text;
    const texts = lines.get(line) ?? [];
    lines.set(line, texts);
    texts.push(kind === 'symbol' ? shown : `${kind} ${shown}`);
  }
  return [...lines].map(([line, texts]) => `  ${String(line).padStart(4)}  ${texts.join('  ')}`);
}

/**
 * A syntax tree: a node a line, what it has of plain values behind its name, its parts indented below.
 * Places and what is empty are left out.
 */
export function treeLines(node: unknown, name = '', depth = 1): string[] {
  const indent = '  '.repeat(depth);
  if (Array.isArray(node)) {
    return node.flatMap((item, index) => treeLines(item, `${name}[${index}]`, depth));
  }
  if (!isNode(node)) return [`${indent}${name} ${plainText(node)}`];
  const known = Object.entries(node).filter(([key, value]) => key !== 'span' && !isEmpty(value));
  const plain = known.filter(([key, value]) => key !== 'kind' && !isStructure(value));
  const parts = known.filter(([, value]) => isStructure(value));
  const head = [name, node['kind'], ...plain.map(([key, value]) => `${key}=${plainText(value)}`)];
  return [
    indent + head.filter((word) => word !== undefined && word !== '').join(' '),
    ...parts.flatMap(([key, value]) => treeLines(value, key, depth + 1)),
  ];
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** An identifier or a type without arguments is as good as its name. */
function nameOf(value: unknown): string | undefined {
  if (!isNode(value) || 'kind' in value || typeof value['name'] !== 'string') return undefined;
  const others = Object.entries(value).filter(([key]) => key !== 'name' && key !== 'span');
  return others.every(([, other]) => isEmpty(other)) ? value['name'] : undefined;
}

function isStructure(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => isNode(item) && nameOf(item) === undefined);
  return isNode(value) && nameOf(value) === undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

function plainText(value: unknown): string {
  const name = nameOf(value);
  if (name !== undefined) return name;
  if (Array.isArray(value)) return `[${value.map(plainText).join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** What each basic block of a container costs before it runs; see docs/spec/zexus.md. */
export function gasLines({ actions }: Container): string[] {
  return actions.flatMap((action) => [
    `  ${action.name}`,
    ...blocksOf(action).map(
      ({ first, last, gas }) => `    ${`${first}–${last}`.padEnd(9)} ${String(gas).padStart(4)}`,
    ),
  ]);
}

type Block = { readonly first: number; readonly last: number; readonly gas: number };

function blocksOf({ code }: ContainerAction): Block[] {
  const starts = new Set([0]);
  for (const [index, { opcode, operands }] of code.entries()) {
    const rules = opcodeByCode(opcode) as Opcode;
    if (rules.operand === 'jump') starts.add(operands[0] as number);
    if (rules.endsBlock) starts.add(index + 1);
  }
  const sorted = [...starts].filter((start) => start < code.length).sort((a, b) => a - b);
  return sorted.map((first, position) => {
    const end = sorted[position + 1] ?? code.length;
    const gas = code.slice(first, end).reduce((sum, entry) => sum + gasOf(entry), 0);
    return { first, last: end - 1, gas };
  });
}

function gasOf({ opcode, operands }: Instruction): number {
  const { gas, itemGas, operand } = opcodeByCode(opcode) as Opcode;
  if (operand !== 'count' && operand !== 'pair') return gas;
  return gas + itemGas * (operands.at(-1) as number);
}
