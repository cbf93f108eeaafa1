import { readdir } from 'node:fs/promises';
import { isLucernaError } from '@lucerna/base';
import { directoryErrors } from './errors.ts';
import { errorCode } from './files.ts';

/** The number of the layout, as a decimal text. */
export const SCHEMA_NAME = 'schema';
/** The schema number that is about to take the other's place. */
export const NEW_SCHEMA_NAME = 'schema.new';
/** The block log. */
export const BLOCK_LOG_NAME = 'blocks.log';
/** A block log that is about to take its place; see `placeBlockLog`. */
export const NEW_BLOCK_LOG_NAME = 'blocks.log.new';
/** What waits in the pool: one of them is in use, the other takes over when that has grown. */
export const POOL_JOURNAL_NAMES = ['pool.0.log', 'pool.1.log'] as const;
/** Folder of the key-value store. */
export const STORE_NAME = 'store';
/** A store that is being built beside the other, only while that goes on; see `replaceStore`. */
export const NEW_STORE_NAME = 'store.new';
/** The store that has just been replaced. */
export const OLD_STORE_NAME = 'store.old';

/** Folder of the vector database, which has a layout and a lock of its own. */
export const VECTOR_NAME = 'vector';

/** What the key-value store of a data directory can be. */
export type Database = 'lmdb' | 'rocksdb';

/** A node's folder, locked by this process. */
export type DataDirectory = {
  readonly path: string;
  /** File of the block log; it may not be there yet. */
  readonly blockLogPath: string;
  /** Files of the pool's journal; they may not be there yet. */
  readonly poolJournalPaths: readonly [string, string];
  /** Folder of the key-value store; it may not be there yet. */
  readonly storePath: string;
  /** What that store is, or is to be. */
  readonly database: Database;
  /** Folder of the vector database; it may not be there yet. */
  readonly vectorPath: string;
  /** Gives the lock up. Close what lies in the directory first. */
  readonly close: () => Promise<void>;
};

/** Names in a folder; none when it is not there. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** A coded error as it is; what the system says as `DATA_DIRECTORY_UNUSABLE`. */
export function directoryError(path: string, error: unknown): unknown {
  if (isLucernaError(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return directoryErrors.create('DATA_DIRECTORY_UNUSABLE', detail, { path }, error);
}

/** Runs `step`, whose errors are those of the data directory at `path`. */
export async function asDirectoryError<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw directoryError(path, error);
  }
}
