import { type Channel, type Durability, present } from '@lucerna/base';
import type { AppendFile, BlobDir } from '@lucerna/storage';
import type { VectorFolder } from '@lucerna/vector';
import { type CallMessage, type FolderCalls, failureOf } from './folder-calls.ts';
import { Handover } from './handover.ts';
import { openVectorFolder } from './vector-folder.ts';

/**
 * A thread that has a folder open to be written, for a page (`openRemoteFolder`). The first message is
 * the folder's path.
 */
export function serveFolder(channel: Channel): void {
  const answer = async (id: number, call: () => Promise<unknown>): Promise<void> => {
    try {
      channel.post({ id, value: await call() });
    } catch (error) {
      channel.post({ id, failure: failureOf(error) });
    }
  };
  channel.receive((path) => {
    const opened = openVectorFolder(path as string);
    const calls = opened.then(folderCalls);
    void answer(0, async () => void (await opened));
    channel.receive((message) => {
      const { id, call, args } = message as CallMessage;
      void answer(id, async () => {
        const run = (await calls)[call] as (...args: readonly unknown[]) => Promise<unknown>;
        return run(...args);
      });
    });
  });
}

function folderCalls(folder: VectorFolder): FolderCalls {
  return {
    close: () => folder.close(),
    logNames: () => folder.logNames(),
    removeLog: (name) => folder.removeLog(name),
    ...logCalls(folder),
    blobNames: () => folder.blobs.names(),
    blobSize: (name) => folder.blobs.size(name),
    blobRead: (name, offset, length) => folder.blobs.read(name, offset, length),
    blobRemove: (name, level) => folder.blobs.remove(name, level),
    ...writingCalls(folder.blobs),
  };
}

type LogCalls = Pick<
  FolderCalls,
  'openLog' | 'logSize' | 'logAppend' | 'logRead' | 'logSync' | 'logTruncate' | 'logClose'
>;

function logCalls(folder: VectorFolder): LogCalls {
  const logs = new Map<number, AppendFile>();
  let opened = 0;
  const get = (log: number): AppendFile => present(logs.get(log), 'a page uses open logs');
  return {
    openLog: async (name): Promise<{ log: number; size: number }> => {
      const file = await folder.openLog(name);
      opened += 1;
      logs.set(opened, file);
      return { log: opened, size: file.size() };
    },
    logSize: async (log) => get(log).size(),
    logAppend: (log, bytes) => get(log).append(bytes),
    logRead: (log, offset, length) => get(log).read(offset, length),
    logSync: (log) => get(log).sync(),
    logTruncate: (log, size) => get(log).truncate(size),
    logClose: async (log): Promise<void> => {
      await get(log).close();
      logs.delete(log);
    },
  };
}

type Writing = { readonly parts: Handover<Uint8Array>; readonly done: Promise<void> };

type WritingCalls = Pick<FolderCalls, 'blobBegin' | 'blobPart' | 'blobEnd' | 'blobAbort'>;

function writingCalls(blobs: BlobDir): WritingCalls {
  const writings = new Map<number, Writing>();
  let begun = 0;
  const get = (writing: number): Writing =>
    present(writings.get(writing), 'a page writes what it has begun');
  return {
    blobBegin: async (name: string, level: Durability): Promise<number> => {
      const parts = new Handover<Uint8Array>();
      const done = blobs.write(name, parts, level);
      // Told with the next part, or with the end.
      done.catch(() => undefined);
      begun += 1;
      writings.set(begun, { parts, done });
      return begun;
    },
    blobPart: async (writing, bytes): Promise<void> => {
      const { parts, done } = get(writing);
      await Promise.race([parts.give(bytes), done]);
    },
    blobEnd: async (writing): Promise<void> => {
      const { parts, done } = get(writing);
      parts.end();
      try {
        await done;
      } finally {
        writings.delete(writing);
      }
    },
    blobAbort: async (writing): Promise<void> => {
      const { parts, done } = get(writing);
      parts.fail(new Error('the page has ended the writing'));
      await done.catch(() => undefined);
      writings.delete(writing);
    },
  };
}
