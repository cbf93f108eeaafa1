import { assert, compareBytes, type Durability, EMPTY_BYTES, isLucernaError } from '@lucerna/base';
import {
  KEYSPACES,
  type Keyspace,
  type KvEntry,
  type KvRange,
  type KvSnapshot,
  type KvStore,
  MAX_KEY_BYTES,
  storageErrors,
  type WriteBatch,
} from '@lucerna/storage';
import type { Column, ColumnOptions, Rocks } from '@nxtedition/rocksdb/binding.js';
import { makeFolder } from './files.ts';
import {
  ROCKS_CACHE_BYTES,
  ROCKS_MEMTABLES_BYTES,
  ROCKS_READ_ROWS,
  ROCKS_SMALL_MEMTABLES_BYTES,
  ROCKS_SNAPSHOTS,
} from './limits.ts';
import { messageOf, type RocksCursor, RocksEngine, type RocksRows } from './rocksdb-engine.ts';
import { checkRocksFiles } from './rocksdb-files.ts';

/**
 * A key-value store in a RocksDB in the folder `path` (made when missing), one column family a
 * keyspace.
 *
 * A commit is one write batch in RocksDB's log: at level `process` it is handed to the system, at
 * `power` it is synced. Commits run on the calling thread, also the sync.
 *
 * After a commit that failed RocksDB takes no more until it is opened again; reads go on.
 *
 * After a power loss, or when its log is damaged, RocksDB goes back to the last whole batch before
 * that and says nothing: its user knows from the block log what is missing.
 *
 * @param load brings in the native package, on first use only
 * @throws `STORE_UNAVAILABLE` when the native package is missing, `STORE_CORRUPT` when the files are
 *   damaged, `STORE_OPEN_FAILED`
 */
export async function openRocksStore(
  path: string,
  load: () => Promise<{ readonly default: Rocks }> = () => import('@nxtedition/rocksdb/binding.js'),
): Promise<KvStore> {
  const rocks = await loadRocks(load);
  try {
    await makeFolder(path);
    await checkRocksFiles(path);
    const { database, columns } = await openDatabase(rocks, path);
    const byKeyspace = new Map<number, Column>();
    for (const { id, name } of Object.values(KEYSPACES)) {
      const column = columns[name];
      assert(column !== undefined, 'every column family that was asked for is open');
      byKeyspace.set(id, column);
    }
    return new RocksStore(new RocksEngine(rocks, database, byKeyspace));
  } catch (error) {
    if (isLucernaError(error)) throw error;
    const code = isDamage(error) ? 'STORE_CORRUPT' : 'STORE_OPEN_FAILED';
    throw storageErrors.create(code, messageOf(error), { path }, error);
  }
}

async function loadRocks(load: () => Promise<{ readonly default: Rocks }>): Promise<Rocks> {
  try {
    return (await load()).default;
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`;
    const detail = `rocksdb on ${platform}; lmdb (--db lmdb) has builds for more platforms`;
    throw storageErrors.create('STORE_UNAVAILABLE', detail, { platform }, error);
  }
}

type OpenDatabase = {
  readonly database: ReturnType<Rocks['db_init']>;
  readonly columns: Readonly<Record<string, Column>>;
};

function openDatabase(rocks: Rocks, path: string): Promise<OpenDatabase> {
  const columns: Record<string, ColumnOptions> = { default: SMALL_COLUMN };
  for (const { name } of Object.values(KEYSPACES)) {
    columns[name] = SMALL_KEYSPACES.has(name) ? SMALL_COLUMN : COLUMN;
  }
  const database = rocks.db_init(path);
  // Compressed log records would save little: most of the bytes are hashes.
  const options = { ...COLUMN, createIfMissing: true, walCompression: false, columns };
  return new Promise((resolve, reject) => {
    rocks.db_open(database, options, (error, opened) => {
      if (error) reject(error);
      else resolve({ database, columns: opened });
    });
  });
}

/** RocksDB's log is kept as long as one column family has rows in memory only; hence small ones here. */
const COLUMN: ColumnOptions = {
  compaction: 'level',
  memtableMemoryBudget: ROCKS_MEMTABLES_BYTES,
  cacheSize: ROCKS_CACHE_BYTES,
};
const SMALL_COLUMN: ColumnOptions = {
  compaction: 'level',
  memtableMemoryBudget: ROCKS_SMALL_MEMTABLES_BYTES,
  cacheSize: ROCKS_CACHE_BYTES,
};
const SMALL_KEYSPACES: ReadonlySet<string> = new Set([KEYSPACES.meta.name, KEYSPACES.code.name]);

/** RocksDB's words for damage, and for a file that its own list of files has and the folder has not. */
function isDamage(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'LEVEL_CORRUPTION' || /^IO error: No such file/.test(messageOf(error));
}

class RocksStore implements KvStore {
  readonly #engine: RocksEngine;
  readonly #snapshots = new Set<RocksSnapshot>();
  /** A commit failed, and its caller knows. */
  #failed = false;

  constructor(engine: RocksEngine) {
    this.#engine = engine;
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    return this.#engine.get(keyspace, key);
  }

  *range(keyspace: Keyspace, range: KvRange = {}): Generator<KvEntry, void, undefined> {
    yield* rangeOf(this.#engine, keyspace, range);
  }

  snapshot(): KvSnapshot {
    this.#engine.checkOpen();
    assert(this.#snapshots.size < ROCKS_SNAPSHOTS, 'snapshots are released after use');
    const snapshot: RocksSnapshot = new RocksSnapshot(this.#engine, () => {
      this.#snapshots.delete(snapshot);
    });
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  async commit(batch: WriteBatch, level: Durability): Promise<void> {
    this.#engine.checkOpen();
    // An empty one at level `power` still hardens what came before it.
    if (batch.size === 0 && level === 'process') return;
    const writes = batch.writes();
    try {
      const changed = new Set(writes.map(({ keyspace }) => keyspace));
      for (const snapshot of this.#snapshots) snapshot.keep(changed);
      this.#engine.write(writes, level === 'power');
    } catch (error) {
      this.#failed = true;
      const detail = `${messageOf(error)} (RocksDB takes no more until it is opened again)`;
      const fields = { writes: batch.size };
      throw storageErrors.create('STORE_WRITE_FAILED', detail, fields, error);
    }
  }

  async close(): Promise<void> {
    try {
      await this.#engine.close();
    } catch (error) {
      // The library says it once more, although nothing that was committed is in doubt.
      if (this.#failed) return;
      throw storageErrors.create('STORE_WRITE_FAILED', messageOf(error), {}, error);
    }
  }
}

/** The rows of one keyspace at the moment of a snapshot; a cursor has one direction for good. */
type KeptRows = { readonly forward: RocksCursor; readonly backward: RocksCursor };

/**
 * The library has no snapshots, but its iterators see the moment in which they were made. All writes
 * come through this store and none runs beside other code, so a keyspace that was not written to since
 * the snapshot is read as it is, and the commit that writes to it first makes the iterators before.
 */
class RocksSnapshot implements KvSnapshot {
  readonly #engine: RocksEngine;
  readonly #onRelease: () => void;
  readonly #kept = new Map<number, KeptRows>();
  #released = false;

  constructor(engine: RocksEngine, onRelease: () => void) {
    this.#engine = engine;
    this.#onRelease = onRelease;
  }

  /** Keeps the rows of the keyspaces, which are about to change, unless they have changed already. */
  keep(changing: Iterable<Keyspace>): void {
    for (const keyspace of changing) {
      if (this.#kept.has(keyspace.id)) continue;
      this.#kept.set(keyspace.id, {
        forward: this.#engine.cursor(keyspace, {}),
        backward: this.#engine.cursor(keyspace, { reverse: true }),
      });
    }
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    this.#check();
    const kept = this.#kept.get(keyspace.id);
    if (kept === undefined) return this.#engine.get(keyspace, key);
    kept.forward.seek(key);
    const [row] = kept.forward.next(1).rows;
    return row !== undefined && compareBytes(row[0], key) === 0 ? row[1] : undefined;
  }

  *range(keyspace: Keyspace, range: KvRange = {}): Generator<KvEntry, void, undefined> {
    this.#check();
    const kept = this.#kept.get(keyspace.id);
    if (kept === undefined) yield* rangeOf(this.#engine, keyspace, range);
    else yield* this.#keptRange(kept, range);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const { forward, backward } of this.#kept.values()) {
      forward.close();
      backward.close();
    }
    this.#kept.clear();
    this.#onRelease();
  }

  /** Several ranges and reads take turns on the same two cursors, so each seeks anew for its next rows. */
  *#keptRange(kept: KeptRows, range: KvRange): Generator<KvEntry, void, undefined> {
    const { from, to, reverse = false } = range;
    if (isEmpty(range)) return;
    const cursor = reverse ? kept.backward : kept.forward;
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    let at = reverse ? (to ?? AFTER_ALL_KEYS) : (from ?? EMPTY_BYTES);
    for (let rowsAtOnce = FIRST_READ_ROWS; ; rowsAtOnce = moreRows(rowsAtOnce)) {
      cursor.seek(at);
      const { rows, finished } = reverse
        ? rowsBefore(cursor, at, rowsAtOnce)
        : cursor.next(rowsAtOnce);
      for (const row of rows) {
        this.#check();
        const [key] = row;
        if (reverse && from !== undefined && compareBytes(key, from) < 0) return;
        if (!reverse && to !== undefined && compareBytes(key, to) >= 0) return;
        yield row;
        left -= 1;
        if (left === 0) return;
      }
      const last = rows.at(-1)?.[0];
      if (finished || last === undefined) return;
      at = reverse ? last : successorOf(last);
      this.#check();
    }
  }

  #check(): void {
    assert(!this.#released, 'a snapshot is not read after its release');
    this.#engine.checkOpen();
  }
}

/** Rows of a cursor in reverse that has gone to `key`: without that key, where the library begins. */
function rowsBefore(cursor: RocksCursor, key: Uint8Array, count: number): RocksRows {
  const { rows, finished } = cursor.next(count);
  const first = rows[0];
  if (first === undefined || compareBytes(first[0], key) !== 0) return { rows, finished };
  // A row of many bytes comes alone.
  return rows.length > 1 || finished ? { rows: rows.slice(1), finished } : cursor.next(count);
}

/** The rows of this moment, through an iterator of their own. */
function* rangeOf(
  engine: RocksEngine,
  keyspace: Keyspace,
  range: KvRange,
): Generator<KvEntry, void, undefined> {
  engine.checkOpen();
  if (isEmpty(range)) return;
  let left = range.limit ?? Number.POSITIVE_INFINITY;
  const cursor = engine.cursor(keyspace, range);
  try {
    for (let rowsAtOnce = FIRST_READ_ROWS; ; rowsAtOnce = moreRows(rowsAtOnce)) {
      const { rows, finished } = cursor.next(Math.min(left, rowsAtOnce));
      for (const row of rows) {
        engine.checkOpen();
        yield row;
      }
      left -= rows.length;
      if (finished || left === 0) return;
    }
  } finally {
    cursor.close();
  }
}

/** The library takes the bounds of an empty range for an error, or ignores them. */
function isEmpty({ from, to, limit }: KvRange): boolean {
  if (limit !== undefined && limit <= 0) return true;
  if (to === undefined) return false;
  return compareBytes(from ?? EMPTY_BYTES, to) >= 0;
}

/** Many ranges are left after a row or two; long ones take more rows a call. */
const FIRST_READ_ROWS = 4;

function moreRows(rows: number): number {
  return Math.min(4 * rows, ROCKS_READ_ROWS);
}

const AFTER_ALL_KEYS: Uint8Array = new Uint8Array(MAX_KEY_BYTES + 1).fill(0xff);

/** The first key after `key`. */
function successorOf(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
