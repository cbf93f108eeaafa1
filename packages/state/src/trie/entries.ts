import { concatBytes } from '@lucerna/base';
import { fromNibbles, type Nibbles } from './nibbles.ts';
import type { TrieNode } from './node.ts';

/** A key and its value. */
export type TrieEntry = readonly [key: Uint8Array, value: Uint8Array];

/** The entry whose value is in the node at `path` itself, not below it. */
export function nodeEntry(path: Nibbles, node: TrieNode): TrieEntry | undefined {
  if (node.kind === 'leaf') return [fromNibbles(concatBytes(path, node.key)), node.value];
  if (node.kind === 'branch' && node.value !== undefined) return [fromNibbles(path), node.value];
  return undefined;
}
