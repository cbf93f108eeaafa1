import { type Channel, type Durability, present } from '@lucerna/base';
import type { BlobDir } from '@lucerna/storage';
import type { VectorFolder } from '@lucerna/vector';
import type { FolderCalls } from './folder-calls.ts';
import { Handover } from './handover.ts';
import { answerCalls, fileCalls } from './serve-files.ts';
import { openVectorFolder } from './vector-folder.ts';

/**
 * A thread that has a folder open to be written, for a page (`openRemoteFolder`). The first message is
 * the folder's path.
 */
export function serveFolder(channel: Channel): void {
  answerCalls(channel, async (path) => folderCalls(await openVectorFolder(path)));
}

function folderCalls(folder: VectorFolder): FolderCalls {
  return {
    close: () => folder.close(),
    logNames: () => folder.logNames(),
    removeLog: (name) => folder.removeLog(name),
    ...fileCalls(folder),
    blobNames: () => folder.blobs.names(),
    blobSize: (name) => folder.blobs.size(name),
    blobRead: (name, offset, length) => folder.blobs.read(name, offset, length),
    blobRemove: (name, level) => folder.blobs.remove(name, level),
    ...writingCalls(folder.blobs),
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
