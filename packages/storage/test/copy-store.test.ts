import {
  copyStore,
  createMemoryStore,
  KEYSPACES,
  type KvEntry,
  type KvReader,
  type KvStore,
  storeStats,
  WriteBatch,
} from '@lucerna/storage';
import { createFaultyStore, type SingleFaultyStore } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';

const ROWS = 300;
const noTurn = async (): Promise<void> => undefined;

/** Rows in every keyspace but one: in the n-th `ROWS + n`, of 2 bytes each and n bytes more. */
async function filled(): Promise<KvStore> {
  const store = createMemoryStore();
  for (const keyspace of Object.values(KEYSPACES)) {
    if (keyspace === KEYSPACES.code) continue;
    const batch = new WriteBatch();
    for (let number = 0; number < ROWS + keyspace.id; number += 1) {
      const key = Uint8Array.of(number >> 8, number);
      batch.put(keyspace, key, new Uint8Array(keyspace.id).fill(number));
    }
    await store.commit(batch, 'process');
  }
  return store;
}

function allRows(reader: KvReader): KvEntry[][] {
  return Object.values(KEYSPACES).map((keyspace) => [...reader.range(keyspace)]);
}

describe('a copied store', () => {
  it('has all rows, and has them after a power loss', async () => {
    const from = await filled();
    let to: SingleFaultyStore = createFaultyStore();
    const figures = await copyStore(from, to, { takeTurn: noTurn, batchBytes: 100 });
    to = await to.crash('power');
    expect(allRows(to)).toEqual(allRows(from));
    const counted = await storeStats(to, noTurn);
    expect(figures).toEqual({
      rows: counted.reduce((sum, { rows }) => sum + rows, 0),
      bytes: counted.reduce((sum, { keyBytes, valueBytes }) => sum + keyBytes + valueBytes, 0),
    });
  });

  it('is written in commits of the size that was asked for', async () => {
    const from = await filled();
    for (const batchBytes of [1, 1000, 1_000_000]) {
      const to = createFaultyStore();
      const seen: [number, number | undefined][] = [];
      const { rows, bytes } = await copyStore(from, to, {
        takeTurn: noTurn,
        batchBytes,
        onProgress: (done, total) => seen.push([done, total]),
      });
      expect(seen.length).toBe(to.disk.operations);
      expect(seen.at(-1)).toEqual([rows, rows]);
      expect(seen.slice(0, -1).every(([, total]) => total === undefined)).toBe(true);
      const largestRow = 2 + KEYSPACES.transactions.id;
      const fewest = Math.floor(bytes / (batchBytes + largestRow));
      expect(to.disk.operations).toBeGreaterThanOrEqual(fewest);
      expect(to.disk.operations).toBeLessThanOrEqual(Math.ceil(bytes / batchBytes) + 1);
      expect(allRows(to)).toEqual(allRows(from));
    }
  });

  it('takes turns, and sees one moment of a snapshot meanwhile', async () => {
    const from = await filled();
    const expected = allRows(from);
    const snapshot = from.snapshot();
    let turns = 0;
    const takeTurn = async (): Promise<void> => {
      turns += 1;
      const batch = new WriteBatch();
      batch.delete(KEYSPACES.transactions, Uint8Array.of(0, turns));
      batch.put(KEYSPACES.transactions, Uint8Array.of(turns), Uint8Array.of(1));
      await from.commit(batch, 'process');
    };
    const to = createMemoryStore();
    await copyStore(snapshot, to, { takeTurn });
    snapshot.release();
    expect(turns).toBeGreaterThan(5);
    expect(allRows(to)).toEqual(expected);
    expect(allRows(from)).not.toEqual(expected);
  });

  it('is not claimed to be there when any of its commits fails', async () => {
    const from = await filled();
    const untroubled = createFaultyStore();
    await copyStore(from, untroubled, { takeTurn: noTurn, batchBytes: 4000 });
    expect(untroubled.disk.operations).toBeGreaterThan(3);
    for (let failAt = 1; failAt <= untroubled.disk.operations; failAt += 1) {
      const to = createFaultyStore({ failAt });
      const copying = copyStore(from, to, { takeTurn: noTurn, batchBytes: 4000 });
      await expect(copying).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' });
    }
  });

  it('of an empty store is empty', async () => {
    const to = createMemoryStore();
    const figures = await copyStore(createMemoryStore(), to, { takeTurn: noTurn });
    expect(figures).toEqual({ rows: 0, bytes: 0 });
  });
});

describe('the figures of a store', () => {
  it('count rows and bytes of each keyspace, with turns', async () => {
    let turns = 0;
    const seen: number[] = [];
    const figures = await storeStats(
      await filled(),
      async () => {
        turns += 1;
      },
      (done) => seen.push(done),
    );
    expect(figures).toEqual(
      Object.values(KEYSPACES).map((keyspace) => {
        const rows = keyspace === KEYSPACES.code ? 0 : ROWS + keyspace.id;
        return { keyspace, rows, keyBytes: 2 * rows, valueBytes: keyspace.id * rows };
      }),
    );
    const total = figures.reduce((sum, { rows }) => sum + rows, 0);
    expect(turns).toBe(Math.floor(total / 256));
    expect(seen).toEqual([...Array.from({ length: turns }, (_, turn) => 256 * (turn + 1)), total]);
  });
});
