import { assert } from '@lucerna/base';

/** A character of UTF-16 takes at most three bytes of UTF-8. */
const MOST_BYTES_PER_CHARACTER = 3;

/** Up to this length a loop over ASCII is faster than a call of the encoder. */
const SHORT_TEXT = 48;

const MOST_VARINT_BYTES = 8;
const LOW_BITS = 0x7f;
const MORE = 0x80;
const encoder: TextEncoder = new TextEncoder();

/**
 * Writes numbers and texts one after the other into a buffer that grows. Numbers are little-endian;
 * a *varint* is a natural number in groups of seven bits, the lowest first, all but the last with the
 * high bit set (LEB128).
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity: number = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'a varint is a natural number');
    this.#reserve(MOST_VARINT_BYTES);
    this.#varint(value);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > LOW_BITS) {
      this.#bytes[this.#length] = (rest % MORE) | MORE;
      this.#length += 1;
      rest = Math.floor(rest / MORE);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value, true);
    this.#length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Zeros up to the next multiple of `size`. */
  align(size: number): void {
    const rest = this.#length % size;
    if (rest === 0) return;
    this.#reserve(size);
    this.#bytes.fill(0, this.#length, this.#length + size - rest);
    this.#length += size - rest;
  }

  /** A well-formed text: its length in UTF-8 as a varint, then its bytes. */
  text(value: string): void {
    if (value.length <= SHORT_TEXT && this.#shortAscii(value)) return;
    const most = value.length * MOST_BYTES_PER_CHARACTER;
    this.#reserve(most + 2 * MOST_VARINT_BYTES);
    // Encoded where it ends up when its length takes as many bytes as that of the longest it can be.
    const lengthAt = this.#length;
    this.#varint(most);
    const guess = this.#length;
    const { read, written } = encoder.encodeInto(value, this.#bytes.subarray(guess, guess + most));
    assert(read === value.length, 'there is room for the whole text');
    this.#length = lengthAt;
    this.#varint(written);
    if (this.#length !== guess) this.#bytes.copyWithin(this.#length, guess, guess + written);
    this.#length += written;
  }

  /** False, and nothing written, where the text is not all ASCII. */
  #shortAscii(value: string): boolean {
    this.#reserve(value.length + 1);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > LOW_BITS) return false;
      bytes[start + index] = code;
    }
    bytes[this.#length] = value.length;
    this.#length = start + value.length;
    return true;
  }

  /** What was written, until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written, in an array of the caller's own; the writer begins again. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length);
    this.clear();
    return bytes;
  }

  /** Begins again, in the same buffer. */
  clear(): void {
    this.#length = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
