import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type KvStore, WriteBatch } from '@lucerna/storage';
import {
  asDirectoryError,
  type Database,
  type DataDirectory,
  NEW_STORE_NAME,
  namesIn,
  OLD_STORE_NAME,
  STORE_NAME,
} from './directory-layout.ts';
import { syncFolder } from './files.ts';
import { deleteDatabase, isDatabaseName, openStoreFolder } from './store-folder.ts';

/**
 * Puts a store that `fill` has filled in the place of the directory's store: that compacts it, or
 * makes another database of it. A crash at any moment leaves the old store or the new one.
 *
 * In this order: open the directory; open its store and read what the new one is to hold, or open it
 * in `fill`, which closes it again; no store is open when `fill` is done. Go on with the directory
 * that is returned.
 *
 * ```ts
 * const now = await replaceStore(directory, async (fresh) => {
 *   const old = await openDirectoryStore(directory);
 *   try {
 *     await copyStore(old, fresh, options);
 *   } finally {
 *     await old.close();
 *   }
 * });
 * ```
 *
 * @param fill writes the rows of the new store, at any level
 * @param database what the new store is. Default: what the old one is
 * @returns the same directory with its database as it is now
 * @throws what `fill` throws, `STORE_UNAVAILABLE`, `STORE_OPEN_FAILED`, `STORE_WRITE_FAILED` and
 *   `DATA_DIRECTORY_UNUSABLE`; except for the last, the old store is as it was
 */
export async function replaceStore(
  directory: DataDirectory,
  fill: (fresh: KvStore) => Promise<void>,
  database: Database = directory.database,
): Promise<DataDirectory> {
  const { path } = directory;
  const newStore = join(path, NEW_STORE_NAME);
  await asDirectoryError(path, () => deleteDatabase(newStore));
  try {
    await fillStore(newStore, database, fill);
  } catch (error) {
    // The next start would do that as well.
    await asDirectoryError(path, () => deleteDatabase(newStore));
    throw error;
  }
  await asDirectoryError(path, () => putInPlace(path));
  return { ...directory, database };
}

/** What an interrupted {@link replaceStore} has left goes back, or on when the new store is in place. */
export async function finishReplacement(path: string): Promise<void> {
  const names = await namesIn(path);
  if (names.includes(NEW_STORE_NAME)) await deleteDatabase(join(path, NEW_STORE_NAME));
  if (!names.includes(OLD_STORE_NAME)) return;
  if (names.includes(STORE_NAME)) {
    // The crash may have come before the new store's name was on the disk.
    await syncFolder(path);
    await removeOldStore(path);
  } else {
    await rename(join(path, OLD_STORE_NAME), join(path, STORE_NAME));
  }
  await syncFolder(path);
}

/** The new store is complete, closed and on the disk when this is done. */
async function fillStore(
  newStore: string,
  database: Database,
  fill: (fresh: KvStore) => Promise<void>,
): Promise<void> {
  const fresh = await openStoreFolder(newStore, database);
  try {
    await fill(fresh);
    await fresh.commit(new WriteBatch(), 'power');
  } finally {
    await fresh.close();
  }
}

/** Each step is on the disk before the next, so that the system cannot swap them. */
async function putInPlace(path: string): Promise<void> {
  const store = join(path, STORE_NAME);
  const newStore = join(path, NEW_STORE_NAME);
  await syncFolder(newStore);
  if ((await namesIn(path)).includes(STORE_NAME)) await rename(store, join(path, OLD_STORE_NAME));
  await syncFolder(path);
  await rename(newStore, store);
  await syncFolder(path);
  await removeOldStore(path);
  await syncFolder(path);
}

/** Files in it that no database has written are not ours to delete. */
async function removeOldStore(path: string): Promise<void> {
  const store = join(path, STORE_NAME);
  const oldStore = join(path, OLD_STORE_NAME);
  const foreign = (await namesIn(oldStore)).filter((name) => !isDatabaseName(name));
  for (const name of foreign) await rename(join(oldStore, name), join(store, name));
  if (foreign.length > 0) await syncFolder(store);
  await deleteDatabase(oldStore);
}
