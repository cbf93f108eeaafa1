import { assert } from '@lucerna/base';
import type { StepTrace, TraceStep } from '@lucerna/protocol';
import type { TracedRun } from '@lucerna/zexus';
import { executionLimits } from '../limits.ts';

/** How much of the instructions one answer may hold, whatever the number of its transactions. */
export class StepBudget {
  #steps: number = executionLimits.values.tracedSteps;
  #stackCharacters: number = executionLimits.values.tracedStackCharacters;

  get isEmpty(): boolean {
    return this.#steps <= 0 || this.#stackCharacters <= 0;
  }

  spend(stack: readonly string[] | undefined): void {
    this.#steps -= 1;
    for (const value of stack ?? []) this.#stackCharacters -= value.length;
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A step while it is not known yet what follows it. */
export type OpenStep = Mutable<TraceStep>;

/** Where an instruction is about to run. */
export type StepPlace = {
  readonly run: TracedRun;
  readonly pc: number;
  readonly gas: number;
  readonly depth: number;
  readonly address: Uint8Array;
};

/** Collects the instructions of one transaction as far as the budget reaches. */
export class StepRecorder {
  readonly #budget: StepBudget;
  readonly #withStack: boolean;
  readonly #steps: TraceStep[] = [];
  #isTruncated = false;

  constructor(budget: StepBudget, options: { readonly stack: boolean }) {
    this.#budget = budget;
    this.#withStack = options.stack;
  }

  /** An instruction; undefined when the budget has no room for it. */
  begin({ run, pc, gas, depth, address }: StepPlace): OpenStep | undefined {
    if (this.#budget.isEmpty) {
      this.#isTruncated = true;
      return undefined;
    }
    const stack = this.#withStack ? run.stack(pc) : undefined;
    this.#budget.spend(stack);
    const step: OpenStep = {
      pc,
      op: run.operation(pc),
      gas: BigInt(gas),
      gasCost: 0n,
      depth,
      address,
      stack,
      location: run.location(pc),
      error: undefined,
    };
    this.#steps.push(step);
    return step;
  }

  trace(): StepTrace {
    return { steps: this.#steps, isTruncated: this.#isTruncated };
  }
}

/** The instruction is over, and the machine has this much gas left. */
export function endStep(step: OpenStep | undefined, gasLeft: number): void {
  if (step === undefined) return;
  step.gasCost = step.gas - BigInt(gasLeft);
  assert(step.gasCost >= 0n, 'an instruction gives no gas back');
}
