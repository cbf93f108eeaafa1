import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import type { KvReader } from '@lucerna/storage';
import { latestState } from './flat.ts';
import { accountTrieNodes, storageTrieNodes } from './trie/source.ts';
import { Trie } from './trie/trie.ts';

/**
 * The nodes from `stateRoot` towards the account of `address`: they prove the account, or that there
 * is none (`accountProof` of EIP-1186). `reader` holds the state with that root: the latest one, as
 * nodes are overwritten in place.
 *
 * @throws `STATE_CORRUPT`
 */
export function proveAccount(
  reader: KvReader,
  stateRoot: Uint8Array,
  address: Uint8Array,
): readonly Uint8Array[] {
  return new Trie(accountTrieNodes(reader), stateRoot).prove(keccak256(address));
}

/**
 * The nodes from the storage root of the account of `address` towards `slot`: they prove its word, or
 * that it is zero (`proof` in the `storageProof` of EIP-1186). Of the latest state; without an account
 * there is nothing to prove, and the list is empty as for an account without storage.
 *
 * @throws `STATE_CORRUPT`
 */
export function proveStorage(
  reader: KvReader,
  address: Uint8Array,
  slot: Uint8Array,
): readonly Uint8Array[] {
  const root = latestState(reader).account(address)?.storageRoot ?? EMPTY_TRIE_ROOT;
  return new Trie(storageTrieNodes(reader, keccak256(address)), root).prove(keccak256(slot));
}
