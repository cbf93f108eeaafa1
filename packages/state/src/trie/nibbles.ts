import { assert } from '@lucerna/base';

/**
 * A path in a trie: nibbles (0 … 15), one per array element, most significant half of a byte first.
 * Paths are shared between nodes as views and are never written to.
 */
export type Nibbles = Uint8Array;

/** The empty path: where the root is. */
export const NO_NIBBLES: Nibbles = new Uint8Array(0);

/** The nibbles of `bytes`, twice as many. */
export function toNibbles(bytes: Uint8Array): Nibbles {
  const nibbles = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    nibbles[2 * index] = byte >> 4;
    nibbles[2 * index + 1] = byte & 15;
  }
  return nibbles;
}

/** The inverse of {@link toNibbles}; the count of nibbles must be even. */
export function fromNibbles(nibbles: Nibbles): Uint8Array {
  assert(nibbles.length % 2 === 0, 'bytes are whole pairs of nibbles');
  const bytes = new Uint8Array(nibbles.length >> 1);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = ((nibbles[2 * index] as number) << 4) | (nibbles[2 * index + 1] as number);
  }
  return bytes;
}

/** How many nibbles `part` and `path` from `offset` on have in common. */
export function commonLength(part: Nibbles, path: Nibbles, offset: number): number {
  const most = Math.min(part.length, path.length - offset);
  let length = 0;
  while (length < most && part[length] === path[offset + length]) length += 1;
  return length;
}

/** `head`, then the one nibble `middle`, then `tail`, as a new path. */
export function joinNibbles(head: Nibbles, middle: number, tail: Nibbles): Nibbles {
  const path = new Uint8Array(head.length + 1 + tail.length);
  path.set(head);
  path[head.length] = middle;
  path.set(tail, head.length + 1);
  return path;
}

/** What a hex-prefix string says: the nibbles, and whether they end at a value (a leaf). */
export type HexPrefix = { readonly nibbles: Nibbles; readonly terminal: boolean };

/**
 * Hex-prefix (compact) form of a partial path: the high nibble of the first byte holds two flags,
 * 2 for a terminal path and 1 for an odd count, whose first nibble then is that byte's low half.
 * Source: Ethereum yellow paper, appendix C.
 */
export function encodeHexPrefix(nibbles: Nibbles, terminal: boolean): Uint8Array {
  const odd = nibbles.length & 1;
  const bytes = new Uint8Array(1 + (nibbles.length >> 1));
  bytes[0] = ((terminal ? 2 : 0) + odd) << 4;
  if (odd === 1) bytes[0] |= nibbles[0] as number;
  for (let index = 1; index < bytes.length; index += 1) {
    const at = 2 * (index - 1) + odd;
    bytes[index] = ((nibbles[at] as number) << 4) | (nibbles[at + 1] as number);
  }
  return bytes;
}

/** The inverse of {@link encodeHexPrefix}; undefined when the flags or the padding are not its own. */
export function decodeHexPrefix(bytes: Uint8Array): HexPrefix | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const flags = first >> 4;
  if (flags > 3) return undefined;
  const odd = flags & 1;
  if (odd === 0 && (first & 15) !== 0) return undefined;
  return { nibbles: toNibbles(bytes).subarray(2 - odd), terminal: flags >= 2 };
}
