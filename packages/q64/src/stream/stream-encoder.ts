import { allocate } from '../batch/allocate.ts';
import { type ByteSource, bytesOf } from '../byte-source.ts';
import { q64Errors } from '../errors.ts';
import { q64Engine } from '../kernel/chosen-engine.ts';
import type { Phase } from '../kernel/engine.ts';
import type { Q64Stats } from '../q64-stats.ts';
import { chunkSizeOf } from './chunk-size.ts';
import { ResultRoom } from './result-memory.ts';

/** How a stream is encoded. */
export type Q64StreamEncoderOptions = {
  /** Bytes of each piece that is encoded; what is less waits for more. Default: 65,536. */
  readonly chunkSize?: number | undefined;
  /** True: all results are in the same memory, each of them until the next call. Default: false. */
  readonly reuseBuffers?: boolean | undefined;
  /** Counts each result that is not empty. */
  readonly stats?: Q64Stats | undefined;
};

/**
 * Encodes bytes that come in parts of any length: the results, one after the other, are what
 * `encodeBuffer` gives for all of them at once. Less than `chunkSize` bytes wait in it.
 *
 * ```ts
 * const encoder = new Q64StreamEncoder({ chunkSize: 8_192 });
 * for (const part of parts) write(encoder.encodeChunk(part));
 * write(encoder.finish());
 * ```
 */
export class Q64StreamEncoder {
  readonly chunkSize: number;
  readonly #results: ResultRoom;
  readonly #stats: Q64Stats | undefined;
  #isOpen = true;
  /** Whether the next byte to be encoded stands at an even or an odd place of the stream. */
  #phase: Phase = 0;
  /** What waits for the rest of its piece; made when something first has to. */
  #held: Uint8Array<ArrayBuffer> = allocate(0);
  #heldLength = 0;

  /** @throws `Q64_ARGUMENT_INVALID` for a `chunkSize` that is not from 1 to the limit `streamChunkBytes` */
  constructor(options: Q64StreamEncoderOptions = {}) {
    this.chunkSize = chunkSizeOf(options);
    this.#results = new ResultRoom(options.reuseBuffers, 2 * this.chunkSize);
    this.#stats = options.stats;
  }

  /**
   * Takes the next bytes of the stream; their memory is the caller's again afterwards.
   *
   * @returns the characters, in ASCII, of all whole pieces that were not returned yet: often none
   * @throws `Q64_ARGUMENT_INVALID`, `Q64_BUFFER_DETACHED`, `Q64_INPUT_TOO_LARGE` where there is no memory
   *   for the result, and after any error or `finish` `Q64_STREAM_FINISHED`
   */
  encodeChunk(source: ByteSource): Uint8Array<ArrayBuffer> {
    this.#begin();
    const bytes = bytesOf(source);
    // Read once: shared memory may grow while this runs.
    const { length } = bytes;
    const total = this.#heldLength + length;
    const whole = total - (total % this.chunkSize);
    const taken = whole === 0 ? 0 : whole - this.#heldLength;
    const result = this.#encode(bytes.subarray(0, taken), whole);
    this.#hold(bytes.subarray(taken, length));
    this.#isOpen = true;
    return result;
  }

  /**
   * Ends the stream. @returns the characters of what still waited
   * @throws `Q64_STREAM_FINISHED` where it was ended before, or has failed
   */
  finish(): Uint8Array<ArrayBuffer> {
    this.#begin();
    const result = this.#encode(allocate(0), this.#heldLength);
    this.#held = allocate(0);
    this.#results.clear();
    return result;
  }

  /** Leaves the stream closed: whoever does not reach the end of a call has ended it. */
  #begin(): void {
    if (!this.#isOpen) throw q64Errors.create('Q64_STREAM_FINISHED');
    this.#isOpen = false;
  }

  /** The characters of what waits, then of `bytes`: `length` bytes together, or none at all. */
  #encode(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    if (length === 0) return allocate(0);
    const { target, memory } = this.#results.take(2 * length, bytes);
    const held = this.#heldLength;
    if (held > 0) {
      const engine = q64Engine();
      engine.encode(this.#held.subarray(0, held), target.subarray(0, 2 * held), this.#phase);
      this.#heldLength = 0;
      this.#advance(held);
    }
    if (length > held) q64Engine().encode(bytes, target.subarray(2 * held), this.#phase);
    this.#advance(length - held);
    this.#stats?.countEncoded(length, target.length, memory);
    return target;
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#held.length === 0) this.#held = allocate(this.chunkSize);
    this.#held.set(bytes, this.#heldLength);
    this.#heldLength += bytes.length;
  }

  #advance(bytes: number): void {
    this.#phase = ((this.#phase + bytes) & 1) as Phase;
  }
}
