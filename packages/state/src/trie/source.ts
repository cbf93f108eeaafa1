import { concatBytes, equalBytes, type LucernaError, toHex } from '@lucerna/base';
import { keccak256Into } from '@lucerna/crypto';
import { KEYSPACES, type Keyspace, type KvReader } from '@lucerna/storage';
import { stateErrors } from '../errors.ts';
import { corruptRow } from '../rows.ts';
import { decodeNode, NODE_HASH_BYTES } from './codec.ts';
import type { Nibbles } from './nibbles.ts';
import type { TrieNode } from './node.ts';

/** Where a trie finds its stored nodes. */
export type NodeSource = {
  /** The encoded node that is stored under `path`, undefined when there is none. */
  readonly read: (path: Nibbles) => Uint8Array | undefined;
  /** The error for a missing or damaged node: names the keyspace and the key of the row. */
  readonly corrupt: (path: Nibbles, problem: string) => LucernaError;
};

/** A node that has a row, and what the row holds. */
export type NodeRow = { readonly node: TrieNode; readonly encoded: Uint8Array };

/** Room for the hash of the row that is being read. */
const digest = new Uint8Array(NODE_HASH_BYTES);

/**
 * The stored node at `path`, which has `hash`; the node keeps that.
 *
 * @throws `STATE_CORRUPT` when it is missing, has another hash, or is no node
 */
export function readNodeRow(source: NodeSource, path: Nibbles, hash: Uint8Array): NodeRow {
  const encoded = source.read(path);
  if (encoded === undefined) throw source.corrupt(path, 'the trie node is missing');
  keccak256Into(encoded, digest);
  if (!equalBytes(digest, hash)) {
    throw source.corrupt(path, 'the trie node has another hash than its parent says');
  }
  const node = decodeNode(encoded, hash);
  if ('problem' in node) throw source.corrupt(path, node.problem);
  return { node, encoded };
}

/** Of a trie that lives in memory only: it is filled from nothing and never loads. */
export const NO_NODES: NodeSource = {
  read: () => undefined,
  corrupt: (path, problem) =>
    stateErrors.create('STATE_CORRUPT', problem, { keyspace: 'memory', key: toHex(path) }),
};

/** The nodes of the account trie: their keys are their paths. */
export function accountTrieNodes(reader: KvReader): NodeSource {
  return nodesIn(reader, KEYSPACES.accountTrie, accountTrieKey);
}

/** The nodes of the storage trie of the account whose address hashes to `addressHash`. */
export function storageTrieNodes(reader: KvReader, addressHash: Uint8Array): NodeSource {
  return nodesIn(reader, KEYSPACES.storageTrie, (path) => storageTrieKey(addressHash, path));
}

/** The key in `account-trie` of the node at `path`: one byte a nibble. */
export function accountTrieKey(path: Nibbles): Uint8Array {
  return path;
}

/** The key in `storage-trie` of the node at `path` of that account's storage trie. */
export function storageTrieKey(addressHash: Uint8Array, path: Nibbles): Uint8Array {
  return concatBytes(addressHash, path);
}

function nodesIn(
  reader: KvReader,
  keyspace: Keyspace,
  key: (path: Nibbles) => Uint8Array,
): NodeSource {
  return {
    read: (path) => reader.get(keyspace, key(path)),
    corrupt: (path, problem) => corruptRow(keyspace, key(path), problem),
  };
}
