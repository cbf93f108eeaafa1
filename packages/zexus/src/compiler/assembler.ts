import { assert, present } from '@lucerna/base';
import type { Constant, SourcePlace } from '../bytecode/container.ts';
import { type Instruction, opcodeByName } from '../bytecode/opcodes.ts';
import type { Place } from './source-places.ts';

/** A place in the code that jumps lead to; it may be known only later. */
export type Label = {
  position: number | undefined;
  /** Values on the stack there; known from the first jump or from arriving there. */
  depth: number | undefined;
};

/** The constants of a contract, each once, in the order of their first use. */
export class ConstantPool {
  readonly constants: Constant[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(constant: Constant): number {
    const key = keyOf(constant);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.constants.length);
    return this.constants.push(constant) - 1;
  }
}

function keyOf(constant: Constant): string {
  switch (constant.kind) {
    case 'null':
      return 'null';
    case 'bytes':
    case 'address':
      return `${constant.kind} ${constant.value.join()}`;
    default:
      return `${constant.kind} ${constant.value}`;
  }
}

/**
 * Puts the code of one action together. Knows at each point how many values are on the stack and
 * whether the point can be reached; what cannot is left out.
 */
export class Assembler {
  readonly #instructions: (Instruction | { readonly opcode: number; readonly target: Label })[] =
    [];
  readonly #places: SourcePlace[] = [];
  #depth = 0;
  #isReachable = true;
  #maxDepth = 0;

  /** The most values that are on the stack at any time. */
  get maxDepth(): number {
    return this.#maxDepth;
  }

  /** From which instruction on the code comes from which place. */
  get places(): readonly SourcePlace[] {
    return this.#places;
  }

  /** What is appended from now on comes from `place`. */
  place: Place | undefined;

  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** Appends an instruction; `counted` is how many values a `pair` instruction takes beyond its own. */
  emit(name: string, operands: readonly number[] = [], counted = 0): void {
    if (!this.#isReachable) return;
    const opcode = present(opcodeByName(name), name);
    this.#notePlace();
    this.#instructions.push({ opcode: opcode.code, operands });
    this.#move(opcode.pops + counted, opcode.pushes);
    if (name === 'RETURN' || name === 'REVERT') this.#isReachable = false;
  }

  newLabel(): Label {
    return { position: undefined, depth: undefined };
  }

  jump(name: 'JUMP' | 'JUMP_IF_FALSE' | 'JUMP_IF_TRUE', target: Label): void {
    if (!this.#isReachable) return;
    const opcode = present(opcodeByName(name), name);
    this.#move(opcode.pops, 0);
    assert(target.depth === undefined || target.depth === this.#depth, 'the stack fits the label');
    target.depth = this.#depth;
    this.#notePlace();
    this.#instructions.push({ opcode: opcode.code, target });
    if (name === 'JUMP') this.#isReachable = false;
  }

  /** The label stands before the next instruction. */
  bind(label: Label): void {
    if (label.depth !== undefined) {
      assert(!this.#isReachable || label.depth === this.#depth, 'the stack fits the label');
      this.#depth = label.depth;
      this.#isReachable = true;
    }
    label.depth = this.#depth;
    label.position = this.#instructions.length;
  }

  /** The finished code. */
  finish(): readonly Instruction[] {
    assert(!this.#isReachable, 'nothing runs past the end');
    return this.#instructions.map((instruction) => {
      if (!('target' in instruction)) return instruction;
      const position = present(instruction.target.position, 'every label is bound');
      return { opcode: instruction.opcode, operands: [position] };
    });
  }

  #notePlace(): void {
    const { place } = this;
    const last = this.#places.at(-1);
    if (place === undefined) return;
    if (last !== undefined && last.line === place.line && last.column === place.column) return;
    const { line, column } = place;
    this.#places.push({ instruction: this.#instructions.length, line, column });
  }

  #move(pops: number, pushes: number): void {
    assert(this.#depth >= pops, 'the stack holds what an instruction takes');
    this.#depth += pushes - pops;
    this.#maxDepth = Math.max(this.#maxDepth, this.#depth);
  }
}
