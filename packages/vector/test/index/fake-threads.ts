import type { Channel, Threads } from '@lucerna/base';
import { vectorSearchTask } from '../../src/tasks.ts';

/** One conversation between this thread and a task that runs on it, too. */
export type FakeThread = {
  /** Ends the thread as a crash does: it answers nothing any more. */
  readonly kill: () => void;
  /** How many messages it has received, the first one apart. */
  readonly received: () => number;
};

/**
 * Threads that are none: every task runs in turns of its own on this one, with messages cloned as
 * between threads.
 */
export type FakeThreads = Threads & { readonly started: readonly FakeThread[] };

/** @param options.onMessage called before a task gets a message; may kill its thread first */
export function fakeThreads(
  parallelism: number,
  options: {
    readonly onMessage?: (thread: FakeThread, lane: number, message: unknown) => void;
  } = {},
): FakeThreads {
  const started: FakeThread[] = [];
  return {
    parallelism,
    started,
    spawn: (task, init): Channel => {
      if (task !== 'vector-search') throw new Error(`no task ${task}`);
      let isAlive = true;
      let count = -1;
      const [near, far] = channelPair(() => isAlive);
      const thread: FakeThread = {
        kill: () => {
          if (!isAlive) return;
          isAlive = false;
          near.end('killed');
        },
        received: () => count,
      };
      const lane = started.push(thread);
      vectorSearchTask({
        ...far.channel,
        receive: (handler) =>
          far.channel.receive((message) => {
            count += 1;
            if (count > 0) options.onMessage?.(thread, lane, message);
            if (isAlive) handler(message);
          }),
      });
      near.channel.post(init);
      return near.channel;
    },
  };
}

type End = { readonly channel: Channel; readonly end: (reason: unknown) => void };

function channelPair(isAlive: () => boolean): readonly [End, End] {
  const handlers: (((message: unknown) => void) | undefined)[] = [undefined, undefined];
  const waiting: unknown[][] = [[], []];
  const closed: (((reason: unknown) => void) | undefined)[] = [undefined, undefined];
  const deliver = (to: number): void => {
    setImmediate(() => {
      const handler = handlers[to];
      if (handler === undefined || !isAlive()) return;
      const message = waiting[to]!.shift();
      if (message !== undefined) handler((message as { readonly value: unknown }).value);
    });
  };
  const end = (side: number): End => ({
    end: (reason) => setImmediate(() => closed[side]?.(reason)),
    channel: {
      post: (message) => {
        waiting[1 - side]!.push({ value: structuredClone(message) });
        deliver(1 - side);
      },
      receive: (handler) => {
        handlers[side] = handler;
        for (const _ of waiting[side]!) deliver(side);
      },
      closed: (handler) => {
        closed[side] = handler;
      },
      close: () => undefined,
    },
  });
  return [end(0), end(1)];
}
