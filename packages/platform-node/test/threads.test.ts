import { availableParallelism } from 'node:os';
import type { Channel } from '@lucerna/base';
import { nodeThreads, threadsOf } from '@lucerna/platform-node/threads';
import { afterEach, describe, expect, it } from 'vitest';
import { startChild } from './support/run-child.ts';

const threads = threadsOf(new URL('./support/thread-tasks.ts', import.meta.url));

let opened: Channel[] = [];

afterEach(() => {
  for (const channel of opened) channel.close();
  opened = [];
});

function spawn(task: string, init: unknown): Channel {
  const channel = threads.spawn(task, init);
  opened.push(channel);
  return channel;
}

/** The next `count` messages. */
function messages(channel: Channel, count: number): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const received: unknown[] = [];
    channel.closed((reason) => reject(reason ?? new Error('closed')));
    channel.receive((message) => {
      received.push(message);
      if (received.length === count) resolve(received);
    });
  });
}

function end(channel: Channel): Promise<unknown> {
  return new Promise((resolve) => channel.closed(resolve));
}

describe('threads of Node.js', () => {
  it('are worth having as many as there are processors beside this one', () => {
    expect(threads.parallelism).toBe(Math.min(availableParallelism() - 1, 16));
  });

  it('get what they were started with as the first message, and every other in order', async () => {
    const channel = spawn('echo', { first: 1n });
    channel.post([undefined, new Date(5)]);
    channel.post('third');
    expect(await messages(channel, 3)).toEqual([{ first: 1n }, [undefined, new Date(5)], 'third']);
  });

  it('share memory that is shared', async () => {
    const shared = new SharedArrayBuffer(4);
    const both = [spawn('count', shared), spawn('count', shared)];
    for (const channel of both) channel.post('again');
    await Promise.all(both.map((channel) => messages(channel, 2)));
    expect(new Int32Array(shared)[0]).toBe(4);
  });

  it('take a later receiver in place of an earlier one', async () => {
    const channel = spawn('echo', 1);
    expect(await messages(channel, 1)).toEqual([1]);
    channel.post(2);
    expect(await messages(channel, 1)).toEqual([2]);
  });

  it('tell of an error that nobody has caught', async () => {
    const channel = spawn('fail', 1);
    channel.post(2);
    expect(await end(channel)).toMatchObject({ name: 'TypeError', message: 'on purpose' });
  });

  it('tell of an end that was not asked for', async () => {
    const channel = spawn('exit', 1);
    channel.post(7);
    expect(await end(channel)).toMatchObject({ message: 'the thread ended with 7' });
  });

  it('tell of a task that there is not', async () => {
    const reason = await end(spawn('none', 1));
    expect(reason).toMatchObject({ name: 'AssertionError' });
  });

  it('tell nothing but the end when either side has closed', async () => {
    expect(await end(spawn('leave', 1))).toBeUndefined();
    const channel = spawn('echo', 1);
    channel.close();
    expect(await end(channel)).toBeUndefined();
    // Also who asks when it is over.
    expect(await end(channel)).toBeUndefined();
    channel.post('nobody is there');
  });

  it('have the tasks of the tree without being told where', async () => {
    expect(nodeThreads()).toBe(nodeThreads());
    const channel = nodeThreads().spawn('none', 1);
    expect(await end(channel)).toMatchObject({ name: 'AssertionError' });
  });
});

describe('a process with a thread that is not closed', () => {
  it('ends once every question is answered', async () => {
    const child = startChild('./unclosed-thread.ts', ['answer', '2']);
    const lines = [await child.line(), await child.line(), await child.line()];
    expect(lines).toEqual(['asked', 'question 1', 'question 2']);
    expect(await child.line()).toBeUndefined();
    expect(child.process.exitCode ?? 0).toBe(0);
  });

  it('ends when there is no question', async () => {
    const child = startChild('./unclosed-thread.ts', ['silent', '0']);
    expect(await child.line()).toBe('asked');
    expect(await child.line()).toBeUndefined();
  });

  it('waits for an answer', async () => {
    const child = startChild('./unclosed-thread.ts', ['silent', '1']);
    expect(await child.line()).toBe('asked');
    expect(child.process.exitCode).toBeNull();
    await child.end('SIGKILL');
    expect(child.process.signalCode).toBe('SIGKILL');
  });
});
