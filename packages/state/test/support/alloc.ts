import { bytesToBigInt, fixedBytes, fromHexKey } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { createMemoryStore, type KvStore } from '@lucerna/storage';
import { commitDiff } from '../../src/commit.ts';
import { latestState } from '../../src/flat.ts';
import { StateJournal } from '../../src/journal.ts';
import { vectorBytes } from './hex.ts';

/** Accounts as a vector's genesis lists them; keys are addresses in hex with or without `0x`. */
export type Alloc = Readonly<
  Record<
    string,
    {
      readonly balance: string;
      readonly nonce?: string;
      readonly code?: string;
      readonly storage?: Readonly<Record<string, string>>;
    }
  >
>;

/** A state in memory that holds exactly the accounts of `alloc`. */
export async function storeOf(
  alloc: Alloc,
): Promise<{ readonly store: KvStore; readonly stateRoot: Uint8Array }> {
  const store = createMemoryStore();
  const journal = new StateJournal(latestState(store));
  for (const [key, entry] of Object.entries(alloc)) {
    const address = fromHexKey(key.replace(/^0x/, ''));
    journal.setBalance(address, BigInt(entry.balance));
    journal.setNonce(address, BigInt(entry.nonce ?? 0));
    if (entry.code !== undefined) journal.setCode(address, vectorBytes(entry.code));
    for (const [slot, value] of Object.entries(entry.storage ?? {})) {
      journal.setStorage(address, word(slot), word(value));
    }
  }
  journal.endTransaction();
  const options = { parentRoot: EMPTY_TRIE_ROOT, height: 0, history: true };
  const { stateRoot, batch } = commitDiff(store, journal.diff(), options);
  await store.commit(batch, 'process');
  return { store, stateRoot };
}

function word(text: string): Uint8Array {
  return fixedBytes(bytesToBigInt(vectorBytes(text)), 32);
}
