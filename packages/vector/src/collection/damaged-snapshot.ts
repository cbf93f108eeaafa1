import { isLucernaError, joinBytes } from '@lucerna/base';
import {
  bitmapWords,
  decodeIndexHeader,
  HEADER_WORDS,
  type IndexHeader,
  WORD_BYTES,
} from '../index/index-chunks.ts';
import { vectorLimits } from '../limits.ts';
import type { SnapshotPiece } from '../log/snapshot.ts';
import type { StoredRecord } from '../record.ts';
import { ByteReader } from './byte-reader.ts';
import { PieceReader } from './piece-reader.ts';
import { LENGTH_BYTES, MOST_ROWS, readRecords } from './snapshot-codec.ts';

/** What could be read of a damaged snapshot of a collection. */
export type SavedSnapshot = {
  readonly dimension: number | undefined;
  readonly model: string | undefined;
  /** How many records there were; undefined: not known. */
  readonly count: number | undefined;
  /** Those that could be read, in their order. */
  readonly records: readonly StoredRecord[];
  /** Of each its embedding, where that could be read. */
  readonly embeddings: readonly (Float32Array | undefined)[];
  /** Where it is damaged, and how. */
  readonly damages: readonly string[];
};

type Head = { readonly dimension: number; readonly model: string; readonly count: number };

/** What says where in an index the embeddings are. */
type IndexPlace = Pick<IndexHeader, 'dimension' | 'rows' | 'live'>;

type RowRecord = { readonly record: StoredRecord; readonly row: number };

/**
 * Reads what is whole of a snapshot as `snapshotChunks` makes it. Every block begins with a frame of its
 * own, so that the next one is found behind a lost one; embeddings are found by counting, as far as it is
 * known how much is lost before them. The graph is left alone.
 */
export async function readDamagedSnapshot(
  pieces: AsyncIterable<SnapshotPiece>,
): Promise<SavedSnapshot> {
  const damages: string[] = [];
  const source = new PieceReader(pieces, (reason) => damages.push(reason));
  const { head, records, index } = await readBlocks(source);
  const embeddings = new Map<number, Float32Array>();
  if (index !== undefined) {
    const isComplete = head !== undefined && head.count === records.length;
    const rows = isComplete ? records.map(({ row }) => row).sort((a, b) => a - b) : undefined;
    await readEmbeddings(source, index, rows, embeddings);
  }
  const dimension = index?.dimension ?? head?.dimension;
  return {
    dimension: dimension === 0 ? undefined : dimension,
    model: head === undefined || head.model === '' ? undefined : head.model,
    count: head?.count ?? index?.live,
    records: records.map(({ record }) => record),
    embeddings: records.map(({ row }) => embeddings.get(row)),
    damages,
  };
}

/** The blocks up to the index, whose beginning is the next to be read from the source. */
async function readBlocks(source: PieceReader): Promise<{
  readonly head: Head | undefined;
  readonly records: readonly RowRecord[];
  readonly index: IndexPlace | undefined;
}> {
  let head: Head | undefined;
  const records: RowRecord[] = [];
  for (let isFirst = true; ; isFirst = false) {
    if (head !== undefined && head.count === records.length) {
      return { head, records, index: await readIndexHeader(source, head, records) };
    }
    const chunk = await source.chunk();
    if (chunk === 'end') return { head, records, index: undefined };
    if (chunk === 'lost') continue;
    const index = indexHeader(chunk, head);
    if (index !== undefined) {
      source.startWith(chunk.subarray(HEADER_WORDS * WORD_BYTES));
      return { head, records, index };
    }
    if (chunk.length !== LENGTH_BYTES) continue;
    const block = await readBlock(source, wordsOf(chunk)[0] as number);
    if (block === undefined) continue;
    if (isFirst) head = readHead(block);
    else records.push(...recordsOf(block));
  }
}

/** The header that stands next; where it is lost, what the records say of it. */
async function readIndexHeader(
  source: PieceReader,
  { dimension, count }: Head,
  records: readonly RowRecord[],
): Promise<IndexPlace | undefined> {
  const bytes = await source.read(HEADER_WORDS * WORD_BYTES);
  if (bytes === 'end') return undefined;
  if (bytes !== 'lost') return ifWhole(() => decodeIndexHeader(wordsOf(bytes)));
  let rows = 0;
  for (const { row } of records) rows = Math.max(rows, row + 1);
  return { dimension, rows, live: count };
}

/**
 * A block of that length, which whole frames make up; undefined: one of them is lost, or they make up
 * something else, and are still there to be read.
 */
async function readBlock(source: PieceReader, length: number): Promise<Uint8Array | undefined> {
  const { snapshotChunkBytes } = vectorLimits.values;
  const parts: Uint8Array[] = [];
  let missing = length;
  while (missing > 0) {
    const part = await source.chunk();
    if (part === 'end' || part === 'lost') return undefined;
    parts.push(part);
    missing -= part.length;
    const isWrong = missing < 0 || (missing > 0 && part.length < snapshotChunkBytes);
    if (!isWrong) continue;
    source.giveBack(parts);
    return undefined;
  }
  return joinBytes(parts);
}

function readHead(block: Uint8Array): Head | undefined {
  return ifWhole(() => {
    const reader = new ByteReader(block, 'VECTOR_SNAPSHOT_CORRUPT');
    const dimension = reader.varint();
    const model = reader.text();
    reader.byte();
    const count = reader.varint();
    reader.end();
    return { dimension, model, count };
  });
}

function recordsOf(block: Uint8Array): readonly RowRecord[] {
  const reader = new ByteReader(block, 'VECTOR_SNAPSHOT_CORRUPT');
  return ifWhole(() => readRecords(reader)) ?? [];
}

/** The header at the beginning of a chunk; undefined: it is none, or not one of this collection. */
function indexHeader(chunk: Uint8Array, head: Head | undefined): IndexHeader | undefined {
  if (chunk.length < HEADER_WORDS * WORD_BYTES) return undefined;
  const words = wordsOf(chunk.subarray(0, HEADER_WORDS * WORD_BYTES));
  const header = ifWhole(() => decodeIndexHeader(words));
  if (header === undefined || header.dimension > vectorLimits.values.dimension) return undefined;
  if (header.rows > MOST_ROWS) return undefined;
  if (head === undefined) return header;
  return header.dimension === head.dimension && header.live === head.count ? header : undefined;
}

/**
 * Puts the embeddings that can be read to their rows.
 *
 * @param known the rows that have one in ascending order, where the records say so
 */
async function readEmbeddings(
  source: PieceReader,
  { rows, live, dimension }: IndexPlace,
  known: readonly number[] | undefined,
  embeddings: Map<number, Float32Array>,
): Promise<void> {
  const bitmap = await source.read(bitmapWords(rows) * WORD_BYTES);
  if (bitmap === 'end') return;
  const filled = bitmap === 'lost' ? known : setBits(wordsOf(bitmap));
  if (filled?.length !== live) return;
  for (const row of filled) {
    const bytes = await source.read(dimension * WORD_BYTES);
    if (bytes === 'end') return;
    if (bytes === 'lost') continue;
    const { buffer, byteOffset } = aligned(bytes);
    embeddings.set(row, new Float32Array(buffer, byteOffset, dimension));
  }
}

function setBits(words: Uint32Array): readonly number[] {
  const rows: number[] = [];
  for (const [index, word] of words.entries()) {
    for (let rest = word; rest !== 0; rest &= rest - 1) {
      rows.push(index * 32 + 31 - Math.clz32(rest & -rest));
    }
  }
  return rows;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const { buffer, byteOffset, length } = aligned(bytes);
  return new Uint32Array(buffer, byteOffset, length / WORD_BYTES);
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % WORD_BYTES === 0 ? bytes : bytes.slice();
}

/** What `read` gives; undefined where what it reads is not as it has to be. */
function ifWhole<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isLucernaError(error, 'VECTOR_SNAPSHOT_CORRUPT')) return undefined;
    throw error;
  }
}
