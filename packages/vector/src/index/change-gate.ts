import { assert, baseErrors } from '@lucerna/base';

/** Someone who waits at the gate, in the order of arrival. */
type Waiting = { readonly isChange: boolean; readonly start: () => void };

/**
 * Keeps changes and reads apart: any number of reads at once, or one change, which is synchronous.
 * Nobody overtakes: a read that comes after a change that waits sees what it changed, and neither
 * reads nor changes can hold the others off for ever.
 */
export class ChangeGate {
  readonly #capacity: number;
  #readers = 0;
  #waiting: Waiting[] = [];

  /** @param capacity how many may wait before reads are refused */
  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'at least one may wait');
    this.#capacity = capacity;
  }

  /** True when a change would be made at once. */
  get isFree(): boolean {
    return this.#readers === 0 && this.#waiting.length === 0;
  }

  /**
   * The result of `task`, during which nothing changes. It must not wait for a change.
   *
   * @throws `QUEUE_FULL` when too many wait already
   */
  async read<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#waiting.length > 0) {
      await new Promise<void>((start) => this.#wait({ isChange: false, start }));
    } else {
      this.#readers += 1;
    }
    try {
      return await task();
    } finally {
      this.#readers -= 1;
      this.#advance();
    }
  }

  /**
   * The result of `task`, which runs while nobody reads: at once where nobody does, else when the
   * reads of now have ended. Never refused: a change may already be in the log. Whoever makes changes
   * waits for one before the next.
   */
  async change<T>(task: () => T): Promise<T> {
    if (this.isFree) return task();
    return new Promise<T>((resolve, reject) => {
      const start = (): void => {
        try {
          resolve(task());
        } catch (error) {
          reject(error);
        }
      };
      this.#wait({ isChange: true, start });
    });
  }

  #wait(entry: Waiting): void {
    if (!entry.isChange && this.#waiting.length >= this.#capacity) {
      throw baseErrors.create('QUEUE_FULL', undefined, { capacity: this.#capacity });
    }
    this.#waiting.push(entry);
  }

  /** Lets in who may go now: all reads up to the next change, or that change when nobody reads. */
  #advance(): void {
    let next = 0;
    for (; next < this.#waiting.length; next += 1) {
      const entry = this.#waiting[next] as Waiting;
      if (entry.isChange && this.#readers > 0) break;
      if (!entry.isChange) this.#readers += 1;
      entry.start();
    }
    this.#waiting = this.#waiting.slice(next);
  }
}
