import { assert, type SeededRandom, seededRandom } from '@lucerna/base';

/** What goes wrong on a faulty disk, and when. */
export type FaultPlan = {
  /** Decides where writes tear and what a power loss takes. The same seed does the same. */
  readonly seed?: number;
  /** This operation fails; the first of the disk has number 1. */
  readonly failAt?: number;
  /** See {@link FailureMode}. Default `once`. */
  readonly mode?: FailureMode;
  /**
   * Files, blobs and rows (keys and values) have this much room together. An append that needs more is
   * cut; a blob that needs more, beside the one that it replaces, is not written, and a batch that
   * needs more is not committed. Default: no limit.
   */
  readonly capacityBytes?: number;
  /** What a power loss does to unsynced changes of files. See {@link PowerLoss}. Default `prefix`. */
  readonly powerLoss?: PowerLoss;
  /**
   * This sync answers and hardens nothing, as if the call were not there; the first of the disk has
   * number 1. A sync is that of a file, a commit at level power, a write or removal of a blob at level
   * power. A later sync of the same thing makes up for it.
   */
  readonly skipSync?: number;
};

/**
 * - `prefix`: changes reach the medium in their order and byte by byte, until the power goes.
 * - `sectors`: the sectors of a file reach the medium in any order, each as it was after any of the
 *   changes; its length independently of them. A sector that was not written reads as what was there
 *   before, beyond the old end as zeros. This is what disks and file systems may do.
 */
export type PowerLoss = 'prefix' | 'sectors';

/**
 * - `once`: that operation fails, the next ones work, but for changes of a file or a folder of blobs
 *   whose sync it was: these fail until it is opened again. An append may leave a part of its bytes, a
 *   truncation, commit or write of a blob changes nothing.
 * - `forever`: it and all that follow fail, until the crash: the process dies in the middle of it. A
 *   commit or blob whose caller never heard the answer may be there after the crash.
 */
export type FailureMode = 'once' | 'forever';

/** Counts the operations of a disk and decides which of them fail. */
export class Faults {
  readonly random: SeededRandom;
  readonly capacityBytes: number;
  readonly powerLoss: PowerLoss;
  readonly #skipSync: number;
  #operations = 0;
  #syncs = 0;
  #failAt: number;
  #mode: FailureMode;

  constructor(plan: FaultPlan) {
    this.random = seededRandom(plan.seed ?? 0);
    this.capacityBytes = plan.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.powerLoss = plan.powerLoss ?? 'prefix';
    this.#skipSync = plan.skipSync ?? 0;
    this.#failAt = plan.failAt ?? 0;
    this.#mode = plan.mode ?? 'once';
  }

  get operations(): number {
    return this.#operations;
  }

  get syncs(): number {
    return this.#syncs;
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

  /** Counts one sync that did not fail; says whether it tells the truth. */
  hardens(): boolean {
    this.#syncs += 1;
    return this.#syncs !== this.#skipSync;
  }
}
