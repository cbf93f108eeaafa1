import type { Collection, RecordBatch } from '@lucerna/vector';
import { type ChromaCall, collectionOf } from './context.ts';
import { type EmbeddingRows, embeddingRows, embeddingUpdates } from './embeddings.ts';
import { invalid } from './errors.ts';
import {
  type MetadataInput,
  metadataChanges,
  metadataInputs,
  recordMetadatas,
} from './metadata-shape.ts';
import { checkDimension, readSelection } from './selection.ts';
import { anything, count, list, nullable, object, optional, type Shape, text } from './shape.ts';
import { type RecordColumns, withUniqueIds } from './unique-records.ts';
import type { AnswerObject, AnswerValue } from './values.ts';

const DONE: AnswerObject = {};

type RecordsPayload = {
  readonly ids: readonly string[];
  readonly embeddings: EmbeddingRows | undefined;
  readonly documents: readonly (string | undefined)[] | undefined;
  readonly uris: readonly (string | undefined)[] | undefined;
  readonly metadatas: readonly (MetadataInput | undefined)[] | undefined;
};

const texts = {
  documents: optional(list(nullable(text))),
  uris: optional(list(nullable(text))),
};

export const addPayload: Shape<RecordsPayload> = object({
  ids: list(text),
  embeddings: embeddingRows,
  ...texts,
  metadatas: optional(list(metadataInputs)),
});

export const updatePayload: Shape<RecordsPayload> = object({
  ids: list(text),
  embeddings: optional(embeddingUpdates),
  ...texts,
  metadatas: optional(list(metadataChanges)),
});

export const upsertPayload: Shape<RecordsPayload> = object({
  ids: list(text),
  embeddings: embeddingRows,
  ...texts,
  metadatas: optional(list(metadataChanges)),
});

/** Adds records; those whose id there is already stay as they are, as in Chroma. */
export async function addRecords(call: ChromaCall): Promise<AnswerValue> {
  const columns = withUniqueIds(readRecords(call, addPayload), 'first');
  const collection = collectionOf(call);
  if (columns.ids.length > 0) {
    await collection.add(batchOf(columns, collection), { onExisting: 'ignore' });
  }
  return DONE;
}

/** Changes records; ids that there are not are overlooked. */
export async function updateRecords(call: ChromaCall): Promise<AnswerValue> {
  const columns = withUniqueIds(readRecords(call, updatePayload), 'last');
  const collection = collectionOf(call);
  if (columns.ids.length > 0) await collection.update(batchOf(columns, collection));
  return DONE;
}

export async function upsertRecords(call: ChromaCall): Promise<AnswerValue> {
  const columns = withUniqueIds(readRecords(call, upsertPayload), 'last');
  const collection = collectionOf(call);
  if (columns.ids.length > 0) await collection.upsert(batchOf(columns, collection));
  return DONE;
}

function readRecords(call: ChromaCall, payload: Shape<RecordsPayload>): RecordColumns {
  const records = payload.read(call.body, '');
  const { ids, embeddings, documents, uris, metadatas } = records;
  const lengths = [embeddings?.count, documents?.length, uris?.length, metadatas?.length];
  if (lengths.some((length) => length !== undefined && length !== ids.length)) {
    throw invalid('Inconsistent number of IDs, embeddings, documents, URIs and metadatas');
  }
  if (ids.includes('')) throw invalid('Empty ID, ID must have at least one character');
  return { ...records, metadatas: recordMetadatas(metadatas, call.numbers) };
}

function batchOf(columns: RecordColumns, collection: Collection): RecordBatch {
  const { ids, embeddings, documents, uris, metadatas } = columns;
  const batch = { ids, documents, uris, metadatas };
  if (embeddings === undefined || embeddings.dimension === 0) return batch;
  checkDimension(collection, embeddings.dimension);
  return {
    ...batch,
    embeddings: embeddings.values,
    dimension: embeddings.dimension,
    hasEmbedding: embeddings.given,
  };
}

export const deletePayload: Shape<{
  readonly ids: readonly string[] | undefined;
  readonly where: unknown;
  readonly where_document: unknown;
  readonly limit: number | undefined;
}> = object({
  ids: optional(list(text)),
  where: optional(anything),
  where_document: optional(anything),
  limit: optional(count),
});

/** Deletes what is selected, and nothing where nothing is; says how many records that were. */
export async function deleteRecords(call: ChromaCall): Promise<AnswerValue> {
  const payload = deletePayload.read(call.body, '');
  const { ids, limit } = payload;
  const selection = readSelection(payload);
  const hasFilter = selection.where !== undefined || selection.whereDocument !== undefined;
  if (ids?.length === 0 && !hasFilter) {
    throw invalid('Validation error: ids, where: Either ids or where must be specified');
  }
  if (limit !== undefined && !hasFilter) {
    throw invalid(
      'Validation error: limit, where: limit can only be specified when a where clause is provided',
    );
  }
  const collection = collectionOf(call);
  if (ids === undefined && !hasFilter) return { deleted: 0n };
  const deleted = await collection.delete({
    ...selection,
    ...(limit === undefined ? {} : { limit }),
  });
  return { deleted: BigInt(deleted) };
}
