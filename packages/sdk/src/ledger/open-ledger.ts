import { SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import type { Database } from '@lucerna/platform-node/directory';
import { directoryStorage } from '../dev-storage.ts';
import { memoryStorage, type NodeStorage } from '../memory-storage.ts';
import { type ArchiveBytes, archiveFile, writeToStream } from './archive.ts';
import type { ArchiveAccess, Ledger } from './ledger.ts';
import { folderOf, type LedgerLocation, type LedgerOptions, openOn } from './open-on.ts';

/** An archive of blocks: the path of a file, bytes, or a stream. */
export type NodeArchiveSource = string | ArchiveBytes;

/** Where an archive goes: the path of a file, or a stream. */
export type NodeArchiveTarget = string | WritableStream<Uint8Array>;

/** A ledger of this machine. */
export type NodeLedger = Ledger<NodeArchiveSource, NodeArchiveTarget>;

/** How a ledger of this machine is to be. Every option has a default. */
export type NodeLedgerOptions = LedgerOptions<NodeArchiveSource> & {
  /** What keeps state and indexes in the folder. Default: what it has, or `lmdb`. */
  readonly database?: Database;
  /** Deletes the ledger in the folder first. */
  readonly reset?: boolean;
};

/**
 * Opens the ledger in a folder, or makes it; or one in memory.
 *
 * ```ts
 * const ledger = await openLedger('./ledger');
 * await ledger.send({ from: 'alice', to: 'bob', value: 10n ** 18n });
 * ledger.balance('bob');
 * await ledger.close();
 * ```
 *
 * The folder is a data directory of `lucerna dev`, which may open it when this program has closed it.
 *
 * @throws `LEDGER_LOCATION_INVALID`; as `createDevNode`; with `blocks` also as `Ledger.importBlocks`
 */
export async function openLedger(
  location: LedgerLocation,
  options: NodeLedgerOptions = {},
): Promise<NodeLedger> {
  const path = folderOf(location);
  const { log = SILENT_LOG, clock = systemClock, reset = false, database } = options;
  const openStorage = async (): Promise<NodeStorage> =>
    path === undefined
      ? memoryStorage()
      : directoryStorage(path, { reset, log, ...(database === undefined ? {} : { database }) });
  const signatures = await loadSignatureEngine(log);
  return openOn({ clock, signatures, openStorage }, ARCHIVES, options);
}

const ARCHIVES: ArchiveAccess<NodeArchiveSource, NodeArchiveTarget> = {
  read: async (source, read) => {
    if (typeof source !== 'string') return read(await archiveFile(source));
    // Loaded here because most programs have no archives.
    const { withArchive } = await import('./node-archive.ts');
    return withArchive(source, read);
  },
  write: async (parts, target) => {
    if (typeof target !== 'string') return writeToStream(parts, target);
    const { writeToFile } = await import('./node-archive.ts');
    return writeToFile(parts, target);
  },
};
