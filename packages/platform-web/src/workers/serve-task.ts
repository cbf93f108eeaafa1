import { type Channel, present } from '@lucerna/base';
import type { WorkerScope } from '../browser.ts';
import { CLOSING } from './closing.ts';

/**
 * What a thread runs, at its end of the channel. The first message is what it was started with; it is
 * for whoever receives before the task returns.
 */
export type Task = (channel: Channel) => void;

/** Runs the task that this worker was started for; to be called once, by the worker's entry file. */
export function serveTask(tasks: Readonly<Record<string, Task>>): void {
  const scope = globalThis as unknown as WorkerScope;
  // Like an exception that nobody has caught, it ends the thread: whoever has started it is told.
  scope.onunhandledrejection = ({ reason }): void => scope.reportError(reason);
  // Nobody would answer it.
  scope.onmessageerror = (): void => scope.reportError(new Error('a message cannot be read'));
  const run = present(tasks[scope.name], `there is a task "${scope.name}"`);
  run({
    post: (message) => scope.postMessage(message),
    receive: (handler): void => {
      scope.onmessage = ({ data }): void => handler(data);
    },
    // Nobody tells a worker that its page is gone: it goes with it.
    closed: () => undefined,
    close: (): void => {
      scope.postMessage(CLOSING);
      scope.close();
    },
  });
}
