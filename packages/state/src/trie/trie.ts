import {
  assert,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHexKey,
  present,
  toHexKey,
} from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { encodeNode, isNodeHash, NODE_HASH_BYTES, StoredReference, sealNode } from './codec.ts';
import {
  commonLength,
  isRest,
  joinNibbles,
  keyPath,
  type Nibbles,
  NO_NIBBLES,
  newPathRoom,
} from './nibbles.ts';
import {
  type BranchNode,
  type ExtensionNode,
  type LeafNode,
  makeBranch,
  makeExtension,
  makeLeaf,
  setChild,
  type TrieChild,
  type TrieNode,
  type UnloadedNode,
} from './node.ts';
import { nodeBytes, rowBytes } from './pools.ts';
import { NO_NODES, type NodeSource, readNodeRow } from './source.ts';
import { trimBelow } from './trim.ts';

/** A row of the node store that a commit changed; `encoded` undefined removes it. */
export type NodeWrite = readonly [path: Nibbles, encoded: Uint8Array | undefined];

/** Outcome of a commit. */
export type TrieCommit = {
  readonly root: Uint8Array;
  /** The rows whose content is not what it was at the last commit, ordered by path. */
  readonly writes: readonly NodeWrite[];
};

/**
 * A Merkle Patricia trie over nodes that are stored under their path and overwritten in place.
 *
 * Nodes are loaded when they are first met and stay in memory until {@link trim}; changes are made in
 * memory, and hashes are computed once, by {@link commit}. Keys and values are kept, not copied: do
 * not write to them afterwards. After a `STATE_CORRUPT` the trie may be half changed: throw it away.
 *
 * Source of structure and encoding: Ethereum yellow paper, appendix D. Why paths work as keys: the
 * nodes on one path differ in length by the nibbles between them, at least one, so no two nodes of a
 * trie share a path; and what a split or a collapse re-encodes is the leaf or extension where the
 * fork comes or goes, while a branch stays where its common prefix is, and all below it as well.
 */
export class Trie {
  readonly #source: NodeSource;
  #root: TrieChild;
  /** See {@link loadedNodes}. */
  #loaded = 0;
  /** Hashes of stored rows whose path has lost its node since the last commit, by path as text. */
  readonly #vacated = new Map<string, Uint8Array>();
  /** Room for the one path that is being followed: what outlives the call is copied from it. */
  readonly #room: Uint8Array = newPathRoom();
  /** The value that the change under way has found at its key. */
  #replaced: Uint8Array | undefined;

  /** The trie with hash `root` in `source`; without arguments an empty one, in memory only. */
  constructor(source: NodeSource = NO_NODES, root: Uint8Array = EMPTY_TRIE_ROOT) {
    assert(root.length === NODE_HASH_BYTES, 'a root is a hash');
    this.#source = source;
    this.#root = equalBytes(root, EMPTY_TRIE_ROOT) ? undefined : StoredReference.of(root);
  }

  /** Hash of the whole trie. Everything must be committed. */
  get rootHash(): Uint8Array {
    if (this.#root === undefined) return EMPTY_TRIE_ROOT;
    if (this.#root.kind === 'unloaded') return this.#root.hash;
    const { ref } = this.#root;
    assert(ref !== undefined && isNodeHash(ref), 'the root is referred to by its hash');
    return ref;
  }

  /**
   * How many nodes are in memory as of the last commit. Inline nodes do not count: they
   * come and go with their parents.
   */
  get loadedNodes(): number {
    return this.#loaded;
  }

  /**
   * The value of `key`, undefined when it has none.
   *
   * @throws `STATE_CORRUPT` when a node on the way is missing or not what its parent says
   */
  get(key: Uint8Array): Uint8Array | undefined {
    return this.#find(key, undefined);
  }

  /**
   * The encoded nodes from the root towards `key`, in this order: with the root's hash they prove its
   * value, or that it has none. Inline nodes are in their parents; an empty trie has no nodes.
   * Everything must be committed. This is what EIP-1186 calls a proof.
   *
   * @throws `STATE_CORRUPT` as {@link get}
   */
  prove(key: Uint8Array): readonly Uint8Array[] {
    const passed: TrieNode[] = [];
    this.#find(key, passed);
    const hashed = passed.filter(({ ref }) => {
      assert(ref !== undefined, 'what is not committed has no proof');
      return isNodeHash(ref);
    });
    return hashed.map(encodeNode);
  }

  /**
   * Sets the value of `key`. An empty value is a programmer error: a trie cannot hold one.
   *
   * @throws `STATE_CORRUPT` as {@link get}
   */
  put(key: Uint8Array, value: Uint8Array): void {
    this.replace(key, value);
  }

  /**
   * Removes `key`; nothing happens when it is not there.
   *
   * @throws `STATE_CORRUPT` as {@link get}, also for the sibling that is left alone in a branch
   */
  delete(key: Uint8Array): void {
    this.replace(key, undefined);
  }

  /**
   * As {@link put}, or as {@link delete} where `value` is undefined. Returns the value that `key` had
   * before, undefined when it had none: the way to it is gone anyway.
   *
   * @throws `STATE_CORRUPT` as {@link put} and {@link delete}
   */
  replace(key: Uint8Array, value: Uint8Array | undefined): Uint8Array | undefined {
    const path = keyPath(key, this.#room);
    this.#replaced = undefined;
    if (value === undefined) {
      this.#root = this.#remove(this.#root, path, 0);
    } else {
      assert(value.length > 0, 'a trie holds no empty values: delete the key instead');
      this.#root = this.#insert(this.#root, path, 0, value);
    }
    const replaced = this.#replaced;
    this.#replaced = undefined;
    return replaced;
  }

  /**
   * Computes the hashes of everything that changed. The trie can be used on: it takes the writes for
   * stored, so they belong into the node store before another trie is opened there.
   */
  commit(): TrieCommit {
    const writes: NodeWrite[] = [];
    const root = this.#root;
    if (root !== undefined && root.kind !== 'unloaded' && root.ref === undefined) {
      this.#seal(root, this.#room, 0, writes);
    }
    writes.reverse();
    if (this.#vacated.size > 0) {
      this.#loaded -= this.#vacated.size;
      for (const path of this.#vacated.keys()) writes.push([fromHexKey(path), undefined]);
      this.#vacated.clear();
      writes.sort((left, right) => compareBytes(left[0], right[0]));
    }
    return { root: this.rootHash, writes };
  }

  /**
   * Checks that the source has the root, also when it was loaded long ago. Everything must be
   * committed.
   *
   * @throws `STATE_CORRUPT` as {@link get}
   */
  checkRoot(): void {
    if (this.#root !== undefined) readNodeRow(this.#source, NO_NIBBLES, this.rootHash);
  }

  /**
   * Forgets loaded nodes until no more than `maxNodes` are left, those nearest to the root; the others
   * are read again when they are met. Everything must be committed, and stored by then. Takes time by
   * the number of nodes that are left.
   */
  trim(maxNodes: number): void {
    if (this.#root === undefined || this.#root.kind === 'unloaded') return;
    this.#loaded = trimBelow(this.#root, maxNodes);
  }

  /** The value of `key`; adds the nodes on the way to `passed`. */
  #find(key: Uint8Array, passed: TrieNode[] | undefined): Uint8Array | undefined {
    const path = keyPath(key, this.#room);
    if (this.#root === undefined) return undefined;
    let node = this.#load(this.#root, path, 0);
    this.#root = node;
    for (let depth = 0; ; ) {
      passed?.push(node);
      if (node.kind === 'leaf') {
        return isRest(node.key, path, depth) ? node.value : undefined;
      }
      if (node.kind === 'extension') {
        if (commonLength(node.key, path, depth) < node.key.length) return undefined;
        depth += node.key.length;
        node.child = this.#loadBranch(node.child, path, depth);
        node = node.child;
        continue;
      }
      if (depth === path.length) return node.value;
      const nibble: number = path[depth] as number;
      const child: TrieChild = node.children[nibble];
      if (child === undefined) return undefined;
      depth += 1;
      const loaded = this.#load(child, path, depth);
      node.children[nibble] = loaded;
      node = loaded;
    }
  }

  /** The node that `child` stands for, at the first `depth` nibbles of `path`. */
  #load(child: TrieNode | UnloadedNode, path: Nibbles, depth: number): TrieNode {
    if (child.kind !== 'unloaded') return child;
    this.#loaded += 1;
    return readNodeRow(this.#source, rowBytes.copy(path, 0, depth), child.hash).node;
  }

  #loadBranch(child: BranchNode | UnloadedNode, path: Nibbles, depth: number): BranchNode {
    const node = this.#load(child, path, depth);
    if (node.kind === 'branch') return node;
    throw this.#source.corrupt(path.slice(0, depth), 'an extension leads to a branch');
  }

  /** `path` has lost its node, whose row had `storedHash`. */
  #vacate(path: Nibbles, storedHash: Uint8Array | undefined): void {
    if (storedHash !== undefined) this.#vacated.set(toHexKey(path), storedHash);
  }

  /** The node that stands for `child`, at the first `depth` nibbles of `path`, with `path` set. */
  #insert(child: TrieChild, path: Nibbles, depth: number, value: Uint8Array): TrieNode {
    if (child === undefined) return makeLeaf(nodeBytes.copy(path, depth, path.length), value);
    const node = this.#load(child, path, depth);
    if (node.kind === 'leaf') return this.#insertAtLeaf(node, path, depth, value);
    if (node.kind === 'extension') return this.#insertAtExtension(node, path, depth, value);
    if (depth === path.length) {
      this.#replaced = node.value;
      if (node.value !== undefined && equalBytes(node.value, value)) return node;
      node.value = value;
      node.ref = undefined;
      return node;
    }
    const nibble = path[depth] as number;
    const below = this.#insert(node.children[nibble], path, depth + 1, value);
    replaceChild(node, nibble, below);
    return node;
  }

  #insertAtLeaf(node: LeafNode, path: Nibbles, depth: number, value: Uint8Array): TrieNode {
    const common = commonLength(node.key, path, depth);
    if (common === node.key.length && depth + common === path.length) {
      this.#replaced = node.value;
      if (equalBytes(node.value, value)) return node;
      node.value = value;
      node.ref = undefined;
      return node;
    }
    const [top, fork] = makeFork(path, depth, common, node.storedHash);
    if (common === node.key.length) fork.value = node.value;
    else {
      const moved = makeLeaf(node.key.subarray(common + 1), node.value);
      setChild(fork, node.key[common] as number, moved);
    }
    putIntoFork(fork, path, depth + common, value);
    return top;
  }

  #insertAtExtension(
    node: ExtensionNode,
    path: Nibbles,
    depth: number,
    value: Uint8Array,
  ): TrieNode {
    const common = commonLength(node.key, path, depth);
    if (common === node.key.length) {
      const below = this.#insert(node.child, path, depth + common, value);
      assert(below.kind === 'branch', 'an insertion leaves a branch a branch');
      node.child = below;
      if (below.ref === undefined) node.ref = undefined;
      return node;
    }
    const [top, fork] = makeFork(path, depth, common, node.storedHash);
    const rest = node.key.subarray(common + 1);
    const below = rest.length === 0 ? node.child : makeExtension(rest, node.child);
    setChild(fork, node.key[common] as number, below);
    putIntoFork(fork, path, depth + common, value);
    return top;
  }

  /** What stands for `child`, at the first `depth` nibbles of `path`, once `path` has no value. */
  #remove(child: TrieChild, path: Nibbles, depth: number): TrieNode | undefined {
    if (child === undefined) return undefined;
    const node = this.#load(child, path, depth);
    if (node.kind === 'leaf') {
      if (!isRest(node.key, path, depth)) return node;
      this.#replaced = node.value;
      this.#vacate(path.subarray(0, depth), node.storedHash);
      return undefined;
    }
    if (node.kind === 'extension') return this.#removeAtExtension(node, path, depth);
    if (depth === path.length) {
      if (node.value === undefined) return node;
      this.#replaced = node.value;
      node.value = undefined;
    } else {
      const nibble = path[depth] as number;
      const before = node.children[nibble];
      if (before === undefined) return node;
      const after = this.#remove(before, path, depth + 1);
      if (after !== undefined) {
        replaceChild(node, nibble, after);
        return node;
      }
      setChild(node, nibble, undefined);
    }
    node.ref = undefined;
    return this.#collapse(node, path.subarray(0, depth));
  }

  #removeAtExtension(node: ExtensionNode, path: Nibbles, depth: number): TrieNode {
    const end = depth + node.key.length;
    if (commonLength(node.key, path, depth) < node.key.length) return node;
    const below = present(this.#remove(node.child, path, end), 'a branch does not vanish');
    if (below.kind === 'branch') {
      node.child = below;
      if (below.ref === undefined) node.ref = undefined;
      return node;
    }
    this.#vacate(path.subarray(0, end), below.storedHash);
    const key = concatBytes(node.key, below.key);
    return below.kind === 'leaf'
      ? makeLeaf(key, below.value, node.storedHash)
      : makeExtension(key, below.child, node.storedHash);
  }

  /** `node` if it still forks, else what takes its place at `path`. */
  #collapse(node: BranchNode, path: Nibbles): TrieNode {
    let only: number | undefined;
    for (let nibble = 0; nibble < node.children.length; nibble += 1) {
      if (node.children[nibble] === undefined) continue;
      if (only !== undefined || node.value !== undefined) return node;
      only = nibble;
    }
    if (only === undefined) {
      const value = present(node.value, 'a branch that loses one of two things keeps the other');
      return makeLeaf(NO_NIBBLES, value, node.storedHash);
    }
    const belowPath = joinNibbles(path, only, NO_NIBBLES);
    const child = present(node.children[only], 'it was just found');
    const below = this.#load(child, belowPath, belowPath.length);
    if (below.kind === 'branch') {
      return makeExtension(Uint8Array.of(only), below, node.storedHash);
    }
    this.#vacate(belowPath, below.storedHash);
    const key = joinNibbles(NO_NIBBLES, only, below.key);
    return below.kind === 'leaf'
      ? makeLeaf(key, below.value, node.storedHash)
      : makeExtension(key, below.child, node.storedHash);
  }

  /**
   * Gives `node`, whose path is the first `depth` nibbles of `path`, and everything changed below it
   * their references, and notes the rows that change with them, in the descending order of their
   * paths: the last child comes first and the node itself last, once its children have their hashes.
   */
  #seal(node: TrieNode, path: Uint8Array, depth: number, writes: NodeWrite[]): void {
    this.#sealChildren(node, path, depth, writes);
    const before = node.storedHash ?? this.#reoccupy(path, depth);
    const encoded = sealNode(node, depth === 0);
    if (isEqualHash(before, node.storedHash)) return;
    if (before === undefined) this.#loaded += 1;
    else if (node.storedHash === undefined) this.#loaded -= 1;
    writes.push([
      rowBytes.copy(path, 0, depth),
      node.storedHash === undefined ? undefined : encoded,
    ]);
  }

  #sealChildren(node: TrieNode, path: Uint8Array, depth: number, writes: NodeWrite[]): void {
    if (node.kind === 'leaf') return;
    if (node.kind === 'extension') {
      path.set(node.key, depth);
      if (isChanged(node.child)) this.#seal(node.child, path, depth + node.key.length, writes);
      return;
    }
    for (let rest = node.changed; rest !== 0; ) {
      const nibble = 31 - Math.clz32(rest);
      rest ^= 1 << nibble;
      const child = node.children[nibble];
      if (!isChanged(child)) continue;
      path[depth] = nibble;
      this.#seal(child, path, depth + 1, writes);
    }
  }

  /** The hash of the row that an earlier node has left at this path, which now has a node again. */
  #reoccupy(path: Uint8Array, depth: number): Uint8Array | undefined {
    if (this.#vacated.size === 0) return undefined;
    const text = toHexKey(path.subarray(0, depth));
    const storedHash = this.#vacated.get(text);
    this.#vacated.delete(text);
    return storedHash;
  }
}

/** Puts `child` in the place of what it was made from; a child without a `ref` is a change. */
function replaceChild(branch: BranchNode, nibble: number, child: TrieNode): void {
  if (child.ref === undefined) {
    setChild(branch, nibble, child);
    branch.ref = undefined;
  } else {
    branch.children[nibble] = child;
  }
}

function isChanged(child: TrieChild): child is TrieNode {
  return child !== undefined && child.kind !== 'unloaded' && child.ref === undefined;
}

function isEqualHash(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  return left === undefined || right === undefined ? left === right : equalBytes(left, right);
}

/**
 * An empty branch `common` nibbles below the first `depth` nibbles of `path`, and the node that
 * leads to it from there, which takes over the row with `storedHash`.
 */
function makeFork(
  path: Nibbles,
  depth: number,
  common: number,
  storedHash: Uint8Array | undefined,
): [top: TrieNode, fork: BranchNode] {
  if (common === 0) {
    const fork = makeBranch(storedHash);
    return [fork, fork];
  }
  const fork = makeBranch();
  const key = nodeBytes.copy(path, depth, depth + common);
  return [makeExtension(key, fork, storedHash), fork];
}

/** Puts the rest of `path` into `fork`, a new branch at its first `depth` nibbles. */
function putIntoFork(fork: BranchNode, path: Nibbles, depth: number, value: Uint8Array): void {
  if (depth === path.length) fork.value = value;
  else
    setChild(
      fork,
      path[depth] as number,
      makeLeaf(nodeBytes.copy(path, depth + 1, path.length), value),
    );
}
