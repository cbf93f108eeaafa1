import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assert, type Channel, present } from '@lucerna/base';

/** What a thread runs, at its end of the channel. The first message is what it was started with. */
export type Task = (channel: Channel) => void;

/**
 * Runs the task that this thread was started for; to be called once, by the thread's entry file.
 *
 * @param tasks what there is, by name, and how to load it: a thread loads only its own
 */
export async function serveTask(
  tasks: Readonly<Record<string, () => Promise<Task>>>,
): Promise<void> {
  const { task: name } = workerData as { readonly task: string };
  assert(parentPort !== null, 'tasks run on a thread that nodeThreads has started');
  // Messages wait in the port until somebody receives them.
  const run = await present(tasks[name], `there is a task "${name}"`)();
  run(portChannel(parentPort));
}

function portChannel(port: MessagePort): Channel {
  let receiver: ((message: unknown) => void) | undefined;
  // Nobody would answer it: the thread ends, and whoever has started it is told.
  port.on('messageerror', (error) => {
    throw error;
  });
  return {
    post: (message) => port.postMessage(message),
    receive: (handler): void => {
      if (receiver === undefined) port.on('message', (message) => receiver?.(message));
      receiver = handler;
    },
    closed: (handler): void => void port.once('close', () => handler(undefined)),
    close: () => port.close(),
  };
}
