import { assert } from '@lucerna/base';

export const ADDRESS_BYTES = 20;
export const HASH_BYTES = 32;

/** Reused from call to call: what the characters of a key are. */
const addressCodes: number[] = new Array<number>(ADDRESS_BYTES / 2).fill(0);
const hashCodes: number[] = new Array<number>(HASH_BYTES / 2).fill(0);

/**
 * An address or a hash as a key of a map: two bytes a character, so not to be printed. Half as long as
 * hex, and made in one piece.
 */
export function mapKey(bytes: Uint8Array): string {
  assert(bytes.length === ADDRESS_BYTES || bytes.length === HASH_BYTES, 'an address or a hash');
  const codes = bytes.length === ADDRESS_BYTES ? addressCodes : hashCodes;
  for (let index = 0; index < codes.length; index += 1) {
    codes[index] = ((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number);
  }
  return String.fromCharCode.apply(undefined, codes);
}

/** Four bytes of `bytes` from `at` on, little-endian, as an integer with a sign. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
