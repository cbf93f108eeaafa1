import type { WebWorker } from '@lucerna/platform-web/threads';

declare const Worker: {
  new (path: string, options: { readonly type: 'module'; readonly name: string }): WebWorker;
};

/** A worker of a module that the test's server has. */
export function startWorker(path: string, name: string): WebWorker {
  return new Worker(path, { type: 'module', name });
}

/** Starts a worker that sends one message when it is done, and waits for that. */
export function runWorker(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startWorker(path, 'suites');
    worker.onmessage = (): void => resolve();
    worker.onerror = (event): void => reject(new Error(event.message));
  });
}
