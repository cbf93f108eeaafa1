import { basename, dirname, join, resolve } from 'node:path';
import { openFileToRead, syncError, writeError } from '@lucerna/platform-node/files';
import { replaceFile } from '@lucerna/platform-node/replace-file';
import type { ArchiveFile } from './archive.ts';

/** Gives the file at `path` to `read`, and closes it. @throws `FILE_OPEN_FAILED`, `FILE_READ_FAILED` */
export async function withArchive<T>(
  path: string,
  read: (file: ArchiveFile) => Promise<T>,
): Promise<T> {
  const file = await openFileToRead(path);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

/**
 * Writes all parts to the file at `target`, in place of one that is there, which stays as it is until the
 * new one is whole. @returns bytes
 *
 * @throws `FILE_WRITE_FAILED`, `FILE_DISK_FULL`, `FILE_SYNC_FAILED`
 */
export async function writeToFile(
  parts: AsyncIterable<Uint8Array>,
  target: string,
): Promise<number> {
  const path = resolve(target);
  return replaceFile(path, parts, {
    newPath: join(dirname(path), `.${basename(path)}.new`),
    level: 'power',
    failed: (error, step) =>
      step === 'sync' || step === 'syncFolder'
        ? syncError(error, { path })
        : writeError(error, { path }),
  });
}
