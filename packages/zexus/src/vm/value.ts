import { compareBytes, toHex } from '@lucerna/base';

/** A 20-byte account address, a kind of its own: not equal to the same bytes. */
export class Address {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/**
 * A value of the language. Integers are numbers while JavaScript counts them exactly and bigints
 * beyond, never the other way round, so that equal integers are the same JavaScript value.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | Address;

/** The integer in its one form. */
export function integer(value: bigint): number | bigint {
  return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Structural equality; values of different kinds are never equal. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left instanceof Uint8Array) {
    return right instanceof Uint8Array && compareBytes(left, right) === 0;
  }
  if (left instanceof Address) {
    return right instanceof Address && compareBytes(left.bytes, right.bytes) === 0;
  }
  return false;
}

/** The text that `string()` and concatenation make of a value. */
export function canonicalText(value: Value): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Address) return toHex(value.bytes);
  return String(value);
}
