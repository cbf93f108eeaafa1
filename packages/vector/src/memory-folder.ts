import {
  type AppendFile,
  type BlobDir,
  checkBlobName,
  checkReadRange,
  createMemoryBlobDir,
  createMemoryFile,
  storageErrors,
} from '@lucerna/storage';
import { vectorErrors } from './errors.ts';
import { readOnlyBlobs, readOnlyFile } from './folder-layout.ts';
import type { VectorFolder } from './ports.ts';

/**
 * A folder in memory for one database that nothing outlives: logs and snapshots are not even written.
 */
export function createMemoryVectorFolder(): VectorFolder {
  return { ...new MemoryVectorDisk().open('write'), isVolatile: true };
}

/**
 * A folder in memory that can be opened again and again, by one writer and many readers at a time, as one
 * on a disk: for tests, and for programs that hand a database from one part to another.
 */
export class MemoryVectorDisk {
  readonly #logs = new Map<string, AppendFile>();
  readonly #blobs: BlobDir = createMemoryBlobDir();
  #hasWriter = false;

  /** @throws `VECTOR_FOLDER_IN_USE` for a second writer */
  open(access: 'write' | 'read'): VectorFolder {
    const isWriter = access === 'write';
    if (isWriter && this.#hasWriter) throw vectorErrors.create('VECTOR_FOLDER_IN_USE');
    this.#hasWriter ||= isWriter;
    let isClosed = false;
    const checkOpen = (): void => {
      if (isClosed) throw storageErrors.create('FILE_CLOSED');
    };
    const ownView = ownBlobs(this.#blobs, checkOpen);
    const blobs = isWriter ? ownView : readOnlyBlobs(ownView);
    return {
      access,
      openLog: async (name): Promise<AppendFile> => {
        checkOpen();
        checkBlobName(name);
        const known = this.#logs.get(name);
        if (known === undefined && !isWriter) {
          throw storageErrors.create('FILE_OPEN_FAILED', `there is no "${name}"`, { name });
        }
        const file = known ?? createMemoryFile();
        this.#logs.set(name, file);
        return isWriter ? ownHandle(file) : readerView(file);
      },
      logNames: async (): Promise<readonly string[]> => {
        checkOpen();
        return [...this.#logs.keys()].sort();
      },
      removeLog: async (name): Promise<void> => {
        checkOpen();
        checkBlobName(name);
        if (!isWriter) throw vectorErrors.create('DATABASE_READ_ONLY');
        this.#logs.delete(name);
      },
      blobs,
      close: async (): Promise<void> => {
        if (isClosed) return;
        isClosed = true;
        await blobs.close();
        if (isWriter) this.#hasWriter = false;
      },
    };
  }
}

/** The file with a life of its own: closing it closes this handle only. */
function ownHandle(file: AppendFile): AppendFile {
  let isClosed = false;
  const open = (): AppendFile => {
    if (isClosed) throw storageErrors.create('FILE_CLOSED');
    return file;
  };
  return {
    size: () => file.size(),
    append: async (bytes) => open().append(bytes),
    read: async (offset, length) => open().read(offset, length),
    sync: async () => open().sync(),
    truncate: async (size) => open().truncate(size),
    close: async (): Promise<void> => {
      isClosed = true;
    },
  };
}

/** The file as long as it is now: what is appended later is not seen. */
function readerView(file: AppendFile): AppendFile {
  const size = file.size();
  const view = readOnlyFile(ownHandle(file));
  return {
    ...view,
    size: () => size,
    read: async (offset, length): Promise<Uint8Array> => {
      checkReadRange(offset, length, size);
      return view.read(offset, length);
    },
  };
}

/** The blobs with a life of their own. */
function ownBlobs(blobs: BlobDir, checkFolder: () => void): BlobDir {
  let isClosed = false;
  const open = (): BlobDir => {
    if (isClosed) throw storageErrors.create('FILE_CLOSED');
    checkFolder();
    return blobs;
  };
  return {
    names: async () => open().names(),
    size: async (name) => open().size(name),
    read: async (name, offset, length) => open().read(name, offset, length),
    write: async (name, parts, level) => open().write(name, parts, level),
    remove: async (name, level) => open().remove(name, level),
    close: async (): Promise<void> => {
      isClosed = true;
    },
  };
}
