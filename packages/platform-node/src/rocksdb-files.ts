import { readdir } from 'node:fs/promises';
import { storageErrors } from '@lucerna/storage';

/** Names the file that lists the database's files. */
const CURRENT_NAME = 'CURRENT';

/** What RocksDB writes in its folder, with the options that we give it. */
const ROCKS_NAME =
  /^(CURRENT|IDENTITY|LOCK|MANIFEST-\d+|OPTIONS-\d+(\.dbtmp)?|\d+\.(sst|log|dbtmp))$/;

/** Whether `name` is a file that RocksDB writes in its folder. */
export function isRocksName(name: string): boolean {
  return ROCKS_NAME.test(name);
}

/**
 * Checks that a folder with rows or a log of RocksDB has the file that says which of them belong to
 * the database. Without it, RocksDB would begin a new database and delete them.
 *
 * @throws `STORE_CORRUPT`
 */
export async function checkRocksFiles(path: string): Promise<void> {
  const names = await readdir(path);
  if (names.includes(CURRENT_NAME)) return;
  const file = names.find((name) => /^\d+\.(sst|log)$/.test(name));
  if (file === undefined) return;
  throw storageErrors.create('STORE_CORRUPT', `${path} has ${file} but no ${CURRENT_NAME}`, {
    path,
    file,
  });
}
