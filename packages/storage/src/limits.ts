import { defineLimits, type LimitRegistry } from '@lucerna/base';

const registry = defineLimits('storage', {
  keyBytes: {
    value: 1024,
    unit: 'bytes',
    why: 'our longest key has 96; LMDB takes 1978, and every store refuses the same keys',
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
  waitingFlushes: {
    value: 1024,
    unit: 'calls',
    why: 'flushes run one at a time; a caller that never waits for them has a bug',
  },
});

/** Limits of the storage package. */
export const storageLimits: LimitRegistry = registry;

/** The longest key of a key-value store, in bytes. */
export const MAX_KEY_BYTES: number = registry.values.keyBytes;
/** The largest file kept in memory, in bytes. */
export const MAX_MEMORY_FILE_BYTES: number = registry.values.memoryFileBytes;
/** The most entries of one block of an `OrderedMap`. */
export const MAX_BLOCK_ENTRIES: number = registry.values.orderedBlockEntries;
/** The most calls of `OverlayStore.flush` that wait. */
export const MAX_WAITING_FLUSHES: number = registry.values.waitingFlushes;
