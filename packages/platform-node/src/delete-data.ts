import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BLOCK_LOG_NAME,
  NEW_BLOCK_LOG_NAME,
  NEW_STORE_NAME,
  OLD_STORE_NAME,
  POOL_JOURNAL_NAMES,
  STORE_NAME,
} from './directory-layout.ts';
import { syncFolder } from './files.ts';
import { deleteDatabase } from './store-folder.ts';

/**
 * Deletes the chain in the folder `path`. The store goes before the log: if this is interrupted, the
 * log that is left makes the store again, while a store without its log would be refused.
 */
export async function deleteData(path: string): Promise<void> {
  for (const name of [STORE_NAME, NEW_STORE_NAME, OLD_STORE_NAME]) {
    await deleteDatabase(join(path, name));
  }
  await syncFolder(path);
  for (const name of [...POOL_JOURNAL_NAMES, NEW_BLOCK_LOG_NAME, BLOCK_LOG_NAME]) {
    await rm(join(path, name), { force: true });
  }
  await syncFolder(path);
}
