import { turnTaker } from '@lucerna/base';
import {
  type Collection,
  isSparseVector,
  parseWhere,
  type Selection,
  vectorLimits,
} from '@lucerna/vector';
import { apiLimits } from '../limits.ts';

import { type ChromaCall, collectionOf } from './context.ts';
import { invalid } from './errors.ts';
import { checkKeyCount, type Grouping, grouped, grouping, type ScoredRecord } from './grouping.ts';
import {
  type Knn,
  type KnnQuery,
  knnsOf,
  type RankExpression,
  rankExpression,
} from './rank-expression.ts';
import { scoresOf } from './rank-scores.ts';
import { checkDimension, embeddingsOf } from './selection.ts';
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

type SearchRequest = {
  readonly filter: unknown;
  readonly rank: RankExpression | undefined;
  readonly group_by: Grouping | undefined;
  readonly limit: { readonly limit?: number | undefined; readonly offset: number } | undefined;
  readonly select: { readonly keys: readonly string[] } | undefined;
};

const searchRequest: Shape<SearchRequest> = object({
  filter: optional(anything),
  rank: optional(rankExpression),
  group_by: optional(grouping),
  limit: optional(object({ limit: optional(count), offset: withDefault(count, 0) })),
  select: optional(object({ keys: withDefault(list(text), []) })),
});

export const searchPayload: Shape<{
  readonly searches: readonly SearchRequest[];
  readonly read_level: string | undefined;
}> = object({
  searches: { ...list(searchRequest), read: readSearches },
  read_level: optional(word('index_and_wal', 'index_only', 'index_and_bounded_wal')),
});

/** They are counted before any of them is read. */
function readSearches(value: unknown, path: string): readonly SearchRequest[] {
  const { chromaSearches } = apiLimits.values;
  if (Array.isArray(value) && value.length > chromaSearches) {
    throw invalid(`One request has at most ${chromaSearches} searches`);
  }
  return list(searchRequest).read(value, path);
}

/** A record of an answer; without a ranking there is no score. */
type FoundRecord = Omit<ScoredRecord, 'score'> & { readonly score: number | undefined };

/**
 * Searches by ranking expressions over dense and sparse embeddings, which Chroma has in its cloud only.
 * Smaller scores come first, equal ones in the order in which the searches inside have found them.
 */
export async function searchRecords(call: ChromaCall): Promise<AnswerValue> {
  const { searches } = searchPayload.read(call.body, '');
  const collection = collectionOf(call);
  const takeTurn = turnTaker(call.clock, apiLimits.values.batchTurnMs);
  const results: SearchColumns[] = [];
  for (const search of searches) {
    await takeTurn();
    results.push(
      columnsOf(call, collection, search, await found(call, collection, search, takeTurn)),
    );
  }
  const column = (name: keyof SearchColumns): AnswerValue => results.map((result) => result[name]);
  return {
    ids: column('ids'),
    documents: column('documents'),
    embeddings: column('embeddings'),
    metadatas: column('metadatas'),
    scores: column('scores'),
    select: column('select'),
  };
}

async function found(
  call: ChromaCall,
  collection: Collection,
  search: SearchRequest,
  takeTurn: () => Promise<void>,
): Promise<readonly FoundRecord[]> {
  const where = parseWhere(search.filter);
  const { rank, group_by: groups, select } = search;
  checkKeyCount(select?.keys ?? [], 'select');
  const { offset = 0, limit } = search.limit ?? {};
  if (rank === undefined) {
    if (groups !== undefined) throw invalid('Validation error: group_by: group_by requires rank');
    const records = collection.get({ where, limit, offset });
    call.reserve(records.length);
    return records.map((record) => ({ record, score: undefined }));
  }
  const ranked = await rankedRecords(call, collection, rank, { where }, takeTurn);
  const left = groups === undefined ? ranked : grouped(ranked, groups);
  return left.slice(offset, limit === undefined ? undefined : offset + limit);
}

async function rankedRecords(
  call: ChromaCall,
  collection: Collection,
  rank: RankExpression,
  selection: Selection,
  takeTurn: () => Promise<void>,
): Promise<readonly ScoredRecord[]> {
  const knns = knnsOf(rank);
  if (knns.length === 0) throw invalid('Validation error: rank: A ranking has at least one $knn');
  call.reserve(hitsOf(collection, knns));
  const lists = new Map<Knn, readonly (readonly [string, number])[]>();
  for (const knn of knns) {
    lists.set(knn, await nearest(collection, knn, selection));
    await takeTurn();
  }
  const { known } = scoresOf(rank, (knn) => lists.get(knn) ?? []);
  const records: ScoredRecord[] = [];
  for (const [id, score] of known) {
    const record = collection.record(id);
    // What is no number, such as the logarithm of a negative one, has no place in an order.
    if (record !== undefined && !Number.isNaN(score)) records.push({ record, score });
  }
  return records.sort((left, right) => left.score - right.score || 0);
}

/** What all searches of a ranking find is in memory together. @throws `CHROMA_ARGUMENT_INVALID` */
function hitsOf(collection: Collection, knns: readonly Knn[]): number {
  const { chromaHits } = apiLimits.values;
  const records = collection.count();
  const hits = knns.reduce((sum, { limit }) => sum + Math.min(limit, records), 0);
  if (hits > chromaHits) throw invalid(`One ranking has at most ${chromaHits} results in its $knn`);
  return hits;
}

async function nearest(
  collection: Collection,
  { query, limit }: Knn,
  selection: Selection,
): Promise<readonly (readonly [string, number])[]> {
  const { results } = vectorLimits.values;
  const wanted = Math.min(limit, collection.count());
  if (wanted > results) throw invalid(`One $knn has at most ${results} results`);
  if (wanted === 0) return [];
  if (query.kind === 'sparse') return nearestSparse(collection, query, selection).slice(0, wanted);
  checkDimension(collection, query.embedding.length);
  const [hits = []] = await collection.query({
    ...selection,
    embeddings: query.embedding,
    limit: wanted,
  });
  return hits.map(({ record, distance }) => [record.id, distance] as const);
}

/** Distance is 1 − dot, as everywhere in Chroma; records without a sparse embedding are not found. */
function nearestSparse(
  collection: Collection,
  { key, values }: Extract<KnnQuery, { readonly kind: 'sparse' }>,
  selection: Selection,
): readonly (readonly [string, number])[] {
  const scored: [string, number][] = [];
  for (const record of collection.get(selection)) {
    const vector = record.metadata?.get(key);
    if (vector === undefined || !isSparseVector(vector)) continue;
    const dot = vector.indices.reduce(
      (sum, index, place) => sum + (values.get(index) ?? 0) * (vector.values[place] as number),
      0,
    );
    scored.push([record.id, 1 - dot]);
  }
  return scored.sort(([, left], [, right]) => left - right);
}

type SearchColumns = {
  readonly ids: AnswerValue;
  readonly documents: AnswerValue;
  readonly embeddings: AnswerValue;
  readonly metadatas: AnswerValue;
  readonly scores: AnswerValue;
  readonly select: AnswerValue;
};

function columnsOf(
  call: ChromaCall,
  collection: Collection,
  search: SearchRequest,
  found: readonly FoundRecord[],
): SearchColumns {
  const keys = new Set(search.select?.keys);
  const fields = new Set([...keys].filter((key) => !key.startsWith('#')));
  const hasMetadata = keys.has('#metadata') || fields.size > 0;
  const ids = found.map(({ record }) => record.id);
  return {
    ids,
    documents: keys.has('#document') ? found.map(({ record }) => record.document ?? null) : null,
    embeddings: keys.has('#embedding') ? embeddingsOf(collection, ids, call) : null,
    metadatas: hasMetadata
      ? found.map(({ record }) =>
          chosenMetadata(record, keys.has('#metadata') ? undefined : fields),
        )
      : null,
    scores: keys.has('#score') ? scoresAnswer(found) : null,
    select: [...keys],
  };
}

function scoresAnswer(found: readonly FoundRecord[]): AnswerValue {
  const scores = found.map(({ score }) => score);
  return scores.every((score) => score !== undefined)
    ? Float32Array.from(scores)
    : scores.map((score) => score ?? null);
}

/** The metadata under these keys (undefined: all of them); null where there are none. */
function chosenMetadata(
  { metadata }: FoundRecord['record'],
  keys: ReadonlySet<string> | undefined,
): AnswerValue {
  if (metadata === undefined || keys === undefined) return metadata ?? null;
  const chosen = new Map([...metadata].filter(([key]) => keys.has(key)));
  return chosen.size === 0 ? null : chosen;
}
