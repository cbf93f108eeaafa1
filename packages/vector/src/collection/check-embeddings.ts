import type { EmbeddingIdentity } from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { RecordBatch } from '../record.ts';

/** Infinities and what is no number have all bits of the exponent set (IEEE 754). */
const EXPONENT = 0x7f80_0000;

/**
 * Checks the embeddings of a batch against what is known about the collection's.
 *
 * @returns their dimension; 0 where there are none
 * @throws `COLUMN_LENGTH_MISMATCH`, `DIMENSION_MISMATCH`, `EMBEDDING_NOT_FINITE`,
 *   `EMBEDDING_NOT_NORMALISED`, `VECTOR_ARGUMENT_INVALID`
 */
export function checkEmbeddings(batch: RecordBatch, identity: EmbeddingIdentity): number {
  const { ids, embeddings, hasEmbedding } = batch;
  if (embeddings === undefined) return 0;
  const dimension = batch.dimension ?? identity.dimension;
  checkDimension(dimension, identity);
  if (!(embeddings instanceof Float32Array)) {
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'embeddings are a Float32Array');
  }
  if (embeddings.length !== ids.length * dimension) {
    const detail = `${embeddings.length} values for ${ids.length} ids of dimension ${dimension}`;
    const fields = { column: 'embeddings', actual: embeddings.length / dimension };
    throw vectorErrors.create('COLUMN_LENGTH_MISMATCH', detail, {
      ...fields,
      expected: ids.length,
    });
  }
  checkValues(embeddings, dimension, identity.isNormalised === true, hasEmbedding);
  return dimension;
}

/**
 * Checks the queries of a search: all of the collection's dimension and finite.
 *
 * @returns how many there are
 * @throws `DIMENSION_MISMATCH`, `EMBEDDING_NOT_FINITE`, `VECTOR_ARGUMENT_INVALID`
 */
export function checkQueries(
  queries: Float32Array,
  given: number | undefined,
  identity: EmbeddingIdentity,
): number {
  if (!(queries instanceof Float32Array)) {
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'embeddings are a Float32Array');
  }
  if (queries.length === 0) return 0;
  const dimension = given ?? identity.dimension ?? queries.length;
  checkDimension(dimension, identity);
  if (queries.length % dimension !== 0) throw mismatch(queries.length, dimension);
  checkValues(queries, dimension, false, undefined);
  return queries.length / dimension;
}

/** @throws `DIMENSION_MISMATCH`, `VECTOR_ARGUMENT_INVALID` */
function checkDimension(
  dimension: number | undefined,
  identity: EmbeddingIdentity,
): asserts dimension is number {
  const limit = vectorLimits.values.dimension;
  if (!Number.isInteger(dimension) || dimension === undefined || dimension < 1) {
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'a dimension is a whole number from 1 on');
  }
  if (dimension > limit) {
    const detail = `a dimension is at most ${limit}`;
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail, { dimension, limit });
  }
  if (identity.dimension !== undefined && identity.dimension !== dimension) {
    throw mismatch(dimension, identity.dimension);
  }
}

function mismatch(actual: number, expected: number): Error {
  const detail = `${actual} where the collection has ${expected}`;
  return vectorErrors.create('DIMENSION_MISMATCH', detail, { actual, expected });
}

/**
 * Compares the model that a call names with the collection's.
 *
 * @returns true when the call is the first to name one
 * @throws `EMBEDDING_MODEL_MISMATCH`, `VECTOR_ARGUMENT_INVALID`
 */
export function checkModel(model: string | undefined, identity: EmbeddingIdentity): boolean {
  if (model === undefined) return false;
  const limit = vectorLimits.values.modelCharacters;
  if (typeof model !== 'string' || model === '' || model.length > limit || !model.isWellFormed()) {
    const detail = `a model is a text of 1 to ${limit} characters`;
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail, { limit });
  }
  if (identity.model === undefined) return true;
  if (identity.model === model) return false;
  const fields = { actual: model, expected: identity.model };
  const detail = `${model} where the collection has ${identity.model}`;
  throw vectorErrors.create('EMBEDDING_MODEL_MISMATCH', detail, fields);
}

function checkValues(
  values: Float32Array,
  dimension: number,
  isNormalised: boolean,
  hasEmbedding: Uint8Array | undefined,
): void {
  if (hasEmbedding === undefined) checkFinite(values, 0, values.length, dimension);
  else {
    hasEmbedding.forEach((flag, row) => {
      if (flag !== 0) checkFinite(values, row * dimension, (row + 1) * dimension, dimension);
    });
  }
  if (!isNormalised) return;
  for (let row = 0; row * dimension < values.length; row += 1) {
    if (hasEmbedding?.[row] !== 0) checkLength(values, row, dimension);
  }
}

/** @throws `EMBEDDING_NOT_FINITE` */
function checkFinite(values: Float32Array, start: number, end: number, dimension: number): void {
  const place = firstNotFinite(values, start, end);
  if (place < 0) return;
  const fields = { row: Math.floor(place / dimension), index: place % dimension };
  const detail = `${values[place]} at ${fields.index} of row ${fields.row}`;
  throw vectorErrors.create('EMBEDDING_NOT_FINITE', detail, fields);
}

/** Index of the first value in [start, end) that is infinite or no number; −1 when there is none. */
function firstNotFinite(values: Float32Array, start: number, end: number): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = start; index < end; index += 1) {
    if (((words[index] as number) & EXPONENT) === EXPONENT) return index;
  }
  return -1;
}

/** @throws `EMBEDDING_NOT_NORMALISED` */
function checkLength(values: Float32Array, row: number, dimension: number): void {
  let squares = 0;
  for (let index = row * dimension; index < (row + 1) * dimension; index += 1) {
    squares += (values[index] as number) ** 2;
  }
  const length = Math.sqrt(squares);
  if (Math.abs(length - 1) <= vectorLimits.values.unitLengthTolerance) return;
  throw vectorErrors.create('EMBEDDING_NOT_NORMALISED', `row ${row} has length ${length}`, {
    row,
    length,
  });
}
