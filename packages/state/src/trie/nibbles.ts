import { assert } from '@lucerna/base';
import { stateLimits } from '../limits.ts';
import { nodeBytes } from './pools.ts';

/**
 * A path in a trie: nibbles (0 … 15), one per array element, most significant half of a byte first.
 * Paths are shared between nodes as views and are never written to.
 */
export type Nibbles = Uint8Array;

/** The empty path: where the root is. */
export const NO_NIBBLES: Nibbles = new Uint8Array(0);

/** The nibbles of `bytes`, twice as many. */
export function toNibbles(bytes: Uint8Array): Nibbles {
  return writeNibbles(bytes, new Uint8Array(2 * bytes.length));
}

/** Room for the longest path of a key. */
export function newPathRoom(): Uint8Array {
  return new Uint8Array(2 * stateLimits.values.trieKeyBytes);
}

/** The path of `key`, as a view of `room`, where it stays until the next one. */
export function keyPath(key: Uint8Array, room: Uint8Array): Nibbles {
  assert(key.length <= stateLimits.values.trieKeyBytes, 'the key of a trie is not longer');
  return writeNibbles(key, room.subarray(0, 2 * key.length));
}

function writeNibbles(bytes: Uint8Array, nibbles: Uint8Array): Nibbles {
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

/** True when `path` from `offset` on is `rest`, no more and no less. */
export function isRest(rest: Nibbles, path: Nibbles, offset: number): boolean {
  return path.length - offset === rest.length && commonLength(rest, path, offset) === rest.length;
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

/** How many bytes the hex-prefix form of `nibbles` has. */
export function hexPrefixLength(nibbles: Nibbles): number {
  return 1 + (nibbles.length >> 1);
}

/**
 * Writes the hex-prefix (compact) form of a partial path into `output` at `offset`; returns where it
 * ends. The high nibble of the first byte holds two flags, 2 for a terminal path and 1 for an odd
 * count, whose first nibble then is that byte's low half. Source: Ethereum yellow paper, appendix C.
 */
export function writeHexPrefix(
  nibbles: Nibbles,
  terminal: boolean,
  output: Uint8Array,
  offset: number,
): number {
  const odd = nibbles.length & 1;
  const flags = ((terminal ? 2 : 0) + odd) << 4;
  output[offset] = odd === 1 ? flags | (nibbles[0] as number) : flags;
  let end = offset + 1;
  for (let at = odd; at < nibbles.length; at += 2) {
    output[end] = ((nibbles[at] as number) << 4) | (nibbles[at + 1] as number);
    end += 1;
  }
  return end;
}

/**
 * The inverse of {@link writeHexPrefix}, of the bytes from `start` to `end`; undefined when the flags
 * or the padding are not its own.
 */
export function decodeHexPrefix(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): HexPrefix | undefined {
  if (start === end) return undefined;
  const first = bytes[start] as number;
  const flags = first >> 4;
  if (flags > 3) return undefined;
  const odd = flags & 1;
  if (odd === 0 && (first & 15) !== 0) return undefined;
  const nibbles = nodeBytes.take(2 * (end - start - 1) + odd);
  if (odd === 1) nibbles[0] = first & 15;
  let at = odd;
  for (let index = start + 1; index < end; index += 1) {
    const byte = bytes[index] as number;
    nibbles[at] = byte >> 4;
    nibbles[at + 1] = byte & 15;
    at += 2;
  }
  return { nibbles, terminal: flags >= 2 };
}
