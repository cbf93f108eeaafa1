import { concatBytes, EMPTY_BYTES } from '@lucerna/base';
import { vectorErrors } from '../errors.ts';

/** Bytes that come in chunks, cut anywhere. Chunks stay as they are when the next one is asked for. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #pending: Uint8Array = EMPTY_BYTES;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, which may be part of a chunk. @throws `VECTOR_SNAPSHOT_CORRUPT` */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#pending.length === 0 && !(await this.#advance())) {
        throw vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', 'it ends too soon', { missing });
      }
      const part = this.#pending.subarray(0, missing);
      parts.push(part);
      this.#pending = this.#pending.subarray(part.length);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts);
  }

  /** All that is left, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (this.#pending.length > 0 || (await this.#advance())) {
      const chunk = this.#pending;
      this.#pending = EMPTY_BYTES;
      yield chunk;
    }
  }

  async #advance(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true) return false;
    this.#pending = value;
    return true;
  }
}
