import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_LOG } from '@lucerna/base';
import {
  type Database,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from './support/open-store.ts';
import { hasRocksDb } from './support/rocksdb-platform.ts';

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-migrations-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const databases: readonly Database[] = hasRocksDb() ? ['lmdb', 'rocksdb'] : ['lmdb'];
const LOG_TEXT = 'the blocks, which no migration touches';

describe.each(databases)('a directory of schema 2 with %s', (database) => {
  it('loses its rows, of which some would be missing, and says so', async () => {
    const path = await oldDirectory(database);
    await writeFile(join(path, 'schema'), '2\n');
    const lines: string[] = [];
    const info = (message: string): void => void lines.push(message);
    await checkMigrated(path, database, { log: { ...SILENT_LOG, info } });
    expect(lines).toEqual([expect.stringContaining('by address, nonce and new contract')]);
  });
});

describe.each(databases)('a directory of schema 1 with %s', (database) => {
  it('loses its rows, which have no checksums, and says so', async () => {
    const path = await oldDirectory(database);
    const lines: string[] = [];
    const log = {
      ...SILENT_LOG,
      info: (message: string, fields: object = {}): void => {
        lines.push(`${message} ${JSON.stringify(fields)}`);
      },
    };
    await checkMigrated(path, database, { log });
    expect(lines).toEqual([
      expect.stringMatching(/checksums.*"schema":1,"newSchema":2/),
      expect.stringMatching(/"schema":2,"newSchema":3/),
    ]);
    // It is one of this version now.
    const again = await openDataDirectory(path, { log });
    const store = await openDirectoryStore(again);
    expect(rowsOf(store)).toBe(1);
    await store.close();
    await again.close();
    expect(lines.length).toBe(2);
  });

  it('keeps them when another database is asked for, which is refused', async () => {
    const path = await oldDirectory(database);
    const other = database === 'lmdb' ? 'rocksdb' : 'lmdb';
    await expect(openDataDirectory(path, { database: other })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_DATABASE',
    });
    expect(await readFile(join(path, 'schema'), 'utf8')).toBe('1\n');
    const store = await openStore(database, join(path, 'store'));
    expect(rowsOf(store)).toBe(50);
    await store.close();
  });

  it('is brought to this version after a crash that left any part of its files', async () => {
    const names = await readdir(join(await oldDirectory(database), 'store'));
    const subsets = 2 ** names.length;
    // Every one up to five files; of more, as many spread over all of them.
    const step = Math.max(1, Math.floor(subsets / 32));
    for (let kept = 0; kept < subsets; kept += step) {
      const path = await oldDirectory(database);
      let some = false;
      for (const [index, name] of names.entries()) {
        if ((kept & (1 << index)) !== 0) some = true;
        else await rm(join(path, 'store', name), { force: true });
      }
      // Without any file nothing tells the database: it is the default one.
      await checkMigrated(path, some ? database : 'lmdb');
    }
  });

  it('is brought to this version after a crash before the new schema number was in place', async () => {
    const path = await oldDirectory(database);
    await rm(join(path, 'store'), { recursive: true });
    await mkdir(join(path, 'store'));
    await writeFile(join(path, 'schema.new'), '');
    await checkMigrated(path, 'lmdb');
    expect(await readdir(path)).not.toContain('schema.new');
  });

  it('is emptied by a reset', async () => {
    const path = await oldDirectory(database);
    await (await openDataDirectory(path, { reset: true })).close();
    expect(await readdir(path)).toEqual(['schema']);
    expect(await readFile(join(path, 'schema'), 'utf8')).toBe('3\n');
  });
});

/** Written as schema 1 had it: the values as they are. */
async function oldDirectory(database: Database): Promise<string> {
  made += 1;
  const path = join(folder, `${made}`);
  await mkdir(path);
  await writeFile(join(path, 'schema'), '1\n');
  await writeFile(join(path, 'blocks.log'), LOG_TEXT);
  const store = await openStore(database, join(path, 'store'));
  const batch = new WriteBatch();
  for (let row = 0; row < 50; row += 1) {
    batch.put(KEYSPACES.accounts, Uint8Array.of(row), new Uint8Array(row).fill(row));
  }
  await store.commit(batch, 'power');
  await store.close();
  return path;
}

/** Opens the directory and its store, which is empty and takes a row. */
async function checkMigrated(path: string, database: Database, options = {}): Promise<void> {
  const directory = await openDataDirectory(path, options);
  expect(directory.database).toBe(database);
  expect(await readFile(join(path, 'schema'), 'utf8')).toBe('3\n');
  const store = await openDirectoryStore(directory);
  expect(rowsOf(store)).toBe(0);
  const batch = new WriteBatch();
  batch.put(KEYSPACES.meta, Uint8Array.of(1), Uint8Array.of(2));
  await store.commit(batch, 'power');
  expect(rowsOf(store)).toBe(1);
  await store.close();
  await directory.close();
  expect(await readFile(join(path, 'blocks.log'), 'utf8')).toBe(LOG_TEXT);
}

function rowsOf(store: KvStore): number {
  let rows = 0;
  for (const keyspace of Object.values(KEYSPACES)) rows += [...store.range(keyspace)].length;
  return rows;
}
