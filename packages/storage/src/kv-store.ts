import { assert, type Durability } from '@lucerna/base';
import type { Keyspace } from './keyspaces.ts';
import { MAX_KEY_BYTES } from './limits.ts';

/** One key of an ordered range and its value. */
export type KvEntry = readonly [key: Uint8Array, value: Uint8Array];

/** Bounds of a scan. Keys are ordered as unsigned bytes, a prefix before its extensions. */
export type KvRange = {
  /** First key, inclusive. */
  readonly from?: Uint8Array;
  /** End key, exclusive. */
  readonly to?: Uint8Array;
  /** From the end to the beginning; the bounds mean the same. */
  readonly reverse?: boolean;
  /** At most so many entries. */
  readonly limit?: number;
};

/**
 * Synchronous reads. The returned bytes are the caller's to keep and not to write to. A range is
 * read as it is iterated (once); it sees the moment of its first step, and holds on to it until it
 * ends or is left.
 *
 * @throws `STORE_CLOSED`; `STORE_CORRUPT` when the medium is damaged
 */
export type KvReader = {
  readonly get: (keyspace: Keyspace, key: Uint8Array) => Uint8Array | undefined;
  readonly range: (keyspace: Keyspace, range?: KvRange) => Iterable<KvEntry>;
};

/** Reads of one moment: commits that come later are not seen. Release it, it holds on to pages. */
export type KvSnapshot = KvReader & {
  readonly release: () => void;
};

/** Something that may change between two reads, and can be held as it is now. */
export type SnapshotReader = KvReader & {
  readonly snapshot: () => KvSnapshot;
};

/**
 * An ordered key-value database with atomic batches.
 * Every implementation passes the compliance suite of `@lucerna/storage/compliance`.
 */
export type KvStore = SnapshotReader & {
  /**
   * Applies all of `batch` or none of it; readers see either. Resolves when the batch, and every
   * one before it, is as durable as `level` says. Batches become visible in the order of the calls.
   *
   * @throws `STORE_WRITE_FAILED`, after which none of the batch is visible; `STORE_CLOSED`
   */
  readonly commit: (batch: WriteBatch, level: Durability) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** One change of a batch; `value` undefined deletes the key. */
export type KvWrite = {
  readonly keyspace: Keyspace;
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
};

/**
 * Changes that belong together. A later change of the same key replaces the earlier one. The bytes
 * given are kept, not copied: they are not written to afterwards.
 */
export class WriteBatch {
  readonly #writes: KvWrite[] = [];

  get size(): number {
    return this.#writes.length;
  }

  put(keyspace: Keyspace, key: Uint8Array, value: Uint8Array): void {
    assert(key.length <= MAX_KEY_BYTES, `a key has at most ${MAX_KEY_BYTES} bytes`);
    this.#writes.push({ keyspace, key, value });
  }

  delete(keyspace: Keyspace, key: Uint8Array): void {
    assert(key.length <= MAX_KEY_BYTES, `a key has at most ${MAX_KEY_BYTES} bytes`);
    this.#writes.push({ keyspace, key, value: undefined });
  }

  /** The changes in the order in which they were made. */
  writes(): readonly KvWrite[] {
    return this.#writes;
  }
}
