import { isLucernaError, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { decodeRlp } from '@lucerna/protocol';
import { createMemoryStore, KEYSPACES, type KvWrite, WriteBatch } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { EMPTY_ACCOUNT, encodeAccount } from '../../src/account.ts';
import { stateLimits } from '../../src/limits.ts';
import { exportState } from '../../src/snapshot/export-state.ts';
import { decodeSnapshotItem, splitSnapshotChunk } from '../../src/snapshot/snapshot-codec.ts';
import { addressOf, wordOf } from '../support/arbitrary.ts';
import {
  chunksOf,
  importInto,
  importNowhere,
  noTurn,
  stateWithContracts,
} from '../support/snapshot.ts';
import { dumpRows, StateStore } from '../support/store.ts';

describe('exportState', () => {
  it('has no chunks for no accounts', async () => {
    expect(await chunksOf(new StateStore().store)).toEqual([]);
  });

  it('fills chunks to the length asked for, whatever it is', async () => {
    const { store, root } = await stateWithContracts();
    const rows = dumpRows(store);
    const [whole] = await chunksOf(store);
    const items = splitSnapshotChunk(whole!, 0);
    const longest = Math.max(...items.map((item) => item.length)) + 5;
    for (const chunkBytes of [1, 60, longest, 100, 255, 256, 257, 1000, whole!.length + 4]) {
      const chunks = await chunksOf(store, chunkBytes);
      for (const [index, chunk] of chunks.entries()) {
        const held = splitSnapshotChunk(chunk, index);
        if (held.length > 1) expect(chunk.length).toBeLessThanOrEqual(chunkBytes);
        const following = chunks[index + 1];
        if (following === undefined) continue;
        const next = splitSnapshotChunk(following, index + 1)[0]!;
        expect(chunk.length + next.length + 4).toBeGreaterThan(chunkBytes);
      }
      const all = chunks.flatMap((chunk, index) => splitSnapshotChunk(chunk, index));
      expect(all).toEqual(items);
      const { store: copy, imported } = await importInto(chunks);
      expect(imported.stateRoot).toEqual(root);
      expect(dumpRows(copy)).toEqual(rows);
    }
  });

  it('puts code that is longer than a chunk into a chunk by itself', async () => {
    const { diffCodeBytes, snapshotFillBytes } = stateLimits.values;
    const state = await stateOf([new Uint8Array(diffCodeBytes).fill(0xfe), Uint8Array.of(0xfe)]);
    const chunks = await chunksOf(state, snapshotFillBytes);
    expect(chunks.length).toBe(2);
    expect((await importNowhere(chunks)).accounts).toBe(2);
  });

  it('includes a code with the first account that has it', async () => {
    const { store } = await stateWithContracts();
    const [chunk] = await chunksOf(store, 100_000);
    const codes: string[] = [];
    for (const [index, encoded] of splitSnapshotChunk(chunk!, 0).entries()) {
      const item = decodeSnapshotItem(encoded, { chunk: 0, item: index });
      if (item.kind === 'account' && item.code !== undefined) codes.push(toHex(item.code));
    }
    expect(codes.sort()).toEqual(['0xfe01', '0xfe02']);
  });

  it('tells accounts as progress and gives turns while it counts and while it writes', async () => {
    const count = 5 * stateLimits.values.turnRows;
    const store = await stateOf(new Array<undefined>(count).fill(undefined));
    let turns = 0;
    const told: [number, number | undefined][] = [];
    const takeTurn = async (): Promise<void> => {
      turns += 1;
    };
    const progress = (done: number, total: number | undefined): void => {
      told.push([done, total]);
    };
    for await (const chunk of exportState(store, 4096, takeTurn, progress)) {
      expect(chunk.length).toBeLessThanOrEqual(4096);
    }
    expect(turns).toBe(10);
    expect(told.slice(0, 5)).toEqual(new Array(5).fill([0, undefined]));
    expect(told.slice(5).every(([, total]) => total === count)).toBe(true);
    expect(told.at(-1)).toEqual([count, count]);
    const done = told.map(([accounts]) => accounts);
    expect(done).toEqual([...done].sort((left, right) => left - right));
  });

  it('says which row is damaged', async () => {
    const wrong: readonly KvWrite[] = [
      { keyspace: KEYSPACES.accounts, key: addressOf(3), value: Uint8Array.of(1) },
      { keyspace: KEYSPACES.accounts, key: Uint8Array.of(1), value: Uint8Array.of(1) },
      { keyspace: KEYSPACES.storage, key: slotKey(3, wordOf(0)), value: new Uint8Array(0) },
      { keyspace: KEYSPACES.storage, key: slotKey(3, wordOf(0)), value: Uint8Array.of(0, 1) },
      { keyspace: KEYSPACES.storage, key: addressOf(3), value: Uint8Array.of(1) },
      { keyspace: KEYSPACES.code, key: keccak256(Uint8Array.of(0xfe, 1)), value: undefined },
      { keyspace: KEYSPACES.code, key: keccak256(Uint8Array.of(0xfe, 1)), value: wordOf(1) },
    ];
    for (const write of wrong) {
      const state = await stateWithContracts();
      await state.tamper(write);
      const failure = await chunksOf(state.store).catch((error: unknown) => error);
      if (!isLucernaError(failure, 'STATE_CORRUPT')) throw failure;
      expect(failure.fields).toMatchObject({
        keyspace: write.keyspace.name,
        key: toHex(write.key),
      });
    }
  });

  it('shows by the root that a flat row is not what the tries say', async () => {
    const state = await stateWithContracts();
    await state.tamper({
      keyspace: KEYSPACES.storage,
      key: slotKey(5, wordOf(3)),
      value: Uint8Array.of(77),
    });
    const { stateRoot } = await importNowhere(await chunksOf(state.store));
    expect(stateRoot).not.toEqual(state.root);
  });

  it('lets go of the reader when it is left early', async () => {
    const { store } = await stateWithContracts();
    let open = 0;
    const reader = {
      get: store.get.bind(store),
      *range(...args: Parameters<typeof store.range>) {
        open += 1;
        try {
          yield* store.range(...args);
        } finally {
          open -= 1;
        }
      },
    };
    for await (const chunk of exportState(reader, 100, noTurn)) {
      expect(decodeRlp(chunk)).toBeInstanceOf(Array);
      break;
    }
    expect(open).toBe(0);
  });
});

function slotKey(index: number, slot: Uint8Array): Uint8Array {
  return new Uint8Array([...addressOf(index), ...slot]);
}

/** The flat rows of an account for each of `codes`, which is all that an export reads. */
async function stateOf(codes: readonly (Uint8Array | undefined)[]) {
  const store = createMemoryStore();
  const batch = new WriteBatch();
  for (const [index, code] of codes.entries()) {
    const { codeHash } = code === undefined ? EMPTY_ACCOUNT : { codeHash: keccak256(code) };
    const account = { ...EMPTY_ACCOUNT, nonce: 1n, codeHash };
    batch.put(KEYSPACES.accounts, addressOf(index), encodeAccount(account));
    if (code !== undefined) batch.put(KEYSPACES.code, codeHash, code);
  }
  await store.commit(batch, 'process');
  return store;
}
