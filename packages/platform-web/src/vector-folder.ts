import { isLucernaError, type Threads } from '@lucerna/base';
import { type AppendFile, type BlobDir, checkBlobName, storageErrors } from '@lucerna/storage';
import {
  checkFolderMarker,
  FOLDER_MARKER,
  FOLDER_MARKER_NAME,
  FOLDER_NAMES,
  readOnlyBlobs,
  readOnlyFile,
  type VectorFolder,
  vectorErrors,
} from '@lucerna/vector';
import { fileNames, openBlobDir, readBlobDir } from './blob-dir.ts';
import type { FolderHandle } from './browser.ts';
import { errorName, isMissing, openError, readError, writeError } from './file-errors.ts';
import { openFile, openFileToRead } from './files.ts';
import {
  type FolderMarker,
  findFolder,
  foreignFile,
  hasSyncHandles,
  readMarker,
  writeMarker,
} from './folder.ts';
import { takeFolderLock } from './folder-lock.ts';
import { openRemoteFolder } from './remote-folder.ts';

const MARKER: FolderMarker = { name: FOLDER_MARKER_NAME, text: FOLDER_MARKER };

/** How the folder of a vector database is opened. */
export type OpenVectorFolderOptions = {
  /** `write` makes the folder where it is missing, and takes its lock. Default. */
  readonly access?: 'write' | 'read';
  /** Pages write through a thread of them: files are written in dedicated workers only. */
  readonly threads?: Threads;
};

/**
 * The folder of a vector database in the origin private file system; `path` is `name` or
 * `name/of/folder`. One page or worker of the origin writes, by a lock that the browser gives up when
 * it is closed; who reads takes none and leaves everything as it is.
 *
 * @throws `VECTOR_FOLDER_IN_USE` by another writer; `VECTOR_FOLDER_FOREIGN` when there are other files;
 *   `VECTOR_FOLDER_MISSING` for a reader; `VECTOR_FORMAT_UNKNOWN`; `FILE_OPEN_FAILED` when the browser
 *   refuses, has no such files (also: the page is not served over HTTPS or from this machine), or is to
 *   write from a page without `threads`
 */
export async function openVectorFolder(
  path: string,
  { access = 'write', threads }: OpenVectorFolderOptions = {},
): Promise<VectorFolder> {
  try {
    if (access === 'read') return await openToRead(path);
    if (hasSyncHandles()) return await openToWrite(path);
    if (threads !== undefined) return await openRemoteFolder(path, threads);
  } catch (error) {
    if (isLucernaError(error)) throw error;
    throw openError(error, { path });
  }
  throw openError('a page needs threads to write files', { path });
}

async function openToWrite(path: string): Promise<VectorFolder> {
  const unlock = await takeFolderLock({
    prefix: 'lucerna-vector',
    path,
    inUse: (cause) => {
      const detail = `another page or worker writes to ${path}`;
      return vectorErrors.create('VECTOR_FOLDER_IN_USE', detail, { path }, cause);
    },
  });
  try {
    const folder = await findFolder(path, true);
    if (!(await hasMarker(folder, path))) {
      await checkEmpty(folder, path);
      await writeMarker(folder, MARKER, path);
    }
    const logs = await folder.getDirectoryHandle(FOLDER_NAMES.logs, { create: true });
    const blobs = await folder.getDirectoryHandle(FOLDER_NAMES.blobs, { create: true });
    return new OpfsVectorFolder(logs, await openBlobDir(blobs), unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openToRead(path: string): Promise<VectorFolder> {
  let folder: FolderHandle;
  try {
    folder = await findFolder(path, false);
    if (!(await hasMarker(folder, path))) throw missing(path);
    const logs = await folder.getDirectoryHandle(FOLDER_NAMES.logs);
    const blobs = await folder.getDirectoryHandle(FOLDER_NAMES.blobs);
    return new OpfsVectorFolder(logs, readOnlyBlobs(readBlobDir(blobs)));
  } catch (error) {
    // Another page may be about to make it.
    throw isMissing(error) || errorName(error) === 'TypeMismatchError' ? missing(path) : error;
  }
}

function missing(path: string): Error {
  return vectorErrors.create('VECTOR_FOLDER_MISSING', path, { path });
}

/** @throws `VECTOR_FORMAT_UNKNOWN` */
async function hasMarker(folder: FolderHandle, path: string): Promise<boolean> {
  const text = await readMarker(folder, MARKER.name);
  if (text === undefined) return false;
  checkFolderMarker(text, path);
  return true;
}

/** Without the marker, nothing but what an opening that was cut short has left may be there. */
async function checkEmpty(folder: FolderHandle, path: string): Promise<void> {
  const file = await foreignFile(folder, MARKER);
  if (file === undefined) return;
  const detail = `${path} has ${JSON.stringify(file)}`;
  throw vectorErrors.create('VECTOR_FOLDER_FOREIGN', detail, { path, file });
}

class OpfsVectorFolder implements VectorFolder {
  readonly access: 'write' | 'read';
  readonly blobs: BlobDir;
  readonly #logs: FolderHandle;
  readonly #unlock: (() => Promise<void>) | undefined;
  #closed = false;

  /** @param unlock of a writer */
  constructor(logs: FolderHandle, blobs: BlobDir, unlock?: () => Promise<void>) {
    this.access = unlock === undefined ? 'read' : 'write';
    this.blobs = blobs;
    this.#logs = logs;
    this.#unlock = unlock;
  }

  async openLog(name: string): Promise<AppendFile> {
    this.#check(name);
    if (this.access === 'write') return openFile(this.#logs, name);
    return readOnlyFile(await openFileToRead(this.#logs, name));
  }

  async logNames(): Promise<readonly string[]> {
    this.#checkOpen();
    try {
      return await fileNames(this.#logs);
    } catch (error) {
      throw readError(error, {});
    }
  }

  async removeLog(name: string): Promise<void> {
    this.#check(name);
    if (this.access === 'read') throw vectorErrors.create('DATABASE_READ_ONLY');
    try {
      await this.#logs.removeEntry(name);
    } catch (error) {
      if (!isMissing(error)) throw writeError(error, { name });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.blobs.close();
    await this.#unlock?.();
  }

  #check(name: string): void {
    this.#checkOpen();
    checkBlobName(name);
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED');
  }
}
