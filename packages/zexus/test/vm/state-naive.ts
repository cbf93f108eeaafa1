import { keccak256 } from 'viem';
import type { StateShape } from '../../src/layout/schema.ts';
import {
  Address,
  Dictionary,
  integer,
  keyText,
  List,
  type Scalar,
  type Value,
} from '../../src/vm/value.ts';

// Reads and names slots by docs/spec/storage.md alone, in hex digits, with the hash of viem. Nothing of
// src/layout is used.

const number = (digits: string): bigint => (digits === '' ? 0n : BigInt(`0x${digits}`));
const padded = (value: bigint | number, bytes: number): string =>
  value.toString(16).padStart(2 * bytes, '0');

export function hash(digits: string): string {
  return keccak256(`0x${digits}`).slice(2);
}

/** Tag and bytes of a scalar. */
export function naivePayload(item: Scalar): [tag: string, digits: string] {
  if (item === null) return ['00', ''];
  if (item === false) return ['01', ''];
  if (item === true) return ['01', '01'];
  if (typeof item === 'string') return ['05', Buffer.from(item, 'utf8').toString('hex')];
  if (item instanceof Address) return ['13', Buffer.from(item.bytes).toString('hex')];
  if (item instanceof Uint8Array) return ['12', Buffer.from(item).toString('hex')];
  const exact = BigInt(item);
  const magnitude = exact < 0n ? -exact : exact;
  const digits = magnitude === 0n ? '' : magnitude.toString(16);
  return [exact < 0n ? '11' : '10', digits.padStart(2 * Math.ceil(digits.length / 2), '0')];
}

export const naiveKey = (key: Scalar): string => naivePayload(key).join('');
export const naiveEntry = (slot: string, key: Scalar, generation = 0n): string =>
  hash(naiveKey(key) + padded(generation, 32) + slot);
export const naivePresence = (slot: string, key: Scalar, generation: bigint): string =>
  hash(`21${naiveKey(key)}${padded(generation, 32)}${slot}`);
export const naiveSequence = (slot: string, sequence: number, generation: bigint): string =>
  hash(`20${padded(sequence, 8)}${padded(generation, 32)}${slot}`);
export const naiveElement = (slot: string, index: number, generation: bigint): string =>
  padded((number(hash(padded(generation, 32) + slot)) + BigInt(index)) % 2n ** 256n, 32);

function leb(value: number): string {
  let rest = value;
  let digits = '';
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits += padded(128 + (rest % 128), 1);
  return digits + padded(rest, 1);
}

/** The canonical encoding of a value in memory. */
export function naiveEncoding(value: Value): string {
  if (value instanceof List) {
    return `07${leb(value.items.length)}${value.items.map(naiveEncoding).join('')}`;
  }
  if (value instanceof Dictionary) {
    const entries = [...value.entries.values()];
    const parts = entries.map((entry) => naiveEncoding(entry.key) + naiveEncoding(entry.value));
    return `08${leb(entries.length)}${parts.join('')}`;
  }
  const [tag, digits] = naivePayload(value as Scalar);
  return tag + leb(digits.length / 2) + digits;
}

/** Reads the state and remembers which words it has read. */
export class NaiveReader {
  readonly #words: ReadonlyMap<string, string>;
  readonly seen: Set<string> = new Set();

  constructor(words: ReadonlyMap<string, Uint8Array>) {
    this.#words = new Map(
      [...words].map(([slot, word]) => [slot, Buffer.from(word).toString('hex')]),
    );
  }

  word(slot: string): string {
    this.seen.add(slot);
    return this.#words.get(slot) ?? '0'.repeat(64);
  }

  /** Everything at a place. Of plain maps the keys that are asked for; `wanted` has those. */
  read(slot: string, shape: StateShape, wanted: readonly Scalar[] = []): Value {
    switch (shape.kind) {
      case 'cell':
        return shape.type === 'untyped' ? this.untyped(slot) : this.#typed(slot, shape.type);
      case 'list':
        return this.#list(slot, shape.element, wanted);
      case 'enumerable':
        return this.#enumerable(slot, shape.value, wanted);
      case 'map': {
        const result = new Dictionary();
        for (const key of wanted) {
          const value = this.read(naiveEntry(slot, key), shape.value, wanted);
          result.entries.set(keyText(key), { key, value });
        }
        return result;
      }
    }
  }

  #list(slot: string, element: StateShape, wanted: readonly Scalar[]): List {
    const head = this.word(slot);
    const [generation, length] = [number(head.slice(0, 16)), Number(number(head.slice(16, 32)))];
    const items: Value[] = [];
    for (let index = 0; index < length; index += 1) {
      items.push(this.read(naiveElement(slot, index, generation), element, wanted));
    }
    return new List(items);
  }

  #enumerable(slot: string, shape: StateShape, wanted: readonly Scalar[]): Dictionary {
    const head = this.word(slot);
    const generation = number(head.slice(0, 16));
    const [next, count] = [head.slice(16, 32), head.slice(32, 48)].map((part) =>
      Number(number(part)),
    );
    const result = new Dictionary();
    for (let sequence = 0; sequence < (next as number); sequence += 1) {
      const key = this.untyped(naiveSequence(slot, sequence, generation)) as Scalar;
      if (key === null) continue;
      const presence = number(this.word(naivePresence(slot, key, generation)));
      if (presence !== BigInt(sequence + 1)) throw new Error('the presence is another');
      const value = this.read(naiveEntry(slot, key, generation), shape, wanted);
      result.entries.set(keyText(key), { key, value });
    }
    if (result.entries.size !== count) throw new Error('the count is another');
    return result;
  }

  #typed(slot: string, type: string): Value {
    const digits = this.word(slot);
    if (type === 'integer') return integer(number(digits));
    if (type === 'signed') return integer(BigInt.asIntN(256, number(digits)));
    if (type === 'bool') return number(digits) !== 0n;
    if (type === 'address') return new Address(Buffer.from(digits.slice(24), 'hex'));
    return Uint8Array.from(Buffer.from(digits.slice(0, 2 * Number(type.slice(5))), 'hex'));
  }

  untyped(slot: string): Value {
    const head = this.word(slot);
    const [tag, mark] = [head.slice(0, 2), head.slice(2, 4)];
    if (mark !== 'ff') return naiveValue(tag, head.slice(4, 4 + 2 * Number(number(mark))));
    const length = Number(number(head.slice(4, 12)));
    let digits = head.slice(12);
    const first = number(hash(slot));
    for (let n = 0n; digits.length < 2 * length; n += 1n) {
      digits += this.word(padded((first + n) % 2n ** 256n, 32));
    }
    return naiveValue(tag, digits.slice(0, 2 * length));
  }
}

/** The value of a tag and all of its bytes. */
function naiveValue(tag: string, digits: string): Value {
  if (tag !== '07' && tag !== '08') return naiveScalar(tag, digits);
  const [value, rest] = naiveDecode(tag + digits);
  if (rest !== '') throw new Error('bytes behind the value');
  return value;
}

function naiveScalar(tag: string, digits: string): Scalar {
  switch (tag) {
    case '00':
      return null;
    case '01':
      return digits === '01';
    case '05':
      return Buffer.from(digits, 'hex').toString('utf8');
    case '10':
      return integer(number(digits));
    case '11':
      return integer(-number(digits));
    case '12':
      return Uint8Array.from(Buffer.from(digits, 'hex'));
    case '13':
      return new Address(Uint8Array.from(Buffer.from(digits, 'hex')));
    default:
      throw new Error(`no tag ${tag}`);
  }
}

function naiveDecode(digits: string): [value: Value, rest: string] {
  const tag = digits.slice(0, 2);
  let at = 2;
  let count = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = Number(number(digits.slice(at, at + 2)));
    at += 2;
    count += (byte % 128) * factor;
    if (byte < 128) break;
  }
  let rest = digits.slice(at);
  if (tag !== '07' && tag !== '08') {
    return [naiveScalar(tag, rest.slice(0, 2 * count)), rest.slice(2 * count)];
  }
  const values: Value[] = [];
  for (let index = 0; index < count * (tag === '08' ? 2 : 1); index += 1) {
    const [value, left] = naiveDecode(rest);
    values.push(value);
    rest = left;
  }
  if (tag === '07') return [new List(values), rest];
  const result = new Dictionary();
  for (let index = 0; index < values.length; index += 2) {
    const key = values[index] as Scalar;
    result.entries.set(keyText(key), { key, value: values[index + 1] as Value });
  }
  return [result, rest];
}
