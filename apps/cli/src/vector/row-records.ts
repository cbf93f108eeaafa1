import { isLucernaError } from '@lucerna/base';
import {
  type ExactJson,
  type Metadata,
  type Provenance,
  parseExactJson,
  type RecordBatch,
  storedMetadata,
} from '@lucerna/vector';
import { cliErrors } from '../errors.ts';
import type { RowBatch, SourceRow } from './row-source.ts';

/** Which column of a file is what. All others become metadata. */
export type ColumnNames = {
  readonly id: string;
  readonly embedding: string;
  readonly document: string;
  readonly uri: string;
  readonly metadata: string;
};

/** Columns that only this program writes. */
const PAYLOAD = 'payload';
const PROVENANCE = 'provenance';

/** How rows become records. */
export type RowMapping = {
  readonly columns: ColumnNames;
  /** The id is the number of the row, counted from 0, behind this text. */
  readonly numberedIds?: string | undefined;
};

/** A record as it will be written. */
type RowRecord = {
  readonly id: string;
  readonly embedding: Float32Array;
  readonly document: string | undefined;
  readonly uri: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly payload: string | undefined;
  readonly provenance: Provenance | undefined;
};

/**
 * The rows as records that are written together.
 *
 * @throws `ROW_INVALID` with the row's place
 */
export function recordsOf(batch: RowBatch, mapping: RowMapping): RecordBatch {
  const records = mapRows(batch, (row, index) => recordOf(row, batch.first + index, mapping));
  const { values, dimension } = joined(
    batch,
    records.map(({ embedding }) => embedding),
  );
  return {
    ids: records.map(({ id }) => id),
    embeddings: values,
    dimension,
    documents: records.map(({ document }) => document),
    uris: records.map(({ uri }) => uri),
    metadatas: records.map(({ metadata }) => metadata),
    payloads: records.map(({ payload }) => payload),
    provenances: records.map(({ provenance }) => provenance),
  };
}

/**
 * The embeddings of the rows alone, one after the other.
 *
 * @throws `ROW_INVALID` with the row's place
 */
export function rowEmbeddings(batch: RowBatch, column: string): JoinedEmbeddings {
  return joined(
    batch,
    mapRows(batch, (row) => embeddingOf(row[column], column)),
  );
}

type JoinedEmbeddings = { readonly values: Float32Array; readonly dimension: number };

function mapRows<T>(batch: RowBatch, map: (row: SourceRow, index: number) => T): T[] {
  return batch.rows.map((row, index) => {
    try {
      return map(row, index);
    } catch (error) {
      if (!(error instanceof RowFault) && !isLucernaError(error)) throw error;
      throw invalidRow(batch, index, error.message, error);
    }
  });
}

function joined(batch: RowBatch, embeddings: readonly Float32Array[]): JoinedEmbeddings {
  const dimension = embeddings[0]?.length ?? 0;
  if (embeddings.length > 0 && dimension === 0)
    throw invalidRow(batch, 0, 'the embedding is empty');
  const values = new Float32Array(embeddings.length * dimension);
  for (const [index, embedding] of embeddings.entries()) {
    if (embedding.length !== dimension) {
      const detail = `the embedding has ${embedding.length} values, those before ${dimension}`;
      throw invalidRow(batch, index, detail);
    }
    values.set(embedding, index * dimension);
  }
  return { values, dimension };
}

function recordOf(row: SourceRow, number: number, mapping: RowMapping): RowRecord {
  const { columns } = mapping;
  const members = membersOf(row, columns);
  const { metadata, payload } =
    Object.keys(members).length === 0 ? NOTHING : storedMetadata(members);
  return {
    id: idOf(row, number, mapping),
    embedding: embeddingOf(row[columns.embedding], columns.embedding),
    document: textOf(row[columns.document], columns.document),
    uri: textOf(row[columns.uri], columns.uri),
    metadata,
    payload: textOf(row[PAYLOAD], PAYLOAD) ?? payload,
    provenance: provenanceOf(row[PROVENANCE]),
  };
}

const NOTHING = { metadata: undefined, payload: undefined } as const;

/** What becomes metadata: what is in their column, and all columns that have no other meaning. */
function membersOf(row: SourceRow, columns: ColumnNames): { readonly [key: string]: ExactJson } {
  const known = new Set<string>([...Object.values(columns), PAYLOAD, PROVENANCE]);
  const others = Object.entries(row).filter(([key, value]) => {
    return !known.has(key) && value !== null && value !== undefined;
  });
  const named = Object.entries(jsonObject(row[columns.metadata], columns.metadata) ?? {});
  const members = [...others, ...named].map(([key, value]) => [key, jsonOf(value, key)] as const);
  return Object.fromEntries(members);
}

/** What is no JSON is told by its column. */
function jsonOf(value: unknown, column: string): ExactJson {
  if (value instanceof Float32Array || value instanceof Float64Array) return Array.from(value);
  if (value instanceof Uint8Array) throw invalid(`${column} holds bytes, which metadata cannot`);
  return value as ExactJson;
}

function idOf(row: SourceRow, number: number, { columns, numberedIds }: RowMapping): string {
  if (numberedIds !== undefined) return `${numberedIds}${number}`;
  const id = row[columns.id];
  if (id === undefined || id === null) throw invalid(`there is no ${columns.id}`);
  if (typeof id === 'bigint') return id.toString();
  const text = textOf(id, columns.id);
  if (text === undefined) throw invalid(`there is no ${columns.id}`);
  return text;
}

function textOf(value: unknown, column: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) throw invalid(`${column} is no text`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value);
  } catch (error) {
    throw invalid(`${column} is no text in UTF-8`, error);
  }
}

/** An array of numbers, or their bytes as 32-bit floats, least significant byte first, also in base64. */
export function embeddingOf(value: unknown, column: string): Float32Array {
  if (value === undefined || value === null) throw invalid(`there is no ${column}`);
  if (value instanceof Float32Array) return value;
  if (value instanceof Uint8Array) return floatsOf(value, column);
  if (typeof value === 'string') return floatsOf(Buffer.from(value, 'base64'), column);
  if (value instanceof Float64Array) return new Float32Array(value);
  if (!Array.isArray(value)) throw invalid(`${column} is no list of numbers`);
  const embedding = new Float32Array(value.length);
  for (const [index, item] of value.entries()) {
    if (typeof item !== 'number' && typeof item !== 'bigint') {
      throw invalid(`${column}: value ${index} is no number`);
    }
    embedding[index] = Number(item);
  }
  return embedding;
}

function floatsOf(bytes: Uint8Array, column: string): Float32Array {
  if (bytes.length % 4 !== 0)
    throw invalid(`${column}: ${bytes.length} bytes are no 32-bit floats`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

function provenanceOf(value: unknown): Provenance | undefined {
  const object = jsonObject(value, PROVENANCE);
  if (object === undefined) return undefined;
  const { author, source, supersedes, timeMs } = object;
  return {
    ...givenText({ author, source, supersedes }),
    ...givenTime(timeMs),
  };
}

function givenTime(value: unknown): { readonly timeMs?: number } {
  if (value === undefined || value === null) return {};
  const isNumber = typeof value === 'bigint' || typeof value === 'number';
  if (isNumber && Number.isSafeInteger(Number(value))) return { timeMs: Number(value) };
  throw invalid(`${PROVENANCE}.timeMs is no whole number of milliseconds`);
}

function givenText(members: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const texts = Object.entries(members).flatMap(([key, value]) => {
    const text = textOf(value, `${PROVENANCE}.${key}`);
    return text === undefined ? [] : [[key, text] as const];
  });
  return Object.fromEntries(texts);
}

/** An object, or its JSON. */
function jsonObject(
  value: unknown,
  column: string,
): { readonly [key: string]: unknown } | undefined {
  const isText = typeof value === 'string' || value instanceof Uint8Array;
  const object = isText ? parseExactJson(textOf(value, column) ?? '') : value;
  if (object === undefined || object === null) return undefined;
  if (typeof object === 'object' && !Array.isArray(object) && !ArrayBuffer.isView(object)) {
    return object as { readonly [key: string]: unknown };
  }
  throw invalid(`${column} is no object`);
}

/** What is wrong with a row; who reads several says which one it is. */
class RowFault extends Error {}

function invalid(detail: string, cause?: unknown): Error {
  return new RowFault(detail, { cause });
}

function invalidRow(batch: RowBatch, index: number, detail: string, cause?: unknown): Error {
  const place = batch.placeOf(index);
  const fields = { row: batch.first + index };
  return cliErrors.create('ROW_INVALID', `${place}: ${detail}`, fields, cause);
}
