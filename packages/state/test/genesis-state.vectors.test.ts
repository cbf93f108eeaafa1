import { bytesToBigInt, fixedBytes, fromHexKey, toHex } from '@lucerna/base';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import { createMemoryStore } from '@lucerna/storage';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { commitDiff } from '../src/commit.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { verifyState } from '../src/verify.ts';
import { vectorBytes } from './support/hex.ts';

type AllocEntry = {
  readonly balance: string;
  readonly nonce?: string;
  readonly code?: string;
  readonly storage?: Readonly<Record<string, string>>;
};
type GenesisCase = {
  readonly name: string;
  readonly stateRoot: string;
  readonly alloc: Readonly<Record<string, AllocEntry>>;
};

function word(text: string): Uint8Array {
  return fixedBytes(bytesToBigInt(vectorBytes(text)), 32);
}

vectorSuite<readonly GenesisCase[], GenesisCase>('trie/genesis-state.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: async ({ stateRoot, alloc }) => {
    const store = createMemoryStore();
    const journal = new StateJournal(latestState(store));
    let supply = 0n;
    for (const [key, entry] of Object.entries(alloc)) {
      const address = fromHexKey(key);
      journal.setBalance(address, BigInt(entry.balance));
      journal.setNonce(address, BigInt(entry.nonce ?? 0));
      if (entry.code !== undefined) journal.setCode(address, vectorBytes(entry.code));
      for (const [slot, value] of Object.entries(entry.storage ?? {})) {
        journal.setStorage(address, word(slot), word(value));
      }
      supply += BigInt(entry.balance);
    }
    journal.endTransaction();
    const committed = commitDiff(store, journal.diff(), {
      parentRoot: EMPTY_TRIE_ROOT,
      height: 0,
      history: true,
    });
    expect(toHex(committed.stateRoot)).toBe(stateRoot);
    await store.commit(committed.batch, 'process');
    const accounts = Object.keys(alloc).length;
    expect(verifyState(store, committed.stateRoot)).toEqual({ accounts, totalBalance: supply });
  },
});
