import { assert } from './assert.ts';

/** The empty byte string. Never written to. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** All parts one after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** The same for any number of parts: a call takes about a hundred thousand arguments at most. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Same length and same bytes. Not constant-time: not for secrets. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

/** Lexicographic order of unsigned bytes; a prefix comes first. The total order of keys everywhere. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * Numbers are read and written eight bytes at a time: many times as fast as going through digits. All go
 * through this one view: asking a small array for its buffer makes the engine move it out of its heap.
 */
const WORD_BYTES = 8;
const WORD_BITS = 64n;
const WORD_END: bigint = 2n ** WORD_BITS;
const word = new DataView(new ArrayBuffer(WORD_BYTES));

/** `value` as the fewest big-endian bytes; zero is the empty string. */
export function minimalBytes(value: bigint): Uint8Array {
  assert(value >= 0n, 'only natural numbers have a minimal form');
  if (value === 0n) return EMPTY_BYTES;
  if (value < WORD_END) return minimalWord(value);
  return fixedBytes(value, (value.toString(16).length + 1) >> 1);
}

function minimalWord(value: bigint): Uint8Array {
  word.setBigUint64(0, value);
  let start = 0;
  while (word.getUint8(start) === 0) start += 1;
  const bytes = new Uint8Array(WORD_BYTES - start);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = word.getUint8(start + index);
  return bytes;
}

/** `value` as exactly `length` big-endian bytes. */
export function fixedBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  let end = length;
  for (; end >= WORD_BYTES; end -= WORD_BYTES) {
    // What is left of many numbers is zero, and so are the bytes.
    if (rest === 0n) return bytes;
    word.setBigUint64(0, rest);
    for (let index = 0; index < WORD_BYTES; index += 1) {
      bytes[end - WORD_BYTES + index] = word.getUint8(index);
    }
    rest >>= WORD_BITS;
  }
  for (; end > 0; end -= 1) {
    bytes[end - 1] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  // A negative number never becomes zero.
  assert(rest === 0n, `${value} does not fit ${length} bytes`);
  return bytes;
}

/** The natural number that the big-endian `bytes` spell; leading zeros are accepted here. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return rangeToBigInt(bytes, 0, bytes.length);
}

/** The same of the bytes from `start` to before `end`, without a view of them. */
export function rangeToBigInt(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0n;
  let offset = start;
  while (offset < end && bytes[offset] === 0) offset += 1;
  while (offset < end) {
    const count = (end - offset) % WORD_BYTES || WORD_BYTES;
    word.setBigUint64(0, 0n);
    for (let index = WORD_BYTES - count; index < WORD_BYTES; index += 1) {
      word.setUint8(index, bytes[offset] as number);
      offset += 1;
    }
    const next = word.getBigUint64(0);
    value = value === 0n ? next : (value << WORD_BITS) | next;
  }
  return value;
}
