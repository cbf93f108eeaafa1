import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, type Log, SILENT_LOG } from '@lucerna/base';
import type { KvStore } from '@lucerna/storage';
import { deleteData } from './delete-data.ts';
import {
  asDirectoryError,
  BLOCK_LOG_NAME,
  type Database,
  type DataDirectory,
  directoryError,
  NEW_BLOCK_LOG_NAME,
  NEW_SCHEMA_NAME,
  namesIn,
  POOL_JOURNAL_NAMES,
  SCHEMA_NAME,
  STORE_NAME,
  VECTOR_NAME,
} from './directory-layout.ts';
import { directoryErrors } from './errors.ts';
import { makeFolder } from './files.ts';
import { DATA_SCHEMA, migrate, readSchema, writeSchema } from './migrations.ts';
import { hasChain } from './place-block-log.ts';
import { isLockName, takeProcessLock } from './process-lock.ts';
import { finishReplacement } from './replace-store.ts';
import { checkStoreFolder, findDatabase, openStoreFolder } from './store-folder.ts';

export type { Database, DataDirectory } from './directory-layout.ts';
export { type DirectoryUsage, directoryUsage } from './directory-usage.ts';
export { DATA_SCHEMA } from './migrations.ts';
export { deleteChain, hasChain, placeBlockLog } from './place-block-log.ts';
export { replaceStore } from './replace-store.ts';

/** The one of a new directory whose opener has no wish. */
const DEFAULT_DATABASE: Database = 'lmdb';

/** How a data directory is opened. */
export type DataDirectoryOptions = {
  /** Make the directory when there is none. Default true. */
  readonly create?: boolean;
  /** Delete the data first: the files that Lucerna writes there, and nothing else. */
  readonly reset?: boolean;
  /** What the store is to be. Default: what it is, or LMDB. */
  readonly database?: Database;
  /** Is told when an older directory is brought to this version. Default: nobody. */
  readonly log?: Log;
};

/**
 * Opens the data directory at `path`, or makes it, and takes its lock. A directory of an older
 * version is brought to this one. A process that was killed, whatever it was doing, leaves nothing
 * that somebody would have to clean up.
 *
 * @throws `DATA_DIRECTORY_IN_USE` by another process; `DATA_DIRECTORY_FOREIGN` when it has files but
 *   no schema number; `DATA_DIRECTORY_MISSING` when it is not there and is not to be made;
 *   `DATA_DIRECTORY_SCHEMA` when the number is not known, `DATA_DIRECTORY_DATABASE` when the database
 *   is another one (neither with `reset`); `DATA_DIRECTORY_UNUSABLE` when the system refuses
 */
export async function openDataDirectory(
  path: string,
  options: DataDirectoryOptions = {},
): Promise<DataDirectory> {
  try {
    const { create = true } = options;
    if (create) await makeFolder(path);
    await checkOwn(path, create);
    const unlock = await takeProcessLock(path);
    let database: Database;
    try {
      database = await prepare(path, options);
    } catch (error) {
      await unlock();
      throw error;
    }
    return {
      path,
      blockLogPath: join(path, BLOCK_LOG_NAME),
      poolJournalPaths: [join(path, POOL_JOURNAL_NAMES[0]), join(path, POOL_JOURNAL_NAMES[1])],
      storePath: join(path, STORE_NAME),
      database,
      vectorPath: join(path, VECTOR_NAME),
      close: unlock,
    };
  } catch (error) {
    throw directoryError(path, error);
  }
}

/** How the store of a data directory is opened. */
export type DirectoryStoreOptions = {
  /**
   * Look through its files first, which takes time: damage outside of values, which LMDB does not
   * notice and which may end the process, is an error then. Default false.
   */
  readonly checkFiles?: boolean;
};

/**
 * Opens the store of a data directory; only its own database is loaded. Every value has a checksum:
 * what the medium has changed is reported with keyspace and key.
 *
 * @throws `STORE_UNAVAILABLE`, `STORE_CORRUPT`, `STORE_OPEN_FAILED`
 */
export async function openDirectoryStore(
  directory: DataDirectory,
  options: DirectoryStoreOptions = {},
): Promise<KvStore> {
  const { storePath, database } = directory;
  const found = await findDatabase(storePath);
  assert(
    found === undefined || found === database,
    'replaceStore returns the directory to go on with',
  );
  if (options.checkFiles === true) await checkStoreFolder(storePath, database);
  return openStoreFolder(storePath, database);
}

/** Whether the directory has neither a block log with anything in it nor files of a database. */
export async function isVacant({ path, storePath }: DataDirectory): Promise<boolean> {
  if (await hasChain(path)) return false;
  return asDirectoryError(path, async () => (await findDatabase(storePath)) === undefined);
}

/** Before the lock is taken: not even that is put into somebody else's directory. */
async function checkOwn(path: string, create: boolean): Promise<void> {
  const names = await namesIn(path);
  if (names.includes(SCHEMA_NAME)) return;
  const foreign = names.find((name) => !isLockName(name) && name !== NEW_SCHEMA_NAME);
  if (foreign !== undefined) {
    const detail = `${path} has ${JSON.stringify(foreign)}`;
    throw directoryErrors.create('DATA_DIRECTORY_FOREIGN', detail, { path, file: foreign });
  }
  if (!create) throw directoryErrors.create('DATA_DIRECTORY_MISSING', path, { path });
}

/** Leaves the directory in this version's layout. @returns its database */
async function prepare(path: string, options: DataDirectoryOptions): Promise<Database> {
  const reset = options.reset === true;
  if (reset) await deleteData(path);
  // Before anything is touched: a later version may give the names another meaning.
  const schema = reset ? undefined : await readSchema(path);
  await finishReplacement(path);
  await rm(join(path, NEW_BLOCK_LOG_NAME), { force: true });
  const database = await chooseDatabase(path, options.database);
  if (schema === undefined) await writeSchema(path, DATA_SCHEMA);
  else await migrate(path, schema, options.log ?? SILENT_LOG);
  return database;
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
