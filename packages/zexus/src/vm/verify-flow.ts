import type { ContainerAction } from '../bytecode/container.ts';
import { type Instruction, type Opcode, opcodeByCode } from '../bytecode/opcodes.ts';
import { zexusLimits } from '../limits.ts';
import { refuse, type VerifierRule } from './verify-rule.ts';

/** How deep the stack of an action is. */
export type StackDepths = {
  /** Values on the stack before each instruction; -1 where nothing leads to. */
  readonly depths: Int32Array;
  /** Values on the stack at most. */
  readonly maxDepth: number;
};

/**
 * Follows all ways through the code of an action whose operands are checked. On all ways to an
 * instruction the stack is as deep, has the same iterators at the same levels, and the same tries and as
 * many checkpoints are open.
 *
 * @throws `PROGRAM_REFUSED`
 */
export function verifyFlow(action: ContainerAction): StackDepths {
  return new Flow(action).run();
}

/** Values that an instruction takes from the stack. */
export function valuesTaken(opcode: Opcode, { operands }: Instruction): number {
  return opcode.pops + opcode.itemPops * countOf(opcode, operands);
}

/** What the operand of an instruction counts. */
export function countOf({ operand }: Opcode, operands: readonly number[]): number {
  if (operand === 'count') return operands[0] as number;
  return operand === 'pair' && operands[1] !== undefined ? operands[1] : 0;
}

/** True when the instruction behind this one is not next. */
export function isTerminal({ name }: Opcode): boolean {
  return TERMINAL.has(name);
}

const TERMINAL: ReadonlySet<string> = new Set([
  'JUMP',
  'RETURN',
  'REVERT',
  'REVERT_ERROR',
  'THROW',
]);

/** An open try. The same object for the same tries, so that comparing is fast. */
type OpenTry = {
  readonly outer: OpenTry | undefined;
  readonly handler: number;
  /** Values on the stack, and open checkpoints, when it began. */
  readonly depth: number;
  readonly transactions: number;
  /** With those around it. */
  readonly count: number;
};

/** An iterator on the stack, and those below it. The same object for the same iterators. */
type OpenIterator = { readonly below: OpenIterator | undefined; readonly level: number };

/** What is known before an instruction, whichever way led to it. */
type Point = {
  readonly depth: number;
  readonly transactions: number;
  readonly tries: OpenTry | undefined;
  readonly iterators: OpenIterator | undefined;
};

const START: Point = { depth: 0, transactions: 0, tries: undefined, iterators: undefined };

class Flow {
  readonly #action: ContainerAction;
  readonly #points: (Point | undefined)[];
  /** Instructions whose point is known and whose followers are not visited yet. */
  readonly #open: number[] = [];
  readonly #tries = new Shared<OpenTry>();
  readonly #iterators = new Shared<OpenIterator>();
  #maxDepth = 0;

  constructor(action: ContainerAction) {
    this.#action = action;
    this.#points = Array.from({ length: action.code.length }, () => undefined);
  }

  run(): StackDepths {
    this.#reach(0, START, 0);
    for (let index = this.#open.pop(); index !== undefined; index = this.#open.pop()) {
      this.#follow(index);
    }
    const depths = Int32Array.from(this.#points, (point) => point?.depth ?? -1);
    return { depths, maxDepth: this.#maxDepth };
  }

  #follow(index: number): void {
    const instruction = this.#action.code[index] as Instruction;
    const opcode = opcodeByCode(instruction.opcode) as Opcode;
    const before = this.#points[index] as Point;
    const kept = before.depth - valuesTaken(opcode, instruction);
    if (kept < 0) {
      this.#refuse('stack-underflow', index, `${before.depth} values, ${-kept} too few`);
    }
    if (before.tries !== undefined && kept < before.tries.depth) {
      this.#refuse('try-stack', index, `${before.tries.depth - kept} values`);
    }
    this.#checkIterators(opcode, before, kept, index);
    const after = this.#effect(opcode, instruction, { ...before, depth: kept }, index);
    const [target = 0] = instruction.operands;
    if (opcode.operand === 'jump') {
      this.#reach(target, this.#atTarget(opcode, before, kept, after), index);
    }
    if (!isTerminal(opcode)) this.#reach(index + 1, after, index);
  }

  /** Iterators are where they belong: nothing else takes one. */
  #checkIterators(opcode: Opcode, { depth, iterators }: Point, kept: number, index: number): void {
    const isTop = iterators !== undefined && iterators.level === depth - 1;
    const isNext = opcode.name === 'ITER_NEXT' || opcode.name === 'ITER_NEXT_PAIR';
    if (isNext && !isTop) this.#refuse('iterator-use', index, 'no iterator');
    const isTaken = iterators !== undefined && iterators.level >= kept;
    if (isTaken && !isNext && opcode.name !== 'POP') {
      this.#refuse('iterator-use', index, `${opcode.name} takes an iterator`);
    }
  }

  /** The point behind an instruction that has taken its values: `kept` is what it has left. */
  #effect(opcode: Opcode, { operands }: Instruction, kept: Point, index: number): Point {
    const { tries, transactions } = kept;
    const depth = kept.depth + opcode.pushes;
    // An iterator that was taken is gone, but for ITER_NEXT, which puts it back.
    const isPopped = opcode.name === 'POP' && kept.iterators?.level === kept.depth;
    const iterators = isPopped ? kept.iterators?.below : kept.iterators;
    const after = { ...kept, depth, iterators };
    switch (opcode.name) {
      case 'ITERATE':
        return { ...after, iterators: this.#pushIterator(iterators, kept.depth) };
      case 'SETUP_TRY':
        return { ...after, tries: this.#pushTry(kept, operands[0] as number, index) };
      case 'POP_TRY':
        if (tries === undefined) this.#refuse('try-end', index, 'no try is open');
        return { ...after, tries: tries.outer };
      case 'TX_BEGIN':
        if (transactions >= zexusLimits.values.openTries) {
          this.#refuse('transaction-limit', index, `${transactions} are open`);
        }
        return { ...after, transactions: transactions + 1 };
      case 'TX_COMMIT':
      case 'TX_REVERT':
        if (transactions <= (tries?.transactions ?? 0)) {
          this.#refuse('transaction-end', index, 'no checkpoint is open');
        }
        return { ...after, transactions: transactions - 1 };
      case 'RETURN':
        if (tries !== undefined || transactions > 0) {
          this.#refuse('open-at-return', index, `${tries?.count ?? 0} and ${transactions}`);
        }
        return after;
      default:
        return after;
    }
  }

  /** The point where a jump leads. */
  #atTarget({ name, pushesAtTarget }: Opcode, before: Point, kept: number, after: Point): Point {
    if (pushesAtTarget === undefined) return after;
    const depth = kept + pushesAtTarget;
    // A handler runs outside of its try. At the end of a loop its iterator is gone.
    if (name === 'SETUP_TRY') return { ...before, depth };
    return { ...after, depth, iterators: before.iterators?.below };
  }

  #pushIterator(below: OpenIterator | undefined, level: number): OpenIterator {
    return this.#iterators.get(below, `${level}`, () => ({ below, level }));
  }

  #pushTry({ tries: outer, depth, transactions }: Point, handler: number, index: number): OpenTry {
    const count = 1 + (outer?.count ?? 0);
    if (count > zexusLimits.values.openTries) this.#refuse('try-limit', index, `${count} tries`);
    const key = `${handler} ${depth} ${transactions}`;
    return this.#tries.get(outer, key, () => ({ outer, handler, depth, transactions, count }));
  }

  /** The instruction at `index` is next. */
  #reach(index: number, point: Point, from: number): void {
    if (index >= this.#points.length) this.#refuse('fall-off-end', from, 'the code ends');
    if (point.depth > zexusLimits.values.stackDepth) {
      this.#refuse('stack-limit', from, `${point.depth} values`);
    }
    this.#maxDepth = Math.max(this.#maxDepth, point.depth);
    const known = this.#points[index];
    if (known === undefined) {
      this.#points[index] = point;
      this.#open.push(index);
      return;
    }
    const { depth, transactions } = point;
    if (known.depth !== depth) {
      this.#refuse('stack-join', index, `${known.depth} and ${depth} values`);
    }
    if (known.iterators !== point.iterators) this.#refuse('iterator-join', index, 'iterators');
    if (known.tries !== point.tries) this.#refuse('try-join', index, 'tries');
    if (known.transactions !== transactions) {
      this.#refuse('transaction-join', index, `${known.transactions} and ${transactions}`);
    }
  }

  #refuse(rule: VerifierRule, instruction: number, detail: string): never {
    return refuse(rule, detail, { action: this.#action.name, instruction });
  }
}

/** Objects of which there is one for each outer object and key. */
class Shared<T extends object> {
  readonly #byOuter = new Map<T | undefined, Map<string, T>>();

  get(outer: T | undefined, key: string, make: () => T): T {
    const inner = this.#byOuter.get(outer) ?? new Map<string, T>();
    this.#byOuter.set(outer, inner);
    const found = inner.get(key) ?? make();
    inner.set(key, found);
    return found;
  }
}
