import { assert } from './assert.ts';

/** The empty byte string. Never written to. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** All parts one after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
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

/** `value` as the fewest big-endian bytes; zero is the empty string. */
export function minimalBytes(value: bigint): Uint8Array {
  assert(value >= 0n, 'only natural numbers have a minimal form');
  if (value === 0n) return EMPTY_BYTES;
  const digits = value.toString(16);
  const bytes = new Uint8Array((digits.length + 1) >> 1);
  const padded = digits.length % 2 === 0 ? digits : `0${digits}`;
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(padded.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** `value` as exactly `length` big-endian bytes. */
export function fixedBytes(value: bigint, length: number): Uint8Array {
  const minimal = minimalBytes(value);
  assert(minimal.length <= length, `${value} does not fit ${length} bytes`);
  const bytes = new Uint8Array(length);
  bytes.set(minimal, length - minimal.length);
  return bytes;
}

/** The natural number that the big-endian `bytes` spell; leading zeros are accepted here. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let offset = 0; offset < bytes.length; offset += 6) {
    const chunk = bytes.subarray(offset, offset + 6);
    let digits = 0;
    for (const byte of chunk) digits = digits * 256 + byte;
    value = (value << BigInt(8 * chunk.length)) | BigInt(digits);
  }
  return value;
}
