import { type Channel, isLucernaError, type Threads } from '@lucerna/base';
import { type AppendFile, storageErrors } from '@lucerna/storage';
import type { FolderHandle } from './browser.ts';
import { platformWebErrors } from './errors.ts';
import { openError } from './file-errors.ts';
import { openFile } from './files.ts';
import {
  type FolderMarker,
  findFolder,
  foreignFile,
  hasSyncHandles,
  readMarker,
  writeMarker,
} from './folder.ts';
import { takeFolderLock } from './folder-lock.ts';
import { FolderThread, RemoteFile } from './remote-files.ts';
import { answerCalls, fileCalls } from './serve-files.ts';

/** Says that a folder is one of a ledger, and in which layout: 1 is the only one. */
const MARKER: FolderMarker = { name: 'lucerna-ledger', text: '1\n' };

/** Files of that layout: the block log, and the two of the pool. */
const FILES = ['blocks.log', 'pool.0.log', 'pool.1.log'] as const;

/** Name of the task that serves such a folder to a page. */
const TASK = 'ledger-folder';

/** Characters of an unknown marker that an error shows. */
const MARKER_SHOWN = 16;

/** The files of a ledger. Who has opened the folder closes them; then the folder. */
export type LedgerFolder = {
  readonly blockLog: AppendFile;
  readonly poolJournal: readonly [AppendFile, AppendFile];
  /** Gives the folder free. */
  readonly close: () => Promise<void>;
};

/**
 * The folder of a ledger in the origin private file system, made when it is missing; `path` is `name` or
 * `name/of/folder`. One page or worker of the origin has it, until it closes it or is closed.
 *
 * @param threads for pages, which cannot write files themselves; the task is in `workers/thread.ts`
 * @throws `LEDGER_FOLDER_IN_USE`; `LEDGER_FOLDER_FOREIGN` when there are other files;
 *   `LEDGER_FOLDER_FORMAT`; `FILE_OPEN_FAILED` when the browser refuses, has no such files (also: the page
 *   is not served over HTTPS or from this machine), or this is a page without `threads`
 */
export async function openLedgerFolder(path: string, threads?: Threads): Promise<LedgerFolder> {
  try {
    if (hasSyncHandles()) return await openFiles(await openHere(path));
    if (threads !== undefined) return await openFiles(await openRemote(path, threads));
  } catch (error) {
    if (isLucernaError(error)) throw error;
    throw openError(error, { path });
  }
  throw openError('a page needs threads to write files', { path });
}

/** A thread that has a folder open, for a page. The first message is the folder's path. */
export function serveLedgerFolder(channel: Channel): void {
  answerCalls(channel, async (path) => {
    const folder = await openHere(path);
    return { ...fileCalls(folder), close: () => folder.close() };
  });
}

/** Files by their names. */
type OpenFolder = {
  readonly openLog: (name: string) => Promise<AppendFile>;
  readonly close: () => Promise<void>;
};

async function openFiles(folder: OpenFolder): Promise<LedgerFolder> {
  const opened: AppendFile[] = [];
  const open = async (name: string): Promise<AppendFile> => {
    const file = await folder.openLog(name);
    opened.push(file);
    return file;
  };
  try {
    const blockLog = await open(FILES[0]);
    const poolJournal = [await open(FILES[1]), await open(FILES[2])] as const;
    return { blockLog, poolJournal, close: () => folder.close() };
  } catch (error) {
    for (const file of opened) await file.close();
    await folder.close();
    throw error;
  }
}

async function openHere(path: string): Promise<OpenFolder> {
  const unlock = await takeFolderLock({
    prefix: 'lucerna-ledger',
    path,
    inUse: (cause) => platformWebErrors.create('LEDGER_FOLDER_IN_USE', path, { path }, cause),
  });
  try {
    const folder = await findFolder(path, true);
    await prepare(folder, path);
    let closed = false;
    return {
      openLog: (name) => openFile(folder, name),
      close: async (): Promise<void> => {
        if (closed) return;
        closed = true;
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function prepare(folder: FolderHandle, path: string): Promise<void> {
  const text = await readMarker(folder, MARKER.name);
  if (text === undefined) {
    const file = await foreignFile(folder, MARKER);
    if (file !== undefined) {
      const detail = `${path} has ${JSON.stringify(file)}`;
      throw platformWebErrors.create('LEDGER_FOLDER_FOREIGN', detail, { path, file });
    }
    await writeMarker(folder, MARKER, path);
  } else if (text !== MARKER.text) {
    const detail = `${path} has layout ${JSON.stringify(text.slice(0, MARKER_SHOWN))}`;
    throw platformWebErrors.create('LEDGER_FOLDER_FORMAT', detail, { path });
  }
}

async function openRemote(path: string, threads: Threads): Promise<OpenFolder> {
  const thread = new FolderThread(threads, TASK, path);
  try {
    await thread.opened;
  } catch (error) {
    thread.close();
    throw error;
  }
  let closed = false;
  return {
    openLog: async (name): Promise<AppendFile> => {
      if (closed) throw storageErrors.create('FILE_CLOSED', undefined, { name });
      const { log, size } = await thread.call('openLog', name);
      return new RemoteFile(thread, log, size, () => undefined);
    },
    close: async (): Promise<void> => {
      if (closed) return;
      closed = true;
      if (!thread.isGone) await thread.call('close');
      thread.close();
    },
  };
}
