import { isLucernaError } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { decodeRlp, EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import type { KvReader } from '@lucerna/storage';
import { type Account, decodeAccount } from './account.ts';
import { latestState } from './flat.ts';
import { invalidProof, verifyTrieProof } from './trie/proof.ts';
import { accountTrieNodes, storageTrieNodes } from './trie/source.ts';
import { Trie } from './trie/trie.ts';
import { isZeroWord, wordCodec, ZERO_WORD } from './word.ts';

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

/**
 * The account of `address` in the state with root `stateRoot`, undefined when `proof` shows that there
 * is none. Needs nothing else: whoever trusts the root, as that of a header, can trust the answer.
 *
 * @throws `PROOF_INVALID` with `node` and `reason`
 */
export function verifyAccountProof(
  stateRoot: Uint8Array,
  address: Uint8Array,
  proof: readonly Uint8Array[],
): Account | undefined {
  const value = verifyTrieProof(stateRoot, keccak256(address), proof);
  return value === undefined ? undefined : readProved(proof, () => decodeAccount(value));
}

/**
 * The word in `slot` of an account whose storage root is `storageRoot`, as that of a proved account;
 * zero when `proof` shows that the slot was not set.
 *
 * @throws `PROOF_INVALID` with `node` and `reason`
 */
export function verifyStorageProof(
  storageRoot: Uint8Array,
  slot: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array {
  const value = verifyTrieProof(storageRoot, keccak256(slot), proof);
  if (value === undefined) return ZERO_WORD;
  const word = readProved(proof, () => wordCodec.fromRlp(decodeRlp(value), 'word'));
  if (isZeroWord(word)) throw invalidProof('wrong-value', { node: proof.length - 1 });
  return word;
}

/** What `read` makes of the value that the last node of `proof` holds. */
function readProved<Value>(proof: readonly Uint8Array[], read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (isLucernaError(error)) throw invalidProof('wrong-value', { node: proof.length - 1 });
    throw error;
  }
}
