import type { Threads } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { systemClock } from '@lucerna/platform-web/clock';
import { openLedgerFolder } from '@lucerna/platform-web/ledger-folder';
import { createMemoryStore } from '@lucerna/storage';
import { memoryStorage, type NodeStorage } from '../memory-storage.ts';
import { type ArchiveBytes, archiveFile, writeToStream } from './archive.ts';
import type { ArchiveAccess, Ledger } from './ledger.ts';
import { folderOf, type LedgerLocation, type LedgerOptions, openOn } from './open-on.ts';

/** A ledger of this browser. */
export type BrowserLedger = Ledger<ArchiveBytes, WritableStream<Uint8Array>>;

/** How a ledger of this browser is to be. Every option has a default. */
export type BrowserLedgerOptions = LedgerOptions<ArchiveBytes> & {
  /** For pages, which write files through a thread (`webThreads`); workers need none. */
  readonly threads?: Threads;
};

/**
 * Opens the ledger in a folder of the origin private file system, or makes it; or one in memory. The block
 * log is in the folder; state and indexes are in memory, made from the log when the ledger is opened.
 *
 * @throws `LEDGER_LOCATION_INVALID`, `LEDGER_FOLDER_IN_USE`, `LEDGER_FOLDER_FOREIGN`,
 *   `LEDGER_FOLDER_FORMAT`, `FILE_OPEN_FAILED`, and as in Node.js
 */
export async function openLedger(
  location: LedgerLocation,
  options: BrowserLedgerOptions = {},
): Promise<BrowserLedger> {
  const path = folderOf(location);
  const { clock = systemClock, threads } = options;
  const openStorage = async (): Promise<NodeStorage> =>
    path === undefined ? memoryStorage() : folderStorage(path, threads);
  return openOn({ clock, signatures: pureSignatureEngine, openStorage }, ARCHIVES, options);
}

async function folderStorage(path: string, threads: Threads | undefined): Promise<NodeStorage> {
  const { blockLog, poolJournal, close } = await openLedgerFolder(path, threads);
  return {
    blockLog,
    poolJournal,
    store: createMemoryStore(),
    vectorLocation: { memory: true },
    release: close,
  };
}

const ARCHIVES: ArchiveAccess<ArchiveBytes, WritableStream<Uint8Array>> = {
  read: async (source, read) => read(await archiveFile(source)),
  write: writeToStream,
};
