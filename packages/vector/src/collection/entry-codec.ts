import { assert, unreachable } from '@lucerna/base';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  checkBatchBytes,
  type RecordColumns,
  readColumns,
  writeColumns,
} from './record-columns.ts';

/**
 * One entry of a collection's log: a write that was accepted, as it is applied. Numbers are
 * little-endian, *texts* and *varints* as `ByteWriter` has them.
 *
 * | kind | what follows |
 * |---|---|
 * | 1 put | flags (1 byte), the model (text, flag 4), count (varint), ids (texts), columns, and with flag 1 or 2: which have an embedding (flag 2: bits), dimension (varint), zeros up to a multiple of 4, embeddings as float32 |
 * | 2 delete | count (varint), ids (texts) |
 *
 * A put changes the records that there are (metadata are merged, absent columns stay) and adds the
 * others.
 */
export type CollectionEntry = PutEntry | DeleteEntry;

export type PutEntry = {
  readonly kind: 'put';
  readonly ids: readonly string[];
  readonly columns: RecordColumns;
  readonly embeddings: PackedEmbeddings | undefined;
  /** The model that this write was the first to name. */
  readonly model: string | undefined;
};

export type DeleteEntry = { readonly kind: 'delete'; readonly ids: readonly string[] };

/** Embeddings of those records of a put that have one, row after row. */
export type PackedEmbeddings = {
  readonly values: Float32Array;
  readonly dimension: number;
  /** Which records they belong to (1), in the order of the ids; undefined: to all. */
  readonly mask: Uint8Array | undefined;
};

const KINDS = { put: 1, delete: 2 } as const;
const FLAGS = { allEmbeddings: 1, someEmbeddings: 2, model: 4 } as const;
const FLOAT_BYTES = 4;
const PUT_CAPACITY = 16 * 1024;

// The embeddings are written and read as they lie in memory.
assert(
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1,
  'every platform that runs WebAssembly is little-endian',
);

/**
 * The parts of an entry, to be written one after the other. Embeddings are not copied: their part is
 * the memory of the array.
 *
 * @throws `BATCH_TOO_LARGE`
 */
export function encodeEntry(entry: CollectionEntry): readonly Uint8Array[] {
  switch (entry.kind) {
    case 'put':
      return encodePut(entry);
    case 'delete': {
      const writer = new ByteWriter();
      writer.byte(KINDS.delete);
      writeIds(writer, entry.ids);
      return [writer.take()];
    }
    default:
      return unreachable(entry);
  }
}

function encodePut({ ids, columns, embeddings, model }: PutEntry): readonly Uint8Array[] {
  const writer = new ByteWriter(PUT_CAPACITY);
  writer.byte(KINDS.put);
  writer.byte(flagsOf(embeddings) | (model === undefined ? 0 : FLAGS.model));
  if (model !== undefined) writer.text(model);
  writeIds(writer, ids);
  writeColumns(writer, columns);
  if (embeddings === undefined) return [writer.take()];
  const { values, dimension, mask } = embeddings;
  if (mask !== undefined) writeBits(writer, mask);
  writer.varint(dimension);
  writer.align(FLOAT_BYTES);
  checkBatchBytes(writer.length + values.byteLength);
  return [writer.take(), new Uint8Array(values.buffer, values.byteOffset, values.byteLength)];
}

function flagsOf(embeddings: PackedEmbeddings | undefined): number {
  if (embeddings === undefined) return 0;
  return embeddings.mask === undefined ? FLAGS.allEmbeddings : FLAGS.someEmbeddings;
}

function writeIds(writer: ByteWriter, ids: readonly string[]): void {
  writer.varint(ids.length);
  for (const id of ids) {
    writer.text(id);
    checkBatchBytes(writer.length);
  }
}

function writeBits(writer: ByteWriter, flags: Uint8Array): void {
  const bits = new Uint8Array((flags.length + 7) >>> 3);
  for (let index = 0; index < flags.length; index += 1) {
    if (flags[index] === 0) continue;
    bits[index >>> 3] = (bits[index >>> 3] as number) | (1 << (index & 7));
  }
  writer.raw(bits);
}

/**
 * The entry that these bytes are; embeddings may be a view of `bytes`.
 *
 * @throws `VECTOR_LOG_CORRUPT`, `VECTOR_FORMAT_UNKNOWN`
 */
export function decodeEntry(bytes: Uint8Array): CollectionEntry {
  const reader = new ByteReader(bytes, 'VECTOR_LOG_CORRUPT');
  const kind = reader.byte();
  switch (kind) {
    case KINDS.put: {
      const entry = decodePut(reader, bytes);
      reader.end();
      return entry;
    }
    case KINDS.delete: {
      const ids = readIds(reader);
      reader.end();
      return { kind: 'delete', ids };
    }
    default:
      throw vectorErrors.create('VECTOR_FORMAT_UNKNOWN', `entry of kind ${kind}`, { kind });
  }
}

function decodePut(reader: ByteReader, bytes: Uint8Array): PutEntry {
  const flags = reader.byte();
  const model = (flags & FLAGS.model) === 0 ? undefined : reader.text();
  const ids = readIds(reader);
  const columns = readColumns(reader, ids.length);
  const embeddings = readEmbeddings(reader, bytes, flags, ids.length);
  return { kind: 'put', ids, columns, embeddings, model };
}

function readEmbeddings(
  reader: ByteReader,
  bytes: Uint8Array,
  flags: number,
  count: number,
): PackedEmbeddings | undefined {
  if ((flags & (FLAGS.allEmbeddings | FLAGS.someEmbeddings)) === 0) return undefined;
  const mask = (flags & FLAGS.someEmbeddings) === 0 ? undefined : readBits(reader, count);
  const dimension = reader.varint();
  if (dimension < 1 || dimension > vectorLimits.values.dimension) {
    throw reader.damage('an embedding has no such dimension');
  }
  reader.align(FLOAT_BYTES);
  const rows = mask === undefined ? count : mask.reduce((sum, bit) => sum + bit, 0);
  return { values: readFloats(reader, bytes, rows * dimension), dimension, mask };
}

function readIds(reader: ByteReader): string[] {
  const ids: string[] = [];
  for (let left = reader.count(8); left > 0; left -= 1) ids.push(reader.text());
  return ids;
}

function readBits(reader: ByteReader, count: number): Uint8Array {
  const bits = reader.raw((count + 7) >>> 3);
  const flags = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    flags[index] = ((bits[index >>> 3] as number) >>> (index & 7)) & 1;
  }
  return flags;
}

function readFloats(reader: ByteReader, bytes: Uint8Array, count: number): Float32Array {
  const found = reader.raw(count * FLOAT_BYTES);
  const isAligned = found.byteOffset % FLOAT_BYTES === 0;
  const source = isAligned ? found : bytes.slice(reader.offset - found.length, reader.offset);
  return new Float32Array(source.buffer, source.byteOffset, count);
}
