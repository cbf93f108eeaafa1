// The file of threads that the suites of a browser start.
import { serveTask } from '../../../packages/platform-web/src/workers/serve-task.ts';

serveTask({
  /** Sends every message back. */
  echo: (channel) => channel.receive((message) => channel.post(message)),
  /** Adds one to a number in shared memory for each message, the first included, and answers. */
  count: (channel) => {
    let numbers: Int32Array | undefined;
    channel.receive((message) => {
      numbers ??= new Int32Array(message as SharedArrayBuffer);
      channel.post(Atomics.add(numbers, 0, 1));
    });
  },
  /** Throws at the second message. */
  fail: (channel) =>
    channel.receive(() => {
      channel.receive(() => {
        throw new TypeError('on purpose');
      });
    }),
  /** Has a promise that fails, and nobody who looks at it. */
  reject: (channel) =>
    channel.receive(() => {
      void Promise.reject(new TypeError('on purpose'));
    }),
  /** Closes its end at once. */
  leave: (channel) => channel.close(),
});
