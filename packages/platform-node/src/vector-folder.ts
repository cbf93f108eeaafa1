import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isLucernaError } from '@lucerna/base';
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
import { openBlobDir, readBlobDir } from './blob-dir.ts';
import {
  errorCode,
  makeFolder,
  openFile,
  openFileToRead,
  readError,
  syncError,
  writeError,
} from './files.ts';
import { isLockName, takeProcessLock } from './process-lock.ts';
import { replaceFile } from './replace-file.ts';

/** The marker while it is being written. */
const NEW_MARKER_NAME = `${FOLDER_MARKER_NAME}.new`;

/** How the folder of a vector database is opened. */
export type OpenVectorFolderOptions = {
  /** `write` makes the folder where it is missing, and takes its lock. Default. */
  readonly access?: 'write' | 'read';
};

/**
 * The folder of a vector database at `path`. Who writes is the only one; who reads takes no lock and
 * leaves everything as it is.
 *
 * @throws `VECTOR_FOLDER_IN_USE` by another writer; `VECTOR_FOLDER_FOREIGN` when there are other files;
 *   `VECTOR_FOLDER_MISSING` for a reader; `VECTOR_FORMAT_UNKNOWN`; `FILE_OPEN_FAILED` when the system
 *   refuses
 */
export async function openVectorFolder(
  path: string,
  { access = 'write' }: OpenVectorFolderOptions = {},
): Promise<VectorFolder> {
  try {
    return access === 'write' ? await openToWrite(path) : await openToRead(path);
  } catch (error) {
    if (isLucernaError(error, 'DATA_DIRECTORY_IN_USE')) {
      const who = error.fields['pid'] === process.pid ? 'this process itself' : 'another process';
      throw vectorErrors.create('VECTOR_FOLDER_IN_USE', `${who} uses ${path}`, error.fields, error);
    }
    if (isLucernaError(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw storageErrors.create('FILE_OPEN_FAILED', detail, { path }, error);
  }
}

async function openToWrite(path: string): Promise<VectorFolder> {
  await makeFolder(path);
  // Before the lock is taken: not even that is put into somebody else's folder.
  await checkOwn(path);
  const unlock = await takeProcessLock(path);
  try {
    if (!(await hasMarker(path))) await writeMarker(path);
    await makeFolder(join(path, FOLDER_NAMES.logs));
    return new NodeVectorFolder(path, await openBlobDir(join(path, FOLDER_NAMES.blobs)), unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openToRead(path: string): Promise<VectorFolder> {
  if (!(await hasMarker(path))) {
    throw vectorErrors.create('VECTOR_FOLDER_MISSING', path, { path });
  }
  return new NodeVectorFolder(path, readOnlyBlobs(readBlobDir(join(path, FOLDER_NAMES.blobs))));
}

/** Without the marker, nothing but what an opening that was cut short has left may be there. */
async function checkOwn(path: string): Promise<void> {
  const names = await readdir(path);
  if (names.includes(FOLDER_MARKER_NAME)) return;
  const foreign = names.find((name) => !isLockName(name) && name !== NEW_MARKER_NAME);
  if (foreign === undefined) return;
  const detail = `${path} has ${JSON.stringify(foreign)}`;
  throw vectorErrors.create('VECTOR_FOLDER_FOREIGN', detail, { path, file: foreign });
}

/** @throws `VECTOR_FORMAT_UNKNOWN` */
async function hasMarker(path: string): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(join(path, FOLDER_MARKER_NAME), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false;
    throw error;
  }
  checkFolderMarker(text, path);
  return true;
}

async function writeMarker(path: string): Promise<void> {
  await replaceFile(join(path, FOLDER_MARKER_NAME), [new TextEncoder().encode(FOLDER_MARKER)], {
    newPath: join(path, NEW_MARKER_NAME),
    level: 'power',
    failed: (error, step) =>
      step.startsWith('sync') ? syncError(error, { path }) : writeError(error, { path }),
  });
}

class NodeVectorFolder implements VectorFolder {
  readonly access: 'write' | 'read';
  readonly blobs: BlobDir;
  readonly #path: string;
  readonly #unlock: (() => Promise<void>) | undefined;
  #closed = false;

  /** @param unlock of a writer */
  constructor(path: string, blobs: BlobDir, unlock?: () => Promise<void>) {
    this.access = unlock === undefined ? 'read' : 'write';
    this.blobs = blobs;
    this.#path = join(path, FOLDER_NAMES.logs);
    this.#unlock = unlock;
  }

  async openLog(name: string): Promise<AppendFile> {
    const path = this.#pathOf(name);
    return this.access === 'write' ? openFile(path) : readOnlyFile(await openFileToRead(path));
  }

  async logNames(): Promise<readonly string[]> {
    this.#checkOpen();
    try {
      const entries = await readdir(this.#path, { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && isLogName(entry.name));
      return files.map(({ name }) => name).sort();
    } catch (error) {
      throw readError(error, { path: this.#path });
    }
  }

  async removeLog(name: string): Promise<void> {
    const path = this.#pathOf(name);
    if (this.access === 'read') throw vectorErrors.create('DATABASE_READ_ONLY');
    try {
      await unlink(path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw writeError(error, { path });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.blobs.close();
    await this.#unlock?.();
  }

  #pathOf(name: string): string {
    this.#checkOpen();
    checkBlobName(name);
    return join(this.#path, name);
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED', undefined, { path: this.#path });
  }
}

function isLogName(name: string): boolean {
  try {
    checkBlobName(name);
    return true;
  } catch {
    return false;
  }
}
