import { toHex } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { verifyState } from '../src/verify.ts';
import { type Alloc, storeOf } from './support/alloc.ts';
import { noTurn } from './support/store.ts';

type GenesisCase = { readonly name: string; readonly stateRoot: string; readonly alloc: Alloc };

vectorSuite<readonly GenesisCase[], GenesisCase>('trie/genesis-state.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: async ({ stateRoot, alloc }) => {
    const committed = await storeOf(alloc);
    expect(toHex(committed.stateRoot)).toBe(stateRoot);
    const balances = Object.values(alloc).map(({ balance }) => BigInt(balance));
    expect(await verifyState(committed.store, committed.stateRoot, noTurn)).toEqual({
      accounts: balances.length,
      totalBalance: balances.reduce((sum, balance) => sum + balance, 0n),
    });
  },
});
