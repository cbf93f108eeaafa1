import { assert, present } from '@lucerna/base';
import type { Constant, SourcePlace } from '../bytecode/container.ts';
import { type Instruction, type Opcode, opcodeByName } from '../bytecode/opcodes.ts';
import type { Place } from './source-places.ts';

/** What is open at a point of the code: the same on every way that leads there. */
type OpenState = {
  /** Values on the stack. */
  readonly depth: number;
  /** `SETUP_TRY` without its `POP_TRY`. */
  readonly tries: number;
  /** `TX_BEGIN` without its end. */
  readonly checkpoints: number;
};

/** A place in the code that jumps lead to; it may be known only later. */
export type Label = {
  position: number | undefined;
  /** What is open there; known from the first jump or from arriving there. */
  state: OpenState | undefined;
};

/** Instructions that lead to a label. */
export type JumpName =
  | 'ITER_NEXT'
  | 'ITER_NEXT_PAIR'
  | 'JUMP'
  | 'JUMP_IF_FALSE'
  | 'JUMP_IF_TRUE'
  | 'SETUP_TRY';

/** The instructions behind which nothing goes on. */
const TERMINALS: ReadonlySet<string> = new Set([
  'JUMP',
  'RETURN',
  'REVERT',
  'REVERT_ERROR',
  'THROW',
]);

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
 * Puts the code of one action together. Knows at each point how many values are on the stack, what is
 * open, and whether the point can be reached; what cannot is left out.
 */
export class Assembler {
  readonly #instructions: (Instruction | { readonly opcode: number; readonly target: Label })[] =
    [];
  readonly #places: SourcePlace[] = [];
  #state: OpenState = { depth: 0, tries: 0, checkpoints: 0 };
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

  /** Appends an instruction that leads to no label; `items` is how many its last operand counts. */
  emit(name: string, operands: readonly number[] = [], items = 0): void {
    if (!this.#isReachable) return;
    const opcode = present(opcodeByName(name), name);
    this.#notePlace();
    this.#instructions.push({ opcode: opcode.code, operands });
    this.#state = this.#behind(opcode, opcode.pushes, items);
    this.#follow(name);
  }

  newLabel(): Label {
    return { position: undefined, state: undefined };
  }

  jump(name: JumpName, target: Label): void {
    if (!this.#isReachable) return;
    const opcode = present(opcodeByName(name), name);
    this.#arrive(target, this.#behind(opcode, opcode.pushesAtTarget ?? opcode.pushes, 0));
    this.#notePlace();
    this.#instructions.push({ opcode: opcode.code, target });
    this.#state = this.#behind(opcode, opcode.pushes, 0);
    this.#follow(name);
  }

  /** The label stands before the next instruction. */
  bind(label: Label): void {
    if (this.#isReachable) this.#arrive(label, this.#state);
    if (label.state !== undefined) {
      this.#state = label.state;
      this.#isReachable = true;
    }
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

  #arrive(label: Label, state: OpenState): void {
    const known = label.state ?? state;
    const isSame =
      known.depth === state.depth &&
      known.tries === state.tries &&
      known.checkpoints === state.checkpoints;
    assert(
      isSame,
      'all ways to a label have the same values on the stack and the same things open',
    );
    label.state = known;
    this.#maxDepth = Math.max(this.#maxDepth, state.depth);
  }

  #notePlace(): void {
    const { place } = this;
    const last = this.#places.at(-1);
    if (place === undefined) return;
    if (last !== undefined && last.line === place.line && last.column === place.column) return;
    const { line, column } = place;
    this.#places.push({ instruction: this.#instructions.length, line, column });
  }

  #behind(opcode: Opcode, pushes: number, items: number): OpenState {
    const { depth, tries, checkpoints } = this.#state;
    const pops = opcode.pops + items * opcode.itemPops;
    assert(depth >= pops, 'the stack holds what an instruction takes');
    return { depth: depth - pops + pushes, tries, checkpoints };
  }

  #follow(name: string): void {
    this.#maxDepth = Math.max(this.#maxDepth, this.#state.depth);
    const { depth, tries, checkpoints } = this.#state;
    switch (name) {
      case 'SETUP_TRY':
        this.#state = { depth, tries: tries + 1, checkpoints };
        break;
      case 'POP_TRY':
        this.#state = { depth, tries: tries - 1, checkpoints };
        break;
      case 'TX_BEGIN':
        this.#state = { depth, tries, checkpoints: checkpoints + 1 };
        break;
      case 'TX_COMMIT':
      case 'TX_REVERT':
        this.#state = { depth, tries, checkpoints: checkpoints - 1 };
        break;
      case 'RETURN':
        assert(tries === 0 && checkpoints === 0, 'nothing is open at a return');
    }
    assert(this.#state.tries >= 0 && this.#state.checkpoints >= 0, 'what ends was open');
    if (TERMINALS.has(name)) this.#isReachable = false;
  }
}
