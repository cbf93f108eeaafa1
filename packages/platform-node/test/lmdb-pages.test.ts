import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@lucerna/base';
import {
  type DataDirectory,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { openLmdbStore } from '@lucerna/platform-node/lmdb';
import { KEYSPACES, type KvReader, type KvStore, WriteBatch } from '@lucerna/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { checkLmdbPages } from '../src/lmdb-pages.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-pages-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const keyspaces = Object.values(KEYSPACES);

/** The header of a page, and places of the first rows in it. */
const NUMBERS_BYTES = 64;

describe('the pages of an LMDB file', () => {
  it('are in order after any commits', async () => {
    const path = join(folder, 'any');
    await checkLmdbPages(path);
    const store = await openLmdbStore(path);
    await checkLmdbPages(path);
    const random = seededRandom(5);
    for (let round = 0; round < 30; round += 1) {
      await store.commit(randomBatch(store, random), 'process');
      await checkLmdbPages(path);
    }
    await store.close();
    await checkLmdbPages(path);
  });

  it('show what a flipped bit has done before it can do harm', async () => {
    const directory = await openDataDirectory(join(folder, 'damaged'));
    const rows = await fill(directory);
    const file = join(directory.storePath, 'data.mdb');
    const bytes = new Uint8Array(await readFile(file));
    const pageBytes = new DataView(bytes.buffer).getUint32(48, true);
    const outcomes = { refused: 0, reported: 0, harmless: 0 };
    const { numRuns } = runs(200);
    const random = seededRandom(6);
    for (let run = 0; run < numRuns; run += 1) {
      // Anywhere, or where a page has the numbers that LMDB follows.
      const inPage = random.below(pageBytes);
      const page = random.below(bytes.length / pageBytes);
      const place = page * pageBytes + (run % 2 === 0 ? inPage : inPage % NUMBERS_BYTES);
      const changed = bytes.slice();
      changed[place] = (changed[place] as number) ^ (1 << random.below(8));
      await writeFile(file, changed);
      outcomes[await outcomeOf(directory, rows)] += 1;
    }
    await directory.close();
    expect(outcomes.refused).toBeGreaterThanOrEqual(Math.floor(numRuns / 50));
    expect(outcomes.reported).toBeGreaterThanOrEqual(Math.floor(numRuns / 10));
    // Free pages, and free room in the others.
    expect(outcomes.harmless).toBeGreaterThanOrEqual(Math.floor(numRuns / 10));
  });

  it('that LMDB refuses by itself are reported with the place, by the read that meets them', async () => {
    const path = join(folder, 'refused');
    const store = await openLmdbStore(path);
    const batch = new WriteBatch();
    for (let row = 0; row < 200; row += 1) {
      batch.put(KEYSPACES.accounts, Uint8Array.of(1, row), new Uint8Array(100));
    }
    await store.commit(batch, 'power');
    await store.close();
    const file = join(path, 'data.mdb');
    const bytes = new Uint8Array(await readFile(file));
    const pageBytes = new DataView(bytes.buffer).getUint32(48, true);
    // Branches, of which only this keyspace has one, become pages of no kind.
    for (let flags = 2 * pageBytes + 18; flags < bytes.length; flags += pageBytes) {
      if (bytes[flags] === 1) bytes[flags] = 0;
    }
    await writeFile(file, bytes);
    const damaged = await openLmdbStore(path);
    const key = Uint8Array.of(1, 7);
    const readRow = (reader: KvReader): unknown => reader.get(KEYSPACES.accounts, key);
    const readRows = (reader: KvReader): unknown => [...reader.range(KEYSPACES.accounts)];
    const intact = (reader: KvReader): unknown => reader.get(KEYSPACES.storage, key);
    const corrupt = (fields: object): unknown =>
      expect.objectContaining({ code: 'STORE_CORRUPT', fields });
    const other = new WriteBatch();
    other.put(KEYSPACES.storage, key, key);
    for (const [read, place] of [
      [readRow, { keyspace: 'accounts', key: '0x0107' }],
      [readRows, { keyspace: 'accounts' }],
    ] as const) {
      // With a commit LMDB begins a new transaction.
      await damaged.commit(other, 'process');
      expect(intact(damaged)).toEqual(key);
      expect(() => read(damaged)).toThrow(corrupt(place));
      const snapshot = damaged.snapshot();
      for (const each of [read, intact]) {
        expect(() => each(damaged)).toThrow(corrupt({}));
        expect(() => each(snapshot)).toThrow(corrupt({}));
      }
      snapshot.release();
    }
    await damaged.commit(other, 'process');
    const snapshot = damaged.snapshot();
    const place = { keyspace: 'accounts', key: '0x0107' };
    expect(() => readRow(snapshot)).toThrow(corrupt(place));
    await damaged.commit(other, 'process');
    expect(() => intact(snapshot)).toThrow(corrupt({}));
    expect(intact(damaged)).toEqual(key);
    snapshot.release();
    await damaged.close();
  });

  it('cannot be walked where something else has the name of the file', async () => {
    const path = join(folder, 'strange');
    await mkdir(join(path, 'data.mdb'), { recursive: true });
    await expect(checkLmdbPages(path)).rejects.toMatchObject({ code: 'FILE_READ_FAILED' });
  });

  it('show a root that no file could have', async () => {
    const path = join(folder, 'root');
    await (await openLmdbStore(path)).close();
    const file = join(path, 'data.mdb');
    const bytes = new Uint8Array(await readFile(file));
    const pageBytes = new DataView(bytes.buffer).getUint32(48, true);
    // The highest byte of the number of the main tree's root, in both meta pages.
    for (const meta of [0, pageBytes]) bytes[meta + 143] = 1;
    await writeFile(file, bytes);
    await expect(checkLmdbPages(path)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

function randomBatch(store: KvStore, random: ReturnType<typeof seededRandom>): WriteBatch {
  const batch = new WriteBatch();
  for (let write = 0; write < 300; write += 1) {
    const keyspace = keyspaces[random.below(3)] as (typeof keyspaces)[number];
    const key = Uint8Array.from({ length: random.below(100) }, () => random.below(256));
    const [found] = store.range(keyspace, { from: key, limit: 1 });
    if (random.below(3) === 0 && found !== undefined) batch.delete(keyspace, found[0]);
    else batch.put(keyspace, key, new Uint8Array(random.below(20) === 0 ? 30_000 : 60));
  }
  return batch;
}

/** Rows that were overwritten and deleted in part, some of many pages. @returns how many are left */
async function fill(directory: DataDirectory): Promise<number> {
  const store = await openDirectoryStore(directory);
  let rows = 0;
  for (let round = 0; round < 4; round += 1) {
    const batch = new WriteBatch();
    for (let row = 0; row < 50; row += 1) {
      for (const keyspace of [KEYSPACES.accounts, KEYSPACES.storage]) {
        const value = new Uint8Array(row === 7 ? 9000 : 40).fill(row);
        batch.put(keyspace, Uint8Array.of(1, row, round), value);
        rows += 1;
        if (round < 2) continue;
        batch.delete(keyspace, Uint8Array.of(1, row, round - 2));
        rows -= 1;
      }
    }
    await store.commit(batch, 'power');
  }
  await store.close();
  return rows;
}

async function outcomeOf(
  directory: DataDirectory,
  rows: number,
): Promise<'refused' | 'reported' | 'harmless'> {
  let store: KvStore | undefined;
  try {
    store = await openDirectoryStore(directory, { checkFiles: true });
    let found = 0;
    for (const keyspace of keyspaces) {
      for (const [key, value] of store.range(keyspace)) {
        expect(new Set(value)).toEqual(new Set([key[1]]));
        expect(store.get(keyspace, key)).toEqual(value);
        found += 1;
      }
    }
    expect(found).toBe(rows);
    return 'harmless';
  } catch (error) {
    expect(error).toMatchObject({ code: 'STORE_CORRUPT' });
    return store === undefined ? 'refused' : 'reported';
  } finally {
    await store?.close();
  }
}
