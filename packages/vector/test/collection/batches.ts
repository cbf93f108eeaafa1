import type { RecordBatch } from '../../src/record.ts';
import { randomEmbeddings } from './support.ts';

/** `count` records with ids `PREFIX-0`, … and random embeddings. */
export function batchOf(
  count: number,
  dimension: number = 4,
  { prefix = 'id', seed = 1 }: { readonly prefix?: string; readonly seed?: number } = {},
): RecordBatch & { readonly embeddings: Float32Array; readonly dimension: number } {
  return {
    ids: Array.from({ length: count }, (_, index) => `${prefix}-${index}`),
    embeddings: randomEmbeddings(count, dimension, seed),
    dimension,
  };
}

/** One record. */
export function one(id: string, ...values: number[]): RecordBatch {
  return { ids: [id], embeddings: Float32Array.from(values), dimension: values.length };
}
