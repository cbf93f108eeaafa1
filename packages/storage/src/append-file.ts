import { assert } from '@lucerna/base';
import { storageErrors } from './errors.ts';

/**
 * A file that only grows at its end: what a log is written to. Calls are made one at a time by one
 * owner; every implementation passes the compliance suite of `@lucerna/storage/compliance`. After
 * `close` all of them but `size` and `close` throw `FILE_CLOSED`.
 */
export type AppendFile = {
  /** Bytes that reads can see. */
  readonly size: () => number;
  /**
   * Adds `bytes` at the end; resolves when they outlive the process (not the power).
   *
   * @throws `FILE_WRITE_FAILED` (or `FILE_DISK_FULL`); part of the bytes may then be in the file,
   *   and the owner must `truncate` to the old size before it goes on
   */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /**
   * `length` bytes from `offset`, in an array of the caller's own.
   *
   * @throws `FILE_READ_OUT_OF_RANGE` beyond the end; `FILE_READ_FAILED`
   */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  /**
   * Resolves when everything appended and cut so far outlives a power loss.
   *
   * @throws `FILE_SYNC_FAILED`; then nothing is known about what came after the last sync, and all
   *   later changes and syncs throw it too, until the file is opened again
   */
  readonly sync: () => Promise<void>;
  /** Drops everything from `size` (at most the file's) on. @throws `FILE_WRITE_FAILED` */
  readonly truncate: (size: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The check that every append file makes before it reads. @throws `FILE_READ_OUT_OF_RANGE` */
export function checkReadRange(offset: number, length: number, size: number): void {
  assert(Number.isSafeInteger(offset) && offset >= 0, 'an offset is a natural number');
  assert(Number.isSafeInteger(length) && length >= 0, 'a length is a natural number');
  if (offset + length > size) {
    throw storageErrors.create('FILE_READ_OUT_OF_RANGE', undefined, { offset, length, size });
  }
}
