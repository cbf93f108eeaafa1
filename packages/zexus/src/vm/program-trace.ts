import type { SourceLocation } from '@lucerna/protocol';
import type { Container } from '../bytecode/container.ts';
import { opcodeByCode } from '../bytecode/opcodes.ts';
import type { StackAnalysis } from './verify-action.ts';

/**
 * What a traced program knows of its stack code. A position (`pc`) is the index of an instruction in
 * the code of its action, counted through all actions of the contract.
 */
export class ProgramTrace {
  /** Position of the first instruction of each action, and behind the last one the number of all. */
  readonly starts: Uint32Array;
  /** Of each position: opcode, register of the stack's first value, and values on the stack. */
  readonly #opcodes: Uint16Array;
  readonly #stackBases: Uint16Array;
  readonly #stackDepths: Uint16Array;
  /** Of each position, 0 where the source map says nothing. */
  readonly #lines: Uint32Array;
  readonly #columns: Uint32Array;
  /** Of each position, its action. */
  readonly #actions: Uint16Array;
  readonly #names: readonly string[];
  readonly #files: readonly string[];
  /** Of each action, its file. */
  readonly #fileOfAction: readonly number[];

  constructor({ actions, sourceMap }: Container, analyses: readonly StackAnalysis[]) {
    const starts = [0];
    for (const { code } of actions) starts.push((starts.at(-1) as number) + code.length);
    const count = starts.at(-1) as number;
    this.starts = Uint32Array.from(starts);
    this.#opcodes = new Uint16Array(count);
    this.#stackBases = new Uint16Array(count);
    this.#stackDepths = new Uint16Array(count);
    this.#lines = new Uint32Array(count);
    this.#columns = new Uint32Array(count);
    this.#actions = new Uint16Array(count);
    this.#names = actions.map(({ name }) => name);
    this.#files = sourceMap?.files ?? [];
    this.#fileOfAction = sourceMap?.actions.map(({ file }) => file) ?? [];
    for (const [index, { code }] of actions.entries()) {
      const start = starts[index] as number;
      const { locals, depths } = analyses[index] as StackAnalysis;
      this.#opcodes.set(
        code.map(({ opcode }) => opcode),
        start,
      );
      this.#actions.fill(index, start, start + code.length);
      this.#stackBases.fill(locals.size, start, start + code.length);
      // What nothing leads to has a depth below zero, and is never asked for.
      this.#stackDepths.set(
        depths.map((depth) => Math.max(depth, 0)),
        start,
      );
      const end = start + code.length;
      const places = sourceMap?.actions[index]?.places ?? [];
      for (const [position, { instruction, line, column }] of places.entries()) {
        const next = places[position + 1];
        const until = next === undefined ? end : start + next.instruction;
        this.#lines.fill(line, start + instruction, until);
        this.#columns.fill(column, start + instruction, until);
      }
    }
  }

  /** Files that the code is from. */
  get fileCount(): number {
    return this.#files.length;
  }

  /** Name of the operation. */
  operation(pc: number): string {
    return opcodeByCode(this.#opcodes[pc] as number)?.name ?? '';
  }

  /** Where the instruction comes from; undefined where the source map says nothing. */
  location(pc: number): SourceLocation | undefined {
    const line = this.#lines[pc] ?? 0;
    if (line === 0) return undefined;
    const column = this.#columns[pc] as number;
    const index = this.#actions[pc] as number;
    const file = this.#files[this.#fileOfAction[index] as number] as string;
    return { file, line, column, action: this.#names[index] as string };
  }

  /** The registers of the frame that are the stack before the instruction. */
  stackRegisters(pc: number): { readonly from: number; readonly to: number } {
    const from = this.#stackBases[pc] as number;
    return { from, to: from + (this.#stackDepths[pc] as number) };
  }
}

/** About how many bytes of memory it takes. */
export function programTraceBytes({ starts, fileCount }: ProgramTrace): number {
  const instructions = starts.at(-1) as number;
  const entries = starts.length + fileCount;
  return BYTES_PER_INSTRUCTION * instructions + BYTES_PER_ENTRY * entries;
}

const BYTES_PER_INSTRUCTION = 16;
/** An action, or the name of a file, which is at most 255 bytes. */
const BYTES_PER_ENTRY = 512;
