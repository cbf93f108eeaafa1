import { assert } from '@lucerna/base';
import { MAX_KEY_BYTES } from './limits.ts';

/**
 * `key` as text with one character (U+0000 … U+00FF) a byte. JavaScript orders text by code unit, so
 * these texts have the order of the keys, and comparing them is much faster than comparing arrays.
 */
export function keyText(key: Uint8Array): string {
  assert(key.length <= MAX_KEY_BYTES, `a key has at most ${MAX_KEY_BYTES} bytes`);
  // The engine takes any array-like here; the declaration asks for a real array.
  return String.fromCharCode.apply(undefined, key as unknown as number[]);
}
