import type { Nibbles } from './nibbles.ts';

/** Children of a branch, one for every nibble. */
export const BRANCH_WIDTH = 16;

/** What every loaded node knows about itself. */
type NodeState = {
  /**
   * How the parent refers to the node: its hash, or, when its encoding is shorter than a hash, the
   * encoding itself (an inline node). Undefined when the node or anything below it has changed since
   * the last commit; then the same holds for all its ancestors.
   */
  ref: Uint8Array | undefined;
  /**
   * Hash of the row that is stored under the node's path, as of the last commit; undefined when
   * there is none. An object never changes its path, so the two belong together.
   */
  storedHash: Uint8Array | undefined;
};

/** The end of a key and its value. The value belongs to the path `node's path + key`. */
export type LeafNode = NodeState & {
  readonly kind: 'leaf';
  readonly key: Nibbles;
  value: Uint8Array;
};

/** A stretch of path with only one way on. `key` is never empty and the child is always a branch. */
export type ExtensionNode = NodeState & {
  readonly kind: 'extension';
  readonly key: Nibbles;
  child: BranchNode | UnloadedNode;
};

/** A fork: at least two of its sixteen children and its value are there. */
export type BranchNode = NodeState & {
  readonly kind: 'branch';
  /** Written to by {@link setChild}, or to put a node in the place of what stands for it. */
  readonly children: (TrieNode | UnloadedNode | undefined)[];
  value: Uint8Array | undefined;
  /**
   * The node as it was encoded last. An encoding takes over from it what has not changed: visiting
   * fifteen unchanged children for their hashes is what would cost most.
   */
  encoded: Uint8Array;
  /** The children that differ from those in `encoded`: bit 0 for the first. */
  changed: number;
};

/** A node that is still in the store, under its path; its content must hash to `hash`. */
export type UnloadedNode = { readonly kind: 'unloaded'; readonly hash: Uint8Array };

/** A node in memory. */
export type TrieNode = LeafNode | ExtensionNode | BranchNode;

/** What a place in the trie can hold. */
export type TrieChild = TrieNode | UnloadedNode | undefined;

/** A new leaf, not yet committed; `storedHash` is what its path held before. */
export function makeLeaf(key: Nibbles, value: Uint8Array, storedHash?: Uint8Array): LeafNode {
  return { kind: 'leaf', ref: undefined, storedHash, key, value };
}

/** A new extension, not yet committed; `storedHash` is what its path held before. */
export function makeExtension(
  key: Nibbles,
  child: BranchNode | UnloadedNode,
  storedHash?: Uint8Array,
): ExtensionNode {
  return { kind: 'extension', ref: undefined, storedHash, key, child };
}

/** A new branch without content, not yet committed; `storedHash` is what its path held before. */
export function makeBranch(storedHash?: Uint8Array): BranchNode {
  return makeBranchOf(noChildren(), undefined, NO_CHILDREN_ENCODED, undefined, storedHash);
}

/** A branch of these parts, whose children and value are those of `encoded`. */
export function makeBranchOf(
  children: TrieChild[],
  value: Uint8Array | undefined,
  encoded: Uint8Array,
  ref: Uint8Array | undefined,
  storedHash: Uint8Array | undefined,
): BranchNode {
  return { kind: 'branch', ref, storedHash, children, value, encoded, changed: 0 };
}

/** Makes `child` the child of `branch` at `nibble`, as a change. */
export function setChild(branch: BranchNode, nibble: number, child: TrieChild): void {
  branch.children[nibble] = child;
  branch.changed |= 1 << nibble;
}

/** A list of empty strings, one for each child and one for the value. Never written to. */
const NO_CHILDREN_ENCODED = new Uint8Array(BRANCH_WIDTH + 2).fill(0x80).fill(0xc0 + 17, 0, 1);

/**
 * Room for the children of a branch. Written out, as V8 copies a literal in a third of the time in
 * which it fills an array.
 */
export function noChildren(): TrieChild[] {
  // biome-ignore format: sixteen lines say no more
  return [
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
  ];
}
