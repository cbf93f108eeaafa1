import { EMPTY_KECCAK } from '@lucerna/crypto';
import { type AccountProof, EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { confirmedState, proveAccount, proveStorage } from '@lucerna/state';
import type { KvReader } from '@lucerna/storage';

/** What the latest state of `reader`, whose root is `stateRoot`, says about an account, with proofs. */
export function proveLatest(
  reader: KvReader,
  stateRoot: Uint8Array,
  address: Uint8Array,
  slots: readonly Uint8Array[],
): AccountProof {
  const state = confirmedState(reader, () => stateRoot);
  const account = state.account(address);
  return {
    address,
    nonce: account?.nonce ?? 0n,
    balance: account?.balance ?? 0n,
    storageRoot: account?.storageRoot ?? EMPTY_TRIE_ROOT,
    codeHash: account?.codeHash ?? EMPTY_KECCAK,
    accountProof: proveAccount(reader, stateRoot, address),
    storageProofs: slots.map((slot) => ({
      slot,
      word: state.storage(address, slot),
      proof: proveStorage(reader, address, slot),
    })),
  };
}
