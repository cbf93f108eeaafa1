import type { QueryRequest, Selection } from '../collection-api.ts';
import type { IndexConfiguration } from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import type { SearchOptions } from '../index/vector-index.ts';
import { vectorLimits } from '../limits.ts';
import type { SearchMode } from '../metric.ts';
import type { RecordBatch } from '../record.ts';
import { COLUMNS } from './record-columns.ts';

const MODES: readonly SearchMode[] = ['exact', 'hnsw', 'auto', 'binary'];

/**
 * Checks what is selected, whatever its static type says: a list instead of `{ ids }` would mean
 * everything.
 *
 * @throws `VECTOR_ARGUMENT_INVALID`
 */
export function checkSelection(selection: Selection): void {
  checkObject('a selection', selection);
  const { ids } = selection;
  if (ids !== undefined && !Array.isArray(ids)) throw invalid('ids', 'a list of texts');
}

/** @throws `VECTOR_ARGUMENT_INVALID` */
export function checkBatch(batch: RecordBatch): void {
  checkObject('a batch', batch);
  const { hasEmbedding } = batch;
  for (const name of ['ids', ...COLUMNS] as const) {
    const column: unknown = batch[name];
    const isMissing = column === undefined && name !== 'ids';
    if (!isMissing && !Array.isArray(column)) throw invalid(name, 'a list');
  }
  if (hasEmbedding !== undefined && !(hasEmbedding instanceof Uint8Array)) {
    throw invalid('hasEmbedding', 'a Uint8Array');
  }
}

function checkObject(name: string, value: object): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalid(name, 'an object');
}

/** Which part of all results is wanted. @throws `VECTOR_ARGUMENT_INVALID` */
export function pageOf(request: {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}): { readonly limit: number; readonly offset: number } {
  const { limit, offset = 0 } = request;
  if (limit !== undefined) checkNumber('limit', limit, 0, Number.MAX_SAFE_INTEGER);
  checkNumber('offset', offset, 0, Number.MAX_SAFE_INTEGER);
  return { limit: limit ?? Number.POSITIVE_INFINITY, offset };
}

/** How a query is searched, in an index of that configuration. @throws `VECTOR_ARGUMENT_INVALID` */
export function checkQueryOptions(request: QueryRequest, index: IndexConfiguration): SearchOptions {
  const { limit, efSearch = index.efSearch, traversal, mode } = request;
  checkNumber('limit', limit, 1, vectorLimits.values.results);
  checkNumber('efSearch', efSearch, 1, vectorLimits.values.efSearch);
  if (traversal !== undefined && traversal !== 'int8' && traversal !== 'f32') {
    throw invalid('traversal', 'int8 or f32');
  }
  if (mode !== undefined) checkMode(mode, index.mode);
  return { limit, efSearch, traversal, mode };
}

/**
 * Checks that all results of a call fit into memory, `records` being all that there are.
 *
 * @throws `BATCH_TOO_LARGE`
 */
export function checkHits(queries: number, { limit }: SearchOptions, records: number): void {
  const most = vectorLimits.values.queryHits;
  const hits = queries * Math.min(limit, records);
  if (hits <= most) return;
  const detail = `${queries} queries could have more than ${most} results`;
  throw vectorErrors.create('BATCH_TOO_LARGE', detail, { hits, limit: most });
}

function checkMode(mode: SearchMode, own: SearchMode): void {
  if (!MODES.includes(mode)) throw invalid('mode', MODES.join(', '));
  if (mode === 'hnsw' && own !== 'hnsw' && own !== 'auto') {
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'the collection has no graph', { own });
  }
  if (mode === 'binary' && own !== 'binary') {
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'the collection keeps no bits', { own });
  }
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(name, `a whole number from ${least} to ${most}`);
}

function invalid(name: string, expected: string): Error {
  return vectorErrors.create('VECTOR_ARGUMENT_INVALID', `${name} is ${expected}`, { name });
}
