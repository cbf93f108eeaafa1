import { concatBytes } from '@lucerna/base';
import { fromNibbles, type Nibbles } from './nibbles.ts';
import type { TrieNode } from './node.ts';
import type { Trie } from './trie.ts';

/** A key and its value. */
export type TrieEntry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * All entries of `trie` in the order of their keys, changes that are not yet committed included.
 *
 * @throws `STATE_CORRUPT` when a node is missing or not what its parent says
 */
export function* trieEntries(trie: Trie): Generator<TrieEntry, void, undefined> {
  for (const [path, node] of trie.walk()) {
    const entry = nodeEntry(path, node);
    if (entry !== undefined) yield entry;
  }
}

/** The entry whose value is in the node at `path` itself, not below it. */
export function nodeEntry(path: Nibbles, node: TrieNode): TrieEntry | undefined {
  if (node.kind === 'leaf') return [fromNibbles(concatBytes(path, node.key)), node.value];
  if (node.kind === 'branch' && node.value !== undefined) return [fromNibbles(path), node.value];
  return undefined;
}
