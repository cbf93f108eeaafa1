import { EMPTY_BYTES, isLucernaError } from '@lucerna/base';
import { keccak256Into } from '@lucerna/crypto';
import {
  type RlpPrefix,
  readRlpPrefix,
  rlpLength,
  rlpPrefixLength,
  writeRlp,
  writeRlpListPrefix,
  writeRlpStringPrefix,
} from '@lucerna/protocol';
import { decodeHexPrefix, hexPrefixLength, type Nibbles, writeHexPrefix } from './nibbles.ts';
import {
  BRANCH_WIDTH,
  type BranchNode,
  makeBranchOf,
  noChildren,
  type TrieChild,
  type TrieNode,
  type UnloadedNode,
} from './node.ts';
import { nodeBytes, rowBytes } from './pools.ts';

/** Bytes of a node's hash; a node with a shorter encoding is written into its parent instead. */
export const NODE_HASH_BYTES = 32;

/** Whose `encoded` has the hash of a stored node: its parent, if that is a branch, or only the hash. */
type HashHolder = { readonly encoded: Uint8Array };

/** For the nibble of a reference: the holder has nothing but the hash. */
const NO_NIBBLE = -1;

/**
 * What stands for a stored node. Few children of a branch are ever loaded, so no bytes are set apart
 * for each; and not the bytes that the branch was decoded from are referred to but the branch, which
 * changes them: a trie that lives long would keep old ones for every child that it has not loaded.
 */
export class StoredReference implements UnloadedNode {
  readonly kind = 'unloaded';
  readonly #holder: HashHolder;
  readonly #nibble: number;

  private constructor(holder: HashHolder, nibble: number) {
    this.#holder = holder;
    this.#nibble = nibble;
  }

  /** To the child of `parent` at `nibble`, as long as it is that as of the last encoding. */
  static child(parent: BranchNode, nibble: number): StoredReference {
    return new StoredReference(parent, nibble);
  }

  /** To the node with this hash, which is kept. */
  static of(hash: Uint8Array): StoredReference {
    return new StoredReference({ encoded: hash }, NO_NIBBLE);
  }

  get hash(): Uint8Array {
    const { encoded } = this.#holder;
    if (this.#nibble === NO_NIBBLE) return encoded;
    let item = listStart(encoded);
    for (let nibble = 0; nibble < this.#nibble; nibble += 1) item += childItemLength(encoded, item);
    return nodeBytes.copy(encoded, item + 1, item + 1 + NODE_HASH_BYTES);
  }
}

/** Why bytes are not a node. */
export type NodeProblem = { readonly problem: string };

/** True for a `ref` that is the node's hash; an inline node is shorter. */
export function isNodeHash(ref: Uint8Array): boolean {
  return ref.length === NODE_HASH_BYTES;
}

/**
 * Encodes `node` and gives it its `ref`: the hash, or the encoding itself when that is shorter than a
 * hash and the node is not the root. Its `storedHash` becomes the hash, or undefined, as is fit for
 * its row. All its children must have their `ref`.
 */
export function sealNode(node: TrieNode, isRoot: boolean): Uint8Array {
  const encoded = encodeNode(node);
  if (node.kind === 'branch') {
    node.encoded = encoded;
    node.changed = 0;
  }
  if (encoded.length < NODE_HASH_BYTES && !isRoot) {
    node.ref = encoded;
    node.storedHash = undefined;
  } else {
    const hash = nodeBytes.take(NODE_HASH_BYTES);
    keccak256Into(encoded, hash);
    node.ref = hash;
    node.storedHash = hash;
  }
  return encoded;
}

/**
 * The encoding of `node`, all of whose children have their `ref`: a leaf is the list `[hex-prefix of
 * key, value]`, an extension `[hex-prefix of key, child]`, a branch `[16 children, value]`.
 * Written at once, without an RLP item in between: this is what a commit does most.
 * Source: Ethereum yellow paper, appendix D.
 */
export function encodeNode(node: TrieNode): Uint8Array {
  if (node.kind === 'branch') return encodeBranch(node);
  const isLeaf = node.kind === 'leaf';
  const rest = isLeaf ? rlpLength(node.value) : childLength(node.child);
  const payload = keyLength(node.key) + rest;
  const encoded = rowBytes.take(rlpPrefixLength(payload) + payload);
  const start = writeRlpListPrefix(payload, encoded, 0);
  const end = writeKey(node.key, isLeaf, encoded, start);
  if (isLeaf) writeRlp(node.value, encoded, end);
  else writeChild(node.child, encoded, end);
  return encoded;
}

/** The encoding of the branch: what has not changed is copied from the last one. */
function encodeBranch(node: BranchNode): Uint8Array {
  const { children, encoded: last, changed } = node;
  const payload = branchPayload(node);
  const encoded = nodeBytes.take(rlpPrefixLength(payload) + payload);
  let end = writeRlpListPrefix(payload, encoded, 0);
  let from = listStart(last);
  let unchanged = from;
  for (let nibble = 0; nibble < BRANCH_WIDTH; nibble += 1) {
    const length = childItemLength(last, from);
    if (((changed >> nibble) & 1) === 1) {
      end = copyBytes(last, unchanged, from, encoded, end);
      end = writeChild(children[nibble], encoded, end);
      unchanged = from + length;
    }
    from += length;
  }
  end = copyBytes(last, unchanged, from, encoded, end);
  writeRlp(node.value ?? EMPTY_BYTES, encoded, end);
  return encoded;
}

/** How many bytes the items of the branch have. */
function branchPayload({ children, value, encoded: last, changed }: BranchNode): number {
  let payload = rlpLength(value ?? EMPTY_BYTES);
  let from = listStart(last);
  for (let nibble = 0; nibble < BRANCH_WIDTH; nibble += 1) {
    const length = childItemLength(last, from);
    payload += ((changed >> nibble) & 1) === 1 ? childLength(children[nibble]) : length;
    from += length;
  }
  return payload;
}

/** Where the first item of an encoded node begins: a byte above `f7` says how long the length is. */
function listStart(encoded: Uint8Array): number {
  const first = encoded[0] as number;
  return first <= 0xf7 ? 1 : 1 + first - 0xf7;
}

/** Bytes of a child in an encoded branch: `80`, or `a0` and a hash, or `c0` + length and a list. */
function childItemLength(encoded: Uint8Array, offset: number): number {
  return 1 + ((encoded[offset] as number) & 0x3f);
}

/** Copies the bytes of `source` from `start` to `end`; returns where they end in `output`. */
function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  offset: number,
): number {
  output.set(source.subarray(start, end), offset);
  return offset + end - start;
}

/** One byte of flags and nibble is its own encoding: it is below 0x40. */
function keyLength(key: Nibbles): number {
  const length = hexPrefixLength(key);
  return length === 1 ? 1 : rlpPrefixLength(length) + length;
}

function writeKey(key: Nibbles, terminal: boolean, output: Uint8Array, offset: number): number {
  const length = hexPrefixLength(key);
  const start = length === 1 ? offset : writeRlpStringPrefix(length, output, offset);
  return writeHexPrefix(key, terminal, output, start);
}

function childLength(child: TrieChild): number {
  const ref = childRef(child);
  return isNodeHash(ref) ? 1 + NODE_HASH_BYTES : Math.max(1, ref.length);
}

/** A hash is written as a string, an inline node as the list that it is, no child as nothing. */
function writeChild(child: TrieChild, output: Uint8Array, offset: number): number {
  const ref = childRef(child);
  if (ref.length === 0 || isNodeHash(ref)) return writeRlp(ref, output, offset);
  output.set(ref, offset);
  return offset + ref.length;
}

function childRef(child: TrieChild): Uint8Array {
  if (child === undefined) return EMPTY_BYTES;
  if (child.kind === 'unloaded') return child.hash;
  return child.ref ?? EMPTY_BYTES;
}

/**
 * The node that `encoded` holds, its inline children with it, or what is wrong with it. `ref` and
 * `storedHash` of the result are `hash`: it is the content of a stored row.
 */
export function decodeNode(encoded: Uint8Array, hash: Uint8Array): TrieNode | NodeProblem {
  try {
    const node = readNode(encoded, hash);
    if ('problem' in node) return node;
    node.storedHash = hash;
    return node;
  } catch (error) {
    if (isLucernaError(error)) return { problem: error.message };
    throw error;
  }
}

/** Strict, as decoding RLP is, and without an RLP item in between. @throws `RLP_*` */
function readNode(encoded: Uint8Array, ref: Uint8Array): TrieNode | NodeProblem {
  const node = readRlpPrefix(encoded, 0, encoded.length);
  if (!node.isList) return { problem: 'a node is a list' };
  if (node.to !== encoded.length) return { problem: 'a node is one list' };
  const first = readRlpPrefix(encoded, node.from, node.to);
  const second = readRlpPrefix(encoded, first.to, node.to);
  return second.to === node.to
    ? readShortNode(encoded, first, second, ref)
    : readBranch(encoded, node.from, ref);
}

function readBranch(encoded: Uint8Array, from: number, ref: Uint8Array): TrieNode | NodeProblem {
  const children = noChildren();
  const branch = makeBranchOf(children, undefined, encoded, ref, undefined);
  let at = from;
  for (let nibble = 0; nibble < BRANCH_WIDTH; nibble += 1) {
    const item = readRlpPrefix(encoded, at, encoded.length);
    if (isHashItem(item)) children[nibble] = StoredReference.child(branch, nibble);
    else {
      const child = readInlineChild(encoded, at, item);
      if (child !== undefined && 'problem' in child) return child;
      children[nibble] = child;
    }
    at = item.to;
  }
  const value = readRlpPrefix(encoded, at, encoded.length);
  if (value.isList) return { problem: 'the value of a branch is bytes' };
  if (value.to !== encoded.length) return { problem: 'a node has 2 or 17 items' };
  if (value.from !== value.to) branch.value = encoded.subarray(value.from, value.to);
  return branch;
}

function readShortNode(
  encoded: Uint8Array,
  prefix: RlpPrefix,
  content: RlpPrefix,
  ref: Uint8Array,
): TrieNode | NodeProblem {
  if (prefix.isList) return { problem: 'a partial path is bytes' };
  const path = decodeHexPrefix(encoded, prefix.from, prefix.to);
  if (path === undefined) return { problem: 'the partial path is not in hex-prefix form' };
  const key = path.nibbles;
  if (path.terminal) {
    if (content.isList) return { problem: 'the value of a leaf is bytes' };
    const value = encoded.subarray(content.from, content.to);
    return { kind: 'leaf', ref, storedHash: undefined, key, value };
  }
  if (key.length === 0) return { problem: 'an extension without a path' };
  const child = isHashItem(content)
    ? StoredReference.of(encoded.subarray(content.from, content.to))
    : readInlineChild(encoded, prefix.to, content);
  if (child === undefined) return { problem: 'an extension without a child' };
  if ('problem' in child) return child;
  if (child.kind === 'leaf' || child.kind === 'extension') {
    return { problem: 'an extension leads to a branch' };
  }
  return { kind: 'extension', ref, storedHash: undefined, key, child };
}

/** True for the item of a child that has a row. */
function isHashItem(item: RlpPrefix): boolean {
  return !item.isList && item.to - item.from === NODE_HASH_BYTES;
}

/** The child without a row, whose item begins at `start`. */
function readInlineChild(
  encoded: Uint8Array,
  start: number,
  item: RlpPrefix,
): TrieNode | undefined | NodeProblem {
  if (item.isList) {
    if (item.to - start >= NODE_HASH_BYTES) return { problem: 'an inline node is too long' };
    const inline = encoded.subarray(start, item.to);
    return readNode(inline, inline);
  }
  return item.from === item.to ? undefined : { problem: 'a reference to a child has 32 bytes' };
}
