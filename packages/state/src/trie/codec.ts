import { EMPTY_BYTES, isLucernaError } from '@lucerna/base';
import { decodeRlp, encodeRlp, type RlpItem } from '@lucerna/protocol';
import { decodeHexPrefix, encodeHexPrefix } from './nibbles.ts';
import { BRANCH_WIDTH, type TrieChild, type TrieNode } from './node.ts';

/** Bytes of a node's hash; a node with a shorter encoding is written into its parent instead. */
export const NODE_HASH_BYTES = 32;

/** Why bytes are not a node. */
export type NodeProblem = { readonly problem: string };

/**
 * The RLP item of `node`: a leaf is `[hex-prefix of key, value]`, an extension `[hex-prefix of key,
 * child]`, a branch `[16 children, value]`. All its children must have their `ref`.
 * Source: Ethereum yellow paper, appendix D.
 */
export function nodeToRlp(node: TrieNode): RlpItem {
  if (node.kind === 'leaf') return [encodeHexPrefix(node.key, true), node.value];
  if (node.kind === 'extension') return [encodeHexPrefix(node.key, false), childRef(node.child)];
  const items: RlpItem[] = node.children.map(childRef);
  items.push(node.value ?? EMPTY_BYTES);
  return items;
}

/**
 * The node that `encoded` holds, its inline children with it, or what is wrong with it. `ref` and
 * `storedHash` of the result are `hash`: it is the content of a stored row.
 */
export function decodeNode(encoded: Uint8Array, hash: Uint8Array): TrieNode | NodeProblem {
  try {
    const node = nodeFromRlp(decodeRlp(encoded), hash);
    if ('problem' in node) return node;
    node.storedHash = hash;
    return node;
  } catch (error) {
    if (isLucernaError(error)) return { problem: error.message };
    throw error;
  }
}

function childRef(child: TrieChild): RlpItem {
  if (child === undefined) return EMPTY_BYTES;
  if (child.kind === 'unloaded') return child.hash;
  return child.ref ?? EMPTY_BYTES;
}

function nodeFromRlp(item: RlpItem, ref: RlpItem): TrieNode | NodeProblem {
  if (item instanceof Uint8Array) return { problem: 'a node is a list' };
  if (item.length === 2) return shortNode(item[0] as RlpItem, item[1] as RlpItem, ref);
  if (item.length !== BRANCH_WIDTH + 1) return { problem: 'a node has 2 or 17 items' };
  const children: TrieChild[] = [];
  for (let index = 0; index < BRANCH_WIDTH; index += 1) {
    const child = childFromRlp(item[index] as RlpItem);
    if (child !== undefined && 'problem' in child) return child;
    children.push(child);
  }
  const value = item[BRANCH_WIDTH] as RlpItem;
  if (!(value instanceof Uint8Array)) return { problem: 'the value of a branch is bytes' };
  return {
    kind: 'branch',
    ref,
    storedHash: undefined,
    children,
    value: value.length === 0 ? undefined : value,
  };
}

function shortNode(prefix: RlpItem, content: RlpItem, ref: RlpItem): TrieNode | NodeProblem {
  if (!(prefix instanceof Uint8Array)) return { problem: 'a partial path is bytes' };
  const path = decodeHexPrefix(prefix);
  if (path === undefined) return { problem: 'the partial path is not in hex-prefix form' };
  const key = path.nibbles;
  if (path.terminal) {
    if (!(content instanceof Uint8Array)) return { problem: 'the value of a leaf is bytes' };
    return { kind: 'leaf', ref, storedHash: undefined, key, value: content };
  }
  if (key.length === 0) return { problem: 'an extension without a path' };
  const child = childFromRlp(content);
  if (child === undefined) return { problem: 'an extension without a child' };
  if ('problem' in child) return child;
  if (child.kind === 'leaf' || child.kind === 'extension') {
    return { problem: 'an extension leads to a branch' };
  }
  return { kind: 'extension', ref, storedHash: undefined, key, child };
}

function childFromRlp(item: RlpItem): TrieChild | NodeProblem {
  if (!(item instanceof Uint8Array)) {
    if (encodeRlp(item).length >= NODE_HASH_BYTES) return { problem: 'an inline node is too long' };
    return nodeFromRlp(item, item);
  }
  if (item.length === 0) return undefined;
  if (item.length !== NODE_HASH_BYTES) return { problem: 'a reference to a child has 32 bytes' };
  return { kind: 'unloaded', hash: item };
}
