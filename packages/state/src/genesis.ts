import { assert, compareBytes, equalBytes } from '@lucerna/base';
import type { Genesis } from '@lucerna/protocol';
import { EMPTY_ACCOUNT } from './account.ts';
import type { AccountChange, StateDiff } from './diff.ts';

/** What a valid genesis does to the empty state: the diff of block 0. */
export function genesisDiff(genesis: Genesis): StateDiff {
  const accounts: AccountChange[] = genesis.alloc.map(({ address, balance, nonce }) => ({
    address,
    before: undefined,
    after: { ...EMPTY_ACCOUNT, balance, nonce },
    storageCleared: false,
  }));
  accounts.sort((left, right) => compareBytes(left.address, right.address));
  for (const [index, { address }] of accounts.entries()) {
    const next = accounts[index + 1];
    assert(next === undefined || !equalBytes(next.address, address), 'validateGenesis has passed');
  }
  return { accounts, storage: [], code: [] };
}
