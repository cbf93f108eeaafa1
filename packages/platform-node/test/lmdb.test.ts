import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '@lucerna/platform-node/lmdb';
import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { kvStoreCompliance } from '@lucerna/storage/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LMDB_FAILURE_WAIT_MS } from '../src/limits.ts';
import { startChild } from './support/run-child.ts';

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-lmdb-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function newPath(): string {
  made += 1;
  return join(folder, `${made}`);
}

let latest = '';

kvStoreCompliance(
  'LMDB',
  () => {
    latest = newPath();
    return openLmdbStore(latest);
  },
  {
    reopen: async (store) => {
      await store.close();
      return openLmdbStore(latest);
    },
  },
);

describe('the LMDB store', () => {
  it('says what to do when the native package is missing', async () => {
    const load = (): Promise<never> => Promise.reject(new Error('no native build was found'));
    await expect(openLmdbStore(newPath(), load)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      remedy: expect.stringContaining('memory'),
    });
  });

  it.skipIf(process.platform === 'win32')('says that a full disk has no room', async () => {
    const path = newPath();
    // Files of at most 16 blocks: there LMDB would end the process.
    const child = startChild('./lmdb-full.ts', [path], 'ulimit -f 16; exec "$@"');
    expect(await child.line()).toBe('STORE_OPEN_FAILED');
    await child.end();
    const store = await openLmdbStore(path);
    await store.close();
  });

  it.each([
    ['other bytes', () => new Uint8Array(16_384).fill(7)],
    ['too few bytes', () => new Uint8Array(10).fill(7)],
    ['one page of two', (own: Uint8Array) => own.slice(0, pageSizeOf(own))],
    ['a changed first page', (own: Uint8Array) => own.map((byte, at) => (at === 24 ? 0 : byte))],
    [
      'a changed second page',
      (own: Uint8Array) => own.map((byte, at) => (at === pageSizeOf(own) + 28 ? 9 : byte)),
    ],
    // Flipped bits in the fields of MDB_meta that LMDB follows before it reads a page.
    ['a page size of nothing', (own: Uint8Array) => own.fill(0, 48, 52)],
    [
      'another page size in the second page',
      (own: Uint8Array) => withFlippedBit(own, pageSizeOf(own) + 49, 5),
    ],
    ['the sign of encryption', (own: Uint8Array) => withFlippedBit(own, 53, 5)],
    ['another order of keys', (own: Uint8Array) => withFlippedBit(own, 100, 1)],
    ['more pages than there is memory for', (own: Uint8Array) => withFlippedBit(own, 148, 4)],
  ])('refuses %s in place of its file', async (_, damage) => {
    const path = newPath();
    await (await openLmdbStore(path)).close();
    const file = join(path, 'data.mdb');
    await writeFile(file, damage(new Uint8Array(await readFile(file))));
    await expect(openLmdbStore(path)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('opens a file that is empty, as a crash at the first start may leave it', async () => {
    const path = newPath();
    await mkdir(path);
    await writeFile(join(path, 'data.mdb'), '');
    await (await openLmdbStore(path)).close();
  });

  it('refuses a path that is a file', async () => {
    const path = newPath();
    await writeFile(path, 'text');
    await expect(openLmdbStore(path)).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED' });
  });

  it.runIf(process.platform === 'linux')(
    'refuses a path where the system lets nobody make a folder',
    async () => {
      const opening = openLmdbStore('/proc/lucerna');
      await expect(opening).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED' });
    },
  );

  it('holds snapshots over turns of the event loop and over many commits', async () => {
    await withStore(async (store) => {
      const snapshots = [];
      for (let round = 0; round < 100; round += 1) {
        await store.commit(rowsOf(200, round), 'process');
        snapshots.push(store.snapshot());
      }
      snapshots.forEach((snapshot, round) => {
        const values = [...snapshot.range(KEYSPACES.blocks)].map(([, value]) => value[0]);
        expect(values).toEqual(Array.from({ length: 200 }, () => round));
        snapshot.release();
      });
    });
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
});

describe('a full disk', () => {
  it.skipIf(process.platform === 'win32')(
    'fails a commit, shows nothing of it, and takes the next',
    async () => {
      // Files of at most 1,000 blocks; the system answers a longer write as if there were no room.
      const limited = 'ulimit -f 1000; exec "$@"';
      const child = startChild('./disk-full.ts', ['lmdb', newPath()], limited);
      const line = await child.line();
      await child.end();
      const failed = 'STORE_WRITE_FAILED';
      expect(JSON.parse(line ?? '')).toEqual([
        'ok',
        10,
        failed,
        10,
        failed,
        10,
        'ok',
        20,
        'ok',
        30,
      ]);
      // The library would print there what it throws.
      expect(child.errors()).toBe('');
    },
  );

  it.skipIf(process.platform === 'win32')('is named as the reason', async () => {
    const child = startChild('./disk-full-reason.ts', [newPath()], 'ulimit -f 1000; exec "$@"');
    const { message, ms } = JSON.parse((await child.line()) ?? '');
    await child.end();
    expect(message).toMatch(/EFBIG|EIO/);
    expect(ms).toBeLessThan(LMDB_FAILURE_WAIT_MS);
    expect(child.errors()).toBe('');
  });
});

describe('kill -9 while commits run', () => {
  it('leaves whole commits, and all that were answered', async () => {
    const path = newPath();
    const rows = 3000;
    for (let crash = 1; crash <= 6; crash += 1) {
      const child = startChild('./commit-forever.ts', ['lmdb', path, `${rows}`]);
      let answered = 0;
      for (let count = 0; count < crash; count += 1) answered = Number(await child.line());
      await child.end('SIGKILL');
      const store = await openLmdbStore(path);
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

/** Page size in the meta page of an LMDB file. */
function pageSizeOf(file: Uint8Array): number {
  return new DataView(file.buffer, file.byteOffset).getUint32(48, true);
}

function withFlippedBit(file: Uint8Array, place: number, bit: number): Uint8Array {
  return file.map((byte, at) => (at === place ? byte ^ (1 << bit) : byte));
}

async function withStore(test: (store: KvStore) => Promise<void>): Promise<void> {
  const store = await openLmdbStore(newPath());
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
