import { rangeToBigInt } from '@lucerna/base';
import { ABI_WORD_BYTES, type AbiType, headBytesOf } from './type.ts';
import { type AbiPath, type AbiValue, abiValueError } from './value.ts';

/** What to do with bytes behind the values: wallets and forwarders append some to calldata. */
export type AbiTrailingBytes = 'ignore' | 'refuse';

/**
 * The values that `data` encode: arguments of a call without their selector, results, or the data of
 * an event. Strict: the one encoding that {@link encodeAbi} makes, so that no two offsets lead to the
 * same bytes and the work is linear in the length of `data`, whatever it holds. What is `bytes` in
 * the result is a view of `data`; addresses and `bytesN` are copies, which cost less than a view.
 *
 * @param trailing `refuse` (the default): nothing may follow; `ignore`: what follows is not looked at
 * @throws `ABI_TRUNCATED`, `ABI_OFFSET`, `ABI_PADDING`, `ABI_BOOLEAN`, `ABI_TEXT` and
 * `ABI_TRAILING_BYTES`, with the field `path`
 */
export function decodeAbi(
  types: readonly AbiType[],
  data: Uint8Array,
  trailing: AbiTrailingBytes = 'refuse',
): readonly AbiValue[] {
  const reader = new AbiReader(data);
  const values = reader.tuple(types, 0);
  if (trailing === 'refuse') reader.finish();
  return values;
}

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** A length that no data have. */
const TOO_LONG = Number.POSITIVE_INFINITY;

/** Reads values at positions; `#end` is where what was read so far ends. */
class AbiReader {
  readonly #bytes: Uint8Array;
  readonly #path: AbiPath = [];
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  finish(): void {
    if (this.#end === this.#bytes.length) return;
    throw abiValueError('ABI_TRAILING_BYTES', this.#path, `they begin at byte ${this.#end}`);
  }

  tuple(components: readonly AbiType[], base: number): AbiValue[] {
    const typeAt = (index: number): AbiType => components[index] as AbiType;
    return this.#sequence(typeAt, components.length, headBytesOf(components), base);
  }

  /** Members whose places begin at `base`, with what is dynamic behind the places, in order. */
  #sequence(
    typeAt: (index: number) => AbiType,
    count: number,
    headBytes: number,
    base: number,
  ): AbiValue[] {
    this.#require(base, headBytes);
    this.#end = base + headBytes;
    const values: AbiValue[] = [];
    let head = base;
    for (let index = 0; index < count; index += 1) {
      const type = typeAt(index);
      this.#path.push(index);
      values.push(type.isDynamic ? this.#behind(type, head, base) : this.#static(type, head));
      this.#path.pop();
      head += type.headBytes;
    }
    return values;
  }

  /** A dynamic value, whose place holds its distance from `base`: it must come next. */
  #behind(type: AbiType, head: number, base: number): AbiValue {
    const start = this.#end;
    if (this.#length(head) !== start - base) {
      throw abiValueError('ABI_OFFSET', this.#path, `it has to be ${start - base}`);
    }
    if (type.kind === 'tuple') return this.tuple(type.components, start);
    if (type.kind === 'array' && type.length !== undefined) {
      return this.#array(type.element, type.length, start);
    }
    this.#require(start, ABI_WORD_BYTES);
    const length = this.#length(start);
    const content = start + ABI_WORD_BYTES;
    if (type.kind === 'array') return this.#array(type.element, length, content);
    const bytes = this.#content(content, length);
    return type.kind === 'string' ? this.#text(bytes) : bytes;
  }

  /** `#sequence` sees to it that the places of `count` elements are there before it makes any. */
  #array(element: AbiType, count: number, base: number): AbiValue[] {
    return this.#sequence(() => element, count, count * element.headBytes, base);
  }

  /** A static value at its place, all of which is there. */
  #static(type: AbiType, at: number): AbiValue {
    switch (type.kind) {
      case 'uint':
        return this.#uint(type.bits, at);
      case 'int':
        return this.#int(type.bits, at);
      case 'bool':
        return this.#boolean(at);
      case 'address':
        this.#requireZero(at, at + ABI_WORD_BYTES - 20);
        return this.#bytes.slice(at + ABI_WORD_BYTES - 20, at + ABI_WORD_BYTES);
      case 'fixedBytes':
        this.#requireZero(at + type.length, at + ABI_WORD_BYTES);
        return this.#bytes.slice(at, at + type.length);
      default:
        return this.#staticMembers(type, at);
    }
  }

  #staticMembers(type: AbiType, at: number): AbiValue[] {
    const values: AbiValue[] = [];
    if (type.kind !== 'array' && type.kind !== 'tuple') return values;
    const count = type.kind === 'tuple' ? type.components.length : (type.length ?? 0);
    let position = at;
    for (let index = 0; index < count; index += 1) {
      const member = type.kind === 'tuple' ? (type.components[index] as AbiType) : type.element;
      this.#path.push(index);
      values.push(this.#static(member, position));
      this.#path.pop();
      position += member.headBytes;
    }
    return values;
  }

  #uint(bits: number, at: number): bigint {
    const value = this.#word(at);
    if (bits < 256 && value >> BigInt(bits) !== 0n) {
      throw abiValueError('ABI_PADDING', this.#path, `more than ${bits} bits`);
    }
    return value;
  }

  #int(bits: number, at: number): bigint {
    const value = BigInt.asIntN(256, this.#word(at));
    if (BigInt.asIntN(bits, value) !== value) {
      throw abiValueError('ABI_PADDING', this.#path, `more than ${bits} bits`);
    }
    return value;
  }

  #word(at: number): bigint {
    return rangeToBigInt(this.#bytes, at, at + ABI_WORD_BYTES);
  }

  #boolean(at: number): boolean {
    const value = this.#length(at);
    if (value > 1) throw abiValueError('ABI_BOOLEAN', this.#path, 'it has to be 0 or 1');
    return value === 1;
  }

  /** A length or an offset; infinite when it is 2³² or more. */
  #length(at: number): number {
    const low = at + ABI_WORD_BYTES - 4;
    if (!this.#isZero(at, low)) return TOO_LONG;
    return Number(rangeToBigInt(this.#bytes, low, low + 4));
  }

  /** `length` bytes, padded to whole words with zeros. */
  #content(start: number, length: number): Uint8Array {
    const padded = Math.ceil(length / ABI_WORD_BYTES) * ABI_WORD_BYTES;
    this.#require(start, padded);
    this.#requireZero(start + length, start + padded);
    this.#end = start + padded;
    return this.#bytes.subarray(start, start + length);
  }

  #text(bytes: Uint8Array): string {
    try {
      return textDecoder.decode(bytes);
    } catch {
      throw abiValueError('ABI_TEXT', this.#path, 'not UTF-8');
    }
  }

  #require(start: number, length: number): void {
    if (length <= this.#bytes.length - start) return;
    const missing = `${length} bytes are needed at byte ${start} of ${this.#bytes.length}`;
    throw abiValueError('ABI_TRUNCATED', this.#path, missing);
  }

  #requireZero(start: number, end: number): void {
    if (this.#isZero(start, end)) return;
    throw abiValueError('ABI_PADDING', this.#path, `bytes ${start} to ${end - 1} have to be zero`);
  }

  #isZero(start: number, end: number): boolean {
    for (let position = start; position < end; position += 1) {
      if (this.#bytes[position] !== 0) return false;
    }
    return true;
  }
}
