import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Database,
  type DataDirectory,
  openDataDirectory,
  openDirectoryStore,
  replaceStore,
} from '@lucerna/platform-node/directory';
import { copyStore, KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRocksDb } from './support/rocksdb-platform.ts';
import { startChild } from './support/run-child.ts';

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-replace-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const databases: readonly Database[] = hasRocksDb() ? ['lmdb', 'rocksdb'] : ['lmdb'];
const pairs = databases.flatMap((from) => databases.map((to) => [from, to] as const));

describe.each(pairs)('a store of %s that %s takes the place of', (from, to) => {
  it('has the same rows', async () => {
    const path = await filledDirectory(from);
    const directory = await openDataDirectory(path);
    const now = await replaceStore(directory, (fresh) => copyOf(directory, fresh), to);
    expect(now).toMatchObject({ ...directory, database: to, close: expect.any(Function) });
    // The same once more, in the same process.
    const store = await openDirectoryStore(now);
    expect(valuesOf(store)).toEqual(FILLED);
    await store.close();
    const last = await replaceStore(now, (fresh) => copyOf(now, fresh));
    expect(last.database).toBe(to);
    await last.close();
    expect((await readdir(path)).sort()).toEqual(['schema', 'store']);
    const again = await openDataDirectory(path);
    expect(again.database).toBe(to);
    await expectValues(again, FILLED);
    await again.close();
  });

  it('is as it was when the new one could not be filled', async () => {
    const path = await filledDirectory(from);
    const directory = await openDataDirectory(path);
    const problem = new Error('no more');
    const replacing = replaceStore(
      directory,
      async (fresh) => {
        await fresh.commit(rowsOf(3, 7), 'process');
        throw problem;
      },
      to,
    );
    await expect(replacing).rejects.toBe(problem);
    expect((await readdir(path)).sort()).toEqual(['lock', 'schema', 'store']);
    await expectValues(directory, FILLED);
    await directory.close();
  });

  it('is whole, or the new one is, whatever a crash has left', async () => {
    const [oldStore, newStore] = await twoStores(from, to);
    for (const { names, expected } of LEFT_BY_CRASHES) {
      const path = newPath();
      await (await openDataDirectory(path)).close();
      for (const [name, which] of Object.entries(names)) {
        await cp(which === 'old' ? oldStore : newStore, join(path, name), { recursive: true });
      }
      const directory = await openDataDirectory(path);
      expect((await readdir(path)).sort()).toEqual(['lock', 'schema', 'store']);
      expect(directory.database).toBe(expected === 'old' ? from : to);
      await expectValues(directory, expected === 'old' ? FILLED : COMPACTED);
      await directory.close();
    }
  });
});

/** What can lie in the directory after each step, also when a deletion has only begun. */
const LEFT_BY_CRASHES: readonly {
  readonly names: Readonly<Record<string, 'old' | 'new'>>;
  readonly expected: 'old' | 'new';
}[] = [
  { names: { store: 'old', 'store.new': 'new' }, expected: 'old' },
  { names: { 'store.old': 'old', 'store.new': 'new' }, expected: 'old' },
  { names: { 'store.old': 'old' }, expected: 'old' },
  { names: { 'store.old': 'old', store: 'new' }, expected: 'new' },
  { names: { store: 'new' }, expected: 'new' },
];

describe('a store that is replaced', () => {
  it('gets smaller when rows were deleted', async () => {
    const path = newPath();
    const directory = await openDataDirectory(path);
    const store = await openDirectoryStore(directory);
    await store.commit(rowsOf(200, 1, 10_000), 'power');
    const batch = new WriteBatch();
    for (let row = 1; row < 200; row += 1) batch.delete(KEYSPACES.blocks, Uint8Array.of(row));
    await store.commit(batch, 'power');
    await store.close();
    const file = join(directory.storePath, 'data.mdb');
    const before = (await stat(file)).size;
    await replaceStore(directory, (fresh) => copyOf(directory, fresh));
    expect((await stat(file)).size).toBeLessThan(before / 4);
    await directory.close();
  });

  it('may be none', async () => {
    const directory = await openDataDirectory(newPath());
    await replaceStore(directory, (fresh) => fresh.commit(rowsOf(5, 1), 'process'));
    const store = await openDirectoryStore(directory);
    expect([...store.range(KEYSPACES.blocks)].length).toBe(5);
    await store.close();
    await directory.close();
  });

  it('hands over the files that no database has written', async () => {
    const path = await filledDirectory('lmdb');
    await writeFile(join(path, 'store', 'notes.txt'), 'mine');
    const directory = await openDataDirectory(path);
    await replaceStore(directory, (fresh) => copyOf(directory, fresh));
    expect(await readFile(join(path, 'store', 'notes.txt'), 'utf8')).toBe('mine');
    await directory.close();
    // As a crash before that leaves it.
    await mkdir(join(path, 'store.old'));
    await rename(join(path, 'store', 'notes.txt'), join(path, 'store.old', 'notes.txt'));
    const again = await openDataDirectory(path);
    expect((await readdir(path)).sort()).toEqual(['lock', 'schema', 'store']);
    expect(await readFile(join(path, 'store', 'notes.txt'), 'utf8')).toBe('mine');
    await expectValues(again, FILLED);
    await again.close();
  });

  it('is whole, or the new one is, after kill -9 at any time', async () => {
    const path = await filledDirectory('lmdb');
    for (let crash = 1; crash <= 12; crash += 1) {
      const child = startChild('./replace-forever.ts', [path]);
      let inPlace = 0;
      // Two lines a replacement: one in three crashes comes before the first is filled.
      for (let lines = 0; lines <= crash % 3; lines += 1) {
        const [word, count] = (await child.line())?.split(' ') ?? [];
        if (word === 'have') inPlace = Number(count);
      }
      await child.end('SIGKILL');
      const directory = await openDataDirectory(path);
      const values = await valuesIn(directory);
      await directory.close();
      const [round = 0] = values;
      expect(values).toEqual(FILLED.map(() => round));
      expect(inPlace).toBeGreaterThan(0);
      expect(round).toBeGreaterThanOrEqual(inPlace);
    }
  });
});

const FILLED: readonly number[] = Array.from({ length: 60 }, () => 1);
const COMPACTED: readonly number[] = Array.from({ length: 60 }, () => 2);

function newPath(): string {
  made += 1;
  return join(folder, `${made}`);
}

async function filledDirectory(database: Database, value = 1): Promise<string> {
  const path = newPath();
  const directory = await openDataDirectory(path, { database });
  const store = await openDirectoryStore(directory);
  await store.commit(rowsOf(60, value), 'power');
  await store.close();
  await directory.close();
  return path;
}

async function twoStores(from: Database, to: Database): Promise<[string, string]> {
  const [before, after] = [await filledDirectory(from), await filledDirectory(to, 2)];
  return [join(before, 'store'), join(after, 'store')];
}

async function copyOf(directory: DataDirectory, fresh: KvStore): Promise<void> {
  const old = await openDirectoryStore(directory);
  try {
    await copyStore(old, fresh, { takeTurn: async () => undefined });
  } finally {
    await old.close();
  }
}

async function expectValues(directory: DataDirectory, values: readonly number[]): Promise<void> {
  expect(await valuesIn(directory)).toEqual(values);
}

async function valuesIn(directory: DataDirectory): Promise<readonly number[]> {
  const store = await openDirectoryStore(directory);
  try {
    return valuesOf(store);
  } finally {
    await store.close();
  }
}

/** The first byte of every row's value. */
function valuesOf(store: KvStore): readonly number[] {
  return [...store.range(KEYSPACES.blocks)].map(([, value]) => value[0] as number);
}

function rowsOf(count: number, value: number, bytes = 1): WriteBatch {
  const batch = new WriteBatch();
  for (let row = 0; row < count; row += 1) {
    batch.put(KEYSPACES.blocks, Uint8Array.of(row), new Uint8Array(bytes).fill(value));
  }
  return batch;
}
