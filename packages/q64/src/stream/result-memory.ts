import { allocate } from '../batch/allocate.ts';
import type { ResultMemory } from '../q64-stats.ts';

/** Where the results of a stream are: each in memory of its own, or one after the other in the same. */
export class ResultRoom {
  readonly #isReused: boolean;
  /** Results are rarely longer. */
  readonly #usualLength: number;
  #room: Uint8Array<ArrayBuffer> = allocate(0);

  constructor(reuseBuffers: boolean | undefined, usualLength: number) {
    this.#isReused = reuseBuffers ?? false;
    this.#usualLength = usualLength;
  }

  /** Memory for a result that is made of `source`, which may be the last result. */
  take(
    length: number,
    source: string | Uint8Array,
  ): { readonly target: Uint8Array<ArrayBuffer>; readonly memory: ResultMemory } {
    if (length === 0) return { target: allocate(0), memory: 'none' };
    if (!this.#isReused) return { target: allocate(length), memory: 'allocated' };
    const isSource = typeof source !== 'string' && source.buffer === this.#room.buffer;
    const isFree = this.#room.length >= length && !isSource;
    if (!isFree) this.#room = allocate(Math.max(length, this.#usualLength));
    return { target: this.#room.subarray(0, length), memory: isFree ? 'reused' : 'allocated' };
  }

  /** Lets go of the memory; the last result keeps its own. */
  clear(): void {
    this.#room = allocate(0);
  }
}
