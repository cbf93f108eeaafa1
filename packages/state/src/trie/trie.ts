import { assert, compareBytes, equalBytes, fromHexKey, present, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp } from '@lucerna/protocol';
import { stateLimits } from '../limits.ts';
import { decodeNode, NODE_HASH_BYTES, nodeToRlp } from './codec.ts';
import { commonLength, joinNibbles, type Nibbles, NO_NIBBLES, toNibbles } from './nibbles.ts';
import {
  type BranchNode,
  type ExtensionNode,
  type LeafNode,
  makeBranch,
  makeExtension,
  makeLeaf,
  type TrieChild,
  type TrieNode,
  type UnloadedNode,
} from './node.ts';
import { NO_NODES, type NodeSource } from './source.ts';

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
 * Nodes are loaded when they are first met and stay in memory; changes are made in memory, and
 * hashes are computed once, by {@link commit}. Keys and values are kept, not copied: do not write to
 * them afterwards. After a `STATE_CORRUPT` the trie may be half changed: throw it away.
 *
 * Source of structure and encoding: Ethereum yellow paper, appendix D. Why paths work as keys: the
 * nodes on one path differ in length by the nibbles between them, at least one, so no two nodes of a
 * trie share a path; and what a split or a collapse re-encodes is the leaf or extension where the
 * fork comes or goes, while a branch stays where its common prefix is, and all below it as well.
 */
export class Trie {
  readonly #source: NodeSource;
  #root: TrieChild;
  /** Hashes of stored rows whose path has lost its node since the last commit, by path as text. */
  readonly #vacated = new Map<string, Uint8Array>();

  /** The trie with hash `root` in `source`; without arguments an empty one, in memory only. */
  constructor(source: NodeSource = NO_NODES, root: Uint8Array = EMPTY_TRIE_ROOT) {
    assert(root.length === NODE_HASH_BYTES, 'a root is a hash');
    this.#source = source;
    this.#root = equalBytes(root, EMPTY_TRIE_ROOT) ? undefined : { kind: 'unloaded', hash: root };
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
      return ref instanceof Uint8Array;
    });
    return hashed.map((node) => encodeRlp(nodeToRlp(node)));
  }

  /**
   * Sets the value of `key`. An empty value is a programmer error: a trie cannot hold one.
   *
   * @throws `STATE_CORRUPT` as {@link get}
   */
  put(key: Uint8Array, value: Uint8Array): void {
    assert(value.length > 0, 'a trie holds no empty values: delete the key instead');
    this.#root = this.#insert(this.#root, keyPath(key), 0, value);
  }

  /**
   * Removes `key`; nothing happens when it is not there.
   *
   * @throws `STATE_CORRUPT` as {@link get}, also for the sibling that is left alone in a branch
   */
  delete(key: Uint8Array): void {
    this.#root = this.#remove(this.#root, keyPath(key), 0);
  }

  /**
   * Computes the hashes of everything that changed. The trie can be used on: it takes the writes for
   * stored, so they belong into the node store before another trie is opened there.
   */
  commit(): TrieCommit {
    const writes: NodeWrite[] = [];
    const root = this.#root;
    if (root !== undefined && root.kind !== 'unloaded' && root.ref === undefined) {
      this.#seal(root, new Uint8Array(2 * stateLimits.values.trieKeyBytes), 0, writes);
    }
    for (const path of this.#vacated.keys()) writes.push([fromHexKey(path), undefined]);
    this.#vacated.clear();
    writes.sort((left, right) => compareBytes(left[0], right[0]));
    return { root: this.#rootHash(), writes };
  }

  /**
   * All nodes in the order of their paths, parents before children, with changes that are not yet
   * committed. Loaded nodes are not kept in memory, so a walk of any length needs little. The trie
   * must not be changed during the walk.
   *
   * @throws `STATE_CORRUPT` as {@link get}
   */
  *walk(): Generator<readonly [path: Nibbles, node: TrieNode], void, undefined> {
    if (this.#root === undefined) return;
    const open: [path: Nibbles, child: TrieNode | UnloadedNode][] = [[NO_NIBBLES, this.#root]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [path, child] = next;
      const node = this.#load(child, path);
      yield [path, node];
      if (node.kind === 'extension') open.push([joinPaths(path, node.key), node.child]);
      if (node.kind !== 'branch') continue;
      for (let nibble = node.children.length - 1; nibble >= 0; nibble -= 1) {
        const below = node.children[nibble];
        if (below !== undefined) open.push([joinNibbles(path, nibble, NO_NIBBLES), below]);
      }
    }
  }

  /** The value of `key`; adds the nodes on the way to `passed`. */
  #find(key: Uint8Array, passed: TrieNode[] | undefined): Uint8Array | undefined {
    const path = keyPath(key);
    if (this.#root === undefined) return undefined;
    let node = this.#load(this.#root, NO_NIBBLES);
    this.#root = node;
    for (let depth = 0; ; ) {
      passed?.push(node);
      if (node.kind === 'leaf') {
        return endsWith(path, depth, node.key) ? node.value : undefined;
      }
      if (node.kind === 'extension') {
        if (commonLength(node.key, path, depth) < node.key.length) return undefined;
        depth += node.key.length;
        node.child = this.#loadBranch(node.child, path.subarray(0, depth));
        node = node.child;
        continue;
      }
      if (depth === path.length) return node.value;
      const nibble: number = path[depth] as number;
      const child: TrieChild = node.children[nibble];
      if (child === undefined) return undefined;
      depth += 1;
      const loaded = this.#load(child, path.subarray(0, depth));
      node.children[nibble] = loaded;
      node = loaded;
    }
  }

  #rootHash(): Uint8Array {
    if (this.#root === undefined) return EMPTY_TRIE_ROOT;
    if (this.#root.kind === 'unloaded') return this.#root.hash;
    const { ref } = this.#root;
    assert(ref instanceof Uint8Array, 'the root is referred to by its hash');
    return ref;
  }

  #load(child: TrieNode | UnloadedNode, path: Nibbles): TrieNode {
    if (child.kind !== 'unloaded') return child;
    const encoded = this.#source.read(path);
    if (encoded === undefined) throw this.#source.corrupt(path, 'the trie node is missing');
    if (!equalBytes(keccak256(encoded), child.hash)) {
      throw this.#source.corrupt(path, 'the trie node has another hash than its parent says');
    }
    const node = decodeNode(encoded, child.hash);
    if ('problem' in node) throw this.#source.corrupt(path, node.problem);
    return node;
  }

  #loadBranch(child: BranchNode | UnloadedNode, path: Nibbles): BranchNode {
    const node = this.#load(child, path);
    if (node.kind !== 'branch') throw this.#source.corrupt(path, 'an extension leads to a branch');
    return node;
  }

  /** `path` has lost its node, whose row had `storedHash`. */
  #vacate(path: Nibbles, storedHash: Uint8Array | undefined): void {
    if (storedHash !== undefined) this.#vacated.set(toHexKey(path), storedHash);
  }

  /** The node that stands for `child`, at the first `depth` nibbles of `path`, with `path` set. */
  #insert(child: TrieChild, path: Nibbles, depth: number, value: Uint8Array): TrieNode {
    if (child === undefined) return makeLeaf(path.subarray(depth), value);
    const node = this.#load(child, path.subarray(0, depth));
    if (node.kind === 'leaf') return insertAtLeaf(node, path, depth, value);
    if (node.kind === 'extension') return this.#insertAtExtension(node, path, depth, value);
    if (depth === path.length) {
      if (node.value !== undefined && equalBytes(node.value, value)) return node;
      node.value = value;
      node.ref = undefined;
      return node;
    }
    const nibble = path[depth] as number;
    const below = this.#insert(node.children[nibble], path, depth + 1, value);
    node.children[nibble] = below;
    if (below.ref === undefined) node.ref = undefined;
    return node;
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
    fork.children[node.key[common] as number] =
      rest.length === 0 ? node.child : makeExtension(rest, node.child);
    putIntoFork(fork, path, depth + common, value);
    return top;
  }

  /** What stands for `child`, at the first `depth` nibbles of `path`, once `path` has no value. */
  #remove(child: TrieChild, path: Nibbles, depth: number): TrieNode | undefined {
    if (child === undefined) return undefined;
    const node = this.#load(child, path.subarray(0, depth));
    if (node.kind === 'leaf') {
      if (!endsWith(path, depth, node.key)) return node;
      this.#vacate(path.subarray(0, depth), node.storedHash);
      return undefined;
    }
    if (node.kind === 'extension') return this.#removeAtExtension(node, path, depth);
    if (depth === path.length) {
      if (node.value === undefined) return node;
      node.value = undefined;
    } else {
      const nibble = path[depth] as number;
      const before = node.children[nibble];
      if (before === undefined) return node;
      const after = this.#remove(before, path, depth + 1);
      node.children[nibble] = after;
      if (after !== undefined) {
        if (after.ref === undefined) node.ref = undefined;
        return node;
      }
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
    const key = joinPaths(node.key, below.key);
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
    const below = this.#load(present(node.children[only], 'it was just found'), belowPath);
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
   * their references, and notes the rows that change with them.
   */
  #seal(node: TrieNode, path: Uint8Array, depth: number, writes: NodeWrite[]): void {
    this.#sealChildren(node, path, depth, writes);
    const item = nodeToRlp(node);
    const encoded = encodeRlp(item);
    const storedHash = node.storedHash ?? this.#reoccupy(path, depth);
    if (encoded.length < NODE_HASH_BYTES && depth > 0) {
      node.ref = item;
      node.storedHash = undefined;
      if (storedHash !== undefined) writes.push([path.slice(0, depth), undefined]);
      return;
    }
    const hash = keccak256(encoded);
    node.ref = hash;
    node.storedHash = hash;
    if (storedHash === undefined || !equalBytes(storedHash, hash)) {
      writes.push([path.slice(0, depth), encoded]);
    }
  }

  #sealChildren(node: TrieNode, path: Uint8Array, depth: number, writes: NodeWrite[]): void {
    if (node.kind === 'leaf') return;
    if (node.kind === 'extension') {
      path.set(node.key, depth);
      if (isChanged(node.child)) this.#seal(node.child, path, depth + node.key.length, writes);
      return;
    }
    for (let nibble = 0; nibble < node.children.length; nibble += 1) {
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

function keyPath(key: Uint8Array): Nibbles {
  assert(key.length <= stateLimits.values.trieKeyBytes, 'the key of a trie is not longer');
  return toNibbles(key);
}

function isChanged(child: TrieChild): child is TrieNode {
  return child !== undefined && child.kind !== 'unloaded' && child.ref === undefined;
}

/** True when `path` from `depth` on is `rest`. */
function endsWith(path: Nibbles, depth: number, rest: Nibbles): boolean {
  return path.length - depth === rest.length && commonLength(rest, path, depth) === rest.length;
}

function joinPaths(head: Nibbles, tail: Nibbles): Nibbles {
  const path = new Uint8Array(head.length + tail.length);
  path.set(head);
  path.set(tail, head.length);
  return path;
}

function insertAtLeaf(node: LeafNode, path: Nibbles, depth: number, value: Uint8Array): TrieNode {
  const common = commonLength(node.key, path, depth);
  if (common === node.key.length && depth + common === path.length) {
    if (equalBytes(node.value, value)) return node;
    node.value = value;
    node.ref = undefined;
    return node;
  }
  const [top, fork] = makeFork(path, depth, common, node.storedHash);
  if (common === node.key.length) fork.value = node.value;
  else {
    const moved = makeLeaf(node.key.subarray(common + 1), node.value);
    fork.children[node.key[common] as number] = moved;
  }
  putIntoFork(fork, path, depth + common, value);
  return top;
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
  return [makeExtension(path.subarray(depth, depth + common), fork, storedHash), fork];
}

/** Puts the rest of `path` into `fork`, a new branch at its first `depth` nibbles. */
function putIntoFork(fork: BranchNode, path: Nibbles, depth: number, value: Uint8Array): void {
  if (depth === path.length) fork.value = value;
  else fork.children[path[depth] as number] = makeLeaf(path.subarray(depth + 1), value);
}
