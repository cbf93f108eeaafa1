/**
 * Bytes of one piece of a pool. Whatever of a piece is used longest keeps all of it alive, so it is
 * small; it is large enough to share the cost of an allocation among some thirty rows of the state.
 */
const PIECE_BYTES = 4096;

/**
 * Byte arrays cut from larger pieces. In V8 an array of its own costs fifteen times as much as a view
 * when it has more than 64 bytes, and four times below that: worth while where one is made for every
 * row of many. For what lives about as long as its neighbours in the pool.
 */
export class BytePool {
  #piece: Uint8Array = new Uint8Array(PIECE_BYTES);
  #used = 0;

  /** `length` new bytes, all zero. */
  take(length: number): Uint8Array {
    if (length > PIECE_BYTES - this.#used) {
      if (length > PIECE_BYTES / 4) return new Uint8Array(length);
      this.#piece = new Uint8Array(PIECE_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return this.#piece.subarray(start, this.#used);
  }

  /** The bytes of `source` from `start` to `end`, as new ones. */
  copy(source: Uint8Array, start: number, end: number): Uint8Array {
    const copy = this.take(end - start);
    if (copy.length > LOOP_BYTES) {
      // Of a `Buffer`, `subarray` would be another, which takes longer to make.
      copy.set(new Uint8Array(source.buffer, source.byteOffset + start, copy.length));
    } else {
      for (let index = 0; index < copy.length; index += 1) {
        copy[index] = source[start + index] as number;
      }
    }
    return copy;
  }
}

/** Up to this length a loop is over before a call of `set` has begun. */
const LOOP_BYTES = 64;
