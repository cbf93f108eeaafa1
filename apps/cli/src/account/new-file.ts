import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, syncFolder } from '@lucerna/platform-node/files';
import { cliErrors } from '../errors.ts';

/** The owner may read and write it, nobody else anything. */
const OWNER_ONLY = 0o600;

/**
 * Writes a file with a secret in it, which only its owner may read. It is there when it is whole and on
 * the disk, and not before; a file that is there already stays as it is.
 *
 * @throws `KEY_FILE_EXISTS`, `OUTPUT_UNWRITABLE`
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const newPath = join(dirname(path), `.${basename(path)}.new`);
  try {
    await checkMissing(path);
    // What a killed one has left: nobody else writes there.
    await rm(newPath, { force: true });
    try {
      await writeSynced(newPath, text);
      await place(newPath, path);
    } finally {
      await rm(newPath, { force: true });
    }
    await syncFolder(dirname(path));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw exists(path);
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw cliErrors.create('OUTPUT_UNWRITABLE', error.message, { path }, error);
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using handle = await open(path, 'wx', OWNER_ONLY);
  await handle.writeFile(text);
  await handle.sync();
}

/** Gives the file its name: a link does not replace one that has come meanwhile, as renaming would. */
async function place(newPath: string, path: string): Promise<void> {
  try {
    await link(newPath, path);
  } catch (error) {
    // File systems without links, such as those of memory cards.
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error))) throw error;
    await checkMissing(path);
    await rename(newPath, path);
  }
}

async function checkMissing(path: string): Promise<void> {
  try {
    await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  throw exists(path);
}

function exists(path: string): Error {
  return cliErrors.create('KEY_FILE_EXISTS', path, { path });
}
