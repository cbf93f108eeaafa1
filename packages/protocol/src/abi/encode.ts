import type { protocolErrors } from '../errors.ts';
import { protocolLimits } from '../limits.ts';
import { ABI_WORD_BYTES, type AbiType, headBytesOf } from './type.ts';
import { type AbiPath, type AbiValue, abiValueError } from './value.ts';

/**
 * The one encoding of `values`: arguments of a call without their selector, results, or the data of an
 * event (Solidity, "Formal Specification of the Encoding").
 *
 * @throws `ABI_VALUE_*` with the field `path`, `ABI_ENCODED_LIMIT`
 */
export function encodeAbi(types: readonly AbiType[], values: readonly AbiValue[]): Uint8Array {
  const writer = new AbiWriter();
  writer.sequence((index) => types[index] as AbiType, types.length, headBytesOf(types), values);
  return writer.finish();
}

/**
 * The bytes whose hash stands as the topic of an indexed value that is longer than a word: text and
 * bytes as they are; lists and tuples as their members one after the other, each padded to whole
 * words, without lengths and offsets (Solidity, "Encoding of Indexed Event Parameters").
 *
 * @throws as {@link encodeAbi}
 */
export function encodeAbiInPlace(type: AbiType, value: AbiValue): Uint8Array {
  const writer = new AbiWriter();
  writer.inPlace(type, value, true);
  return writer.finish();
}

const textEncoder = new TextEncoder();
const INITIAL_BYTES = 256;

/** Where every encoding begins. One at a time is made: nothing else runs meanwhile. */
const initialBytes = new Uint8Array(INITIAL_BYTES);
const initialView = new DataView(initialBytes.buffer);

/** A buffer that grows, and where in the value the encoder is. */
class AbiWriter {
  #bytes = initialBytes;
  #view = initialView;
  #end = 0;
  readonly #path: AbiPath = [];

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#end);
  }

  /** The places of all members, then those members that are dynamic, in order. */
  sequence(
    typeAt: (index: number) => AbiType,
    count: number,
    headBytes: number,
    values: AbiValue,
  ): void {
    const members = this.#members(values, count);
    const base = this.#reserve(headBytes);
    let head = base;
    for (let index = 0; index < count; index += 1) {
      const type = typeAt(index);
      this.#path.push(index);
      if (type.isDynamic) {
        this.#length(head, this.#end - base);
        this.#dynamic(type, members[index] as AbiValue);
      } else {
        this.#static(type, members[index] as AbiValue, head);
      }
      this.#path.pop();
      head += type.headBytes;
    }
  }

  inPlace(type: AbiType, value: AbiValue, isOutermost: boolean): void {
    if (type.kind === 'bytes' || type.kind === 'string') {
      const content = this.#content(type.kind, value);
      const padded = isOutermost ? content.length : paddedLength(content.length);
      const start = this.#reserve(padded);
      this.#bytes.set(content, start);
    } else if (type.kind === 'array' || type.kind === 'tuple') {
      const count = type.kind === 'tuple' ? type.components.length : type.length;
      const members = this.#members(value, count);
      for (let index = 0; index < members.length; index += 1) {
        const member = type.kind === 'tuple' ? (type.components[index] as AbiType) : type.element;
        this.#path.push(index);
        this.inPlace(member, members[index] as AbiValue, false);
        this.#path.pop();
      }
    } else {
      this.#static(type, value, this.#reserve(ABI_WORD_BYTES));
    }
  }

  #dynamic(type: AbiType, value: AbiValue): void {
    if (type.kind === 'bytes' || type.kind === 'string') {
      const content = this.#content(type.kind, value);
      const start = this.#reserve(ABI_WORD_BYTES + paddedLength(content.length));
      this.#length(start, content.length);
      this.#bytes.set(content, start + ABI_WORD_BYTES);
    } else if (type.kind === 'tuple') {
      this.#tuple(type.components, value);
    } else if (type.kind === 'array') {
      const count = this.#members(value, type.length).length;
      if (type.length === undefined) this.#length(this.#reserve(ABI_WORD_BYTES), count);
      this.sequence(() => type.element, count, count * type.element.headBytes, value);
    }
  }

  #tuple(components: readonly AbiType[], value: AbiValue): void {
    const typeAt = (index: number): AbiType => components[index] as AbiType;
    this.sequence(typeAt, components.length, headBytesOf(components), value);
  }

  /** Writes a static value to its place, which is reserved. */
  #static(type: AbiType, value: AbiValue, at: number): void {
    switch (type.kind) {
      case 'uint':
      case 'int':
        this.#integer(type, value, at);
        return;
      case 'bool':
        if (typeof value !== 'boolean') throw this.#wrongKind('a boolean');
        this.#bytes[at + ABI_WORD_BYTES - 1] = value ? 1 : 0;
        return;
      case 'address':
        this.#bytes.set(this.#fixed(value, 20), at + ABI_WORD_BYTES - 20);
        return;
      case 'fixedBytes':
        this.#bytes.set(this.#fixed(value, type.length), at);
        return;
      default:
        this.#staticMembers(type, value, at);
    }
  }

  #staticMembers(type: AbiType, value: AbiValue, at: number): void {
    if (type.kind !== 'array' && type.kind !== 'tuple') return;
    const count = type.kind === 'tuple' ? type.components.length : type.length;
    const members = this.#members(value, count);
    let position = at;
    for (let index = 0; index < members.length; index += 1) {
      const member = type.kind === 'tuple' ? (type.components[index] as AbiType) : type.element;
      this.#path.push(index);
      this.#static(member, members[index] as AbiValue, position);
      this.#path.pop();
      position += member.headBytes;
    }
  }

  #integer(type: AbiType & { readonly kind: 'uint' | 'int' }, value: AbiValue, at: number): void {
    if (typeof value !== 'bigint') throw this.#wrongKind('a bigint');
    const wrapped =
      type.kind === 'uint' ? BigInt.asUintN(type.bits, value) : BigInt.asIntN(type.bits, value);
    if (wrapped !== value) throw abiValueError('ABI_VALUE_RANGE', this.#path, type.text);
    this.#view.setBigUint64(at + 24, BigInt.asUintN(64, value));
    if (value >= 0n && value < 1n << 64n) return;
    this.#view.setBigUint64(at + 16, BigInt.asUintN(64, value >> 64n));
    this.#view.setBigUint64(at + 8, BigInt.asUintN(64, value >> 128n));
    this.#view.setBigUint64(at, BigInt.asUintN(64, value >> 192n));
  }

  #fixed(value: AbiValue, length: number): Uint8Array {
    if (!(value instanceof Uint8Array)) throw this.#wrongKind('a Uint8Array');
    if (value.length !== length) throw this.#wrongLength(`${length} bytes`, value.length);
    return value;
  }

  #content(kind: 'bytes' | 'string', value: AbiValue): Uint8Array {
    if (kind === 'bytes') {
      if (!(value instanceof Uint8Array)) throw this.#wrongKind('a Uint8Array');
      return value;
    }
    if (typeof value !== 'string') throw this.#wrongKind('a string');
    if (!value.isWellFormed()) {
      throw abiValueError('ABI_VALUE_TEXT', this.#path, 'half of a surrogate pair');
    }
    return textEncoder.encode(value);
  }

  /** The members of a list; `count` is undefined when there may be any number. */
  #members(value: AbiValue, count: number | undefined): readonly AbiValue[] {
    if (!Array.isArray(value)) throw this.#wrongKind('an array');
    const members = value as readonly AbiValue[];
    if (count !== undefined && members.length !== count) {
      throw this.#wrongLength(`${count} members`, members.length);
    }
    return members;
  }

  /** A length or an offset: the bound of the buffer keeps it below 2³². */
  #length(at: number, value: number): void {
    this.#view.setUint32(at + ABI_WORD_BYTES - 4, value);
  }

  /** Appends zeros; returns where they begin. */
  #reserve(bytes: number): number {
    const start = this.#end;
    const end = start + bytes;
    // Of an earlier encoding; what it grows into is new.
    if (this.#bytes === initialBytes) initialBytes.fill(0, start, end);
    if (end > protocolLimits.values.abiEncodedBytes) {
      throw abiValueError('ABI_ENCODED_LIMIT', this.#path, `${end} bytes`);
    }
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#end = end;
    return start;
  }

  #wrongKind(expected: string): ReturnType<typeof protocolErrors.create> {
    return abiValueError('ABI_VALUE_KIND', this.#path, `not ${expected}`);
  }

  #wrongLength(expected: string, found: number): ReturnType<typeof protocolErrors.create> {
    return abiValueError('ABI_VALUE_LENGTH', this.#path, `${found} instead of ${expected}`);
  }
}

/** `length` rounded up to whole words. */
function paddedLength(length: number): number {
  return Math.ceil(length / ABI_WORD_BYTES) * ABI_WORD_BYTES;
}
