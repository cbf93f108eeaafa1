import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, SILENT_LOG, toHex } from '@lucerna/base';
import {
  type Database,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { createDevNode } from '@lucerna/sdk';
import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { afterAll, describe, expect, test } from 'vitest';
import { databasesHere } from '../support/databases.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// A directory of schema 1, whose values have no checksums, has the chain that it had before.

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

describe.each(databasesHere())('a directory of schema 1 with %s', (database) => {
  test('has its chain again, and the rows that it would have now', async () => {
    const path = join(directory.path, database);
    const before = await play(path, database);
    const rows = await withStore(path, rowsOf);
    await makeOld(path, database);
    const lines: string[] = [];
    const log = { ...SILENT_LOG, info: (message: string) => void lines.push(message) };
    // The database is not named: it stays what it was.
    expect(await headOf(path, log)).toEqual(before);
    expect(lines).toContainEqual(expect.stringContaining('built again from the block log'));
    expect(await withStore(path, rowsOf)).toEqual(rows);
  });
});

/** Some blocks. @returns what a client sees of the last one */
async function play(path: string, database: Database): Promise<unknown> {
  const node = await createDevNode({ dataDirectory: path, database });
  const [from, to] = [devAccount(0).address, devAccount(1).address];
  for (let value = 1; value <= 12; value += 1) {
    const transaction = { from, to, value: `0x${value.toString(16)}` };
    await node.rpc.request('eth_sendTransaction', [transaction]);
  }
  await node.close();
  return headOf(path);
}

async function headOf(path: string, log: Log = SILENT_LOG): Promise<unknown> {
  const node = await createDevNode({ dataDirectory: path, log });
  try {
    return await node.rpc.request('eth_getBlockByNumber', ['latest', true]);
  } finally {
    await node.close();
  }
}

/** The same rows as schema 1 had them. */
async function makeOld(path: string, database: Database): Promise<void> {
  const batch = new WriteBatch();
  await withStore(path, (store) => {
    for (const keyspace of Object.values(KEYSPACES)) {
      for (const [key, value] of store.range(keyspace)) batch.put(keyspace, key, value);
    }
  });
  expect(batch.size).toBeGreaterThan(50);
  rmSync(join(path, 'store'), { recursive: true });
  writeFileSync(join(path, 'schema'), '1\n');
  const plain = await openPlain(join(path, 'store'), database);
  await plain.commit(batch, 'power');
  await plain.close();
}

async function openPlain(path: string, database: Database): Promise<KvStore> {
  if (database === 'lmdb') {
    return (await import('@lucerna/platform-node/lmdb')).openLmdbStore(path);
  }
  return (await import('@lucerna/platform-node/rocksdb')).openRocksStore(path);
}

async function withStore<T>(path: string, use: (store: KvStore) => T): Promise<T> {
  const claimed = await openDataDirectory(path, { create: false });
  const store = await openDirectoryStore(claimed);
  try {
    return use(store);
  } finally {
    await store.close();
    await claimed.close();
  }
}

function rowsOf(store: KvStore): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  for (const keyspace of Object.values(KEYSPACES)) {
    for (const [key, value] of store.range(keyspace)) {
      rows.set(`${keyspace.name} ${toHex(key)}`, toHex(value));
    }
  }
  return rows;
}
