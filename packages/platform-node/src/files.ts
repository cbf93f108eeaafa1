import { constants, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { assert, type Fields } from '@lucerna/base';
import { type AppendFile, checkReadRange, storageErrors } from '@lucerna/storage';
import { FILE_DIRECT_WRITE_BYTES } from './limits.ts';

/**
 * The append file at `path`, made when it is missing.
 *
 * A sync that failed once makes the file unusable until it is opened again: the system has then
 * dropped what it could not write, and a second sync would succeed without having stored it.
 *
 * @throws `FILE_OPEN_FAILED`
 */
export async function openFile(path: string): Promise<AppendFile> {
  try {
    const handle = await openOrCreate(path);
    const { size } = await handle.stat();
    return new NodeFile(handle, path, size);
  } catch (error) {
    throw storageErrors.create('FILE_OPEN_FAILED', messageOf(error), { path }, error);
  }
}

/**
 * The file at `path` as it is now, which somebody else may be appending to: it keeps the size that it
 * has at this moment, and what changes it fails.
 *
 * @throws `FILE_OPEN_FAILED`, also when it is missing
 */
export async function openFileToRead(path: string): Promise<AppendFile> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    const { size } = await handle.stat();
    return new NodeFile(handle, path, size);
  } catch (error) {
    throw storageErrors.create('FILE_OPEN_FAILED', messageOf(error), { path }, error);
  }
}

/**
 * Makes the folder and those above it that are missing; each outlives a power loss. Not by
 * `recursive`: where a parent exists in which nothing can be made, such as /proc, Node.js tries for
 * ever.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdirIfMissing(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await mkdirIfMissing(path);
  }
}

async function mkdirIfMissing(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return;
  }
  await syncFolder(dirname(path));
}

/**
 * Makes the entries of the folder `path` outlive a power loss: a new file's own sync stores its bytes
 * and not its name. Windows has no such call and needs none.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  try {
    return await open(path, O_RDWR);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const handle = await open(path, O_RDWR | O_CREAT | O_EXCL);
  await syncFolder(dirname(path));
  return handle;
}

class NodeFile implements AppendFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #size: number;
  #closed = false;
  #syncFailure: unknown;

  constructor(handle: FileHandle, path: string, size: number) {
    this.#handle = handle;
    this.#path = path;
    this.#size = size;
  }

  size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#checkUsable();
    let written = 0;
    try {
      while (written < bytes.length) {
        const bytesWritten = await this.#write(bytes, written);
        written += bytesWritten;
        this.#size += bytesWritten;
      }
    } catch (error) {
      throw writeError(error, { path: this.#path, length: bytes.length, written });
    }
  }

  /**
   * Appends `bytes` from `start` on; how many of them were taken. Few bytes are in the system's cache
   * sooner than a thread would have been woken up for them, and whoever sent a transaction waits.
   */
  #write(bytes: Uint8Array, start: number): number | Promise<number> {
    const length = bytes.length - start;
    if (length <= FILE_DIRECT_WRITE_BYTES) {
      return writeSync(this.#handle.fd, bytes, start, length, this.#size);
    }
    return this.#handle
      .write(bytes, start, length, this.#size)
      .then(({ bytesWritten }) => bytesWritten);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#checkOpen();
    checkReadRange(offset, length, this.#size);
    return readFrom(this.#handle, offset, length, this.#path);
  }

  async sync(): Promise<void> {
    this.#checkUsable();
    try {
      await this.#handle.datasync();
    } catch (error) {
      this.#syncFailure = error;
      throw syncError(error, { path: this.#path });
    }
  }

  async truncate(size: number): Promise<void> {
    this.#checkUsable();
    assert(size >= 0 && size <= this.#size, 'a file is only cut where it has bytes');
    try {
      await this.#handle.truncate(size);
    } catch (error) {
      throw writeError(error, { path: this.#path, size });
    }
    this.#size = size;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED', undefined, { path: this.#path });
  }

  #checkUsable(): void {
    this.#checkOpen();
    if (this.#syncFailure !== undefined) {
      throw syncError(this.#syncFailure, { path: this.#path });
    }
  }
}

/**
 * Bytes of an open file that it should have, in an array of their own.
 *
 * @throws `FILE_READ_FAILED`, also when somebody else has cut the file
 */
export async function readFrom(
  handle: FileHandle,
  offset: number,
  length: number,
  path: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    while (done < length) {
      const result = await handle.read(bytes, done, length - done, offset + done);
      if (result.bytesRead === 0) throw new Error('the file was cut by somebody else');
      done += result.bytesRead;
    }
  } catch (error) {
    throw readError(error, { path, offset, length });
  }
  return bytes;
}

/** `FILE_READ_FAILED` with what the system said. */
export function readError(error: unknown, fields: Fields): Error {
  return storageErrors.create('FILE_READ_FAILED', messageOf(error), fields, error);
}

/** `FILE_WRITE_FAILED`, or `FILE_DISK_FULL` when the system said that. */
export function writeError(error: unknown, fields: Fields): Error {
  const full = ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
  const code = full ? 'FILE_DISK_FULL' : 'FILE_WRITE_FAILED';
  return storageErrors.create(code, messageOf(error), fields, error);
}

/** `FILE_SYNC_FAILED` with what the system said. */
export function syncError(error: unknown, fields: Fields): Error {
  return storageErrors.create('FILE_SYNC_FAILED', messageOf(error), fields, error);
}

/** The system's name of what went wrong (`ENOENT`), or the empty text. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
