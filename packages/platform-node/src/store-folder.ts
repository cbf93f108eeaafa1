import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checksummedStore, type KvStore } from '@lucerna/storage';
import { type Database, namesIn } from './directory-layout.ts';
import { errorCode, syncFolder } from './files.ts';
import { isRocksName } from './rocksdb-files.ts';

/** What LMDB writes in its folder. */
const LMDB_NAMES: readonly string[] = ['data.mdb', 'lock.mdb'];

/** Empty files of the databases, which hold no rows. A folder that has one tells its database. */
const LOCK_NAMES: readonly string[] = ['lock.mdb', 'LOCK'];

/**
 * The store in the folder `path`, of which every value has a checksum; only its own database is
 * loaded.
 *
 * @throws `STORE_UNAVAILABLE`, `STORE_CORRUPT`, `STORE_OPEN_FAILED`
 */
export async function openStoreFolder(path: string, database: Database): Promise<KvStore> {
  return checksummedStore(await openDatabase(path, database));
}

async function openDatabase(path: string, database: Database): Promise<KvStore> {
  switch (database) {
    case 'lmdb':
      return (await import('./lmdb.ts')).openLmdbStore(path);
    case 'rocksdb':
      return (await import('./rocksdb.ts')).openRocksStore(path);
  }
}

/**
 * Checks the files of a database that trusts them, before it is opened; see `checkLmdbPages`. RocksDB
 * has checksums of its own and needs none.
 *
 * @throws `STORE_CORRUPT`
 */
export async function checkStoreFolder(path: string, database: Database): Promise<void> {
  if (database === 'lmdb') await (await import('./lmdb-pages.ts')).checkLmdbPages(path);
}

/** The database that has files in the folder; undefined when none has, or there is no such folder. */
export async function findDatabase(path: string): Promise<Database | undefined> {
  const names = await namesIn(path);
  if (names.some((name) => LMDB_NAMES.includes(name))) return 'lmdb';
  return names.some(isRocksName) ? 'rocksdb' : undefined;
}

/** Whether a database writes a file of this name. */
export function isDatabaseName(name: string): boolean {
  return LMDB_NAMES.includes(name) || isRocksName(name);
}

/**
 * Deletes the files of the databases, and the folder unless somebody else's files are in it: then it
 * stays and is synced, as a sync of the folder above would not store what is gone from this one.
 */
export async function deleteDatabase(path: string): Promise<void> {
  for (const name of await namesIn(path)) {
    if (isDatabaseName(name)) await rm(join(path, name));
  }
  try {
    await rmdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
    await syncFolder(path);
  }
}

/** Deletes all rows. What is left says which database it was, so that it becomes the same again. */
export async function emptyDatabase(path: string): Promise<void> {
  const names = await namesIn(path);
  for (const name of names) {
    if (isDatabaseName(name) && !LOCK_NAMES.includes(name)) await rm(join(path, name));
  }
  if (names.length > 0) await syncFolder(path);
}
