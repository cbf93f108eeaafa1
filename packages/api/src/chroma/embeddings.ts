import { vectorLimits } from '@lucerna/vector';
import { base64Bytes, decodeBase64 } from './base64.ts';
import { invalid } from './errors.ts';
import { misfit, mistyped, type Shape } from './shape.ts';

/** Embeddings of one request, row after row. */
export type EmbeddingRows = {
  /** How many there are, given or not. */
  readonly count: number;
  /** 0 where none is given. */
  readonly dimension: number;
  /** `count` × `dimension` values; zeros where a row is not given. */
  readonly values: Float32Array;
  /** Which rows are given; undefined: all. */
  readonly given: Uint8Array | undefined;
};

const BYTES_PER_VALUE = 4;

const SCHEMA = {
  type: 'array',
  items: {
    anyOf: [
      { type: 'array', items: { type: 'number' }, minItems: 1 },
      { type: 'string', description: 'standard base64 of floats of 32 bits, little-endian' },
    ],
  },
};

/** Embeddings as lists of numbers or as base64, each of them given. */
export const embeddingRows: Shape<EmbeddingRows> = {
  read: (value, path) => readRows(value, path, false),
  schema: SCHEMA,
};

/** The same for updates: null is an embedding that stays as it is. */
export const embeddingUpdates: Shape<EmbeddingRows> = {
  read: (value, path) => readRows(value, path, true),
  schema: { ...SCHEMA, items: { anyOf: [...SCHEMA.items.anyOf, { type: 'null' }] } },
};

/** One embedding, such as a query. */
export function readEmbedding(value: unknown, path: string): Float32Array {
  const { values } = readRows([value], path, false);
  return values;
}

function readRows(value: unknown, path: string, mayLack: boolean): EmbeddingRows {
  if (!Array.isArray(value)) throw mistyped(path, value, 'a sequence');
  const given = new Uint8Array(value.length);
  let dimension: number | undefined;
  for (const [index, row] of value.entries()) {
    if (mayLack && (row === null || row === undefined)) continue;
    given[index] = 1;
    const length = lengthOf(row, `${path}[${index}]`);
    dimension ??= length;
    if (length !== dimension) throw invalid('Inconsistent dimensions in provided embeddings');
  }
  const rows = { count: value.length, dimension: dimension ?? 0 };
  const values = new Float32Array(rows.count * rows.dimension);
  const bytes = new Uint8Array(values.buffer);
  for (const [index, row] of value.entries()) {
    const offset = index * rows.dimension;
    if (typeof row === 'string') decodeBase64(row, bytes, offset * BYTES_PER_VALUE);
    else if (row instanceof Float32Array) values.set(row, offset);
    else if (given[index] === 1) copyNumbers(row, values, offset, `${path}[${index}]`);
  }
  return { ...rows, values, given: given.includes(0) ? given : undefined };
}

/** How many values an embedding has, before any of them is looked at. */
function lengthOf(row: unknown, path: string): number {
  const length = typeof row === 'string' ? lengthOfBase64(row) : lengthOfList(row, path);
  if (length === 0) {
    throw invalid('Validation error: embeddings: Each embedding must have at least 1 dimension');
  }
  const { dimension } = vectorLimits.values;
  if (length > dimension) throw invalid(`Embeddings have at most ${dimension} dimensions`);
  return length;
}

function lengthOfBase64(text: string): number {
  const bytes = base64Bytes(text);
  if (!Number.isInteger(bytes)) throw invalid('Invalid base64 string: Invalid padding');
  if (bytes % BYTES_PER_VALUE === 0) return bytes / BYTES_PER_VALUE;
  throw invalid(
    `Invalid byte length: ${bytes} bytes cannot be converted to f32 values (must be divisible by 4)`,
  );
}

function lengthOfList(row: unknown, path: string): number {
  if (Array.isArray(row) || row instanceof Float32Array) return row.length;
  throw mistyped(path, row, 'a sequence of numbers, or base64');
}

function copyNumbers(
  row: readonly unknown[],
  values: Float32Array,
  offset: number,
  path: string,
): void {
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    if (typeof value === 'number') values[offset + index] = value;
    else if (typeof value === 'bigint') values[offset + index] = Number(value);
    else throw misfit(`${path}[${index}]`, 'invalid type, expected f32');
  }
}
