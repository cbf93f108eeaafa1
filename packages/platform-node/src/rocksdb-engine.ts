import { assert, present, toHex } from '@lucerna/base';
import { type Keyspace, type KvEntry, type KvWrite, storageErrors } from '@lucerna/storage';
import type { Column, Database, Iterator, Rocks } from '@nxtedition/rocksdb/binding.js';
import { ROCKS_READ_BYTES } from './limits.ts';

type InColumn = { readonly column: Column };

/** Bounds and direction of a cursor; the lower bound is inclusive, the upper one exclusive. */
export type RocksBounds = {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
  readonly reverse?: boolean | undefined;
};

/** Some rows, and whether none come after them. */
export type RocksRows = { readonly rows: readonly KvEntry[]; readonly finished: boolean };

/**
 * An open RocksDB, one column family a keyspace, with the checks that the native side does not make:
 * using what is closed, or an iterator beyond its end, would end the process there. All calls but
 * `close` are synchronous.
 */
export class RocksEngine {
  readonly #rocks: Rocks;
  readonly #database: Database;
  readonly #columns: ReadonlyMap<number, InColumn>;
  readonly #cursors = new Set<RocksCursor>();
  #closed = false;

  constructor(rocks: Rocks, database: Database, columns: ReadonlyMap<number, Column>) {
    this.#rocks = rocks;
    this.#database = database;
    this.#columns = new Map([...columns].map(([id, column]) => [id, { column }]));
  }

  /** @throws `STORE_CLOSED` */
  checkOpen(): void {
    if (this.#closed) throw storageErrors.create('STORE_CLOSED');
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    this.checkOpen();
    try {
      const column = this.#column(keyspace);
      const [value] = this.#rocks.db_get_many_sync(this.#database, [key], column);
      if (value === null) throw new Error('the value is too large');
      return value === undefined ? undefined : plainBytes(value);
    } catch (error) {
      throw readError(error, { keyspace: keyspace.name, key: toHex(key) });
    }
  }

  /** Rows of the keyspace as they are now, whatever is written later. The caller closes it. */
  cursor(keyspace: Keyspace, bounds: RocksBounds): RocksCursor {
    this.checkOpen();
    const { from, to, reverse = false } = bounds;
    const rocks = this.#rocks;
    const iterator = rocks.iterator_init(this.#database, {
      ...this.#column(keyspace),
      ...(from === undefined ? {} : { gte: from }),
      ...(to === undefined ? {} : { lt: to }),
      reverse,
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      highWaterMarkBytes: ROCKS_READ_BYTES,
      asyncIO: false,
    });
    const cursor = new RocksCursor(rocks, iterator, keyspace, {
      checkOpen: () => this.checkOpen(),
      closed: () => this.#cursors.delete(cursor),
    });
    this.#cursors.add(cursor);
    return cursor;
  }

  /**
   * Writes all or nothing.
   *
   * @param sync return when this and everything before it is on the disk
   * @throws what the library says
   */
  write(writes: readonly KvWrite[], sync: boolean): void {
    this.checkOpen();
    const rocks = this.#rocks;
    const batch = rocks.batch_init();
    try {
      for (const { keyspace, key, value } of writes) {
        const column = this.#column(keyspace);
        if (value === undefined) rocks.batch_del(batch, key, column);
        else rocks.batch_put(batch, key, value, column);
      }
      rocks.batch_write(this.#database, batch, { sync });
    } finally {
      // Else its memory waits for the garbage collector, which does not see how much it is.
      rocks.batch_clear(batch);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    // Here and not in the library: it would close them on another thread.
    for (const cursor of this.#cursors) cursor.close();
    this.#closed = true;
    await new Promise<void>((resolve, reject) => {
      this.#rocks.db_close(this.#database, (error) => (error ? reject(error) : resolve()));
    });
  }

  #column(keyspace: Keyspace): InColumn {
    return present(this.#columns.get(keyspace.id), `keyspace ${keyspace.name} is registered`);
  }
}

type CursorOwner = { readonly checkOpen: () => void; readonly closed: () => void };

/** A position in the rows of one moment. */
export class RocksCursor {
  readonly #rocks: Rocks;
  readonly #iterator: Iterator;
  readonly #keyspace: Keyspace;
  readonly #owner: CursorOwner;
  /** There is nothing more, or nothing more that can be read. */
  #ended = false;
  #closed = false;

  constructor(rocks: Rocks, iterator: Iterator, keyspace: Keyspace, owner: CursorOwner) {
    this.#rocks = rocks;
    this.#iterator = iterator;
    this.#keyspace = keyspace;
    this.#owner = owner;
  }

  /** To the first key that is not before `key`; in reverse, to the last one that is not after it. */
  seek(key: Uint8Array): void {
    this.#check();
    this.#rocks.iterator_seek(this.#iterator, key);
    this.#ended = false;
  }

  /**
   * The next rows, at most `count`, perhaps fewer.
   *
   * @throws `STORE_CORRUPT`, `STORE_CLOSED`
   */
  next(count: number): RocksRows {
    this.#check();
    if (this.#ended) return { rows: [], finished: true };
    this.#ended = true;
    try {
      const { rows, finished } = this.#rocks.iterator_nextv_sync(this.#iterator, count);
      this.#ended = finished;
      const entries: KvEntry[] = [];
      for (let index = 0; index + 1 < rows.length; index += 2) {
        const [key, value] = [rows[index] as Uint8Array, rows[index + 1] as Uint8Array];
        entries.push([plainBytes(key), plainBytes(value)]);
      }
      return { rows: entries, finished };
    } catch (error) {
      throw readError(error, { keyspace: this.#keyspace.name });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rocks.iterator_close(this.#iterator);
    this.#owner.closed();
  }

  #check(): void {
    this.#owner.checkOpen();
    assert(!this.#closed, 'a cursor is not read after it was closed');
  }
}

function readError(error: unknown, fields: Readonly<Record<string, string>>): Error {
  const detail = `${fields['keyspace']}: ${messageOf(error)}`;
  return storageErrors.create('STORE_CORRUPT', detail, fields, error);
}

/** The library's buffer, a copy of its own, as a plain array. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
}

/** What the library says about a failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
