import type { Progress } from '@lucerna/base';

/**
 * A row of a file by the names of its columns. Values are as in JSON, but integers are `bigint` and
 * every `number` is a float; an embedding may be a typed array, or bytes.
 */
export type SourceRow = Readonly<Record<string, unknown>>;

/** Rows that lie one after the other in a file. */
export type RowBatch = {
  /** Number of the first one, counted from 0. */
  readonly first: number;
  readonly rows: readonly SourceRow[];
  /** Where it is, for messages: of JSON lines the line's number, counted from 1. */
  readonly placeOf: (index: number) => string;
};

/** A file with rows, read from its beginning to its end with a bounded part of it in memory. */
export type RowSource = {
  /** What is counted for the bar. */
  readonly unit: 'bytes' | 'rows';
  /** Names of the columns, where the format says them before the rows. */
  readonly columns: readonly string[] | undefined;
  readonly batches: (onProgress: Progress) => AsyncIterable<RowBatch>;
  readonly close: () => Promise<void>;
};

/** The formats that rows are read and written in. */
export const ROW_FORMATS = ['jsonl', 'npy', 'parquet', 'arrow'] as const;

export type RowFormat = (typeof ROW_FORMATS)[number];
