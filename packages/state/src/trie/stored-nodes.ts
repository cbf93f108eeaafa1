import { compareBytes, concatBytes, EMPTY_BYTES, equalBytes } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { joinNibbles, type Nibbles, NO_NIBBLES, toNibbles } from './nibbles.ts';
import type { TrieNode, UnloadedNode } from './node.ts';
import { type NodeSource, readNodeRow } from './source.ts';

/** A trie that is committed and stored: its nodes and its hash. */
export type StoredTrie = { readonly nodes: NodeSource; readonly root: Uint8Array };

/** A node, and the bytes of its row; undefined for an inline node, which has none. */
type StoredNode = {
  readonly path: Nibbles;
  readonly node: TrieNode;
  readonly encoded: Uint8Array | undefined;
};

/**
 * The nodes of `trie` in the order of their paths, parents before children, without those that lead
 * only to keys below `from`: first the path to `from`, then what lies to the right of it. Nodes are
 * loaded when their turn comes and not kept, so that a part costs what the part has.
 *
 * @throws `STATE_CORRUPT` when a node is missing or not what its parent says
 */
export function* storedNodes(
  trie: StoredTrie,
  from: Uint8Array = EMPTY_BYTES,
): Generator<StoredNode, void, undefined> {
  if (equalBytes(trie.root, EMPTY_TRIE_ROOT)) return;
  const start = toNibbles(from);
  const root: UnloadedNode = { kind: 'unloaded', hash: trie.root };
  const open: [path: Nibbles, child: TrieNode | UnloadedNode][] = [[NO_NIBBLES, root]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, child] = next;
    if (compareBytes(path, start.subarray(0, path.length)) < 0) continue;
    const { node, encoded } =
      child.kind === 'unloaded'
        ? readNodeRow(trie.nodes, path, child.hash)
        : { node: child, encoded: undefined };
    yield { path, node, encoded };
    if (node.kind === 'extension') open.push([concatBytes(path, node.key), node.child]);
    if (node.kind !== 'branch') continue;
    for (let nibble = node.children.length - 1; nibble >= 0; nibble -= 1) {
      const below = node.children[nibble];
      if (below !== undefined) open.push([joinNibbles(path, nibble, NO_NIBBLES), below]);
    }
  }
}
