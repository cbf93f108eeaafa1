import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './files.ts';
import { LMDB_ROOM_BYTES } from './limits.ts';

/**
 * Checks that there is room for what LMDB writes when it makes its files in the folder `path`: on a
 * full disk the native library ends the process instead of reporting it (3.5.6), by a write to its
 * lock file, which it maps, or after one to its data file. Where both files are there, nothing is
 * written.
 *
 * The lock file itself takes the bytes and gives them up again, so that a crash leaves nothing that
 * LMDB does not replace. Nobody has the environment open.
 *
 * @throws the system's error
 */
export async function checkLmdbRoom(path: string): Promise<void> {
  const lock = join(path, 'lock.mdb');
  if ((await isFilled(lock)) && (await isFilled(join(path, 'data.mdb')))) return;
  const handle: FileHandle = await open(lock, 'w');
  try {
    await handle.writeFile(new Uint8Array(LMDB_ROOM_BYTES));
    // Until then the system may only have promised the room.
    await handle.datasync();
  } finally {
    await handle.truncate(0).finally(() => handle.close());
  }
}

async function isFilled(file: string): Promise<boolean> {
  try {
    return (await stat(file)).size > 0;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
