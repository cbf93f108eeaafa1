import { isLucernaError, toHex, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { KEYSPACES, type KvWrite } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { encodeAccount } from '../src/account.ts';
import { latestState } from '../src/flat.ts';
import { StateJournal } from '../src/journal.ts';
import { stateLimits } from '../src/limits.ts';
import { verifyState } from '../src/verify.ts';
import { addressOf, wordOf } from './support/arbitrary.ts';
import { noTurn, StateStore } from './support/store.ts';

/** 40 accounts, some with code and storage of one, few and many slots. */
async function soundState(): Promise<StateStore> {
  const state = new StateStore();
  const journal = new StateJournal(latestState(state.store));
  for (let index = 0; index < 40; index += 1) journal.setBalance(addressOf(index), 1000n);
  for (const [index, slots] of [
    [3, 1],
    [4, 3],
    [5, 40],
  ] as const) {
    journal.setCode(addressOf(index), Uint8Array.of(0xfe, index));
    for (let slot = 0; slot < slots; slot += 1) {
      journal.setStorage(addressOf(index), wordOf(slot), wordOf(2n ** 200n + BigInt(slot)));
    }
  }
  journal.endTransaction();
  await state.add(journal.diff());
  return state;
}

type Failure = { readonly code: string; readonly keyspace: unknown; readonly key: unknown };

async function failureOf(state: StateStore): Promise<Failure | undefined> {
  try {
    await verifyState(state.store, state.root, noTurn);
    return undefined;
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    const { keyspace, key, keyPrefix, keyHash } = error.fields;
    return {
      code: error.code,
      keyspace,
      key: key ?? `${String(keyPrefix)} hash ${String(keyHash)}`,
    };
  }
}

const checked = [
  KEYSPACES.accounts,
  KEYSPACES.storage,
  KEYSPACES.code,
  KEYSPACES.accountTrie,
  KEYSPACES.storageTrie,
];

describe('verifyState', () => {
  it('adds up a sound state', async () => {
    const state = await soundState();
    expect(await verifyState(state.store, state.root, noTurn)).toEqual({
      accounts: 40,
      totalBalance: 40_000n,
    });
  });

  it('adds up the empty state', async () => {
    const state = new StateStore();
    expect(await verifyState(state.store, state.root, noTurn)).toEqual({
      accounts: 0,
      totalBalance: 0n,
    });
  });

  it('lets others go first, says how far it is, and ends when its turn throws', async () => {
    const { turnRows } = stateLimits.values;
    const state = new StateStore();
    const journal = new StateJournal(latestState(state.store));
    for (let index = 0; index < turnRows; index += 1) {
      journal.setBalance(addressOf(index), 1n);
      journal.setStorage(addressOf(5), wordOf(index), wordOf(7));
    }
    journal.endTransaction();
    await state.add(journal.diff());
    let turns = 0;
    const told: [done: number, total: number | undefined][] = [];
    const takeTurn = async (): Promise<void> => {
      turns += 1;
    };
    await verifyState(state.store, state.root, takeTurn, (...each) => told.push(each));
    // Each account and slot is counted, put in order, and met in a trie.
    expect(turns).toBeGreaterThanOrEqual(6);
    expect(told[0]).toEqual([0, undefined]);
    expect(told.at(-1)).toEqual([2 * turnRows, 2 * turnRows]);
    const done = told.map(([each]) => each);
    expect(done).toEqual(done.toSorted((left, right) => left - right));
    expect(told.some(([each, total]) => total === 2 * turnRows && each > 0 && each < total)).toBe(
      true,
    );
    for (let stopAt = 1; stopAt <= turns; stopAt += 1) {
      let left = stopAt;
      const stop = async (): Promise<void> => {
        left -= 1;
        if (left === 0) throw new Error('stop');
      };
      await expect(verifyState(state.store, state.root, stop)).rejects.toThrow('stop');
      expect(left).toBe(0);
    }
  });

  it('names every single row that is missing', async () => {
    const state = await soundState();
    for (const keyspace of checked) {
      for (const [key, value] of [...state.store.range(keyspace)]) {
        await state.tamper({ keyspace, key, value: undefined });
        const expected = nameOfMissing(keyspace.name, key);
        expect(await failureOf(state)).toEqual({
          code: 'STATE_CORRUPT',
          keyspace: keyspace.name,
          key: expected,
        });
        await state.tamper({ keyspace, key, value });
      }
    }
    expect(await failureOf(state)).toBeUndefined();
  });

  it('names every single row that is damaged, whichever byte it is', async () => {
    const state = await soundState();
    for (const keyspace of checked) {
      for (const [index, [key, value]] of [...state.store.range(keyspace)].entries()) {
        const damaged: Uint8Array[] = [value.subarray(1), new Uint8Array(0)];
        for (const offset of [0, index % value.length, value.length - 1]) {
          const changed = value.slice();
          changed[offset]! ^= 1 << (index % 8);
          damaged.push(changed);
        }
        for (const wrong of damaged) {
          await state.tamper({ keyspace, key, value: wrong });
          const failure = await failureOf(state);
          const name = `${keyspace.name} ${toHex(key)} as ${toHexKey(wrong)}`;
          expect({ ...failure, name }).toEqual({
            code: 'STATE_CORRUPT',
            keyspace: keyspace.name,
            key: toHex(key),
            name,
          });
        }
        await state.tamper({ keyspace, key, value });
      }
    }
  });

  it('names a row that should not be there', async () => {
    const state = await soundState();
    const stranger = encodeAccount({
      nonce: 1n,
      balance: 1n,
      storageRoot: new Uint8Array(32),
      codeHash: keccak256(Uint8Array.of(0xfe, 3)),
    });
    const word = Uint8Array.of(1);
    const writes: KvWrite[] = [
      // Many, so that one of them comes before and one after all others in the order of hashes.
      ...Array.from({ length: 100 }, (_, index) => ({
        keyspace: KEYSPACES.accounts,
        key: addressOf(41 + index),
        value: stranger,
      })),
      ...Array.from({ length: 100 }, (_, index) => ({
        keyspace: KEYSPACES.storage,
        key: new Uint8Array([...addressOf(5), ...wordOf(41 + index)]),
        value: word,
      })),
      { keyspace: KEYSPACES.accounts, key: Uint8Array.of(1), value: stranger },
      // Of an account with storage, of one without, of none.
      ...[5, 6, 77].map((index) => ({
        keyspace: KEYSPACES.storage,
        key: new Uint8Array([...addressOf(index), ...wordOf(999)]),
        value: word,
      })),
      { keyspace: KEYSPACES.storage, key: addressOf(5), value: word },
      { keyspace: KEYSPACES.code, key: wordOf(1), value: word },
      ...[
        [0, 0, 0, 0, 0],
        [15, 15, 15, 15],
        [7, 7, 7, 7, 7, 7],
      ].map((path) => ({
        keyspace: KEYSPACES.accountTrie,
        key: Uint8Array.from(path),
        value: word,
      })),
      ...[0, 5, 6].map((index) => ({
        keyspace: KEYSPACES.storageTrie,
        key: new Uint8Array([...keccak256(addressOf(index)), 0, 0, 0, 0, 0, 0]),
        value: word,
      })),
      { keyspace: KEYSPACES.storageTrie, key: new Uint8Array(32).fill(0xff), value: word },
    ];
    for (const write of writes) {
      const before = state.store.get(write.keyspace, write.key);
      expect(before).toBeUndefined();
      await state.tamper(write);
      const { keyspace, key } = write;
      expect(await failureOf(state), toHex(key)).toEqual({
        code: 'STATE_CORRUPT',
        keyspace: keyspace.name,
        key: toHex(key),
      });
      await state.tamper({ keyspace, key, value: undefined });
    }
    expect(await failureOf(state)).toBeUndefined();
  });

  it('refuses another root', async () => {
    const state = await soundState();
    state.root = keccak256(state.root);
    expect(await failureOf(state)).toEqual({
      code: 'STATE_CORRUPT',
      keyspace: 'account-trie',
      key: '0x',
    });
  });
});

/** Of a missing flat row only the hash of its address or slot is known. */
function nameOfMissing(keyspace: string, key: Uint8Array): string {
  if (keyspace === 'accounts') return `0x hash ${toHex(keccak256(key))}`;
  if (keyspace === 'storage')
    return `${toHex(key.subarray(0, 20))} hash ${toHex(keccak256(key.subarray(20)))}`;
  return toHex(key);
}
