import { vectorErrors } from '../errors.ts';

/*
 * The bytes of an index, described in docs/spec/vector.md: a header, a bitmap of the rows that have an
 * embedding, the embeddings by ascending row, the graph where there is one, a mark. Everything is in
 * words of 32 bits, little-endian, as in memory.
 */

/** "LIDX". */
const INDEX_MAGIC = 0x58_44_49_4c;
/** "XDIL": behind the last byte. */
export const INDEX_END = 0x4c_49_44_58;
const INDEX_VERSION = 1;
export const HEADER_WORDS = 8;
export const WORD_BYTES = 4;
/** Embeddings of so many rows are read at once, at most. */
export const ROWS_AT_ONCE = 1_024;

/** What comes before everything else. */
export type IndexHeader = {
  readonly dimension: number;
  /** One more than the highest row. */
  readonly rows: number;
  /** How many of them have an embedding. */
  readonly live: number;
  readonly hasGraph: boolean;
  /** Links of a row of the graph, and rows of a segment, which has a graph of its own. */
  readonly maxNeighbors: number;
  readonly segmentRows: number;
};

export function encodeIndexHeader(header: IndexHeader): Uint32Array {
  const { dimension, rows, live, hasGraph, maxNeighbors, segmentRows } = header;
  const words = [INDEX_MAGIC, INDEX_VERSION, dimension, rows, live, hasGraph ? 1 : 0];
  return Uint32Array.of(...words, maxNeighbors, segmentRows);
}

/** @throws `VECTOR_SNAPSHOT_CORRUPT`, `VECTOR_FORMAT_UNKNOWN` */
export function decodeIndexHeader(words: Uint32Array): IndexHeader {
  const [magic, version = 0, dimension = 0, rows = 0, live = 0, graph] = words;
  const [maxNeighbors = 0, segmentRows = 0] = words.subarray(6);
  if (magic !== INDEX_MAGIC) throw damagedIndex('it does not begin as an index does');
  if (version !== INDEX_VERSION) {
    throw vectorErrors.create('VECTOR_FORMAT_UNKNOWN', 'embeddings of a snapshot', { version });
  }
  if (live > rows) throw damagedIndex('it has more embeddings than rows');
  return { dimension, rows, live, hasGraph: graph === 1, maxNeighbors, segmentRows };
}

/** How many words a bitmap of that many rows has. */
export function bitmapWords(rows: number): number {
  return Math.ceil(rows / 32);
}

/** The error for bytes that cannot be those of an index. */
export function damagedIndex(detail: string): Error {
  return vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', detail);
}
