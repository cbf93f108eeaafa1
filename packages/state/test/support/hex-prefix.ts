import { hexPrefixLength, type Nibbles, writeHexPrefix } from '../../src/trie/nibbles.ts';

/** The hex-prefix form of `nibbles`. */
export function encodeHexPrefix(nibbles: Nibbles, terminal: boolean): Uint8Array {
  const bytes = new Uint8Array(hexPrefixLength(nibbles));
  writeHexPrefix(nibbles, terminal, bytes, 0);
  return bytes;
}
