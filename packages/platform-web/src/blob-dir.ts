import { type Durability, isLucernaError } from '@lucerna/base';
import { type BlobDir, checkBlobName, checkReadRange, storageErrors } from '@lucerna/storage';
import type { FileHandle, FolderHandle, SyncAccessHandle } from './browser.ts';
import { isMissing, readError, syncError, writeError } from './file-errors.ts';
import { openHandle, writeAll } from './files.ts';

/** A file that is being written, or that a page which was closed has left. No blob begins with a dot. */
const NEW_BLOB_NAME = /^\.\d+\.new$/;

type Parts = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The blobs in `folder`, one file each. What earlier pages have left of blobs that were being written is
 * removed. Changes are for dedicated workers only.
 *
 * A blob is written beside the others, flushed and moved into place. There is no way to flush a folder:
 * at level `power`, it is the browser that sees to the names.
 */
export async function openBlobDir(folder: FolderHandle): Promise<BlobDir> {
  const remains: string[] = [];
  for await (const [name] of folder.entries()) if (NEW_BLOB_NAME.test(name)) remains.push(name);
  for (const name of remains) await folder.removeEntry(name);
  return new OpfsBlobDir(folder);
}

/** The blobs in `folder`, which somebody else may be writing to: nothing there is touched. */
export function readBlobDir(folder: FolderHandle): BlobDir {
  return new OpfsBlobDir(folder);
}

class OpfsBlobDir implements BlobDir {
  readonly #folder: FolderHandle;
  #written = 0;
  #closed = false;
  #syncFailure: unknown;

  constructor(folder: FolderHandle) {
    this.#folder = folder;
  }

  async names(): Promise<readonly string[]> {
    this.#checkOpen();
    try {
      return await fileNames(this.#folder);
    } catch (error) {
      throw readError(error, {});
    }
  }

  async size(name: string): Promise<number | undefined> {
    return (await this.#find(name))?.size;
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    const file = await this.#find(name);
    if (file === undefined) throw storageErrors.create('BLOB_MISSING', `"${name}"`, { name });
    checkReadRange(offset, length, file.size);
    try {
      return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
    } catch (error) {
      throw readError(error, { name, offset, length });
    }
  }

  async write(name: string, parts: Parts, _level: Durability): Promise<void> {
    this.#check(name);
    this.#checkSynced();
    this.#written += 1;
    const newName = `.${this.#written}.new`;
    try {
      const file = await this.#ask(name, () =>
        this.#folder.getFileHandle(newName, { create: true }),
      );
      await this.#fill(file, name, parts);
      this.#checkOpen();
      await this.#ask(name, () => file.move(name));
    } catch (error) {
      // It is the first error that says what is wrong.
      await this.#folder.removeEntry(newName).catch(() => undefined);
      throw error;
    }
  }

  async remove(name: string, _level: Durability): Promise<void> {
    this.#check(name);
    this.#checkSynced();
    try {
      await this.#folder.removeEntry(name);
    } catch (error) {
      if (!isMissing(error)) throw writeError(error, { name });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** The new file of a blob, with all its bytes on the disk. */
  async #fill(file: FileHandle, name: string, parts: Parts): Promise<void> {
    const handle: SyncAccessHandle = await this.#ask(name, () => openHandle(file));
    try {
      handle.truncate(0);
      let size = 0;
      for await (const part of parts) {
        await this.#ask(name, () =>
          writeAll(handle, part, size, (count) => {
            size += count;
          }),
        );
      }
      this.#flush(handle, name);
    } finally {
      handle.close();
    }
  }

  #flush(handle: SyncAccessHandle, name: string): void {
    try {
      handle.flush();
    } catch (error) {
      this.#syncFailure = error;
      throw syncError(error, { name });
    }
  }

  async #ask<T>(name: string, call: () => T | Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw writeError(error, { name });
    }
  }

  /** The blob's file as it is now. */
  async #find(name: string): Promise<Blob | undefined> {
    this.#check(name);
    try {
      return await (await this.#folder.getFileHandle(name)).getFile();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw readError(error, { name });
    }
  }

  #check(name: string): void {
    this.#checkOpen();
    checkBlobName(name);
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED');
  }

  /** A second flush would succeed without having stored what the first one could not. */
  #checkSynced(): void {
    if (this.#syncFailure !== undefined) throw syncError(this.#syncFailure, {});
  }
}

/** Names of the files that a blob or a log could have, sorted by unsigned bytes. */
export async function fileNames(folder: FolderHandle): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const [name, { kind }] of folder.entries()) {
    if (kind === 'file' && isFileName(name)) names.push(name);
  }
  return names.sort();
}

function isFileName(name: string): boolean {
  try {
    checkBlobName(name);
    return true;
  } catch (error) {
    if (isLucernaError(error, 'BLOB_NAME_INVALID')) return false;
    throw error;
  }
}
