import { type WebWorker, webThreads } from '@lucerna/platform-web/threads';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => vi.unstubAllGlobals());

function fakeWorker(): WebWorker & { readonly posted: unknown[]; terminated: number } {
  const posted: unknown[] = [];
  return {
    posted,
    terminated: 0,
    postMessage: (message) => void posted.push(message),
    terminate(): void {
      this.terminated += 1;
    },
    onmessage: null,
    onmessageerror: null,
    onerror: null,
  };
}

function onPage(isIsolated: boolean | undefined, hardwareConcurrency: number | undefined): void {
  vi.stubGlobal('crossOriginIsolated', isIsolated);
  vi.stubGlobal('navigator', { hardwareConcurrency });
}

describe('threads of a browser', () => {
  it.each([
    [true, 4, 3],
    [true, 1, 0],
    [true, 100, 16],
    [true, undefined, 0],
    [false, 4, 0],
    [undefined, 4, 0],
  ])('isolated %s with %s processors: %s are worth having', (isIsolated, processors, expected) => {
    onPage(isIsolated, processors);
    expect(webThreads(fakeWorker).parallelism).toBe(expected);
  });

  it('tell of messages that cannot be read, once, and end', async () => {
    onPage(true, 2);
    const worker = fakeWorker();
    const names: string[] = [];
    const channel = webThreads((name) => {
      names.push(name);
      return worker;
    }).spawn('task', 'first');
    channel.post('second');
    expect(names).toEqual(['task']);
    expect(worker.posted).toEqual(['first', 'second']);
    const reasons: unknown[] = [];
    const received: unknown[] = [];
    channel.closed((reason) => reasons.push(reason));
    channel.receive((message) => received.push(message));
    worker.onmessage?.({ data: 'answer' });
    worker.onmessageerror?.();
    worker.onmessage?.({ data: 'too late' });
    channel.close();
    await Promise.resolve();
    expect(received).toEqual(['answer']);
    expect(reasons).toEqual([expect.any(Error)]);
    expect(worker.terminated).toBe(1);
  });

  it('tell the end also to who asks later', async () => {
    onPage(true, 2);
    const worker = fakeWorker();
    const channel = webThreads(() => worker).spawn('task', 1);
    worker.onerror?.({ preventDefault: () => undefined });
    const reason = await new Promise((resolve) => channel.closed(resolve));
    expect(reason).toMatchObject({ message: 'the thread cannot be started' });
  });
});
