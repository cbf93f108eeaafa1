import type { WebWorker } from '@lucerna/platform-web/threads';

declare const Worker: {
  new (path: string, options: { readonly type: 'module'; readonly name: string }): WebWorker;
};

/** A worker of a module that the test's server has. */
export function startWorker(path: string, name: string): WebWorker {
  return new Worker(path, { type: 'module', name });
}
