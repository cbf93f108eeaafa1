import { vectorErrors } from '../errors.ts';

/** Up to this length a loop over ASCII is faster than a call of the decoder. */
const SHORT_TEXT = 24;
const LOW_BITS = 0x7f;
const MORE = 0x80;
const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How damage is called that is found in a log, or in a snapshot. */
export type DamageCode = 'VECTOR_LOG_CORRUPT' | 'VECTOR_SNAPSHOT_CORRUPT';

/**
 * Reads what `ByteWriter` wrote. Every method throws the code that the reader was made with where the
 * bytes cannot come from it: the checksum was right, so a program that knows another format wrote them.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #code: DamageCode;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array, code: DamageCode) {
    this.#bytes = bytes;
    this.#code = code;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that are left. */
  get rest(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & LOW_BITS) * factor;
      if (!Number.isSafeInteger(value)) throw this.damage('a number is too large');
      if (byte < MORE) return value;
      factor *= MORE;
    }
  }

  /** A number of things that take at least `itemBits` each, of what is left. */
  count(itemBits: number): number {
    const count = this.varint();
    if (count * itemBits > this.rest * 8) throw this.damage('a count is larger than its list');
    return count;
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  /** The next `length` bytes, not copied. */
  raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  align(size: number): void {
    const rest = this.#offset % size;
    if (rest !== 0) this.#take(size - rest);
  }

  text(): string {
    const length = this.varint();
    const start = this.#take(length);
    if (length <= SHORT_TEXT) {
      const short = this.#shortAscii(start, start + length);
      if (short !== undefined) return short;
    }
    try {
      return decoder.decode(this.#bytes.subarray(start, start + length));
    } catch (error) {
      throw this.damage('a text is no UTF-8', error);
    }
  }

  /** The error for bytes that this program cannot have written. */
  damage(reason: string, cause?: unknown): Error {
    const fields = { offset: this.#offset };
    return vectorErrors.create(this.#code, reason, fields, cause);
  }

  /** Throws when something is left. */
  end(): void {
    if (this.rest > 0) throw this.damage('an entry is longer than what it says');
  }

  #shortAscii(start: number, end: number): string | undefined {
    for (let index = start; index < end; index += 1) {
      if ((this.#bytes[index] as number) > LOW_BITS) return undefined;
    }
    // One call for all characters: a text that is put together by `+` stays a tree of its parts.
    const codes: ArrayLike<number> = this.#bytes.subarray(start, end);
    return String.fromCharCode.apply(null, codes as number[]);
  }

  #take(length: number): number {
    const start = this.#offset;
    if (length > this.rest) throw this.damage('an entry ends too soon');
    this.#offset = start + length;
    return start;
  }
}
