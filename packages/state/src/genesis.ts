import { assert, compareBytes, equalBytes, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { Genesis, GenesisAccount } from '@lucerna/protocol';
import { EMPTY_ACCOUNT } from './account.ts';
import type { AccountChange, CodeEntry, StateDiff } from './diff.ts';

/** What a valid genesis does to the empty state: the diff of block 0. */
export function genesisDiff(genesis: Genesis): StateDiff {
  const accounts = genesis.alloc.map((account) => creationOf(account));
  accounts.sort((left, right) => compareBytes(left.address, right.address));
  for (const [index, { address }] of accounts.entries()) {
    const next = accounts[index + 1];
    assert(next === undefined || !equalBytes(next.address, address), 'validateGenesis has passed');
  }
  return { accounts, storage: [], code: codesOf(genesis) };
}

function creationOf({ address, balance, nonce, code }: GenesisAccount): AccountChange {
  const codeHash = code === undefined ? EMPTY_ACCOUNT.codeHash : keccak256(code);
  const after = { ...EMPTY_ACCOUNT, balance, nonce, codeHash };
  return { address, before: undefined, after, storageCleared: false };
}

/** Each code once, in the order of the hashes. */
function codesOf({ alloc }: Genesis): readonly CodeEntry[] {
  const codes = new Map<string, CodeEntry>();
  for (const { code } of alloc) {
    if (code === undefined) continue;
    const codeHash = keccak256(code);
    codes.set(toHexKey(codeHash), { codeHash, code });
  }
  return [...codes.values()].sort((left, right) => compareBytes(left.codeHash, right.codeHash));
}
