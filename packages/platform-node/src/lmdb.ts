import {
  assert,
  BytePool,
  compareBytes,
  type Fields,
  isLucernaError,
  present,
  SerialQueue,
  toHex,
} from '@lucerna/base';
import {
  KEYSPACES,
  type Keyspace,
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvStore,
  storageErrors,
  type WriteBatch,
} from '@lucerna/storage';
import type { Database, GetOptions, RangeOptions, RootDatabase, Transaction } from 'lmdb';
import { makeFolder, syncFolder } from './files.ts';
import { LMDB_KEYSPACES, LMDB_READERS, LMDB_WAITING_COMMITS } from './limits.ts';
import { LmdbFailures } from './lmdb-failures.ts';
import { checkLmdbHeader } from './lmdb-header.ts';
import { checkLmdbRoom } from './lmdb-room.ts';

type Lmdb = Pick<typeof import('lmdb'), 'open'>;
type Rows = Omit<Database<Uint8Array, Uint8Array>, 'getBinaryFast'> & {
  /**
   * The bytes stay until the next read only. The options are those of `get`, which passes them on to
   * it; the types of the library leave them out.
   */
  readonly getBinaryFast: (key: Uint8Array, options: GetOptions) => Uint8Array | undefined;
};

/**
 * A key-value store in an LMDB environment in the folder `path` (made when missing), one named
 * database a keyspace.
 *
 * Every commit is synced, also at level `process`: unsynced, LMDB may write its root before the pages
 * it points to, and a power loss would leave a damaged database instead of an old one. It is written
 * behind the block log in large groups, so that the sync costs little.
 *
 * The same folder is not opened twice at a time; the data directory's lock sees to that.
 *
 * @param load brings in the native package, on first use only: it is the slow part of a start
 * @throws `STORE_UNAVAILABLE` when the native package is missing, `STORE_CORRUPT` when the files are
 *   not an LMDB environment, `STORE_OPEN_FAILED`
 */
export async function openLmdbStore(
  path: string,
  load: () => Promise<Lmdb> = () => import('lmdb'),
): Promise<KvStore> {
  const lmdb = await loadLmdb(load);
  try {
    await makeFolder(path);
    checkLmdbHeader(path);
    await checkLmdbRoom(path);
    const root = lmdb.open<Uint8Array, Uint8Array>({
      path,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      maxDbs: LMDB_KEYSPACES,
      maxReaders: LMDB_READERS,
      // Sync within the commit, so that a commit that has resolved is on the disk.
      overlappingSync: false,
      // All writes come in explicit batches. Collecting those of one turn of the event loop as well
      // would make a promise that nobody can handle, and its rejection would end the process.
      eventTurnBatching: false,
    });
    await syncNames(path, root);
    return new LmdbStore(root);
  } catch (error) {
    if (isLucernaError(error)) throw error;
    const code = isDamage(error) ? 'STORE_CORRUPT' : 'STORE_OPEN_FAILED';
    throw storageErrors.create(code, messageOf(error), { path }, error);
  }
}

/** LMDB syncs the files that it makes and not their names, without which no commit outlives anything. */
async function syncNames(path: string, root: RootDatabase): Promise<void> {
  try {
    await syncFolder(path);
  } catch (error) {
    await root.close();
    throw error;
  }
}

async function loadLmdb(load: () => Promise<Lmdb>): Promise<Lmdb> {
  try {
    return await load();
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`;
    throw storageErrors.create('STORE_UNAVAILABLE', `lmdb on ${platform}`, { platform }, error);
  }
}

class LmdbStore implements KvStore {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #rows = new Map<number, Rows>();
  readonly #commits = new SerialQueue(LMDB_WAITING_COMMITS);
  readonly #failures: LmdbFailures;
  #closed = false;
  /** The last commit failed; see #commitNow. */
  #failed = false;

  constructor(root: RootDatabase<Uint8Array, Uint8Array>) {
    this.#root = root;
    this.#failures = new LmdbFailures(root);
    for (const { id, name } of Object.values(KEYSPACES)) {
      this.#rows.set(id, root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }));
    }
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    return getRow(this.#rowsOf(keyspace), keyspace, key, undefined);
  }

  *range(keyspace: Keyspace, range: KvRange = {}): Generator<KvEntry, void, undefined> {
    const snapshot = this.snapshot();
    try {
      yield* snapshot.range(keyspace, range);
    } finally {
      snapshot.release();
    }
  }

  snapshot(): KvSnapshot {
    this.#checkOpen();
    const transaction = this.#root.useReadTransaction();
    let released = false;
    const rows = (keyspace: Keyspace): Rows => {
      assert(!released, 'a snapshot is not read after its release');
      this.#checkOpen();
      return this.#rowsOf(keyspace);
    };
    const reader: KvReader = {
      get: (keyspace, key) => getRow(rows(keyspace), keyspace, key, transaction),
      *range(keyspace, range = {}): Generator<KvEntry, void, undefined> {
        yield* rangeOfRows(rows(keyspace), keyspace, range, transaction);
      },
    };
    return {
      ...reader,
      release: (): void => {
        if (released) return;
        released = true;
        // Closing the environment has ended the transaction.
        if (!this.#closed) transaction.done();
      },
    };
  }

  /** At either level: see {@link openLmdbStore}. */
  async commit(batch: WriteBatch): Promise<void> {
    this.#checkOpen();
    await this.#commits.run(() => this.#commitNow(batch));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commits.idle();
    await this.#root.close();
  }

  /**
   * Normally a thread of the library writes the batch while this one goes on. After a failure the
   * next batch is written on this thread instead: if the failure broke the environment for good, the
   * library's thread would never answer, while a synchronous transaction throws.
   */
  async #commitNow(batch: WriteBatch): Promise<void> {
    if (batch.size === 0) return;
    this.#failures.begin();
    try {
      if (this.#failed) this.#root.transactionSync(() => this.#write(batch));
      else await this.#root.batch(() => this.#write(batch));
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      const reason = await this.#failures.reasonOf(error);
      throw storageErrors.create(
        'STORE_WRITE_FAILED',
        messageOf(reason),
        { writes: batch.size },
        reason,
      );
    }
  }

  #write(batch: WriteBatch): void {
    for (const { keyspace, key, value } of batch.writes()) {
      const rows = this.#rowsOf(keyspace);
      // The promise of each write is that of the whole transaction, which the caller waits for.
      if (value === undefined) void rows.remove(toRowKey(key));
      else void rows.put(toRowKey(key), value);
    }
  }

  #rowsOf(keyspace: Keyspace): Rows {
    return present(this.#rows.get(keyspace.id), `keyspace ${keyspace.name} is registered`);
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('STORE_CLOSED');
  }
}

const NO_OPTIONS: GetOptions = {};

/** For values that are read. */
const valueBytes = new BytePool();

function getRow(
  rows: Rows,
  keyspace: Keyspace,
  key: Uint8Array,
  transaction: Transaction | undefined,
): Uint8Array | undefined {
  try {
    const options = transaction === undefined ? NO_OPTIONS : { transaction };
    const value = rows.getBinaryFast(toRowKey(key), options);
    // Its own copy would be a `Buffer`, whose making takes longer than the lookup.
    return value === undefined ? undefined : valueBytes.copy(value, 0, value.length);
  } catch (error) {
    throw readFailure(error, { keyspace: keyspace.name, key: toHex(key) });
  }
}

function* rangeOfRows(
  rows: Rows,
  keyspace: Keyspace,
  range: KvRange,
  transaction: Transaction,
): Generator<KvEntry, void, undefined> {
  const { from, to, limit } = range;
  if (limit !== undefined && limit <= 0) return;
  if (from !== undefined && to !== undefined && compareBytes(from, to) >= 0) return;
  const iterator = reading(keyspace, () =>
    rows.getRange(rowRange(range, transaction))[Symbol.iterator](),
  );
  try {
    for (;;) {
      const next = reading(keyspace, () => iterator.next());
      if (next.done === true) return;
      const { key, value } = next.value;
      yield [fromRowKey(plainBytes(key)), plainBytes(value)];
    }
  } finally {
    iterator.return?.();
  }
}

/** A step of a range, which fails at a page that LMDB cannot make sense of. */
function reading<T>(keyspace: Keyspace, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw readFailure(error, { keyspace: keyspace.name });
  }
}

/**
 * The place is named when it is a page on the way to it that is damaged. Such a page ends LMDB's
 * transaction, in which all later reads fail as well (`MDB_BAD_TXN`), wherever they lead.
 */
function readFailure(error: unknown, place: Fields): Error {
  const message = messageOf(error);
  const fields = /MDB_(CORRUPTED|PAGE_NOTFOUND)/.test(message) ? place : {};
  return storageErrors.create('STORE_CORRUPT', message, fields, error);
}

/** LMDB's bounds: a reverse scan starts at the upper one. */
function rowRange({ from, to, reverse, limit }: KvRange, transaction: Transaction): RangeOptions {
  const lowest = from === undefined ? LOWEST_ROW_KEY : toRowKey(from);
  const options: RangeOptions = { transaction };
  if (limit !== undefined) options.limit = limit;
  if (reverse === true) {
    options.reverse = true;
    options.end = lowest;
    options.inclusiveEnd = true;
    if (to !== undefined) {
      options.start = toRowKey(to);
      options.exclusiveStart = true;
    }
    return options;
  }
  options.start = lowest;
  if (to !== undefined) options.end = toRowKey(to);
  return options;
}

const LOWEST_ROW_KEY: Uint8Array = new Uint8Array([0]);

/**
 * LMDB has no empty key, but the root of a trie lies under the empty path. So keys that are empty or
 * begin with a zero byte get another zero in front, which keeps the order and costs the others nothing.
 */
function toRowKey(key: Uint8Array): Uint8Array {
  if (key.length > 0 && key[0] !== 0) return key;
  const rowKey = new Uint8Array(key.length + 1);
  rowKey.set(key, 1);
  return rowKey;
}

function fromRowKey(rowKey: Uint8Array): Uint8Array {
  return rowKey[0] === 0 ? rowKey.slice(1) : rowKey;
}

/**
 * The library's bytes as a plain array that nobody writes to: it gives a `Buffer`, mostly a copy with
 * memory of its own, otherwise a part of memory that it shares.
 */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
}

/** LMDB's words for files that are not its own or that are damaged. */
function isDamage(error: unknown): boolean {
  return /MDB_(INVALID|CORRUPTED|PAGE_NOTFOUND|VERSION_MISMATCH)/.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
