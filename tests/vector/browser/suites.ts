import { type Channel, SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-web/clock';
import { systemRandom } from '@lucerna/platform-web/random';
import { webThreads } from '@lucerna/platform-web/threads';
import { openVectorFolder } from '@lucerna/platform-web/vector-folder';
import { openVectorDatabase, type VectorFolder } from '@lucerna/vector';
import { databaseCompliance, vectorFolderCompliance } from '@lucerna/vector/compliance';
import { describe, expect, it } from 'vitest';
import { startWorker } from '../../support/browser/workers.ts';

/** The threads of the product, and those of these suites. */
const threads = webThreads((name) => startWorker('/thread.js', name));
const testThreads = webThreads((name) => startWorker('/test-thread.js', name));

/** Where this runs: folders of the two are not in one another's way. */
let place = '';
let made = 0;

function newPath(): string {
  made += 1;
  return `suites/${place}-${made}`;
}

function open(path: string, access: 'write' | 'read' = 'write'): Promise<VectorFolder> {
  return openVectorFolder(path, { access, threads });
}

/** Registers everything that is to hold in a page and in a worker. */
export function registerSuites(where: string): void {
  place = where;
  vectorFolderCompliance('a folder in OPFS', () => {
    const path = newPath();
    return { open: (access) => open(path, access) };
  });
  databaseCompliance('a folder in OPFS, with threads,', () => {
    const path = newPath();
    return {
      open: async (access, options) => {
        const folder = await open(path, access);
        const ports = { folder, clock: systemClock, random: systemRandom, log: SILENT_LOG };
        return openVectorDatabase({ ...ports, threads }, options);
      },
    };
  });
  describe('a folder in OPFS', folderSuite);
  describe('threads of a browser', threadSuite);
  describe('clock and random generator of a browser', smallPorts);
}

function folderSuite(): void {
  it('lets logs that are open live on when it is closed', async () => {
    const folder = await open(newPath());
    const log = await folder.openLog('a');
    await folder.close();
    await log.append(Uint8Array.of(1));
    await log.close();
    await expect(log.append(Uint8Array.of(1))).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });

  it('waits for a writer who is going', async () => {
    const path = newPath();
    const first = await open(path);
    const second = open(path);
    await first.close();
    await (await second).close();
  });

  it('is refused where there are other files', async () => {
    await (await open(newPath())).close();
    // The folder of all folders of these suites.
    await expect(open('suites')).rejects.toMatchObject({ code: 'VECTOR_FOLDER_FOREIGN' });
    await expect(open('suites', 'read')).rejects.toMatchObject({ code: 'VECTOR_FOLDER_MISSING' });
  });

  it('is missing for a reader until it has been opened to be written', async () => {
    const path = newPath();
    const missing = { code: 'VECTOR_FOLDER_MISSING' };
    await expect(open(path, 'read')).rejects.toMatchObject(missing);
    await (await open(path)).close();
    await (await open(path, 'read')).close();
    await expect(open(`${path}/lucerna-vector`, 'read')).rejects.toMatchObject(missing);
    const failed = { code: 'FILE_OPEN_FAILED' };
    await expect(open(`${path}/lucerna-vector`)).rejects.toMatchObject(failed);
    await expect(open('..')).rejects.toMatchObject(failed);
  });

  it('takes large appends and reads parts of them', async () => {
    const folder = await open(newPath());
    const log = await folder.openLog('a');
    const bytes = systemRandom.bytes(3_000_000);
    await log.append(bytes);
    await log.append(bytes.subarray(1_000_000, 1_000_003));
    await log.sync();
    expect(log.size()).toBe(3_000_003);
    expect(await log.read(2_999_999, 4)).toEqual(
      Uint8Array.of(bytes[2_999_999]!, bytes[1_000_000]!, bytes[1_000_001]!, bytes[1_000_002]!),
    );
    await log.close();
    await folder.close();
  });
}

function next(channel: Channel, count: number): Promise<unknown[]> {
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

function threadSuite(): void {
  it('are worth having where memory can be shared', () => {
    expect(testThreads.parallelism).toBe(navigator.hardwareConcurrency - 1);
  });

  it('get what they were started with as the first message, and every other in order', async () => {
    const channel = testThreads.spawn('echo', { first: 1n });
    channel.post([undefined, new Date(5)]);
    channel.post('third');
    expect(await next(channel, 3)).toEqual([{ first: 1n }, [undefined, new Date(5)], 'third']);
    channel.close();
  });

  it('share memory that is shared', async () => {
    const shared = new SharedArrayBuffer(4);
    const both = [testThreads.spawn('count', shared), testThreads.spawn('count', shared)];
    for (const channel of both) channel.post('again');
    await Promise.all(both.map((channel) => next(channel, 2)));
    expect(new Int32Array(shared)[0]).toBe(4);
    for (const channel of both) channel.close();
  });

  it('tell of an error that nobody has caught, also of a promise', async () => {
    const failing = testThreads.spawn('fail', 1);
    failing.post(2);
    const reasons = [await end(failing), await end(testThreads.spawn('reject', 1))];
    for (const reason of reasons) {
      expect(reason).toBeInstanceOf(Error);
      expect((reason as Error).message).toContain('on purpose');
    }
  });

  it('tell of a task and of a file that there are not', async () => {
    expect((await end(testThreads.spawn('none', 1))) as Error).toBeInstanceOf(Error);
    const nowhere = webThreads((name) => startWorker('/nowhere.js', name));
    expect((await end(nowhere.spawn('echo', 1))) as Error).toBeInstanceOf(Error);
  });

  it('tell nothing but the end when either side has closed', async () => {
    expect(await end(testThreads.spawn('leave', 1))).toBeUndefined();
    const channel = testThreads.spawn('echo', 1);
    channel.close();
    expect(await end(channel)).toBeUndefined();
    channel.post('nobody is there');
  });
}

function smallPorts(): void {
  it('tell the time and wait', async () => {
    const beforeMs = Date.now();
    const startedMs = performance.now();
    await new Promise<void>((resolve) => systemClock.schedule(20, resolve));
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(20);
    expect(systemClock.nowMs()).toBeGreaterThanOrEqual(beforeMs);
  });

  it('give more random bytes than one call of the browser does', () => {
    const bytes = systemRandom.bytes(100_000);
    expect(bytes).toHaveLength(100_000);
    expect(new Set(bytes).size).toBe(256);
    expect(bytes.subarray(90_000).some((byte) => byte !== 0)).toBe(true);
  });
}
