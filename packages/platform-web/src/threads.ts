import type { Channel, Threads } from '@lucerna/base';
import { browser, type WebWorker } from './browser.ts';
import { THREADS } from './limits.ts';
import { isClosing } from './workers/closing.ts';

export type { WebWorker } from './browser.ts';

/** The file that threads begin with, for who bundles it; it has all tasks of this tree. */
export const THREAD_FILE: URL = /* @__PURE__ */ new URL('./workers/thread.ts', import.meta.url);

/**
 * Threads of a browser. Where memory cannot be shared with them, which takes a page with the headers
 * COOP and COEP (`crossOriginIsolated`), none is worth having; tasks that share nothing can be started
 * all the same.
 *
 * @param start makes a worker of that name from a file that calls `serveTask`. Bundlers find the file
 *   only where its path is written out:
 *   `(name) => new Worker(new URL('./thread.js', import.meta.url), { type: 'module', name })`
 */
export function webThreads(start: (name: string) => WebWorker): Threads {
  const processors = browser.navigator.hardwareConcurrency ?? 1;
  const isShared = browser.crossOriginIsolated === true;
  return {
    parallelism: isShared ? Math.min(Math.max(0, processors - 1), THREADS) : 0,
    spawn: (task, init): Channel => {
      const worker = start(task);
      worker.postMessage(init);
      return new WorkerChannel(worker);
    },
  };
}

/** The end of the thread that has started the other one. */
class WorkerChannel implements Channel {
  readonly #worker: WebWorker;
  #receiver: ((message: unknown) => void) | undefined;
  #onClosed: ((reason: unknown) => void) | undefined;
  #end: { readonly reason: unknown } | undefined;

  constructor(worker: WebWorker) {
    this.#worker = worker;
    worker.onmessage = ({ data }): void => {
      if (isClosing(data)) this.#ended(undefined);
      else if (this.#end === undefined) this.#receiver?.(data);
    };
    worker.onmessageerror = (): void => this.#ended(new Error('a message cannot be read'));
    worker.onerror = (event): void => {
      // The error is passed on here; it is not the page's as well.
      event.preventDefault();
      this.#ended(new Error(event.message ?? 'the thread cannot be started'));
    };
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  receive(handler: (message: unknown) => void): void {
    this.#receiver = handler;
  }

  closed(handler: (reason: unknown) => void): void {
    this.#onClosed = handler;
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => handler(end.reason));
  }

  close(): void {
    this.#ended(undefined);
  }

  /** A worker goes on after an error that nobody has caught; a thread does not. */
  #ended(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#worker.terminate();
    const handler = this.#onClosed;
    if (handler !== undefined) queueMicrotask(() => handler(reason));
  }
}
