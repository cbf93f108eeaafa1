import { assert, type SeededRandom, seededRandom } from '@lucerna/base';

/** What goes wrong on a faulty disk, and when. */
export type FaultPlan = {
  /** Decides where writes tear and what a power loss takes. The same seed does the same. */
  readonly seed?: number;
  /** This operation fails; the first of the disk has number 1. */
  readonly failAt?: number;
  /** See {@link FailureMode}. Default `once`. */
  readonly mode?: FailureMode;
  /** Files have this much room together; an append that needs more is cut. Default: no limit. */
  readonly capacityBytes?: number;
};

/**
 * - `once`: that operation fails, the next ones work. An append may leave a part of its bytes, a
 *   truncation or commit changes nothing.
 * - `forever`: it and all that follow fail, until the crash: the process dies in the middle of it. A
 *   commit whose caller never heard the answer may be there after the crash.
 */
export type FailureMode = 'once' | 'forever';

/** Counts the operations of a disk and decides which of them fail. */
export class Faults {
  readonly random: SeededRandom;
  readonly capacityBytes: number;
  #operations = 0;
  #failAt: number;
  #mode: FailureMode;

  constructor(plan: FaultPlan) {
    this.random = seededRandom(plan.seed ?? 0);
    this.capacityBytes = plan.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#failAt = plan.failAt ?? 0;
    this.#mode = plan.mode ?? 'once';
  }

  get operations(): number {
    return this.#operations;
  }

  failAt(operation: number, mode: FailureMode): void {
    assert(operation > this.#operations, 'the operation is still to come');
    this.#failAt = operation;
    this.#mode = mode;
  }

  heal(): void {
    this.#failAt = 0;
  }

  /** Counts one operation; says whether it fails, and then how. */
  next(): FailureMode | undefined {
    this.#operations += 1;
    if (this.#failAt === 0 || this.#operations < this.#failAt) return undefined;
    if (this.#mode === 'once' && this.#operations > this.#failAt) return undefined;
    return this.#mode;
  }
}
