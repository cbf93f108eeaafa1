import { assert } from '@lucerna/base';

/** Collects the bytes of a container; it grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value < 256, 'a byte');
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A number below 2³² in its shortest form: seven bits a byte, the lowest first (LEB128). */
  number(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value < 2 ** 32, 'a number of 32 bits');
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The bytes behind their number. */
  counted(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
