import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import {
  BLOCK_LOG_NAME,
  type DataDirectory,
  directoryError,
  STORE_NAME,
} from './directory-layout.ts';
import { errorCode } from './files.ts';

/** Bytes of the files in a data directory. */
export type DirectoryUsage = {
  readonly blockLogBytes: number;
  readonly storeBytes: number;
  /** Everything else, also what is not from Lucerna. */
  readonly otherBytes: number;
};

/**
 * What the files of a data directory hold, by their lengths. The store may be open: a file that it
 * deletes meanwhile counts as nothing.
 *
 * @throws `DATA_DIRECTORY_UNUSABLE` when the system refuses
 */
export async function directoryUsage(directory: DataDirectory): Promise<DirectoryUsage> {
  const { path } = directory;
  let [blockLogBytes, storeBytes, otherBytes] = [0, 0, 0];
  try {
    for (const name of await readdir(path, { recursive: true })) {
      const bytes = await fileBytes(join(path, name));
      if (name === BLOCK_LOG_NAME) blockLogBytes += bytes;
      else if (name.startsWith(`${STORE_NAME}${sep}`)) storeBytes += bytes;
      else otherBytes += bytes;
    }
  } catch (error) {
    throw directoryError(path, error);
  }
  return { blockLogBytes, storeBytes, otherBytes };
}

async function fileBytes(path: string): Promise<number> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 0;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
