// The entry file of threads that tests start.
import { serveTask } from '../../src/workers/serve-task.ts';

await serveTask({
  /** Sends every message back. */
  echo: async () => (channel) => channel.receive((message) => channel.post(message)),
  /** Sends every message but the first back. */
  answer: async () => (channel) =>
    channel.receive(() => channel.receive((message) => channel.post(message))),
  /** Adds one to a number in shared memory for each message, the first included, and answers. */
  count: async () => (channel) => {
    let numbers: Int32Array | undefined;
    channel.receive((message) => {
      numbers ??= new Int32Array(message as SharedArrayBuffer);
      channel.post(Atomics.add(numbers, 0, 1));
    });
  },
  /** Throws at the second message. */
  fail: async () => (channel) =>
    channel.receive(() => {
      channel.receive(() => {
        throw new TypeError('on purpose');
      });
    }),
  /** Ends the thread at the second message, with its number. */
  exit: async () => (channel) =>
    channel.receive(() => channel.receive((code) => process.exit(code as number))),
  /** Closes its end at once. */
  leave: async () => (channel) => channel.close(),
  /** Never answers. */
  silent: async () => (channel) => channel.receive(() => undefined),
});
