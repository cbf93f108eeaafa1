import type { Durability } from '@lucerna/base';
import { storageErrors } from './errors.ts';
import { MAX_BLOB_NAME_LENGTH } from './limits.ts';

/**
 * A flat folder of blobs: whole files that are written once and replaced at once, such as snapshots
 * and exports. Changes are made one at a time by one owner, reads at any time; every implementation
 * passes the compliance suite of `@lucerna/storage/compliance`.
 *
 * A name has 1 to 64 characters of `a-z 0-9 . _ -` and does not begin with a dot; with any other, all
 * calls throw `BLOB_NAME_INVALID`. After `close` all of them but `close` throw `FILE_CLOSED`.
 *
 * After a sync that failed, all later changes throw `FILE_SYNC_FAILED`, at either level, until the
 * folder is opened again: the system may have dropped what it could not write, and a second sync would
 * succeed without having stored it. Reads go on.
 */
export type BlobDir = {
  /** The names of all blobs, sorted by unsigned bytes. */
  readonly names: () => Promise<readonly string[]>;
  /** Length of a blob in bytes; undefined when there is none of that name. */
  readonly size: (name: string) => Promise<number | undefined>;
  /**
   * The bytes [offset, offset + length) of a blob, in an array of the caller's own.
   *
   * @throws `BLOB_MISSING`; `FILE_READ_OUT_OF_RANGE` beyond the end; `FILE_READ_FAILED`
   */
  readonly read: (name: string, offset: number, length: number) => Promise<Uint8Array>;
  /**
   * Puts all of `parts`, one after the other, under `name`, in place of what was there. Readers and
   * restarts see the old blob or the new one, whole. Resolves when the new one outlives what `level`
   * says. The bytes of a part are not kept. What `parts` throws is passed on, and nothing has changed.
   *
   * @throws `FILE_WRITE_FAILED` or `FILE_DISK_FULL`, and nothing has changed; `FILE_SYNC_FAILED`, and
   *   it is the old blob or the new one (the old one after an earlier failure)
   */
  readonly write: (
    name: string,
    parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    level: Durability,
  ) => Promise<void>;
  /**
   * Takes a blob away. When there is none of that name, nothing happens.
   *
   * @throws `FILE_WRITE_FAILED`, and nothing has changed; `FILE_SYNC_FAILED`, and a power loss may
   *   bring it back
   */
  readonly remove: (name: string, level: Durability) => Promise<void>;
  readonly close: () => Promise<void>;
};

const NAME = /^[a-z0-9_-][a-z0-9._-]*$/;

/** The check that every call with a name makes first. @throws `BLOB_NAME_INVALID` */
export function checkBlobName(name: string): void {
  if (name.length <= MAX_BLOB_NAME_LENGTH && NAME.test(name)) return;
  const shown = name.slice(0, MAX_BLOB_NAME_LENGTH);
  throw storageErrors.create('BLOB_NAME_INVALID', JSON.stringify(shown), { length: name.length });
}
