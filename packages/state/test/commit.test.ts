import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import { isLucernaError, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  EMPTY_TRIE_ROOT,
  type Genesis,
  type GenesisAccount,
  INITIAL_FORKS,
  nativeCode,
} from '@lucerna/protocol';
import { KEYSPACES, type Keyspace, type KvWrite } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { type Account, EMPTY_ACCOUNT, encodeAccount } from '../src/account.ts';
import { StateCommitter } from '../src/committer.ts';
import { EMPTY_DIFF, type StateDiff } from '../src/diff.ts';
import { confirmedState, latestState } from '../src/flat.ts';
import { genesisDiff } from '../src/genesis.ts';
import { stateAt } from '../src/history.ts';
import { StateJournal } from '../src/journal.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { dumpRows, StateStore } from './support/store.ts';

const ONE: Account = { ...EMPTY_ACCOUNT, balance: 1n };
const TWO: Account = { ...EMPTY_ACCOUNT, balance: 2n };

function accountDiff(before: Account | undefined, after: Account | undefined): StateDiff {
  const change = { address: addressOf(1), before, after, storageCleared: false };
  return { ...EMPTY_DIFF, accounts: [change] };
}

/** Code and fields of the error that `run` ends with. */
function failureOf(run: () => unknown): { code: string; fields: object } {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return { code: error.code, fields: error.fields };
    throw error;
  }
  return { code: 'none', fields: {} };
}

/** A contract at address 1 with the slots 1 to `slots`. */
async function withContract(slots: number): Promise<StateStore> {
  const state = new StateStore();
  const journal = new StateJournal(latestState(state.store));
  journal.setNonce(addressOf(1), 1n);
  for (let slot = 1; slot <= slots; slot += 1) {
    journal.setStorage(addressOf(1), wordOf(slot), wordOf(slot));
  }
  journal.endTransaction();
  await state.add(journal.diff());
  return state;
}

describe('commitDiff', () => {
  it('changes nothing for an empty diff', async () => {
    const state = await withContract(2);
    const { stateRoot, diff, batch } = state.prepare(EMPTY_DIFF);
    expect(stateRoot).toEqual(state.root);
    expect(diff).toEqual(EMPTY_DIFF);
    expect(batch.size).toBe(0);
  });

  it('writes history only when asked to', async () => {
    const state = new StateStore();
    await state.add(accountDiff(undefined, ONE), false);
    await state.add(accountDiff(ONE, TWO), false);
    const names = [...dumpRows(state.store).keys()].map((row) => row.split(' ')[0]);
    expect(new Set(names)).toEqual(new Set(['accounts', 'account-trie']));
  });

  it('refuses a diff of another state', async () => {
    const state = new StateStore();
    expect(failureOf(() => state.prepare(accountDiff(ONE, TWO))).code).toBe('STATE_DIFF_MISMATCH');
    await state.add(accountDiff(undefined, ONE));
    for (const before of [undefined, TWO]) {
      const failure = failureOf(() => state.prepare(accountDiff(before, TWO)));
      expect(failure).toMatchObject({
        code: 'STATE_DIFF_MISMATCH',
        fields: { address: toHex(addressOf(1)), actual: toHex(encodeAccount(ONE)) },
      });
    }
  });

  it('refuses a diff whose slots were others', async () => {
    const state = await withContract(1);
    const account = latestState(state.store).account(addressOf(1));
    const slot = { address: addressOf(1), slot: wordOf(1), before: wordOf(9), after: wordOf(2) };
    const diff = { ...accountDiff(account, account), storage: [slot] };
    expect(failureOf(() => state.prepare(diff)).code).toBe('STATE_DIFF_MISMATCH');
  });

  it('refuses a parent root that is not the stored one', async () => {
    const state = await withContract(1);
    state.root = keccak256(state.root);
    expect(failureOf(() => state.prepare(accountDiff(undefined, ONE)))).toMatchObject({
      code: 'STATE_DIFF_MISMATCH',
    });
    const other = { ...accountDiff(undefined, ONE).accounts[0]!, address: addressOf(2) };
    expect(failureOf(() => state.prepare({ ...EMPTY_DIFF, accounts: [other] }))).toMatchObject({
      code: 'STATE_CORRUPT',
      fields: { keyspace: 'account-trie', key: '0x' },
    });
  });

  it('notices slots that a deletion would leave behind because their flat rows are missing', async () => {
    const state = await withContract(3);
    const key = new Uint8Array([...addressOf(1), ...wordOf(2)]);
    await state.tamper({ keyspace: KEYSPACES.storage, key, value: undefined });
    const journal = new StateJournal(latestState(state.store));
    journal.deleteAccount(addressOf(1));
    journal.endTransaction();
    expect(failureOf(() => state.prepare(journal.diff()))).toMatchObject({
      code: 'STATE_CORRUPT',
      fields: { keyspace: 'storage-trie', key: toHex(keccak256(addressOf(1))) },
    });
  });

  it('notices it also when not one flat row of the storage is left', async () => {
    for (const recreates of [false, true]) {
      const state = await withContract(2);
      for (const slot of [1, 2]) {
        const key = new Uint8Array([...addressOf(1), ...wordOf(slot)]);
        await state.tamper({ keyspace: KEYSPACES.storage, key, value: undefined });
      }
      const journal = new StateJournal(latestState(state.store));
      journal.deleteAccount(addressOf(1));
      if (recreates) journal.setBalance(addressOf(1), 1n);
      journal.endTransaction();
      expect(failureOf(() => state.prepare(journal.diff()))).toMatchObject({
        code: 'STATE_CORRUPT',
        fields: { keyspace: 'storage-trie', key: toHex(keccak256(addressOf(1))) },
      });
    }
  });

  it('leaves code behind: older heights may need it', async () => {
    const state = new StateStore();
    const journal = new StateJournal(latestState(state.store));
    const code = Uint8Array.of(1, 2, 3);
    journal.setCode(addressOf(1), code);
    journal.endTransaction();
    await state.add(journal.diff());
    const next = new StateJournal(latestState(state.store));
    next.deleteAccount(addressOf(1));
    next.endTransaction();
    await state.add(next.diff());
    expect(state.root).toEqual(EMPTY_TRIE_ROOT);
    const before = stateAt(state.store, 0).account(addressOf(1));
    expect(stateAt(state.store, 0).code(before!.codeHash)).toEqual(code);
  });
});

describe('a flat row under a damaged key', () => {
  const address = addressOf(1);
  const slotKey = new Uint8Array([...address, ...wordOf(2)]);
  const ACCOUNT_ROW = { keyspace: 'accounts', key: toHex(address) };
  const SLOT_ROW = { keyspace: 'storage', key: toHex(slotKey) };

  /** A contract with three slots, one of whose rows is now where nobody looks for it. */
  async function withLostRow(keyspace: Keyspace, key: Uint8Array): Promise<StateStore> {
    const state = await withContract(3);
    const value = state.store.get(keyspace, key);
    const elsewhere = key.slice();
    elsewhere[0] = 0xee;
    await state.tamper({ keyspace, key, value: undefined });
    await state.tamper({ keyspace, key: elsewhere, value });
    return state;
  }

  /** What `change` makes of the latest state. */
  function diffOf({ store }: StateStore, change: (journal: StateJournal) => void): StateDiff {
    const journal = new StateJournal(latestState(store));
    change(journal);
    journal.endTransaction();
    return journal.diff();
  }

  it('makes no second account: the commit names the row, and writes nothing', async () => {
    const state = await withLostRow(KEYSPACES.accounts, address);
    const rows = dumpRows(state.store);
    const diff = diffOf(state, (journal) => journal.addBalance(address, 5n));
    expect(diff.accounts[0]).toMatchObject({ address, before: undefined });
    const failure = { code: 'STATE_CORRUPT', fields: ACCOUNT_ROW };
    expect(failureOf(() => state.prepare(diff))).toEqual(failure);
    const options = { parentRoot: state.root, height: 1, history: true };
    const committer = new StateCommitter();
    for (let time = 0; time < 2; time += 1) {
      expect(failureOf(() => committer.commit(state.store, diff, options))).toEqual(failure);
    }
    expect(dumpRows(state.store)).toEqual(rows);
  });

  it('of a slot is named by the commit that sets it, and by one that sets it to zero', async () => {
    const state = await withLostRow(KEYSPACES.storage, slotKey);
    const rows = dumpRows(state.store);
    const setting = diffOf(state, (journal) => journal.setStorage(address, wordOf(2), wordOf(9)));
    expect(setting.storage[0]).toMatchObject({ slot: wordOf(2), before: wordOf(0) });
    const clearing = { ...setting, storage: [{ ...setting.storage[0]!, after: wordOf(0) }] };
    for (const diff of [setting, clearing]) {
      const failure = failureOf(() => state.prepare(diff));
      expect(failure).toEqual({ code: 'STATE_CORRUPT', fields: SLOT_ROW });
    }
    expect(dumpRows(state.store)).toEqual(rows);
    const other = diffOf(state, (journal) => journal.setStorage(address, wordOf(1), wordOf(9)));
    expect(state.prepare(other).stateRoot).not.toEqual(state.root);
  });

  it('is named where the trie does not have what it says, or says something else', async () => {
    const state = await withContract(1);
    const account = latestState(state.store).account(address)!;
    const richer = { ...account, balance: 7n };
    for (const [owner, row] of [
      [address, richer],
      [addressOf(2), ONE],
    ] as const) {
      const value = encodeAccount(row);
      await state.tamper({ keyspace: KEYSPACES.accounts, key: owner, value });
      const diff = diffOf(state, (journal) => journal.addBalance(owner, 1n));
      expect(failureOf(() => state.prepare(diff))).toEqual({
        code: 'STATE_CORRUPT',
        fields: { keyspace: 'accounts', key: toHex(owner) },
      });
    }
  });

  it('is not answered as no account by the confirmed state', async () => {
    const state = await withLostRow(KEYSPACES.accounts, address);
    const confirmed = confirmedState(state.store, () => state.root);
    expect(latestState(state.store).account(address)).toBeUndefined();
    const failure = { code: 'STATE_CORRUPT', fields: ACCOUNT_ROW };
    expect(failureOf(() => confirmed.account(address))).toEqual(failure);
    expect(failureOf(() => confirmed.storage(address, wordOf(9)))).toEqual(failure);
    expect(confirmed.account(addressOf(2))).toBeUndefined();
    expect(confirmed.storage(addressOf(2), wordOf(1))).toEqual(wordOf(0));
  });

  it('is not answered as zero by the confirmed state', async () => {
    const state = await withLostRow(KEYSPACES.storage, slotKey);
    const confirmed = confirmedState(state.store, () => state.root);
    expect(latestState(state.store).storage(address, wordOf(2))).toEqual(wordOf(0));
    const failure = { code: 'STATE_CORRUPT', fields: SLOT_ROW };
    expect(failureOf(() => confirmed.storage(address, wordOf(2)))).toEqual(failure);
    expect(confirmed.storage(address, wordOf(1))).toEqual(wordOf(1));
    expect(confirmed.storage(address, wordOf(9))).toEqual(wordOf(0));
    expect(confirmed.account(address)?.nonce).toBe(1n);
  });

  it('is asked for at the root of the moment, as blocks come and accounts go', async () => {
    const state = await withContract(1);
    const confirmed = confirmedState(state.store, () => state.root);
    expect(confirmed.account(addressOf(2))).toBeUndefined();
    await state.add(diffOf(state, (journal) => journal.addBalance(addressOf(2), 3n)));
    expect(confirmed.account(addressOf(2))?.balance).toBe(3n);
    await state.add(diffOf(state, (journal) => journal.deleteAccount(address)));
    expect(confirmed.account(address)).toBeUndefined();
    expect(confirmed.storage(address, wordOf(1))).toEqual(wordOf(0));
    await state.add(diffOf(state, (journal) => journal.deleteAccount(addressOf(2))));
    expect(state.root).toEqual(EMPTY_TRIE_ROOT);
    expect(confirmed.account(addressOf(2))).toBeUndefined();
  });
});

describe('damaged flat and history rows', () => {
  it('are named when they are read', async () => {
    const state = await withContract(1);
    await state.add(accountDiffOf(state));
    const address = addressOf(1);
    const slotKey = new Uint8Array([...address, ...wordOf(1)]);
    const at = (key: Uint8Array, height: number): Uint8Array =>
      new Uint8Array([...key, ...wordOf(height).subarray(24)]);
    const bad = Uint8Array.of(0, 1);
    const cases: [KvWrite, (state: StateStore) => unknown][] = [
      [
        { keyspace: KEYSPACES.accounts, key: address, value: bad },
        ({ store }) => latestState(store).account(address),
      ],
      [
        { keyspace: KEYSPACES.storage, key: slotKey, value: bad },
        ({ store }) => latestState(store).storage(address, wordOf(1)),
      ],
      [
        { keyspace: KEYSPACES.accountHistory, key: at(address, 1), value: bad },
        ({ store }) => stateAt(store, 0).account(address),
      ],
      [
        { keyspace: KEYSPACES.storageHistory, key: at(slotKey, 1), value: new Uint8Array(33) },
        ({ store }) => stateAt(store, 0).storage(address, wordOf(1)),
      ],
    ];
    for (const [write, read] of cases) {
      expect(failureOf(() => read(state)).code).toBe('none');
      await state.tamper(write);
      expect(failureOf(() => read(state))).toEqual({
        code: 'STATE_CORRUPT',
        fields: { keyspace: write.keyspace.name, key: toHex(write.key) },
      });
    }
    expect(failureOf(() => latestState(state.store).code(wordOf(1)))).toEqual({
      code: 'STATE_CORRUPT',
      fields: { keyspace: 'code', key: toHex(wordOf(1)) },
    });
  });

  /** A diff that changes account 1 and its slot. */
  function accountDiffOf(state: StateStore): StateDiff {
    const journal = new StateJournal(latestState(state.store));
    journal.setNonce(addressOf(1), 2n);
    journal.setStorage(addressOf(1), wordOf(1), wordOf(5));
    journal.endTransaction();
    return journal.diff();
  }
});

describe('stateAt', () => {
  it('does not take the rows of a neighbouring address for its own', async () => {
    const state = new StateStore();
    const last = new Uint8Array(20).fill(0xff);
    const neighbour = last.slice();
    neighbour[19] = 0xfe;
    const journal = new StateJournal(latestState(state.store));
    journal.addBalance(last, 1n);
    journal.endTransaction();
    await state.add(journal.diff());
    expect(stateAt(state.store, 0).account(last)?.balance).toBe(1n);
    expect(stateAt(state.store, 0).account(neighbour)).toBeUndefined();
    const next = new StateJournal(latestState(state.store));
    next.addBalance(last, 1n);
    next.addBalance(neighbour, 7n);
    next.endTransaction();
    await state.add(next.diff());
    expect(stateAt(state.store, 0).account(last)?.balance).toBe(1n);
    expect(stateAt(state.store, 0).account(neighbour)).toBeUndefined();
    expect(stateAt(state.store, 1).account(neighbour)?.balance).toBe(7n);
  });
});

describe('genesisDiff', () => {
  it('has the root of a secure trie over the allocation, whatever its order', async () => {
    const alloc = [5, 3, 9, 1].map((index) => ({
      address: addressOf(index),
      balance: BigInt(index) * 10n ** 18n,
      nonce: BigInt(index % 2),
    }));
    const genesis: Genesis = {
      chainId: 31337n,
      timestamp: 0,
      gasLimit: 30_000_000n,
      baseFeePerGas: 1n,
      coinbase: addressOf(0),
      forks: INITIAL_FORKS,
      alloc,
    };
    const oracle = new MerklePatriciaTrie({ useKeyHashing: true });
    for (const { address, balance, nonce } of alloc) {
      await oracle.put(address, encodeAccount({ ...EMPTY_ACCOUNT, balance, nonce }));
    }
    const state = new StateStore();
    await state.add(genesisDiff(genesis));
    expect(toHex(state.root)).toBe(toHex(oracle.root()));
    expect(latestState(state.store).account(addressOf(5))?.balance).toBe(5n * 10n ** 18n);
  });

  it('has the code of native contracts, each once', async () => {
    const code = nativeCode('multicall3');
    const account = (index: number): GenesisAccount => ({
      address: addressOf(index),
      balance: 0n,
      nonce: 1n,
      code,
    });
    const other = { ...account(3), code: nativeCode('create2-factory') };
    const alloc = [account(1), account(2), other];
    const diff = genesisDiff({ alloc } as unknown as Genesis);
    expect(diff.code).toHaveLength(2);
    const state = new StateStore();
    await state.add(diff);
    const reader = latestState(state.store);
    for (const { address, code: expected = new Uint8Array(0) } of alloc) {
      const codeHash = reader.account(address)?.codeHash;
      expect(codeHash).toEqual(keccak256(expected));
      expect(reader.code(codeHash ?? new Uint8Array(32))).toEqual(expected);
    }
  });
});
