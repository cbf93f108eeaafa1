import { assert } from './assert.ts';
import { baseErrors } from './errors.ts';

/**
 * Runs asynchronous tasks one after the other, in the order in which they came.
 * Whoever must not be interleaved (a chain's writer) puts its work through one of these.
 */
export class SerialQueue {
  readonly #capacity: number;
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a queue holds at least one task');
    this.#capacity = capacity;
  }

  /**
   * The result of `task`, once all earlier tasks have ended (well or badly).
   *
   * @throws `QUEUE_FULL` when `capacity` tasks are waiting or running
   */
  async run<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#pending >= this.#capacity) {
      throw baseErrors.create('QUEUE_FULL', undefined, { capacity: this.#capacity });
    }
    this.#pending += 1;
    const earlier = this.#tail;
    const result = (async (): Promise<T> => {
      await earlier;
      return task();
    })();
    this.#tail = result.then(ignore, ignore);
    try {
      return await result;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Resolves when everything that was queued so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

function ignore(): void {
  // The caller of run() has the outcome; the next task only needs to know that this one ended.
}
