import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** What can go wrong with a key-value store, an append file or a folder of blobs. */
export type StorageErrorCode =
  | 'STORE_OPEN_FAILED'
  | 'STORE_WRITE_FAILED'
  | 'STORE_CLOSED'
  | 'STORE_CORRUPT'
  | 'STORE_UNAVAILABLE'
  | 'FILE_OPEN_FAILED'
  | 'FILE_WRITE_FAILED'
  | 'FILE_DISK_FULL'
  | 'FILE_READ_FAILED'
  | 'FILE_READ_OUT_OF_RANGE'
  | 'FILE_SYNC_FAILED'
  | 'FILE_CLOSED'
  | 'BLOB_MISSING'
  | 'BLOB_NAME_INVALID';

/** Codes of the storage package; the platform adapters throw them too. */
export const storageErrors: ErrorRegistry<StorageErrorCode> = defineErrors('storage', {
  STORE_OPEN_FAILED: {
    summary: 'The database cannot be opened',
    remedy: 'Check that the folder exists, is writable and that the disk has room.',
  },
  STORE_WRITE_FAILED: {
    summary: 'The database did not take a batch of changes; none of them is visible',
    remedy: 'Check that the disk has room and is writable, then try again.',
  },
  STORE_CLOSED: {
    summary: 'The database is closed',
    remedy: 'Stop the work that still uses it before closing it.',
  },
  STORE_CORRUPT: {
    summary: 'The database holds a value that cannot be read',
    remedy:
      'Run `lucerna db compact --history all`, or delete the folder "store" in the data directory: it is made again from the block log.',
  },
  STORE_UNAVAILABLE: {
    summary: 'The database engine is not installed for this platform',
    remedy:
      'Reinstall with optional dependencies, choose the other database with --db, or keep the chain in memory with --in-memory.',
  },
  FILE_OPEN_FAILED: {
    summary: 'The file cannot be opened',
    remedy: 'Check that its folder exists and that you may write there.',
  },
  FILE_WRITE_FAILED: {
    summary: 'Writing to the file failed',
    remedy: 'Check the disk, then start again: the file is repaired when it is opened.',
  },
  FILE_DISK_FULL: {
    summary: 'The disk is full',
    remedy: 'Free some space, then start again: the file is repaired when it is opened.',
  },
  FILE_READ_FAILED: {
    summary: 'Reading the file failed',
    remedy: 'Check the disk; restore the file from a copy if the disk is damaged.',
  },
  FILE_READ_OUT_OF_RANGE: {
    summary: 'The file ends before the bytes that were asked for',
    remedy: 'The file is shorter than its index says: restore it from a copy or start afresh.',
  },
  FILE_SYNC_FAILED: {
    summary: 'The disk did not confirm that it has stored the file',
    remedy: 'Treat the latest writes as lost: check the disk, then start again.',
  },
  FILE_CLOSED: {
    summary: 'The file is closed',
    remedy: 'Stop the work that still uses it before closing it.',
  },
  BLOB_MISSING: {
    summary: 'There is no file of that name',
    remedy: 'Ask for the names that there are; the file may have been removed since.',
  },
  BLOB_NAME_INVALID: {
    summary: 'That is not the name of a file here',
    remedy: 'Use 1 to 64 characters of a-z, 0-9, ".", "_" and "-", not beginning with a dot.',
  },
});
