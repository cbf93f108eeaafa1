import { open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isLucernaError } from '@lucerna/base';
import type { KvStore } from '@lucerna/storage';
import { directoryErrors } from './errors.ts';
import { errorCode, makeFolder, syncFolder } from './files.ts';
import { isLockName, takeProcessLock } from './process-lock.ts';
import { isRocksName } from './rocksdb-files.ts';

/** Number of the layout of the directory and of all formats in it. Another number is refused. */
export const DATA_SCHEMA = 1;

const SCHEMA_NAME = 'schema';
const NEW_SCHEMA_NAME = 'schema.new';
const BLOCK_LOG_NAME = 'blocks.log';
const STORE_NAME = 'store';
/** What LMDB writes in its folder. */
const LMDB_NAMES: readonly string[] = ['data.mdb', 'lock.mdb'];

/** What the key-value store of a data directory can be. */
export type Database = 'lmdb' | 'rocksdb';

/** The one of a new directory whose opener has no wish. */
const DEFAULT_DATABASE: Database = 'lmdb';

/** A node's folder, locked by this process. */
export type DataDirectory = {
  readonly path: string;
  /** File of the block log; it may not be there yet. */
  readonly blockLogPath: string;
  /** Folder of the key-value store; it may not be there yet. */
  readonly storePath: string;
  /** What that store is, or is to be. */
  readonly database: Database;
  /** Gives the lock up. Close what lies in the directory first. */
  readonly close: () => Promise<void>;
};

/** How a data directory is opened. */
export type DataDirectoryOptions = {
  /** Delete the data first: the files that Lucerna writes there, and nothing else. */
  readonly reset?: boolean;
  /** What the store is to be. Default: what it is, or LMDB. */
  readonly database?: Database;
};

/**
 * Opens the data directory at `path`, or makes it, and takes its lock. A process that was killed
 * leaves nothing that somebody would have to clean up.
 *
 * @throws `DATA_DIRECTORY_IN_USE` by another process; `DATA_DIRECTORY_FOREIGN` when it has files but
 *   no schema number; `DATA_DIRECTORY_SCHEMA` when the number, `DATA_DIRECTORY_DATABASE` when the
 *   database is another one (neither with `reset`); `DATA_DIRECTORY_UNUSABLE` when the system refuses
 */
export async function openDataDirectory(
  path: string,
  options: DataDirectoryOptions = {},
): Promise<DataDirectory> {
  try {
    await makeFolder(path);
    await refuseForeign(path);
    const unlock = await takeProcessLock(path);
    let database: Database;
    try {
      if (options.reset === true) await deleteData(path);
      else await checkSchema(path);
      database = await chooseDatabase(path, options.database);
      await writeSchema(path);
    } catch (error) {
      await unlock();
      throw error;
    }
    return {
      path,
      blockLogPath: join(path, BLOCK_LOG_NAME),
      storePath: join(path, STORE_NAME),
      database,
      close: unlock,
    };
  } catch (error) {
    if (isLucernaError(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw directoryErrors.create('DATA_DIRECTORY_UNUSABLE', detail, { path }, error);
  }
}

/**
 * Opens the store of a data directory; only its own database is loaded.
 *
 * @throws `STORE_UNAVAILABLE`, `STORE_CORRUPT`, `STORE_OPEN_FAILED`
 */
export async function openDirectoryStore(directory: DataDirectory): Promise<KvStore> {
  switch (directory.database) {
    case 'lmdb':
      return (await import('./lmdb.ts')).openLmdbStore(directory.storePath);
    case 'rocksdb':
      return (await import('./rocksdb.ts')).openRocksStore(directory.storePath);
  }
}

/** Before the lock is taken: not even that is put into somebody else's directory. */
async function refuseForeign(path: string): Promise<void> {
  const names = await readdir(path);
  if (names.includes(SCHEMA_NAME)) return;
  const foreign = names.find((name) => !isLockName(name) && name !== NEW_SCHEMA_NAME);
  if (foreign === undefined) return;
  throw directoryErrors.create('DATA_DIRECTORY_FOREIGN', `${path} has ${JSON.stringify(foreign)}`, {
    path,
    file: foreign,
  });
}

async function checkSchema(path: string): Promise<void> {
  const text = await readIfThere(join(path, SCHEMA_NAME));
  if (text === undefined || text.trim() === String(DATA_SCHEMA)) return;
  const found = text.trim().slice(0, 20);
  throw directoryErrors.create(
    'DATA_DIRECTORY_SCHEMA',
    `${path} has schema ${JSON.stringify(found)}, this version has ${DATA_SCHEMA}`,
    { path, found, expected: DATA_SCHEMA },
  );
}

/** The files of the store say which database they are of; nothing else has to agree with them. */
async function chooseDatabase(path: string, wanted: Database | undefined): Promise<Database> {
  const found = await findDatabase(join(path, STORE_NAME));
  if (found === undefined || wanted === undefined || found === wanted) {
    return found ?? wanted ?? DEFAULT_DATABASE;
  }
  throw directoryErrors.create('DATA_DIRECTORY_DATABASE', `${path} has ${found}, not ${wanted}`, {
    path,
    found,
    expected: wanted,
  });
}

async function findDatabase(storePath: string): Promise<Database | undefined> {
  const names = await namesIn(storePath);
  if (names.some((name) => LMDB_NAMES.includes(name))) return 'lmdb';
  return names.some(isRocksName) ? 'rocksdb' : undefined;
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** By rename, so that the file is there with its content or not at all. */
async function writeSchema(path: string): Promise<void> {
  const file = join(path, SCHEMA_NAME);
  if ((await readIfThere(file))?.trim() === String(DATA_SCHEMA)) return;
  const newFile = join(path, NEW_SCHEMA_NAME);
  const handle = await open(newFile, 'w');
  try {
    await handle.writeFile(`${DATA_SCHEMA}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(newFile, file);
  await syncFolder(path);
}

/**
 * The store goes before the log: if this is interrupted, the log that is left makes the store again,
 * while a store without its log would be refused.
 */
async function deleteData(path: string): Promise<void> {
  const store = join(path, STORE_NAME);
  for (const name of await namesIn(store)) {
    if (LMDB_NAMES.includes(name) || isRocksName(name)) await rm(join(store, name));
  }
  try {
    await rmdir(store);
  } catch (error) {
    // It was not there, or somebody else's files are in it.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  }
  await rm(join(path, BLOCK_LOG_NAME), { force: true });
  await syncFolder(path);
}
