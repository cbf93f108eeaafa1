import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Channel, Threads } from '@lucerna/base';
import { THREADS } from './limits.ts';

/** The file that binds the names of the tasks of this tree to what they run. */
const ENTRY = new URL('./workers/thread.ts', import.meta.url);

let treeThreads: Threads | undefined;

/**
 * Threads of Node.js; the same object each time, so that who uses it can share threads. A thread that
 * has been answered as often as it was asked, the first message apart, does not keep the process alive:
 * nobody needs to close it for a script to end.
 */
export function nodeThreads(): Threads {
  treeThreads ??= threadsOf(ENTRY);
  return treeThreads;
}

/** Threads that begin with another file, which calls `serveTask`. */
export function threadsOf(entry: URL): Threads {
  return {
    parallelism: Math.min(availableParallelism() - 1, THREADS),
    spawn: (task, init): Channel => {
      // Options of the process, such as those that say what `-e` is, are not for the thread's file.
      const worker = new Worker(entry, { workerData: { task }, execArgv: [] });
      worker.postMessage(init);
      return new WorkerChannel(worker);
    },
  };
}

/** The end of the thread that has started the other one. */
class WorkerChannel implements Channel {
  readonly #worker: Worker;
  /** Messages sent less messages received. */
  #unanswered = 0;
  #failure: unknown;
  #onClosed: ((reason: unknown) => void) | undefined;
  #isGone = false;
  #isClosing = false;
  #receiver: ((message: unknown) => void) | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message) => this.#received(message));
    worker.on('error', (error) => this.#failed(error));
    worker.on('messageerror', (error) => {
      this.#failed(error);
      void worker.terminate();
    });
    worker.on('exit', (code) => {
      if (code !== 0 && !this.#isClosing) this.#failed(new Error(`the thread ended with ${code}`));
      this.#isGone = true;
      this.#onClosed?.(this.#failure);
    });
    // Last: whoever listens holds on to the thread.
    worker.unref();
  }

  /** Of a thread that is gone nobody learns; `closed` has told so. */
  post(message: unknown): void {
    this.#worker.postMessage(message);
    this.#unanswered += 1;
    if (this.#unanswered > 0) this.#worker.ref();
  }

  receive(handler: (message: unknown) => void): void {
    this.#receiver = handler;
  }

  closed(handler: (reason: unknown) => void): void {
    this.#onClosed = handler;
    if (this.#isGone) queueMicrotask(() => handler(this.#failure));
  }

  close(): void {
    this.#isClosing = true;
    void this.#worker.terminate();
  }

  #received(message: unknown): void {
    this.#unanswered -= 1;
    if (this.#unanswered <= 0) this.#worker.unref();
    this.#receiver?.(message);
  }

  /** It is the first failure that says what is wrong. */
  #failed(error: unknown): void {
    this.#failure ??= error;
  }
}
