import { type FileHandle, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Durability, isLucernaError } from '@lucerna/base';
import { type BlobDir, checkBlobName, checkReadRange, storageErrors } from '@lucerna/storage';
import {
  errorCode,
  makeFolder,
  readError,
  readFrom,
  syncError,
  syncFolder,
  writeError,
} from './files.ts';
import { type ReplaceStep, replaceFile } from './replace-file.ts';

/** A file that is being written, or that a crash has left. No blob begins with a dot. */
const NEW_BLOB_NAME = /^\.\d+\.new$/;

/**
 * The blobs in the folder `path` (made when missing), one file each. What a crash has left of blobs
 * that were being written is removed; files whose names no blob can have are left alone.
 *
 * A blob is written beside the others, synced and renamed, at either level: unsynced, a power loss
 * could leave the new name with half of the bytes. Level `power` syncs the folder as well.
 *
 * @throws `FILE_OPEN_FAILED`
 */
export async function openBlobDir(path: string): Promise<BlobDir> {
  try {
    await makeFolder(path);
    for (const name of await readdir(path)) {
      if (NEW_BLOB_NAME.test(name)) await rm(join(path, name));
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw storageErrors.create('FILE_OPEN_FAILED', detail, { path }, error);
  }
  return new NodeBlobDir(path);
}

/**
 * The blobs in the folder `path`, which somebody else may be writing to: nothing there is touched as
 * long as neither `write` nor `remove` is called.
 */
export function readBlobDir(path: string): BlobDir {
  return new NodeBlobDir(path);
}

class NodeBlobDir implements BlobDir {
  readonly #path: string;
  #written = 0;
  #closed = false;
  #syncFailure: unknown;

  constructor(path: string) {
    this.#path = path;
  }

  async names(): Promise<readonly string[]> {
    this.#checkOpen();
    try {
      const entries = await readdir(this.#path, { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && isBlobName(entry.name));
      return files.map(({ name }) => name).sort();
    } catch (error) {
      throw readError(error, { path: this.#path });
    }
  }

  async size(name: string): Promise<number | undefined> {
    const path = this.#pathOf(name);
    try {
      const found = await stat(path);
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw readError(error, { path });
    }
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    const path = this.#pathOf(name);
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw missing(name);
      throw readError(error, { path });
    }
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw missing(name);
      checkReadRange(offset, length, found.size);
      return await readFrom(handle, offset, length, path);
    } finally {
      await handle.close();
    }
  }

  async write(
    name: string,
    parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    level: Durability,
  ): Promise<void> {
    const path = this.#pathOf(name);
    this.#checkSynced();
    this.#written += 1;
    await replaceFile(path, parts, {
      // What cannot be removed after a failure is removed at the next start.
      newPath: join(this.#path, `.${this.#written}.new`),
      level,
      beforeRename: () => this.#checkOpen(),
      failed: (error, step) => this.#writeFailed(error, step, path),
    });
  }

  async remove(name: string, level: Durability): Promise<void> {
    const path = this.#pathOf(name);
    this.#checkSynced();
    try {
      await unlink(path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw writeError(error, { path });
    }
    if (level === 'process') return;
    try {
      await syncFolder(this.#path);
    } catch (error) {
      throw this.#syncFailed(error, this.#path);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #writeFailed(error: unknown, step: ReplaceStep, path: string): Error {
    if (step === 'sync') return this.#syncFailed(error, path);
    if (step === 'syncFolder') return this.#syncFailed(error, this.#path);
    return writeError(error, { path });
  }

  #syncFailed(error: unknown, path: string): Error {
    this.#syncFailure = error;
    return syncError(error, { path });
  }

  #pathOf(name: string): string {
    this.#checkOpen();
    checkBlobName(name);
    return join(this.#path, name);
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED', undefined, { path: this.#path });
  }

  /** A second sync would succeed without having stored what the first one could not. */
  #checkSynced(): void {
    if (this.#syncFailure !== undefined) throw syncError(this.#syncFailure, { path: this.#path });
  }
}

function isBlobName(name: string): boolean {
  try {
    checkBlobName(name);
    return true;
  } catch (error) {
    if (isLucernaError(error, 'BLOB_NAME_INVALID')) return false;
    throw error;
  }
}

function missing(name: string): Error {
  return storageErrors.create('BLOB_MISSING', `"${name}"`, { name });
}
