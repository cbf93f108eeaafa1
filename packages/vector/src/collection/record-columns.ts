import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { MetadataPatch } from '../metadata.ts';
import type { Provenance } from '../record.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { MetadataReader, MetadataWriter } from './metadata-codec.ts';

/** As in `RecordBatch`: what is undefined or null at a place is not said. */
export type Column<T> = readonly (T | null | undefined)[] | undefined;

/** What a batch says besides ids and embeddings: columns of the same length, absent ones undefined. */
export type RecordColumns = {
  readonly documents?: Column<string>;
  readonly uris?: Column<string>;
  readonly metadatas?: Column<MetadataPatch>;
  readonly payloads?: Column<string>;
  readonly provenances?: Column<Provenance>;
};

/** The columns in the order in which they are written; bit i says that the i-th is there. */
export const COLUMNS: readonly (keyof RecordColumns)[] = [
  'documents',
  'uris',
  'metadatas',
  'payloads',
  'provenances',
];

/** Bits that say which fields of a provenance follow, in this order. */
const PROVENANCE = { author: 1, source: 2, timeMs: 4, supersedes: 8 } as const;

/**
 * Writes columns that were checked: which there are (one byte), then of each the bits of the places
 * that have a value (lowest first), then the values.
 *
 * @throws `BATCH_TOO_LARGE`
 */
export function writeColumns(writer: ByteWriter, columns: RecordColumns): void {
  let present = 0;
  for (const [bit, name] of COLUMNS.entries()) {
    if (columns[name] !== undefined) present |= 1 << bit;
  }
  writer.byte(present);
  writeColumn(writer, columns.documents, (text) => writer.text(text));
  writeColumn(writer, columns.uris, (text) => writer.text(text));
  const metadata = new MetadataWriter(writer);
  writeColumn(writer, columns.metadatas, (patch) => metadata.write(patch));
  writeColumn(writer, columns.payloads, (text) => writer.text(text));
  writeColumn(writer, columns.provenances, (value) => writeProvenance(writer, value));
}

/** @throws `BATCH_TOO_LARGE` */
export function checkBatchBytes(bytes: number): void {
  const limit = vectorLimits.values.batchBytes;
  if (bytes <= limit) return;
  throw vectorErrors.create('BATCH_TOO_LARGE', `more than ${limit} bytes`, { bytes, limit });
}

function writeColumn<T>(writer: ByteWriter, column: Column<T>, write: (value: T) => void): void {
  if (column === undefined) return;
  writer.raw(bitsOf(column));
  for (const value of column) {
    if (value === undefined || value === null) continue;
    write(value);
    checkBatchBytes(writer.length);
  }
}

function bitsOf(column: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array((column.length + 7) >>> 3);
  for (let index = 0; index < column.length; index += 1) {
    const value = column[index];
    if (value === undefined || value === null) continue;
    bits[index >>> 3] = (bits[index >>> 3] as number) | (1 << (index & 7));
  }
  return bits;
}

function writeProvenance(writer: ByteWriter, provenance: Provenance): void {
  const { author, source, timeMs, supersedes } = provenance;
  let fields = 0;
  if (author !== undefined) fields |= PROVENANCE.author;
  if (source !== undefined) fields |= PROVENANCE.source;
  if (timeMs !== undefined) fields |= PROVENANCE.timeMs;
  if (supersedes !== undefined) fields |= PROVENANCE.supersedes;
  writer.byte(fields);
  if (author !== undefined) writer.text(author);
  if (source !== undefined) writer.text(source);
  if (timeMs !== undefined) writer.float64(timeMs);
  if (supersedes !== undefined) writer.text(supersedes);
}

/** Reads what `writeColumns` wrote; values that were absent are undefined. */
export function readColumns(reader: ByteReader, count: number): RecordColumns {
  const present = reader.byte();
  const metadata = new MetadataReader(reader);
  const columns: { -readonly [Name in keyof RecordColumns]: RecordColumns[Name] } = {};
  const has = (name: keyof RecordColumns): boolean =>
    ((present >>> COLUMNS.indexOf(name)) & 1) === 1;
  if (has('documents')) columns.documents = readColumn(reader, count, () => reader.text());
  if (has('uris')) columns.uris = readColumn(reader, count, () => reader.text());
  if (has('metadatas')) columns.metadatas = readColumn(reader, count, () => metadata.readPatch());
  if (has('payloads')) columns.payloads = readColumn(reader, count, () => reader.text());
  if (has('provenances')) {
    columns.provenances = readColumn(reader, count, () => readProvenance(reader));
  }
  if (present >>> COLUMNS.length !== 0) throw reader.damage('a column is not known');
  return columns;
}

function readColumn<T>(reader: ByteReader, count: number, read: () => T): (T | undefined)[] {
  const bits = reader.raw((count + 7) >>> 3);
  const column: (T | undefined)[] = [];
  for (let index = 0; index < count; index += 1) {
    const isPresent = (((bits[index >>> 3] as number) >>> (index & 7)) & 1) === 1;
    column.push(isPresent ? read() : undefined);
  }
  return column;
}

function readProvenance(reader: ByteReader): Provenance {
  const fields = reader.byte();
  const provenance: { -readonly [Name in keyof Provenance]: Provenance[Name] } = {};
  if ((fields & PROVENANCE.author) !== 0) provenance.author = reader.text();
  if ((fields & PROVENANCE.source) !== 0) provenance.source = reader.text();
  if ((fields & PROVENANCE.timeMs) !== 0) provenance.timeMs = reader.float64();
  if ((fields & PROVENANCE.supersedes) !== 0) provenance.supersedes = reader.text();
  return provenance;
}
