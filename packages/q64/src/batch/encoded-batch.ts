import { q64Errors } from '../errors.ts';
import { textOfAscii } from '../kernel/ascii-text.ts';
import { q64Limits } from '../limits.ts';
import type { BufferPool } from './buffer-pool.ts';
import { wholeNumber } from './whole-number.ts';

/** The encoded items of one batch, in the order of their list. `encodeBatch` makes them. */
export class EncodedBatch {
  /** How many items there are. */
  readonly length: number;
  #slab: Uint8Array<ArrayBuffer> | undefined;
  /** Where each item begins in the slab, and where the last one ends. */
  readonly #offsets: Float64Array;
  readonly #pool: BufferPool | undefined;

  constructor(slab: Uint8Array<ArrayBuffer>, offsets: Float64Array, pool: BufferPool | undefined) {
    this.length = offsets.length - 1;
    this.#slab = slab;
    this.#offsets = offsets;
    this.#pool = pool;
  }

  /**
   * The characters of an item in ASCII: a view of the batch's memory, good until it is released.
   *
   * @throws `Q64_ARGUMENT_INVALID` where there is no such item, `Q64_BATCH_RELEASED`
   */
  at(index: number): Uint8Array<ArrayBuffer> {
    wholeNumber('index', index, 0, this.length - 1);
    return this.#memory().subarray(this.#offsets[index], this.#offsets[index + 1]);
  }

  /**
   * The characters of an item as a string, which is good for ever.
   *
   * @throws as `at`, and `Q64_INPUT_TOO_LARGE` beyond the longest string
   */
  text(index: number): string {
    const ascii = this.at(index);
    if (ascii.length > q64Limits.values.textCharacters) {
      const detail = `item ${index} has ${ascii.length} characters`;
      throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { index });
    }
    return textOfAscii(ascii);
  }

  /** All items, each as `at` gives it. @throws `Q64_BATCH_RELEASED` */
  *[Symbol.iterator](): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index);
  }

  /** Whether `release` was called. */
  get isReleased(): boolean {
    return this.#slab === undefined;
  }

  /** Gives the memory back. Nobody may use what `at` gave any longer. @throws `Q64_BATCH_RELEASED` */
  release(): void {
    const slab = this.#memory();
    this.#slab = undefined;
    this.#pool?.release(slab);
  }

  #memory(): Uint8Array<ArrayBuffer> {
    if (this.#slab === undefined) throw q64Errors.create('Q64_BATCH_RELEASED');
    return this.#slab;
  }
}
