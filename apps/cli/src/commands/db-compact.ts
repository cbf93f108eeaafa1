import { isLucernaError } from '@lucerna/base';
import {
  type DataDirectory,
  type DirectoryUsage,
  directoryUsage,
  openDirectoryStore,
  replaceStore,
} from '@lucerna/platform-node/directory';
import { copyStore, type KvStore } from '@lucerna/storage';
import { formatLabelled, formatSize, toJsonLine } from '../db/format.ts';
import { checkNotVacant, withChain, withDirectory } from '../db/open-chain.ts';
import { type Work, withWork } from '../db/work.ts';
import { writeResult } from '../output.ts';
import type { CompactOptions } from './db-options.ts';

type Measured = DirectoryUsage & { readonly database: string };

/** What `db compact` has changed. */
type CompactReport = {
  readonly dataDirectory: string;
  readonly before: Measured;
  readonly after: Measured;
};

/** `lucerna db compact`. */
export async function runCompact(options: CompactOptions): Promise<void> {
  const json = options.json ?? false;
  const report = await withWork({ json, endsAtTurn: true }, (work) =>
    withDirectory(options.dataDir, work, async (directory): Promise<CompactReport> => {
      await checkNotVacant(directory);
      const before = await measure(directory);
      const now = await compact(directory, options, work);
      return { dataDirectory: directory.path, before, after: await measure(now) };
    }),
  );
  writeResult(json ? toJsonLine(report) : formatReport(report));
}

/** @returns the directory with the database that it has now */
async function compact(
  directory: DataDirectory,
  { db, history }: CompactOptions,
  work: Work,
): Promise<DataDirectory> {
  if (history === undefined) {
    return replaceStore(directory, (fresh) => copyRows(directory, fresh, work), db);
  }
  await checkAgreement(directory, work);
  // One after the other: what was written block by block has holes of its own.
  const rebuilt = await replaceStore(
    directory,
    (fresh) => rebuild(directory, fresh, history, work),
    db,
  );
  return replaceStore(rebuilt, (fresh) => copyRows(rebuilt, fresh, work));
}

/** What says that the log is not the one that the store was made from, or has lost its end. */
const DISAGREEMENTS: ReadonlySet<string> = new Set(['CHAIN_STORE_AHEAD', 'CHAIN_GENESIS_MISMATCH']);

/**
 * Blocks that only the old store knows would be gone without a word. That it is damaged is no reason
 * to keep it: the log makes it again, and says itself when it is damaged, too.
 */
async function checkAgreement(directory: DataDirectory, work: Work): Promise<void> {
  try {
    await withChain(directory, work, { checkFiles: true }, async () => undefined);
  } catch (error) {
    if (!isLucernaError(error) || DISAGREEMENTS.has(error.code)) throw error;
    await work.takeTurn();
  }
}

async function measure(directory: DataDirectory): Promise<Measured> {
  return { database: directory.database, ...(await directoryUsage(directory)) };
}

/** The rows as they are: without the holes that deleted and overwritten ones have left. */
async function copyRows(directory: DataDirectory, fresh: KvStore, work: Work): Promise<void> {
  const store = await openDirectoryStore(directory);
  try {
    const onProgress = work.bar.step('Copying', 'rows');
    await copyStore(store, fresh, { takeTurn: work.takeTurn, onProgress });
  } finally {
    await store.close();
  }
}

/** From the block log: that can also bring back older states which the old store did not have. */
async function rebuild(
  directory: DataDirectory,
  fresh: KvStore,
  history: number,
  work: Work,
): Promise<void> {
  await withChain(directory, work, { store: fresh, history }, async ({ chain }) => {
    await work.takeTurn();
    await chain.flush();
  });
}

function formatReport({ dataDirectory, before, after }: CompactReport): string {
  const change = (of: (measured: Measured) => string): string =>
    of(before) === of(after) ? of(after) : `${of(before)} -> ${of(after)}`;
  return formatLabelled([
    ['Data directory', dataDirectory],
    ['Database', change(({ database }) => database)],
    ['State and indexes', change(({ storeBytes }) => formatSize(storeBytes))],
    ['Block log', change(({ blockLogBytes }) => formatSize(blockLogBytes))],
  ]);
}
