import { type Channel, present } from '@lucerna/base';
import type { AppendFile } from '@lucerna/storage';
import {
  type CallMessage,
  type FileCalls,
  failureOf,
  type PlainFolderCalls,
} from './folder-calls.ts';

/** What opens files by their names. */
type FileOpener = { readonly openLog: (name: string) => Promise<AppendFile> };

/**
 * Serves a folder to the other end of the channel. The first message is the path, answered as call 0.
 *
 * @param open opens the folder at a path
 */
export function answerCalls(
  channel: Channel,
  open: (path: string) => Promise<PlainFolderCalls>,
): void {
  const answer = async (id: number, call: () => Promise<unknown>): Promise<void> => {
    try {
      channel.post({ id, value: await call() });
    } catch (error) {
      channel.post({ id, failure: failureOf(error) });
    }
  };
  channel.receive((path) => {
    const opened = open(path as string);
    void answer(0, async () => void (await opened));
    channel.receive((message) => {
      const { id, call, args } = message as CallMessage;
      void answer(id, async () => {
        const run = (await opened)[call as keyof PlainFolderCalls] as (
          ...args: readonly unknown[]
        ) => Promise<unknown>;
        return run(...args);
      });
    });
  });
}

/** Answers what is asked of the files of a folder. */
export function fileCalls(folder: FileOpener): FileCalls {
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
