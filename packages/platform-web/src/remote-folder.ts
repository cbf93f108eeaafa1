import type { Durability, Threads } from '@lucerna/base';
import { type AppendFile, type BlobDir, checkBlobName, storageErrors } from '@lucerna/storage';
import type { VectorFolder } from '@lucerna/vector';
import type { FolderCalls } from './folder-calls.ts';
import { FolderThread, RemoteFile } from './remote-files.ts';

type VectorThread = FolderThread<FolderCalls>;

/** Name of the task that serves a folder (`serveFolder`). */
const TASK = 'vector-folder';

/** A folder that a thread has open to be written: pages cannot write files themselves. */
export async function openRemoteFolder(path: string, threads: Threads): Promise<VectorFolder> {
  const thread: VectorThread = new FolderThread(threads, TASK, path);
  try {
    await thread.opened;
  } catch (error) {
    thread.close();
    throw error;
  }
  return new RemoteFolder(thread);
}

class RemoteFolder implements VectorFolder {
  readonly access = 'write';
  readonly blobs: BlobDir;
  readonly #thread: VectorThread;
  #openLogs = 0;
  #closed = false;

  constructor(thread: VectorThread) {
    this.#thread = thread;
    this.blobs = remoteBlobs(thread);
  }

  async openLog(name: string): Promise<AppendFile> {
    this.#checkOpen();
    const { log, size } = await this.#thread.call('openLog', name);
    this.#openLogs += 1;
    return new RemoteFile(this.#thread, log, size, () => {
      this.#openLogs -= 1;
      this.#endThread();
    });
  }

  async logNames(): Promise<readonly string[]> {
    this.#checkOpen();
    return this.#thread.call('logNames');
  }

  async removeLog(name: string): Promise<void> {
    this.#checkOpen();
    await this.#thread.call('removeLog', name);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.blobs.close();
    if (!this.#thread.isGone) await this.#thread.call('close');
    this.#endThread();
  }

  /** Logs outlive the folder: they are closed by who opened them. */
  #endThread(): void {
    if (this.#closed && this.#openLogs === 0) this.#thread.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED');
  }
}

function remoteBlobs(thread: VectorThread): BlobDir {
  let closed = false;
  const check = (): void => {
    if (closed) throw storageErrors.create('FILE_CLOSED');
  };
  return {
    names: async (): Promise<readonly string[]> => {
      check();
      return thread.call('blobNames');
    },
    size: async (name): Promise<number | undefined> => {
      check();
      return thread.call('blobSize', name);
    },
    read: async (name, offset, length): Promise<Uint8Array> => {
      check();
      return thread.call('blobRead', name, offset, length);
    },
    write: async (name, parts, level): Promise<void> => {
      check();
      checkBlobName(name);
      await writeBlob(thread, name, parts, level);
    },
    remove: async (name, level): Promise<void> => {
      check();
      await thread.call('blobRemove', name, level);
    },
    close: async (): Promise<void> => {
      closed = true;
    },
  };
}

async function writeBlob(
  thread: VectorThread,
  name: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  level: Durability,
): Promise<void> {
  const writing = await thread.call('blobBegin', name, level);
  try {
    for await (const part of parts) await thread.call('blobPart', writing, part.slice());
  } catch (error) {
    // It is the first error that says what is wrong.
    await thread.call('blobAbort', writing).catch(() => undefined);
    throw error;
  }
  await thread.call('blobEnd', writing);
}
