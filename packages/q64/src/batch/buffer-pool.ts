import { q64Errors } from '../errors.ts';
import { q64Limits } from '../limits.ts';
import { allocate } from './allocate.ts';
import { wholeNumber } from './whole-number.ts';

/** What a pool may keep. */
export type BufferPoolOptions = {
  /** Buffers of all sizes together. Default: 100. */
  readonly maxBuffers?: number | undefined;
  /** Bytes of all buffers together. Default: the limit `poolBytes`. */
  readonly maxBytes?: number | undefined;
};

/** What a `BufferPool` has done, and what it keeps. */
export type BufferPoolCounts = {
  /** Calls of `acquire` for which memory was allocated, and those that got a buffer used before. */
  readonly allocations: number;
  readonly reuses: number;
  /** Buffers that were given back, or kept, and dropped because the pool was full. */
  readonly discards: number;
  /** Buffers that were acquired and not released. */
  readonly lent: number;
  /** Buffers that wait to be used again, of how many sizes, and their bytes. */
  readonly buffers: number;
  readonly sizes: number;
  readonly bytes: number;
};

const DEFAULT_BUFFERS = 100;

/** The smallest size: below it, an array costs more than its bytes. */
const LEAST_BYTES = 64;

/**
 * Keeps memory for later instead of leaving it to the collector. Sizes are powers of two, so that a buffer
 * fits lengths near its own. Where it is full, it drops what was not used for longest.
 */
export class BufferPool {
  readonly #maxBuffers: number;
  readonly #maxBytes: number;
  /** By size, the sizes used last at the end. No list is empty. */
  readonly #kept: Map<number, ArrayBuffer[]> = new Map();
  /** What was acquired and not released; it keeps nothing alive that its user has forgotten. */
  readonly #lent: WeakSet<Uint8Array> = new WeakSet();
  #lentCount = 0;
  #allocations = 0;
  #reuses = 0;
  #discards = 0;
  #buffers = 0;
  #bytes = 0;

  /** @throws `Q64_ARGUMENT_INVALID` for what is not from 0 to the limits `poolBuffers` and `poolBytes` */
  constructor(options: BufferPoolOptions = {}) {
    const { poolBuffers, poolBytes } = q64Limits.values;
    const { maxBuffers = DEFAULT_BUFFERS, maxBytes = poolBytes } = options;
    this.#maxBuffers = wholeNumber('maxBuffers', maxBuffers, 0, poolBuffers);
    this.#maxBytes = wholeNumber('maxBytes', maxBytes, 0, poolBytes);
  }

  /**
   * An array of `length` bytes. It may hold anything: what was in it before is not wiped.
   *
   * @throws `Q64_ARGUMENT_INVALID`, `Q64_INPUT_TOO_LARGE` where there is no memory for it
   */
  acquire(length: number): Uint8Array<ArrayBuffer> {
    wholeNumber('length', length, 0, Number.MAX_SAFE_INTEGER);
    const size = sizeOf(length);
    const buffer = this.#take(size);
    // What no pool of this kind could keep has no spare room either.
    const array =
      buffer === undefined
        ? allocate(size > this.#maxBytes ? length : size).subarray(0, length)
        : new Uint8Array(buffer, 0, length);
    if (buffer === undefined) this.#allocations += 1;
    else this.#reuses += 1;
    this.#lent.add(array);
    this.#lentCount += 1;
    return array;
  }

  /**
   * Gives back an array, which nobody may use any longer. One whose memory was transferred to another
   * thread is forgotten.
   *
   * @throws `Q64_BUFFER_FOREIGN` for what `acquire` did not give, or was released before
   */
  release(array: Uint8Array<ArrayBuffer>): void {
    if (!this.#lent.delete(array)) throw q64Errors.create('Q64_BUFFER_FOREIGN');
    this.#lentCount -= 1;
    const { buffer } = array;
    const size = buffer.byteLength;
    // Another length: too large for the pool, transferred, or resized.
    if (size === 0 || size !== sizeOf(size) || size > this.#maxBytes || this.#maxBuffers === 0) {
      this.#discards += 1;
      return;
    }
    const list = this.#kept.get(size) ?? [];
    list.push(buffer);
    this.#touch(size, list);
    this.#buffers += 1;
    this.#bytes += size;
    while (this.#buffers > this.#maxBuffers || this.#bytes > this.#maxBytes) this.#dropOldest();
  }

  /** Drops all that is kept. What is lent may still be released. */
  clear(): void {
    this.#kept.clear();
    this.#buffers = 0;
    this.#bytes = 0;
  }

  stats(): BufferPoolCounts {
    return {
      allocations: this.#allocations,
      reuses: this.#reuses,
      discards: this.#discards,
      lent: this.#lentCount,
      buffers: this.#buffers,
      sizes: this.#kept.size,
      bytes: this.#bytes,
    };
  }

  #take(size: number): ArrayBuffer | undefined {
    const list = this.#kept.get(size);
    const buffer = list?.pop();
    if (list === undefined || buffer === undefined) return undefined;
    this.#touch(size, list);
    this.#forget(size);
    return buffer;
  }

  #dropOldest(): void {
    for (const [size, list] of this.#kept) {
      list.shift();
      if (list.length === 0) this.#kept.delete(size);
      this.#forget(size);
      this.#discards += 1;
      return;
    }
  }

  /** Puts a size behind all others. */
  #touch(size: number, list: ArrayBuffer[]): void {
    this.#kept.delete(size);
    if (list.length > 0) this.#kept.set(size, list);
  }

  #forget(size: number): void {
    this.#buffers -= 1;
    this.#bytes -= size;
  }
}

/** The least power of two that `length` bytes fit into. */
function sizeOf(length: number): number {
  let size = LEAST_BYTES;
  while (size < length) size *= 2;
  return size;
}
