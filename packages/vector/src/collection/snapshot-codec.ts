import { vectorErrors } from '../errors.ts';
import type { IndexSnapshot } from '../index/index-snapshot.ts';
import { vectorLimits } from '../limits.ts';
import type { StoredRecord } from '../record.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { ChunkReader } from './chunk-reader.ts';
import { type CollectionState, recordFrom } from './collection-state.ts';
import { type RecordColumns, readColumns, writeColumns } from './record-columns.ts';
import type { TableMoment } from './record-table.ts';

/*
 * A snapshot of a collection is a sequence of blocks and then the chunks of its index, if there is one.
 * A block is its length (4 bytes, little-endian) and its bytes. The first block is the head:
 *
 * | what | |
 * |---|---|
 * | dimension | varint, 0 while nothing is known |
 * | model | text, empty while nothing is known |
 * | has embeddings | 0, or 1: chunks of the index follow on the blocks |
 * | records | varint, how many in all |
 *
 * The other blocks hold records in the order in which they were first added, until all are there: count
 * (varint), ids (texts), columns as in an entry of the log, rows (varints).
 */
export const LENGTH_BYTES = 4;

/** A record is taken to have at least so many bytes besides its texts. */
const LEAST_RECORD_BYTES = 64;
const MOST_BLOCK_RECORDS = 4_096;
/** A number in metadata, with its key. */
const SCALAR_BYTES = 9;

/** An index renumbers its rows before so many of them are free. */
export const MOST_ROWS: number = 4 * vectorLimits.values.collectionRecords;

/** What a collection holds at one moment. Has to be released. */
export type CollectionMoment = {
  readonly dimension: number | undefined;
  readonly model: string | undefined;
  readonly table: TableMoment;
  readonly index: IndexSnapshot | undefined;
};

/** The state as it is now; it may change while the moment is written. */
export function momentOf(state: CollectionState): CollectionMoment {
  const { dimension, model } = state.identity;
  return { dimension, model, table: state.table.moment(), index: state.vectors?.snapshot() };
}

/** The chunks of a snapshot, made one after the other; each is valid until the next is asked for. */
export async function* snapshotChunks(moment: CollectionMoment): AsyncGenerator<Uint8Array> {
  const { records, rows } = moment.table;
  const writer = new ByteWriter(vectorLimits.values.snapshotChunkBytes);
  writer.varint(moment.dimension ?? 0);
  writer.text(moment.model ?? '');
  writer.byte(moment.index === undefined ? 0 : 1);
  writer.varint(records.length);
  yield* block(writer);
  const newRows = renumbering(moment.index);
  for (let start = 0; start < records.length; ) {
    const end = blockEnd(records, start);
    writeRecords(writer, records.slice(start, end));
    for (let index = start; index < end; index += 1) {
      const row = rows[index] as number;
      writer.varint(newRows?.get(row) ?? row);
    }
    yield* block(writer);
    start = end;
  }
  for (const chunk of moment.index?.chunks() ?? []) if (chunk.length > 0) yield chunk;
}

/** A document may be larger than a chunk can be. */
function* block(writer: ByteWriter): Generator<Uint8Array> {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, writer.length, true);
  yield length;
  const bytes = writer.written();
  const most = vectorLimits.values.snapshotChunkBytes;
  for (let start = 0; start < bytes.length; start += most) {
    yield bytes.subarray(start, start + most);
  }
  writer.clear();
}

/** The new numbers of the rows by their old ones, where the index has changed them. */
function renumbering(index: IndexSnapshot | undefined): Map<number, number> | undefined {
  if (index?.renumbered === undefined) return undefined;
  const numbers = new Map<number, number>();
  index.renumbered.forEach((row, number) => {
    numbers.set(row, number);
  });
  return numbers;
}

/** So many records that they make about one chunk. */
function blockEnd(records: readonly StoredRecord[], start: number): number {
  const most = Math.min(records.length, start + MOST_BLOCK_RECORDS);
  let bytes = 0;
  let end = start;
  while (end < most && bytes < vectorLimits.values.snapshotChunkBytes) {
    const { id, metadata, document, uri, payload, provenance } = records[end] as StoredRecord;
    const texts = (document?.length ?? 0) + (uri?.length ?? 0) + (payload?.length ?? 0);
    bytes += LEAST_RECORD_BYTES + id.length + texts + lengthOf(Object.values(provenance ?? {}));
    for (const value of metadata?.values() ?? []) bytes += lengthOf(value);
    end += 1;
  }
  return end;
}

/** About how many bytes a value takes; what is in lists is counted, too. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return SCALAR_BYTES;
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return items.reduce<number>((sum, item) => sum + lengthOf(item), SCALAR_BYTES);
}

function writeRecords(writer: ByteWriter, records: readonly StoredRecord[]): void {
  writer.varint(records.length);
  for (const { id } of records) writer.text(id);
  writeColumns(writer, {
    documents: column(records, ({ document }) => document),
    uris: column(records, ({ uri }) => uri),
    metadatas: column(records, ({ metadata }) => metadata),
    payloads: column(records, ({ payload }) => payload),
    provenances: column(records, ({ provenance }) => provenance),
  });
}

function column<T>(
  records: readonly StoredRecord[],
  value: (record: StoredRecord) => T | undefined,
): readonly (T | undefined)[] | undefined {
  const values = records.map(value);
  return values.some((each) => each !== undefined) ? values : undefined;
}

/**
 * Fills a new state from what `snapshotChunks` gave, however it is cut.
 *
 * @param turn awaited between two blocks, so that others may go first
 * @throws `VECTOR_SNAPSHOT_CORRUPT`
 */
export async function restoreState(
  state: CollectionState,
  chunks: AsyncIterable<Uint8Array>,
  turn: () => Promise<void>,
): Promise<void> {
  const source = new ChunkReader(chunks);
  const head = await readBlock(source);
  const dimension = head.varint();
  const model = head.text();
  const hasIndex = head.byte() === 1;
  const count = head.varint();
  head.end();
  if (dimension > vectorLimits.values.dimension) throw head.damage('the dimension is too large');
  if (model !== '') state.pinModel(model);
  while (state.table.size < count) {
    restoreRecords(state, await readBlock(source), count);
    await turn();
  }
  if (hasIndex && dimension === 0) throw head.damage('embeddings have no dimension');
  if ((state.identity.dimension ?? dimension) !== dimension) {
    throw head.damage('embeddings of another dimension');
  }
  if (dimension > 0) state.pinDimension(dimension);
  if (hasIndex) await state.openVectors(dimension).restore(source.rest());
  checkRows(state);
}

async function readBlock(source: ChunkReader): Promise<ByteReader> {
  const length = await source.read(LENGTH_BYTES);
  const bytes = new DataView(length.buffer, length.byteOffset).getUint32(0, true);
  const limit = vectorLimits.values.batchBytes;
  if (bytes > limit) {
    throw vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', 'a block is too large', { bytes, limit });
  }
  return new ByteReader(await source.read(bytes), 'VECTOR_SNAPSHOT_CORRUPT');
}

function restoreRecords(state: CollectionState, reader: ByteReader, most: number): void {
  const records = readRecords(reader);
  if (records.length === 0 || state.table.size + records.length > most) {
    throw reader.damage('a block has another number of records than was announced');
  }
  for (const { record, row } of records) {
    if (state.table.has(record.id)) throw reader.damage('an id is there twice');
    if (state.table.hasRow(row)) throw reader.damage('a row is there twice');
    state.restoreRecord(record, row);
  }
}

/** The records of a block with their rows. @throws the code of the reader */
export function readRecords(
  reader: ByteReader,
): readonly { readonly record: StoredRecord; readonly row: number }[] {
  const ids: string[] = [];
  for (let left = reader.count(8); left > 0; left -= 1) ids.push(reader.text());
  const columns: RecordColumns = readColumns(reader, ids.length);
  const records = ids.map((id, index) => {
    const row = reader.varint();
    if (row >= MOST_ROWS) throw reader.damage('a row is too large');
    return { record: recordFrom(id, columns, index), row };
  });
  reader.end();
  return records;
}

/** Every record has an embedding, and every embedding a record. */
function checkRows(state: CollectionState): void {
  const { live, table } = state;
  if (!table.covers(live)) {
    const fields = { records: table.size, embeddings: live.size };
    throw vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', 'records and embeddings differ', fields);
  }
}
