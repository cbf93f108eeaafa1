import { type QueryHit, type StoredRecord, vectorLimits } from '@lucerna/vector';
import { apiLimits } from '../limits.ts';
import { type ChromaCall, collectionOf } from './context.ts';
import { type EmbeddingRows, embeddingRows } from './embeddings.ts';
import { invalid } from './errors.ts';
import { checkReadLevel } from './query-string.ts';
import { checkDimension, embeddingsOf, readSelection } from './selection.ts';
import {
  anything,
  count,
  list,
  object,
  optional,
  type Shape,
  text,
  withDefault,
  word,
} from './shape.ts';
import type { AnswerValue } from './values.ts';

type Include = 'distances' | 'documents' | 'embeddings' | 'metadatas' | 'uris';

const include: Shape<readonly Include[]> = list(
  word('distances', 'documents', 'embeddings', 'metadatas', 'uris'),
);

const selection = {
  ids: optional(list(text)),
  where: optional(anything),
  where_document: optional(anything),
};

type SelectionPayload = {
  readonly ids: readonly string[] | undefined;
  readonly where: unknown;
  readonly where_document: unknown;
  readonly include: readonly Include[];
};

export const getPayload: Shape<
  SelectionPayload & { readonly limit: number | undefined; readonly offset: number | undefined }
> = object(
  {
    ...selection,
    limit: optional(count),
    offset: optional(count),
    include: withDefault(include, ['documents', 'metadatas']),
  },
  { name: 'GetRequestPayload' },
);

/** Records by id or filter, in the order in which they were first added. */
export function getRecords(call: ChromaCall): AnswerValue {
  const payload = getPayload.read(call.body, '');
  const selected = readSelection(payload);
  const collection = collectionOf(call);
  const { limit, offset } = payload;
  const records = collection.get({ ...selected, limit, offset });
  call.reserve(records.length);
  const ids = records.map(({ id }) => id);
  const columns = recordColumns(payload.include, records);
  return {
    ids,
    embeddings: payload.include.includes('embeddings') ? embeddingsOf(collection, ids, call) : null,
    ...columns,
    include: payload.include,
  };
}

const DEFAULT_RESULTS = 10;

export const queryPayload: Shape<
  SelectionPayload & {
    readonly query_embeddings: EmbeddingRows;
    readonly n_results: number | undefined;
  }
> = object({
  query_embeddings: embeddingRows,
  n_results: optional(count),
  ...selection,
  include: withDefault(include, ['documents', 'metadatas', 'distances']),
});

/** The nearest records of each query; of ids that there are not nothing is said. */
export async function queryRecords(call: ChromaCall): Promise<AnswerValue> {
  const payload = queryPayload.read(call.body, '');
  const selected = readSelection(payload);
  const { query_embeddings: queries, n_results: wanted = DEFAULT_RESULTS } = payload;
  const { chromaQueries } = apiLimits.values;
  if (queries.count > chromaQueries) {
    throw invalid(`One request has at most ${chromaQueries} query embeddings`);
  }
  const collection = collectionOf(call);
  if (queries.count > 0) checkDimension(collection, queries.dimension);
  const limit = Math.min(wanted, collection.count());
  const { results } = vectorLimits.values;
  if (limit > results) throw invalid(`One query has at most ${results} results`);
  const { chromaHits } = apiLimits.values;
  if (queries.count * limit > chromaHits) {
    throw invalid(`One request has at most ${chromaHits} results, of all of its queries together`);
  }
  call.reserve(queries.count * limit);
  const isEmpty = limit === 0 || queries.count === 0;
  const hits = isEmpty
    ? Array.from({ length: queries.count }, () => [])
    : await collection.query({ ...selected, embeddings: queries.values, limit });
  const ids = hits.map((found) => found.map(({ record }) => record.id));
  const has = (field: Include): boolean => payload.include.includes(field);
  const columns = hits.map((found) => recordColumns(payload.include, found.map(recordOf)));
  return {
    ids,
    embeddings: has('embeddings')
      ? embeddingsByQuery(ids, embeddingsOf(collection, ids.flat(), call))
      : null,
    documents: has('documents') ? columns.map(({ documents }) => documents) : null,
    uris: has('uris') ? columns.map(({ uris }) => uris) : null,
    metadatas: has('metadatas') ? columns.map(({ metadatas }) => metadatas) : null,
    distances: has('distances') ? hits.map(distancesOf) : null,
    include: payload.include,
  };
}

function recordOf({ record }: QueryHit): StoredRecord {
  return record;
}

function distancesOf(hits: readonly QueryHit[]): Float32Array {
  return Float32Array.from(hits, ({ distance }) => distance);
}

/** Cuts the embeddings of all results into those of each query. */
function embeddingsByQuery(
  ids: readonly (readonly string[])[],
  embeddings: readonly (Float32Array | null)[],
): readonly (readonly (Float32Array | null)[])[] {
  let end = 0;
  return ids.map((own) => {
    end += own.length;
    return embeddings.slice(end - own.length, end);
  });
}

type Columns = {
  readonly documents: AnswerValue;
  readonly uris: AnswerValue;
  readonly metadatas: AnswerValue;
};

/** What is asked for of these records; null where it is not. */
function recordColumns(fields: readonly Include[], records: readonly StoredRecord[]): Columns {
  const column = (
    field: Include,
    pick: (record: StoredRecord) => AnswerValue | undefined,
  ): AnswerValue => (fields.includes(field) ? records.map((record) => pick(record) ?? null) : null);
  return {
    documents: column('documents', ({ document }) => document),
    uris: column('uris', ({ uri }) => uri),
    metadatas: column('metadatas', ({ metadata }) => metadata),
  };
}

export function countRecords(call: ChromaCall): AnswerValue {
  checkReadLevel(call.query);
  return BigInt(collectionOf(call).count());
}

/**
 * How much of the collection is in its graph; the rest is found too, by looking at each record. Where
 * nothing is in it, there is none (yet): then nobody has to wait for anything.
 */
export function indexingStatus(call: ChromaCall): AnswerValue {
  const { records, indexed, waiting } = collectionOf(call).statistics();
  const unindexed = indexed === 0 ? 0 : Math.min(waiting, records);
  return {
    op_indexing_progress: records === 0 ? 1 : (records - unindexed) / records,
    num_unindexed_ops: BigInt(unindexed),
    num_indexed_ops: BigInt(records - unindexed),
    total_ops: BigInt(records),
  };
}
