import { defineLimits, type LimitRegistry } from '@lucerna/base';

const registry = defineLimits('storage', {
  blobNameLength: {
    value: 64,
    unit: 'characters',
    why: 'every file system takes it, also with the ending of a temporary file',
  },
  copyBatchBytes: {
    value: 4 * 2 ** 20,
    unit: 'bytes',
    why: 'a copied store is written in commits of this size: in memory at once, dear one by one',
  },
  keyBytes: {
    value: 1024,
    unit: 'bytes',
    why: 'our longest key has 96; LMDB takes 1978, and every store refuses the same keys',
  },
  memoryBlobBytes: {
    value: 2 ** 30,
    unit: 'bytes',
    why: 'names and contents of blobs kept in memory must not take the process down',
  },
  memoryFileBytes: {
    value: 2 ** 30,
    unit: 'bytes',
    why: 'a file kept in memory must not take the process down',
  },
  orderedBlockEntries: {
    value: 256,
    unit: 'entries',
    why: 'in memory, an insertion moves and a copy-on-write copies at most so many entries',
  },
  turnRows: {
    value: 256,
    unit: 'rows',
    why: 'a walk over a whole store asks so often whether others wait; a row takes microseconds',
  },
  waitingFlushes: {
    value: 1024,
    unit: 'calls',
    why: 'flushes run one at a time; a caller that never waits for them has a bug',
  },
});

/** Limits of the storage package. */
export const storageLimits: LimitRegistry = registry;

/** The longest name of a blob, in characters. */
export const MAX_BLOB_NAME_LENGTH: number = registry.values.blobNameLength;
/** Bytes of keys and values in one commit of `copyStore`, and one row more. */
export const COPY_BATCH_BYTES: number = registry.values.copyBatchBytes;
/** The longest key of a key-value store, in bytes. */
export const MAX_KEY_BYTES: number = registry.values.keyBytes;
/** The most bytes of all blobs of a directory that is kept in memory. */
export const MAX_MEMORY_BLOB_BYTES: number = registry.values.memoryBlobBytes;
/** The largest file kept in memory, in bytes. */
export const MAX_MEMORY_FILE_BYTES: number = registry.values.memoryFileBytes;
/** The most entries of one block of an `OrderedMap`. */
export const MAX_BLOCK_ENTRIES: number = registry.values.orderedBlockEntries;
/** After so many rows, work on all rows of a store takes a turn. */
export const TURN_ROWS: number = registry.values.turnRows;
/** The most calls of `OverlayStore.flush` that wait. */
export const MAX_WAITING_FLUSHES: number = registry.values.waitingFlushes;
