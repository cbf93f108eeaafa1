import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRocksStore } from '@lucerna/platform-node/rocksdb';
import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { kvStoreCompliance } from '@lucerna/storage/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRocksDb } from './support/rocksdb-platform.ts';
import { startChild } from './support/run-child.ts';

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-rocksdb-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function newPath(): string {
  made += 1;
  return join(folder, `${made}`);
}

const corrupt = expect.objectContaining({ code: 'STORE_CORRUPT' });

describe('without RocksDB', () => {
  it('says what to do when the native package is missing', async () => {
    const path = newPath();
    const load = (): Promise<never> => Promise.reject(new Error('no native build was found'));
    const error = await openRocksStore(path, load).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('--db lmdb'),
      remedy: expect.stringContaining('--in-memory'),
    });
    // So that another database can still be chosen for the directory.
    await expect(readdir(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe.runIf(hasRocksDb())('with RocksDB', () => {
  let latest = '';
  kvStoreCompliance(
    'RocksDB',
    () => {
      latest = newPath();
      return openRocksStore(latest);
    },
    {
      reopen: async (store) => {
        await store.close();
        return openRocksStore(latest);
      },
    },
  );

  describe('its snapshots', () => {
    it('are held over turns of the event loop and over many commits', async () => {
      await withStore(async (store) => {
        const snapshots = [];
        for (let round = 0; round < 100; round += 1) {
          await store.commit(rowsOf(200, round), 'process');
          snapshots.push(store.snapshot());
        }
        snapshots.forEach((snapshot, round) => {
          const expected = Array.from({ length: 200 }, () => round);
          for (const reverse of [false, true]) {
            const rows = [...snapshot.range(KEYSPACES.blocks, { reverse })];
            expect(rows.map(([, value]) => value[0])).toEqual(expected);
          }
          expect(snapshot.get(KEYSPACES.blocks, Uint8Array.of(77))).toEqual(Uint8Array.of(round));
          snapshot.release();
        });
      });
    });

    it('read several ranges at a time, begun before and after the rows were overwritten', async () => {
      await withStore(async (store) => {
        await store.commit(rowsOf(100, 1), 'process');
        const snapshot = store.snapshot();
        const before = snapshot.range(KEYSPACES.blocks)[Symbol.iterator]();
        const first = before.next().value;
        expect(first).toEqual([Uint8Array.of(0), Uint8Array.of(1)]);
        await store.commit(rowsOf(120, 2), 'process');
        const after = snapshot.range(KEYSPACES.blocks, { from: Uint8Array.of(1) });
        const back = snapshot.range(KEYSPACES.blocks, { reverse: true })[Symbol.iterator]();
        let index = 1;
        for (const row of after) {
          const expected = [Uint8Array.of(index), Uint8Array.of(1)];
          expect(row).toEqual(expected);
          expect(before.next().value).toEqual(expected);
          expect(back.next().value).toEqual([Uint8Array.of(100 - index), Uint8Array.of(1)]);
          const probe = snapshot.get(KEYSPACES.blocks, Uint8Array.of(110));
          expect(probe).toBeUndefined();
          index += 1;
        }
        expect(index).toBe(100);
        expect(before.next().done).toBe(true);
        snapshot.release();
      });
    });

    it('find the empty and the longest key in both directions once they were overwritten', async () => {
      await withStore(async (store) => {
        const empty = new Uint8Array(0);
        const longest = new Uint8Array(1024).fill(255);
        const write = async (value: number): Promise<void> => {
          const batch = new WriteBatch();
          for (const key of [empty, longest]) batch.put(KEYSPACES.code, key, Uint8Array.of(value));
          await store.commit(batch, 'process');
        };
        await write(1);
        const snapshot = store.snapshot();
        await write(2);
        for (const reverse of [false, true]) {
          const rows = [...snapshot.range(KEYSPACES.code, { reverse })];
          const keys = reverse ? [longest, empty] : [empty, longest];
          expect(rows).toEqual(keys.map((key) => [key, Uint8Array.of(1)]));
        }
        expect(snapshot.get(KEYSPACES.code, empty)).toEqual(Uint8Array.of(1));
        expect(snapshot.get(KEYSPACES.code, longest)).toEqual(Uint8Array.of(1));
        snapshot.release();
      });
    });
  });

  it('reads large rows in both directions, now and in a snapshot', async () => {
    await withStore(async (store) => {
      const write = async (byte: number): Promise<void> => {
        const batch = new WriteBatch();
        for (const key of [1, 2, 3]) {
          batch.put(KEYSPACES.code, Uint8Array.of(key), new Uint8Array(1_500_000).fill(byte));
        }
        await store.commit(batch, 'process');
      };
      await write(7);
      const snapshot = store.snapshot();
      await write(8);
      for (const [reader, byte] of [[store, 8] as const, [snapshot, 7] as const]) {
        for (const reverse of [false, true]) {
          const rows = [...reader.range(KEYSPACES.code, { reverse })];
          expect(rows.map(([key]) => key[0])).toEqual(reverse ? [3, 2, 1] : [1, 2, 3]);
          expect(rows.map(([, value]) => value[1_499_999])).toEqual([byte, byte, byte]);
        }
      }
      snapshot.release();
    });
  });

  it('syncs at level power, an empty batch as well, and not at level process', async () => {
    const { default: rocks } = await import('@nxtedition/rocksdb/binding.js');
    const syncs: boolean[] = [];
    const recording: typeof rocks = {
      ...rocks,
      batch_write: (database, batch, options) => {
        syncs.push(options.sync);
        rocks.batch_write(database, batch, options);
      },
    };
    const store = await openRocksStore(newPath(), async () => ({ default: recording }));
    await store.commit(rowsOf(1, 1), 'process');
    await store.commit(new WriteBatch(), 'process');
    await store.commit(new WriteBatch(), 'power');
    await store.commit(rowsOf(1, 2), 'power');
    expect(syncs).toEqual([false, true, true]);
    await store.close();
  });

  it('refuses reads that were begun before it was closed', async () => {
    const store = await openRocksStore(newPath());
    await store.commit(rowsOf(100, 1), 'process');
    const snapshot = store.snapshot();
    const live = store.range(KEYSPACES.blocks)[Symbol.iterator]();
    live.next();
    await store.commit(rowsOf(100, 2), 'process');
    const kept = snapshot.range(KEYSPACES.blocks)[Symbol.iterator]();
    kept.next();
    await store.close();
    const closed = expect.objectContaining({ code: 'STORE_CLOSED' });
    expect(() => live.next()).toThrow(closed);
    expect(() => kept.next()).toThrow(closed);
    expect(() => snapshot.get(KEYSPACES.blocks, Uint8Array.of(1))).toThrow(closed);
    snapshot.release();
  });

  it('grows with its data', async () => {
    await withStore(async (store) => {
      const value = new Uint8Array(100_000).fill(3);
      for (let round = 0; round < 20; round += 1) {
        const batch = new WriteBatch();
        for (let row = 0; row < 20; row += 1) {
          batch.put(KEYSPACES.code, Uint8Array.of(round, row), value);
        }
        await store.commit(batch, 'process');
      }
      expect([...store.range(KEYSPACES.code)].length).toBe(400);
      expect(store.get(KEYSPACES.code, Uint8Array.of(19, 19))).toEqual(value);
    });
  });

  it('refuses a path that is a file, and a folder that is open already', async () => {
    const path = newPath();
    await writeFile(path, 'text');
    const refused = { code: 'STORE_OPEN_FAILED' };
    await expect(openRocksStore(path)).rejects.toMatchObject(refused);
    const twice = newPath();
    const store = await openRocksStore(twice);
    await expect(openRocksStore(twice)).rejects.toMatchObject(refused);
    await store.close();
  });

  describe('damage', () => {
    it.each([
      ['CURRENT', 'is other text'],
      ['CURRENT', 'is missing'],
      ['MANIFEST', 'is other text'],
      ['MANIFEST', 'is missing'],
      ['.sst', 'is missing'],
      ['.sst', 'is cut'],
    ])('is refused: %s %s', async (name, what) => {
      const path = await filledStore();
      const file = join(path, present((await readdir(path)).find((one) => one.includes(name))));
      if (what === 'is missing') await rm(file);
      else if (what === 'is cut') await truncate(file, 100);
      else await writeFile(file, 'dear');
      await expect(openRocksStore(path)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    });

    it('in a bit of a row file is refused or reported with its keyspace, and never served', async () => {
      const source = await filledStore();
      const name = present((await readdir(source)).find((one) => one.endsWith('.sst')));
      const bytes = await readFile(join(source, name));
      const seen = { refused: 0, reported: 0, harmless: 0 };
      for (let at = 0; at < bytes.length; at += 29) {
        const path = newPath();
        await cp(source, path, { recursive: true });
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 16 : byte));
        await writeFile(join(path, name), changed);
        seen[await outcomeOf(path)] += 1;
        await rm(path, { recursive: true });
      }
      expect(seen.refused).toBeGreaterThan(0);
      expect(seen.reported).toBeGreaterThan(0);
    });

    it('in a bit of its log takes it back to a whole commit before', async () => {
      const source = newPath();
      const store = await openRocksStore(source);
      for (let round = 1; round <= 5; round += 1) await store.commit(roundOf(round), 'power');
      await store.close();
      const name = present((await readdir(source)).find((one) => one.endsWith('.log')));
      const bytes = await readFile(join(source, name));
      const found = new Set<number>();
      for (let at = 3; at < bytes.length; at += 97) {
        const path = newPath();
        await cp(source, path, { recursive: true });
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
        await writeFile(join(path, name), changed);
        found.add(await readRound(path));
        await rm(path, { recursive: true });
      }
      expect([...found].sort()).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe('a full disk', () => {
    it('fails a commit, shows nothing of it, and takes more when it is opened again', async () => {
      const path = newPath();
      // Files of at most 1,000 blocks; the system answers a longer write as if there were no room.
      const child = startChild('./disk-full.ts', ['rocksdb', path], 'ulimit -f 1000; exec "$@"');
      const line = await child.line();
      await child.end();
      const failed = 'STORE_WRITE_FAILED';
      const [first, count, ...rest] = JSON.parse(line ?? '');
      expect([first, count]).toEqual(['ok', 10]);
      expect(rest).toEqual([failed, 10, failed, 10, failed, 10, failed, 10]);
      const store = await openRocksStore(path);
      expect([...store.range(KEYSPACES.code)].length).toBe(10);
      await store.commit(rowsOf(3, 1), 'power');
      expect([...store.range(KEYSPACES.blocks)].length).toBe(3);
      await store.close();
    });
  });

  describe('kill -9 while commits run', () => {
    it('leaves whole commits, and all that were answered', async () => {
      const path = newPath();
      const rows = 3000;
      for (let crash = 1; crash <= 6; crash += 1) {
        const child = startChild('./commit-forever.ts', ['rocksdb', path, `${rows}`]);
        let answered = 0;
        for (let count = 0; count < crash; count += 1) answered = Number(await child.line());
        await child.end('SIGKILL');
        const store = await openRocksStore(path);
        const rounds = new Set<number>();
        let found = 0;
        for (const keyspace of [KEYSPACES.meta, KEYSPACES.accounts, KEYSPACES.storage]) {
          for (const [, value] of store.range(keyspace)) {
            rounds.add(new DataView(value.buffer, value.byteOffset).getUint32(0));
            found += 1;
          }
        }
        expect(found).toBe(rows + 1);
        expect(rounds.size).toBe(1);
        expect(Math.max(...rounds)).toBeGreaterThanOrEqual(answered);
        expect(answered).toBeGreaterThan(0);
        await store.close();
      }
    });
  });

  /** A folder whose rows lie in files: opening it anew moves them there from the log. */
  async function filledStore(): Promise<string> {
    const path = newPath();
    const store = await openRocksStore(path);
    await store.commit(roundOf(1), 'process');
    await store.close();
    await (await openRocksStore(path)).close();
    return path;
  }

  async function outcomeOf(path: string): Promise<'refused' | 'reported' | 'harmless'> {
    let store: KvStore;
    try {
      store = await openRocksStore(path);
    } catch (error) {
      expect(error).toEqual(corrupt);
      return 'refused';
    }
    try {
      return checkFilled(store);
    } finally {
      await store.close();
    }
  }

  function checkFilled(store: KvStore): 'reported' | 'harmless' {
    let outcome: 'reported' | 'harmless' = 'harmless';
    const check = (read: () => void): void => {
      try {
        read();
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'STORE_CORRUPT') throw error;
        const { keyspace } = (error as { fields: { keyspace: string } }).fields;
        expect([KEYSPACES.accounts.name, KEYSPACES.storage.name]).toContain(keyspace);
        outcome = 'reported';
      }
    };
    for (const keyspace of [KEYSPACES.accounts, KEYSPACES.storage]) {
      check(() => expect([...store.range(keyspace)].length).toBe(20));
      for (let row = 0; row < 20; row += 1) {
        check(() => {
          const expected = Uint8Array.of(1, row, row, row);
          expect(store.get(keyspace, Uint8Array.of(row))).toEqual(expected);
        });
      }
    }
    return outcome;
  }

  /** The round that all rows of the store at `path` are from, 0 for none. */
  async function readRound(path: string): Promise<number> {
    const store = await openRocksStore(path);
    const rows = [KEYSPACES.accounts, KEYSPACES.storage].flatMap((space) => [
      ...store.range(space),
    ]);
    await store.close();
    const rounds = new Set(rows.map(([, value]) => value[0]));
    expect([...rounds].length).toBeLessThanOrEqual(1);
    expect(rows.length).toBe(rounds.size * 40);
    return [...rounds][0] ?? 0;
  }
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is there');
  return value;
}

async function withStore(test: (store: KvStore) => Promise<void>): Promise<void> {
  const store = await openRocksStore(newPath());
  try {
    await test(store);
  } finally {
    await store.close();
  }
}

function rowsOf(count: number, value: number): WriteBatch {
  const batch = new WriteBatch();
  for (let row = 0; row < count; row += 1) {
    batch.put(KEYSPACES.blocks, Uint8Array.of(row), Uint8Array.of(value));
  }
  return batch;
}

/** Twenty rows in each of two keyspaces. */
function roundOf(round: number): WriteBatch {
  const batch = new WriteBatch();
  for (const keyspace of [KEYSPACES.accounts, KEYSPACES.storage]) {
    for (let row = 0; row < 20; row += 1) {
      batch.put(keyspace, Uint8Array.of(row), Uint8Array.of(round, row, row, row));
    }
  }
  return batch;
}
