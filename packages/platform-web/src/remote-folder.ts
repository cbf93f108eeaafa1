import { assert, type Channel, type Durability, present, type Threads } from '@lucerna/base';
import {
  type AppendFile,
  type BlobDir,
  checkBlobName,
  checkReadRange,
  storageErrors,
} from '@lucerna/storage';
import type { VectorFolder } from '@lucerna/vector';
import { type AnswerMessage, errorOf, type FolderCalls } from './folder-calls.ts';
import { FOLDER_CALLS } from './limits.ts';

/** Name of the task that serves a folder (`serveFolder`). */
const TASK = 'vector-folder';

/** A folder that a thread has open to be written: pages cannot write files themselves. */
export async function openRemoteFolder(path: string, threads: Threads): Promise<VectorFolder> {
  const thread = new FolderThread(threads.spawn(TASK, path));
  try {
    await thread.opened;
  } catch (error) {
    thread.close();
    throw error;
  }
  return new RemoteFolder(thread);
}

type Waiting = { readonly resolve: (value: unknown) => void; reject(error: unknown): void };

/** Calls and their answers. */
class FolderThread {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #end: Error | undefined;
  /** Answers to the channel's first message. */
  readonly opened: Promise<unknown>;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.opened = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }));
    channel.receive((message) => this.#answered(message as AnswerMessage));
    channel.closed((reason) => this.#ended(reason));
  }

  call<Name extends keyof FolderCalls>(
    call: Name,
    ...args: Parameters<FolderCalls[Name]>
  ): ReturnType<FolderCalls[Name]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#end !== undefined) throw this.#end;
      assert(this.#waiting.size < FOLDER_CALLS, 'a page waits for answers before it asks on');
      this.#calls += 1;
      this.#channel.post({ id: this.#calls, call, args });
      this.#waiting.set(this.#calls, { resolve, reject });
    });
    return answer as ReturnType<FolderCalls[Name]>;
  }

  /** It answers no more; what it had open is closed. */
  get isGone(): boolean {
    return this.#end !== undefined;
  }

  close(): void {
    this.#channel.close();
  }

  #answered(answer: AnswerMessage): void {
    const waiting = present(this.#waiting.get(answer.id), 'an answer follows a call');
    this.#waiting.delete(answer.id);
    if ('failure' in answer) waiting.reject(errorOf(answer.failure));
    else waiting.resolve(answer.value);
  }

  #ended(reason: unknown): void {
    const detail = 'the thread with the files has ended';
    this.#end = storageErrors.create('FILE_CLOSED', detail, {}, reason);
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}

class RemoteFolder implements VectorFolder {
  readonly access = 'write';
  readonly blobs: BlobDir;
  readonly #thread: FolderThread;
  #openLogs = 0;
  #closed = false;

  constructor(thread: FolderThread) {
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

class RemoteFile implements AppendFile {
  readonly #thread: FolderThread;
  readonly #log: number;
  #size: number;
  #onClosed: (() => void) | undefined;

  constructor(thread: FolderThread, log: number, size: number, onClosed: () => void) {
    this.#thread = thread;
    this.#log = log;
    this.#size = size;
    this.#onClosed = onClosed;
  }

  size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#checkOpen();
    try {
      // A copy: of a part of an array, a message would carry the whole.
      await this.#thread.call('logAppend', this.#log, bytes.slice());
      this.#size += bytes.length;
    } catch (error) {
      this.#size = await this.#thread.call('logSize', this.#log).catch(() => this.#size);
      throw error;
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#checkOpen();
    checkReadRange(offset, length, this.#size);
    return this.#thread.call('logRead', this.#log, offset, length);
  }

  async sync(): Promise<void> {
    this.#checkOpen();
    await this.#thread.call('logSync', this.#log);
  }

  async truncate(size: number): Promise<void> {
    this.#checkOpen();
    assert(size >= 0 && size <= this.#size, 'a file is only cut where it has bytes');
    await this.#thread.call('logTruncate', this.#log, size);
    this.#size = size;
  }

  async close(): Promise<void> {
    const onClosed = this.#onClosed;
    if (onClosed === undefined) return;
    this.#onClosed = undefined;
    if (!this.#thread.isGone) await this.#thread.call('logClose', this.#log);
    onClosed();
  }

  #checkOpen(): void {
    if (this.#onClosed === undefined) throw storageErrors.create('FILE_CLOSED');
  }
}

function remoteBlobs(thread: FolderThread): BlobDir {
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
  thread: FolderThread,
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
