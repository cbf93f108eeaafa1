// The package declares nothing. This is what we use of its native half (binding.cc of 12.2.12). The
// JavaScript above it has no synchronous read or write that is public, and refuses the empty key in places.
declare module '@nxtedition/rocksdb/binding.js' {
  namespace rocks {
    /** Objects of the native side. None of them may be used once the database is closed. */
    export type Database = { readonly rocksObject: 'database' };
    export type Column = { readonly rocksObject: 'column' };
    export type Iterator = { readonly rocksObject: 'iterator' };
    export type Batch = { readonly rocksObject: 'batch' };

    /** How a column family is kept. */
    export type ColumnOptions = {
      readonly compaction?: 'level' | 'universal';
      readonly memtableMemoryBudget?: number;
      readonly cacheSize?: number;
      readonly compression?: boolean;
    };
    export type OpenOptions = ColumnOptions & {
      readonly createIfMissing?: boolean;
      readonly parallelism?: number;
      readonly walCompression?: boolean;
      /** Every column family of the database, `default` among them; those that are missing are made. */
      readonly columns: Readonly<Record<string, ColumnOptions>>;
    };
    export type InColumn = { readonly column: Column };
    export type IteratorOptions = InColumn & {
      readonly reverse?: boolean;
      readonly gte?: Uint8Array;
      readonly lt?: Uint8Array;
      readonly keyEncoding: 'buffer';
      readonly valueEncoding: 'buffer';
      readonly highWaterMarkBytes?: number;
      readonly fillCache?: boolean;
      readonly asyncIO?: boolean;
    };
    /** Keys and values by turns, and whether nothing comes after them. */
    export type Rows = { readonly rows: readonly Uint8Array[]; readonly finished: boolean };

    export type Rocks = {
      readonly db_init: (path: string) => Database;
      readonly db_open: (
        database: Database,
        options: OpenOptions,
        done: (error: unknown, columns: Readonly<Record<string, Column>>) => void,
      ) => void;
      /** On a thread of the library; closes iterators that are open. */
      readonly db_close: (database: Database, done: (error: unknown) => void) => void;
      /** Null where a value is too large for one answer. */
      readonly db_get_many_sync: (
        database: Database,
        keys: readonly Uint8Array[],
        options: InColumn,
      ) => readonly (Uint8Array | undefined | null)[];
      /** Sees the moment of this call until it is closed. */
      readonly iterator_init: (database: Database, options: IteratorOptions) => Iterator;
      /** To the first key that is not before `key`; in reverse, to the last one that is not after it. */
      readonly iterator_seek: (iterator: Iterator, key: Uint8Array) => void;
      /** Not after it has finished or failed, unless there was a seek in between. */
      readonly iterator_nextv_sync: (iterator: Iterator, count: number) => Rows;
      readonly iterator_close: (iterator: Iterator) => void;
      readonly batch_init: () => Batch;
      readonly batch_put: (
        batch: Batch,
        key: Uint8Array,
        value: Uint8Array,
        options: InColumn,
      ) => void;
      readonly batch_del: (batch: Batch, key: Uint8Array, options: InColumn) => void;
      readonly batch_clear: (batch: Batch) => void;
      /** On this thread: when it returns, the batch is in the log and visible. */
      readonly batch_write: (
        database: Database,
        batch: Batch,
        options: { readonly sync: boolean },
      ) => void;
    };
  }
  const rocks: rocks.Rocks;
  export = rocks;
}
