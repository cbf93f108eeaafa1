import { assert, present } from '@lucerna/base';
import { type AppendFile, checkReadRange, storageErrors } from '@lucerna/storage';
import type { FileHandle, FolderHandle, SyncAccessHandle } from './browser.ts';
import { errorName, openError, readError, syncError, writeError } from './file-errors.ts';
import { TAKEOVER_MS } from './limits.ts';

/** How long it is waited between two looks at whether a file is free. */
const TAKEOVER_STEP_MS = 10;

/**
 * The file `name` of a folder, made when it is missing. In dedicated workers only: nowhere else does a
 * browser append to a file without copying it. While it is open nobody else can write to it, and the
 * browser closes it when the worker ends.
 *
 * @throws `FILE_OPEN_FAILED`, also when somebody else has it open
 */
export async function openFile(folder: FolderHandle, name: string): Promise<AppendFile> {
  try {
    const handle = await openHandle(await folder.getFileHandle(name, { create: true }));
    return new SyncFile(handle, name);
  } catch (error) {
    throw openError(error, { name });
  }
}

/**
 * The file `name` as it is now, which somebody else may be appending to: it keeps the size that it has
 * at this moment. Nothing here changes it.
 *
 * @throws `FILE_OPEN_FAILED`, also when it is missing
 */
export async function openFileToRead(folder: FolderHandle, name: string): Promise<AppendFile> {
  let handle: FileHandle;
  let size: number;
  try {
    handle = await folder.getFileHandle(name);
    ({ size } = await handle.getFile());
  } catch (error) {
    throw openError(error, { name });
  }
  let closed = false;
  const cannotWrite = async (): Promise<never> => {
    throw storageErrors.create('FILE_WRITE_FAILED', 'it was opened to be read', { name });
  };
  return {
    size: () => size,
    read: async (offset, length): Promise<Uint8Array> => {
      if (closed) throw storageErrors.create('FILE_CLOSED', undefined, { name });
      checkReadRange(offset, length, size);
      return readPart(handle, offset, length, name);
    },
    close: async (): Promise<void> => {
      closed = true;
    },
    append: cannotWrite,
    sync: cannotWrite,
    truncate: cannotWrite,
  };
}

/** Bytes of a file that it should have. @throws `FILE_READ_FAILED`, also when somebody has cut it */
async function readPart(
  handle: FileHandle,
  offset: number,
  length: number,
  name: string,
): Promise<Uint8Array> {
  try {
    // Anew each time: once the file has changed, what was taken before may not be read any more.
    const file = await handle.getFile();
    const bytes = new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
    if (bytes.length < length) throw new Error('the file was cut by somebody else');
    return bytes;
  } catch (error) {
    throw readError(error, { name, offset, length });
  }
}

/**
 * The handle that reads and writes at once; for whoever is the folder's only writer. A page that was
 * closed holds on to its files for a moment longer than to the folder's lock: that is waited for.
 */
export async function openHandle(file: FileHandle): Promise<SyncAccessHandle> {
  assert(file.createSyncAccessHandle !== undefined, 'files are written in a dedicated worker');
  const untilMs = performance.now() + TAKEOVER_MS;
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const isOpen = errorName(error) === 'NoModificationAllowedError';
      if (!isOpen || performance.now() > untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, TAKEOVER_STEP_MS));
  }
}

/**
 * Writes all of `bytes` at `offset`; `wrote` is told how many of them have arrived.
 *
 * @throws what the browser says
 */
export function writeAll(
  handle: SyncAccessHandle,
  bytes: Uint8Array,
  offset: number,
  wrote: (count: number) => void,
): void {
  let written = 0;
  while (written < bytes.length) {
    const count = handle.write(bytes.subarray(written), { at: offset + written });
    if (count === 0) throw new Error('the browser took no bytes');
    written += count;
    wrote(count);
  }
}

class SyncFile implements AppendFile {
  #handle: SyncAccessHandle | undefined;
  readonly #name: string;
  #size: number;
  #syncFailure: unknown;

  constructor(handle: SyncAccessHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
    this.#size = handle.getSize();
  }

  size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const handle = this.#usable();
    try {
      writeAll(handle, bytes, this.#size, (count) => {
        this.#size += count;
      });
    } catch (error) {
      throw writeError(error, { name: this.#name, length: bytes.length });
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const handle = this.#open();
    checkReadRange(offset, length, this.#size);
    const bytes = new Uint8Array(length);
    try {
      let done = 0;
      while (done < length) {
        const count = handle.read(bytes.subarray(done), { at: offset + done });
        if (count === 0) throw new Error('the file ends before its end');
        done += count;
      }
    } catch (error) {
      throw readError(error, { name: this.#name, offset, length });
    }
    return bytes;
  }

  async sync(): Promise<void> {
    const handle = this.#usable();
    try {
      handle.flush();
    } catch (error) {
      this.#syncFailure = present(error, 'a browser throws errors');
      throw syncError(error, { name: this.#name });
    }
  }

  async truncate(size: number): Promise<void> {
    const handle = this.#usable();
    assert(size >= 0 && size <= this.#size, 'a file is only cut where it has bytes');
    try {
      handle.truncate(size);
    } catch (error) {
      throw writeError(error, { name: this.#name, size });
    }
    this.#size = size;
  }

  async close(): Promise<void> {
    this.#handle?.close();
    this.#handle = undefined;
  }

  #open(): SyncAccessHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw storageErrors.create('FILE_CLOSED', undefined, { name: this.#name });
  }

  /** A second sync would succeed without having stored what the first one could not. */
  #usable(): SyncAccessHandle {
    const handle = this.#open();
    if (this.#syncFailure === undefined) return handle;
    throw syncError(this.#syncFailure, { name: this.#name });
  }
}
