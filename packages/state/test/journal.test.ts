import { AssertionError, equalBytes } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import { EMPTY_ACCOUNT } from '../src/account.ts';
import { EMPTY_DIFF } from '../src/diff.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { StateStore } from './support/store.ts';

const ALICE = addressOf(1);
const BOB = addressOf(2);
const RIPEMD = wordOf(3).subarray(12);
const MAX = (1n << 256n) - 1n;

/** A journal over a state in which Alice has 100 wei, and the given accounts exist and are empty. */
async function journalOver(...empty: readonly Uint8Array[]): Promise<StateJournal> {
  const state = new StateStore();
  const accounts = [ALICE, ...empty]
    .map((address) => ({
      address,
      before: undefined,
      after: { ...EMPTY_ACCOUNT, balance: equalBytes(address, ALICE) ? 100n : 0n },
      storageCleared: false,
    }))
    .sort((left, right) => Buffer.compare(left.address, right.address));
  await state.add({ ...EMPTY_DIFF, accounts });
  return new StateJournal(latestState(state.store));
}

describe('transfer', () => {
  it('moves wei and creates the recipient', async () => {
    const journal = await journalOver();
    journal.transfer(ALICE, BOB, 40n);
    journal.endTransaction();
    const { accounts } = journal.diff();
    expect(accounts.map(({ address }) => address)).toEqual([ALICE, BOB]);
    expect(accounts[0]).toMatchObject({ before: { balance: 100n }, after: { balance: 60n } });
    expect(accounts[1]).toMatchObject({ before: undefined, after: { balance: 40n, nonce: 0n } });
  });

  it('of everything leaves an empty account, which goes', async () => {
    const journal = await journalOver();
    journal.transfer(ALICE, BOB, 100n);
    expect(journal.account(ALICE)).toBeDefined();
    journal.endTransaction();
    expect(journal.account(ALICE)).toBeUndefined();
    expect(journal.diff().accounts[0]).toMatchObject({ address: ALICE, after: undefined });
  });

  it('to oneself changes nothing, but touches', async () => {
    const journal = await journalOver(BOB);
    journal.transfer(ALICE, ALICE, 100n);
    expect(journal.balance(ALICE)).toBe(100n);
    journal.transfer(BOB, BOB, 0n);
    journal.endTransaction();
    expect(journal.diff().accounts).toMatchObject([{ address: BOB, after: undefined }]);
  });

  it('of nothing creates nobody, but ends an empty account', async () => {
    const journal = await journalOver(BOB);
    journal.transfer(ALICE, addressOf(9), 0n);
    expect(journal.account(addressOf(9))).toBeUndefined();
    journal.endTransaction();
    expect(journal.diff()).toEqual(EMPTY_DIFF);
    journal.transfer(ALICE, BOB, 0n);
    journal.endTransaction();
    expect(journal.account(BOB)).toBeUndefined();
  });

  it('that would overflow is refused and changes nothing', async () => {
    const journal = await journalOver();
    journal.setBalance(BOB, MAX);
    const checkpoint = journal.checkpoint();
    expect(() => journal.transfer(ALICE, BOB, 1n)).toThrowError(
      expect.objectContaining({ code: 'BALANCE_OVERFLOW' }),
    );
    expect(journal.checkpoint()).toBe(checkpoint);
    expect([journal.balance(ALICE), journal.balance(BOB)]).toEqual([100n, MAX]);
    expect(() => journal.addBalance(BOB, 1n)).toThrowError(
      expect.objectContaining({ code: 'BALANCE_OVERFLOW' }),
    );
    journal.transfer(BOB, BOB, MAX);
    expect(journal.balance(BOB)).toBe(MAX);
  });

  it('of more than there is, or of less than nothing, is a bug of the caller', async () => {
    const journal = await journalOver();
    expect(() => journal.transfer(ALICE, BOB, 101n)).toThrow(AssertionError);
    expect(() => journal.transfer(ALICE, BOB, -1n)).toThrow(AssertionError);
    expect(() => journal.subtractBalance(ALICE, 101n)).toThrow(AssertionError);
    expect(() => journal.addBalance(ALICE, -1n)).toThrow(AssertionError);
  });
});

describe('the end of a transaction (EIP-161)', () => {
  it('removes touched accounts that are empty, and no others', async () => {
    const journal = await journalOver(BOB, addressOf(3));
    journal.touch(BOB);
    journal.touch(ALICE);
    journal.touch(addressOf(9));
    journal.endTransaction();
    expect(journal.account(BOB)).toBeUndefined();
    expect(journal.account(ALICE)).toBeDefined();
    expect(journal.account(addressOf(3))).toEqual(EMPTY_ACCOUNT);
    expect(journal.diff().accounts.map(({ address }) => address)).toEqual([BOB]);
  });

  it('spares an account that was touched and is not empty at the end', async () => {
    const journal = await journalOver(BOB);
    journal.touch(BOB);
    journal.setNonce(BOB, 1n);
    journal.endTransaction();
    expect(journal.nonce(BOB)).toBe(1n);
  });

  it('keeps an account that has nothing but code', async () => {
    const journal = await journalOver();
    journal.setCode(BOB, Uint8Array.of(1));
    journal.endTransaction();
    expect(journal.code(journal.codeHash(BOB))).toEqual(Uint8Array.of(1));
  });

  it('forgets touches that were reverted, except that of the RIPEMD-160 precompile', async () => {
    const journal = await journalOver(BOB, RIPEMD);
    const checkpoint = journal.checkpoint();
    journal.touch(BOB);
    journal.touch(RIPEMD);
    journal.revertTo(checkpoint);
    journal.endTransaction();
    expect(journal.account(BOB)).toBeDefined();
    expect(journal.account(RIPEMD)).toBeUndefined();
  });

  it('does not remove what an earlier transaction touched', async () => {
    const journal = await journalOver(BOB);
    journal.touch(ALICE);
    journal.endTransaction();
    journal.endTransaction();
    expect(journal.account(BOB)).toBeDefined();
  });

  it('ends the checkpoints of the transaction', async () => {
    const journal = await journalOver();
    const start = journal.checkpoint();
    journal.setNonce(ALICE, 1n);
    journal.endTransaction();
    expect(() => journal.revertTo(start)).toThrow(AssertionError);
    expect(() => journal.revertTo(journal.checkpoint() + 1)).toThrow(AssertionError);
    const next = journal.checkpoint();
    journal.setNonce(ALICE, 2n);
    journal.revertTo(next);
    expect(journal.nonce(ALICE)).toBe(1n);
  });

  it('comes before the diff', async () => {
    const journal = await journalOver();
    journal.touch(ALICE);
    expect(() => journal.diff()).toThrow(AssertionError);
    journal.endTransaction();
    expect(journal.diff()).toEqual(EMPTY_DIFF);
  });
});

describe('deleting an account', () => {
  /** A committed state in which Bob is a contract with the slots 1 and 2, and a journal over it. */
  async function withContract(): Promise<{ state: StateStore; journal: StateJournal }> {
    const state = new StateStore();
    const setup = new StateJournal(latestState(state.store));
    setup.setNonce(BOB, 1n);
    setup.setCode(BOB, Uint8Array.of(7));
    setup.setStorage(BOB, wordOf(1), wordOf(11));
    setup.setStorage(BOB, wordOf(2), wordOf(22));
    setup.endTransaction();
    await state.add(setup.diff());
    return { state, journal: new StateJournal(latestState(state.store)) };
  }

  it('clears slots that nobody has looked at', async () => {
    const { state, journal } = await withContract();
    journal.deleteAccount(BOB);
    expect(journal.storage(BOB, wordOf(1))).toEqual(wordOf(0));
    expect(journal.codeHash(BOB)).toEqual(EMPTY_KECCAK);
    journal.endTransaction();
    const { diff } = await state.add(journal.diff());
    expect(diff.storage.map(({ slot }) => slot)).toEqual([wordOf(1), wordOf(2)]);
    expect(latestState(state.store).storage(BOB, wordOf(2))).toEqual(wordOf(0));
  });

  it('gives all slots back when it is reverted, also those first seen in between', async () => {
    const { journal } = await withContract();
    expect(journal.storage(BOB, wordOf(1))).toEqual(wordOf(11));
    const checkpoint = journal.checkpoint();
    journal.deleteAccount(BOB);
    expect(journal.storage(BOB, wordOf(2))).toEqual(wordOf(0));
    journal.setStorage(BOB, wordOf(1), wordOf(5));
    journal.revertTo(checkpoint);
    expect(journal.storage(BOB, wordOf(1))).toEqual(wordOf(11));
    expect(journal.storage(BOB, wordOf(2))).toEqual(wordOf(22));
    journal.endTransaction();
    expect(journal.diff()).toEqual(EMPTY_DIFF);
  });

  it('and creating it again leaves what was set since, be it the old value', async () => {
    const { state, journal } = await withContract();
    journal.deleteAccount(BOB);
    journal.endTransaction();
    journal.setNonce(BOB, 1n);
    journal.setStorage(BOB, wordOf(2), wordOf(22));
    journal.endTransaction();
    await state.add(journal.diff());
    const latest = latestState(state.store);
    expect(latest.storage(BOB, wordOf(1))).toEqual(wordOf(0));
    expect(latest.storage(BOB, wordOf(2))).toEqual(wordOf(22));
    expect(latest.account(BOB)?.codeHash).toEqual(EMPTY_KECCAK);
  });
});

describe('code', () => {
  it('is part of the diff when an account has it in the end', async () => {
    const journal = await journalOver();
    const kept = Uint8Array.of(1, 2);
    const checkpoint = journal.checkpoint();
    journal.setCode(BOB, Uint8Array.of(3));
    journal.revertTo(checkpoint);
    journal.setCode(BOB, kept);
    journal.endTransaction();
    expect(journal.diff().code).toEqual([{ codeHash: keccak256(kept), code: kept }]);
  });

  it('can be taken away', async () => {
    const journal = await journalOver();
    journal.setCode(ALICE, Uint8Array.of(1));
    journal.setCode(ALICE, new Uint8Array(0));
    journal.endTransaction();
    expect(journal.diff()).toEqual(EMPTY_DIFF);
  });
});

describe('arguments', () => {
  it('of the wrong size are bugs of the caller', async () => {
    const journal = await journalOver();
    expect(() => journal.account(ALICE.subarray(1))).toThrow(AssertionError);
    expect(() => journal.storage(ALICE, ALICE)).toThrow(AssertionError);
    expect(() => journal.setStorage(ALICE, wordOf(1), ALICE)).toThrow(AssertionError);
    expect(() => journal.setNonce(ALICE, 1n << 64n)).toThrow(AssertionError);
    expect(() => journal.setBalance(ALICE, -1n)).toThrow(AssertionError);
  });

  it('tell dead accounts from living ones', async () => {
    const journal = await journalOver(BOB);
    expect([ALICE, BOB, addressOf(9)].map((address) => journal.isDead(address))).toEqual([
      false,
      true,
      true,
    ]);
  });
});
