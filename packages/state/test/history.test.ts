import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { expect, it } from 'vitest';
import { EMPTY_ACCOUNT } from '../src/account.ts';
import { deleteHistory, stateAt } from '../src/history.ts';
import { StateStore } from './support/store.ts';

const ADDRESS = new Uint8Array(20).fill(1);
const SLOT = new Uint8Array(32).fill(2);
const word = (last: number): Uint8Array => new Uint8Array(32).fill(0).fill(last, 31);
const account = (nonce: bigint) => ({ ...EMPTY_ACCOUNT, nonce });

it('deletes the rows of one block and no others', async () => {
  const state = new StateStore();
  const slot = { address: ADDRESS, slot: SLOT };
  let before: ReturnType<typeof account> | undefined;
  const diffs = [];
  for (const height of [0, 1, 2]) {
    const change = { address: ADDRESS, before, after: account(BigInt(height)) };
    const { diff } = await state.add({
      accounts: [{ ...change, storageCleared: false }],
      storage: [{ ...slot, before: word(height), after: word(height + 1) }],
      code: [],
    });
    before = diff.accounts[0]!.after;
    diffs.push(diff);
  }
  const rows = () => ({
    accounts: [...state.store.range(KEYSPACES.accountHistory)].map(([key]) => key.at(-1)),
    slots: [...state.store.range(KEYSPACES.storageHistory)].map(([key]) => key.at(-1)),
  });
  expect(rows()).toEqual({ accounts: [0, 1, 2], slots: [0, 1, 2] });
  for (const height of [0, 1]) {
    const batch = new WriteBatch();
    deleteHistory(batch, diffs[height]!, height);
    await state.store.commit(batch, 'process');
  }
  expect(rows()).toEqual({ accounts: [2], slots: [2] });
  expect(stateAt(state.store, 1).account(ADDRESS)?.nonce).toBe(1n);
  expect(stateAt(state.store, 1).storage(ADDRESS, SLOT)).toEqual(word(2));
});
