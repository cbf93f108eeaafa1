import { assert, type Channel, present, type Threads } from '@lucerna/base';
import { type AppendFile, checkReadRange, storageErrors } from '@lucerna/storage';
import { type AnswerMessage, errorOf, type PlainFolderCalls } from './folder-calls.ts';
import { FOLDER_CALLS } from './limits.ts';

type CallParameters<Call> = Call extends (...args: infer Args) => unknown ? Args : never;
type CallResult<Call> = Call extends (...args: never[]) => infer Result ? Result : never;

type Waiting = { readonly resolve: (value: unknown) => void; reject(error: unknown): void };

/** Calls of a thread, and their answers. The first message, the path of the folder, is call 0. */
export class FolderThread<Calls extends PlainFolderCalls = PlainFolderCalls> {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #end: Error | undefined;
  /** Answers to the channel's first message. */
  readonly opened: Promise<unknown>;

  /** @param task name of the task that serves such a folder */
  constructor(threads: Threads, task: string, path: string) {
    const channel = threads.spawn(task, path);
    this.#channel = channel;
    this.opened = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }));
    channel.receive((message) => this.#answered(message as AnswerMessage));
    channel.closed((reason) => this.#ended(reason));
  }

  call<Name extends keyof Calls & string>(
    call: Name,
    ...args: CallParameters<Calls[Name]>
  ): CallResult<Calls[Name]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#end !== undefined) throw this.#end;
      assert(this.#waiting.size < FOLDER_CALLS, 'a page waits for answers before it asks on');
      this.#calls += 1;
      this.#channel.post({ id: this.#calls, call, args });
      this.#waiting.set(this.#calls, { resolve, reject });
    });
    return answer as CallResult<Calls[Name]>;
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

/** A file that a thread has open. */
export class RemoteFile implements AppendFile {
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
