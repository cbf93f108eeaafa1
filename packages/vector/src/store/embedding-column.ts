import { vectorErrors } from '../errors.ts';

/** The values of one embedding, or of several, one after the other. */
export type EmbeddingValues = Float32Array | Float64Array | readonly number[];

/**
 * Embeddings as programs have them: one embedding after the other in one array, or an array of
 * embeddings.
 */
export type Embeddings = EmbeddingValues | readonly EmbeddingValues[];

/** Embeddings as the engine takes them: `values` has a whole number of rows of `dimension` values. */
export type EmbeddingColumn = { readonly values: Float32Array; readonly dimension: number };

/** What is known about embeddings before they are looked at. */
export type ExpectedEmbeddings = {
  /** How many there must be. Undefined: as many as there are. */
  readonly count?: number | undefined;
  /** Length of one. Undefined: what the embeddings say themselves. */
  readonly dimension?: number | undefined;
};

/**
 * Embeddings in one array. A `Float32Array` is passed on as it is, without a copy: it may not be
 * changed until the call that it was given to has resolved. Everything else is rounded to 32 bits.
 * Whether the values are finite is for the engine to say.
 *
 * @throws `COLUMN_LENGTH_MISMATCH` when there are more or fewer than `count`, `DIMENSION_MISMATCH` when
 *   one has not `dimension` values or another number than the first, `VECTOR_ARGUMENT_INVALID` when
 *   something is no number, or one array of them does not say where the next embedding begins
 */
export function embeddingColumn(
  embeddings: Embeddings,
  expected: ExpectedEmbeddings = {},
): EmbeddingColumn {
  checkDimension(expected.dimension);
  return isListOfRows(embeddings)
    ? joinRows(embeddings, expected)
    : { ...measure(embeddings, expected), values: toFloat32(embeddings, 'the embeddings') };
}

function isListOfRows(embeddings: Embeddings): embeddings is readonly EmbeddingValues[] {
  if (isTyped(embeddings)) return false;
  if (!Array.isArray(embeddings)) throw malformed('the embeddings are no array');
  const first: unknown = embeddings[0];
  return embeddings.length === 0 || (typeof first === 'object' && first !== null);
}

function isTyped(value: unknown): value is Float32Array | Float64Array {
  return value instanceof Float32Array || value instanceof Float64Array;
}

function joinRows(
  rows: readonly EmbeddingValues[],
  { count = rows.length, dimension = rows[0]?.length ?? 0 }: ExpectedEmbeddings,
): EmbeddingColumn {
  if (rows.length !== count) {
    const detail = `${rows.length} embeddings for ${count} ids`;
    throw vectorErrors.create('COLUMN_LENGTH_MISMATCH', detail, { count });
  }
  const only = rows[0];
  if (rows.length === 1 && only instanceof Float32Array && only.length === dimension) {
    return { values: only, dimension };
  }
  const values = new Float32Array(count * dimension);
  for (let row = 0; row < count; row += 1) {
    const part: unknown = rows[row];
    if (!isTyped(part) && !Array.isArray(part)) throw malformed(`embedding ${row} is no array`);
    if (part.length !== dimension) throw wrongDimension(row, part.length, dimension);
    copyValues(part, values, row * dimension, `embedding ${row}`);
  }
  return { values, dimension };
}

/** How long one of the embeddings is that lie one after the other. */
function measure(
  { length }: EmbeddingValues,
  { count, dimension }: ExpectedEmbeddings,
): { readonly dimension: number } {
  if (count === undefined) {
    if (dimension === undefined) {
      throw malformed('one array of several embeddings needs a dimension');
    }
    if (length % dimension !== 0) {
      const detail = `${length} values are no whole number of embeddings of ${dimension}`;
      throw vectorErrors.create('DIMENSION_MISMATCH', detail, { dimension });
    }
    return { dimension };
  }
  if (count === 0 && length === 0) return { dimension: dimension ?? 0 };
  if (dimension === undefined) {
    if (count === 0 || length % count !== 0) throw wrongCount(length, count);
    return { dimension: length / count };
  }
  if (length === count * dimension) return { dimension };
  // Values of one embedding, or of as many as wanted but of another length: it is the length.
  if (count === 1 || (length % count === 0 && length % dimension !== 0)) {
    throw wrongDimension(0, length / count, dimension);
  }
  throw wrongCount(length, count, dimension);
}

function toFloat32(values: EmbeddingValues, what: string): Float32Array {
  if (values instanceof Float32Array) return values;
  const rounded = new Float32Array(values.length);
  copyValues(values, rounded, 0, what);
  return rounded;
}

function copyValues(
  source: EmbeddingValues,
  target: Float32Array,
  offset: number,
  what: string,
): void {
  if (isTyped(source)) {
    target.set(source, offset);
    return;
  }
  for (let index = 0; index < source.length; index += 1) {
    const value: unknown = source[index];
    // `set` would make 0 of null and 3 of '3'.
    if (typeof value !== 'number') throw malformed(`${what}: value ${index} is no number`);
    target[offset + index] = value;
  }
}

function checkDimension(dimension: number | undefined): void {
  if (dimension === undefined || (Number.isSafeInteger(dimension) && dimension > 0)) return;
  throw malformed(`a dimension is a whole number above 0, not ${dimension}`);
}

function wrongCount(values: number, count: number, dimension?: number): Error {
  const of = dimension === undefined ? '' : ` of ${dimension}`;
  const detail = `${values} values for ${count} embeddings${of}`;
  return vectorErrors.create('COLUMN_LENGTH_MISMATCH', detail, { values, count });
}

function wrongDimension(row: number, found: number, dimension: number): Error {
  const detail = `embedding ${row} has ${found} values, not ${dimension}`;
  return vectorErrors.create('DIMENSION_MISMATCH', detail, { row, found, dimension });
}

function malformed(detail: string): Error {
  return vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail);
}
