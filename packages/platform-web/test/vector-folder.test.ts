import type { Channel, Threads } from '@lucerna/base';
import { openVectorFolder } from '@lucerna/platform-web/vector-folder';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallMessage } from '../src/folder-calls.ts';

// What a folder does where there are such files, tests/vector/browser sees in Chromium.

afterEach(() => vi.unstubAllGlobals());

const failed = { code: 'FILE_OPEN_FAILED' };

describe('where there is no origin private file system', () => {
  it('nothing is opened', async () => {
    await expect(openVectorFolder('a')).rejects.toMatchObject(failed);
    await expect(openVectorFolder('a', { access: 'read' })).rejects.toMatchObject(failed);
    vi.stubGlobal(
      'FileSystemFileHandle',
      class {
        createSyncAccessHandle(): void {}
      },
    );
    vi.stubGlobal('navigator', {});
    await expect(openVectorFolder('a')).rejects.toMatchObject(failed);
  });
});

/** A thread that answers as `answer` says; undefined: not at all. */
function threadsThat(
  answer: (message: unknown) => unknown,
): Threads & { end(reason: unknown): void } {
  let receiver: (message: unknown) => void = () => undefined;
  let onClosed: (reason: unknown) => void = () => undefined;
  const say = (message: unknown): void => {
    const reply = answer(message);
    if (reply !== undefined) queueMicrotask(() => receiver(reply));
  };
  const channel: Channel = {
    post: say,
    receive: (handler): void => {
      receiver = handler;
    },
    closed: (handler): void => {
      onClosed = handler;
    },
    close: () => onClosed(undefined),
  };
  return {
    parallelism: 0,
    spawn: (task, init): Channel => {
      expect(task).toBe('vector-folder');
      say(init);
      return channel;
    },
    end: (reason) => onClosed(reason),
  };
}

describe('a page whose thread with the files', () => {
  it('refuses the folder is told why', async () => {
    const coded = { code: 'VECTOR_FOLDER_IN_USE', remedy: 'wait', fields: { path: 'a' } };
    const threads = threadsThat(() => ({ id: 0, failure: { message: 'in use', coded } }));
    await expect(openVectorFolder('a', { threads })).rejects.toMatchObject({
      message: 'in use',
      ...coded,
    });
  });

  it('ends is told so by every call, those that wait and those that come', async () => {
    const threads = threadsThat((message) =>
      message === 'a' ? { id: 0, value: undefined } : undefined,
    );
    const folder = await openVectorFolder('a', { threads });
    const waiting = [folder.logNames(), folder.openLog('b'), folder.blobs.names()];
    const settled = Promise.allSettled(waiting);
    threads.end(new Error('out of memory'));
    const gone = { status: 'rejected', reason: { code: 'FILE_CLOSED' } };
    expect(await settled).toMatchObject([gone, gone, gone]);
    await expect(folder.logNames()).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    // There is nothing left to close.
    await folder.close();
  });

  it('has written a part of an append knows how much', async () => {
    const answers: Partial<Record<CallMessage['call'], object>> = {
      openLog: { value: { log: 1, size: 3 } },
      logAppend: {
        failure: {
          message: 'full',
          coded: { code: 'FILE_DISK_FULL', remedy: 'delete', fields: {} },
        },
      },
      logSize: { value: 7 },
      logTruncate: { value: undefined },
    };
    const threads = threadsThat((message) => {
      if (message === 'a') return { id: 0, value: undefined };
      const { id, call } = message as CallMessage;
      return { id, ...answers[call] };
    });
    const log = await (await openVectorFolder('a', { threads })).openLog('b');
    expect(log.size()).toBe(3);
    const full = { code: 'FILE_DISK_FULL' };
    await expect(log.append(new Uint8Array(10))).rejects.toMatchObject(full);
    expect(log.size()).toBe(7);
    await log.truncate(3);
    expect(log.size()).toBe(3);
  });
});
