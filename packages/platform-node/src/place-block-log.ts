import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '@lucerna/base';
import { deleteData } from './delete-data.ts';
import {
  asDirectoryError,
  BLOCK_LOG_NAME,
  type DataDirectory,
  directoryError,
  NEW_BLOCK_LOG_NAME,
} from './directory-layout.ts';
import { errorCode, syncError, writeError } from './files.ts';
import { type ReplaceStep, replaceFile } from './replace-file.ts';

/**
 * Gives a directory without a chain the block log that `parts` make up, in place of what its store
 * may hold. A crash at any moment leaves all of the log or no chain. No store and no log is open
 * meanwhile.
 *
 * @throws what `parts` throws, `FILE_*` and `DATA_DIRECTORY_UNUSABLE`; there is no chain then. Only
 *   where the system did not confirm the log's name at the very end, all of the log may come back with
 *   a power loss, or stay when it cannot be removed
 */
export async function placeBlockLog(
  directory: DataDirectory,
  parts: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { path, blockLogPath } = directory;
  const size = await asDirectoryError(path, () => sizeOf(blockLogPath));
  assert(size === 0, 'the directory has no chain');
  await asDirectoryError(path, () => deleteData(path));
  try {
    await replaceFile(blockLogPath, parts, {
      // What cannot be removed after a failure is removed at the next start.
      newPath: join(path, NEW_BLOCK_LOG_NAME),
      level: 'power',
      failed: (error, step) => placeError(directory, error, step),
    });
  } catch (error) {
    // It may be there already, and who is told of a failure begins anew.
    await asDirectoryError(path, () => rm(blockLogPath, { force: true }));
    throw error;
  }
}

function placeError(directory: DataDirectory, error: unknown, step: ReplaceStep): unknown {
  const { path, blockLogPath } = directory;
  if (step === 'write') return writeError(error, { path: blockLogPath });
  if (step === 'sync') return syncError(error, { path: blockLogPath });
  return directoryError(path, error);
}

/**
 * Whether the folder `path` has a block log with anything in it. Makes nothing, and needs no lock: for
 * what is only known once the directory was opened, ask again then.
 *
 * @throws `DATA_DIRECTORY_UNUSABLE` when the system refuses
 */
export async function hasChain(path: string): Promise<boolean> {
  return asDirectoryError(path, async () => (await sizeOf(join(path, BLOCK_LOG_NAME))) > 0);
}

/**
 * Deletes the chain of a directory. No store and no log is open meanwhile. The database that the
 * directory names is the one that it gets again.
 *
 * @throws `DATA_DIRECTORY_UNUSABLE` when the system refuses
 */
export async function deleteChain({ path }: DataDirectory): Promise<void> {
  await asDirectoryError(path, () => deleteData(path));
}

/** 0 when there is no such file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
