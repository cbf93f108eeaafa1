import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import { isSparseVector } from '../metadata-values.ts';
import type { RecordBatch } from '../record.ts';
import { checkedColumns, checkLength, checkMerged } from './check-columns.ts';
import { checkEmbeddings, checkModel } from './check-embeddings.ts';
import type { CollectionState } from './collection-state.ts';
import type { PackedEmbeddings, PutEntry } from './entry-codec.ts';
import type { RecordColumns } from './record-columns.ts';

/** How a write treats ids: `add` and `addMissing` want new ones, `update` known ones, `upsert` any. */
export type WriteKind = 'add' | 'addMissing' | 'update' | 'upsert';

/** What a write is going to do. */
export type WritePlan = {
  /** Undefined when there is nothing to do. */
  readonly entry: PutEntry | undefined;
  readonly added: number;
  readonly changed: number;
};

/**
 * What a batch comes to on the records that there are. Nothing is changed.
 *
 * @throws `BATCH_TOO_LARGE`, `COLLECTION_FULL`, `COLUMN_LENGTH_MISMATCH`, `DIMENSION_MISMATCH`,
 *   `EMBEDDING_MODEL_MISMATCH`, `EMBEDDING_NOT_FINITE`, `EMBEDDING_NOT_NORMALISED`, `ID_DUPLICATE`,
 *   `ID_EXISTS`, `ID_INVALID`, `METADATA_INVALID`, `VECTOR_ARGUMENT_INVALID`
 */
export function planWrite(
  state: CollectionState,
  kind: WriteKind,
  batch: RecordBatch,
  model: string | undefined,
): WritePlan {
  const { ids, hasEmbedding } = batch;
  checkIds(ids);
  const columns = checkedColumns(batch);
  if (hasEmbedding !== undefined) checkLength('hasEmbedding', hasEmbedding.length, ids.length);
  const dimension = checkEmbeddings(batch, state.identity);
  const isFirstModel = checkModel(model, state.identity);
  const isKnown = ids.map((id) => state.table.has(id));
  if (kind === 'add') refuseExisting(ids, isKnown);
  const keep = kept(kind, isKnown);
  const added = keep === undefined ? countFalse(isKnown) : kind === 'update' ? 0 : keep.length;
  const total = keep?.length ?? ids.length;
  if (total === 0) return { entry: undefined, added: 0, changed: 0 };
  checkRoom(state, added);
  requireEmbeddings(batch, isKnown, kind);
  const entry: PutEntry = {
    kind: 'put',
    ids: keep === undefined ? ids : keep.map((index) => ids[index] as string),
    columns: keep === undefined ? columns : picked(columns, keep),
    embeddings: packed(batch, dimension, keep),
    model: isFirstModel && batch.embeddings !== undefined ? model : undefined,
  };
  checkMetadata(state, entry);
  checkKeys(state, entry.columns);
  return { entry, added, changed: total - added };
}

/** Each key of metadata has an index of its own. @throws `METADATA_INVALID` */
function checkKeys({ filters }: CollectionState, { metadatas }: RecordColumns): void {
  const limit = vectorLimits.values.collectionKeys;
  const added = new Set<string>();
  for (const patch of metadatas ?? []) {
    for (const [key, value] of patch ?? []) {
      if (value === null || isSparseVector(value) || filters.hasKey(key)) continue;
      added.add(key);
    }
  }
  const keys = filters.keyCount + added.size;
  if (added.size === 0 || keys <= limit) return;
  const detail = `the records of a collection have ${limit} different keys at most`;
  throw vectorErrors.create('METADATA_INVALID', detail, { keys, limit });
}

/** @throws `METADATA_INVALID` when a record would have too many */
function checkMetadata({ table }: CollectionState, { ids, columns }: PutEntry): void {
  columns.metadatas?.forEach((patch, index) => {
    if (patch === undefined || patch === null) return;
    checkMerged(table.record(ids[index] as string)?.metadata, patch);
  });
}

/** @throws `ID_INVALID`, `ID_DUPLICATE`, `BATCH_TOO_LARGE` */
function checkIds(ids: readonly string[]): void {
  const limit = vectorLimits.values.batchRecords;
  if (ids.length > limit) {
    const fields = { records: ids.length, limit };
    throw vectorErrors.create('BATCH_TOO_LARGE', `more than ${limit} records`, fields);
  }
  const seen = new Set<string>();
  for (let index = 0; index < ids.length; index += 1) {
    const id = ids[index] as string;
    checkId(id, index);
    if (seen.size === seen.add(id).size) {
      throw vectorErrors.create('ID_DUPLICATE', JSON.stringify(id), { id, index });
    }
  }
}

/** @throws `ID_INVALID` */
function checkId(id: string, index: number): void {
  const limit = vectorLimits.values.idBytes;
  if (typeof id !== 'string') throw invalidId('it is no text', index);
  if (id === '') throw invalidId('it is empty', index);
  // No character takes more than three bytes.
  if (id.length * 3 > limit && utf8Length(id) > limit) {
    throw invalidId(`it is longer than ${limit} bytes`, index);
  }
  if (!id.isWellFormed()) throw invalidId('it has half a character', index);
}

function utf8Length(text: string): number {
  return text.length > vectorLimits.values.idBytes
    ? text.length
    : new TextEncoder().encode(text).length;
}

function invalidId(reason: string, index: number): Error {
  return vectorErrors.create('ID_INVALID', reason, { index });
}

/** @throws `ID_EXISTS` */
function refuseExisting(ids: readonly string[], isKnown: readonly boolean[]): void {
  const index = isKnown.indexOf(true);
  if (index < 0) return;
  const id = ids[index] as string;
  throw vectorErrors.create('ID_EXISTS', JSON.stringify(id), { id, index });
}

/** Which places of the batch are written; undefined: all. */
function kept(kind: WriteKind, isKnown: readonly boolean[]): readonly number[] | undefined {
  if (kind === 'add' || kind === 'upsert') return undefined;
  const isWanted = kind === 'update';
  if (isKnown.every((known) => known === isWanted)) return undefined;
  const places: number[] = [];
  isKnown.forEach((known, index) => {
    if (known === isWanted) places.push(index);
  });
  return places;
}

function countFalse(flags: readonly boolean[]): number {
  let count = 0;
  for (const flag of flags) if (!flag) count += 1;
  return count;
}

/** @throws `COLLECTION_FULL` */
function checkRoom(state: CollectionState, added: number): void {
  const limit = vectorLimits.values.collectionRecords;
  if (state.table.size + added <= limit) return;
  throw vectorErrors.create('COLLECTION_FULL', `${limit} records`, { limit });
}

/** A record is never without an embedding. @throws `VECTOR_ARGUMENT_INVALID` */
function requireEmbeddings(batch: RecordBatch, isKnown: readonly boolean[], kind: WriteKind): void {
  const { embeddings, hasEmbedding } = batch;
  if (kind === 'update' || (embeddings !== undefined && hasEmbedding === undefined)) return;
  const index = isKnown.findIndex(
    (known, place) => !known && (embeddings === undefined || hasEmbedding?.[place] === 0),
  );
  if (index < 0) return;
  throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'a new record has an embedding', { index });
}

function packed(
  batch: RecordBatch,
  dimension: number,
  keep: readonly number[] | undefined,
): PackedEmbeddings | undefined {
  const { embeddings, hasEmbedding, ids } = batch;
  if (embeddings === undefined) return undefined;
  if (keep === undefined && hasEmbedding === undefined) {
    return { values: embeddings, dimension, mask: undefined };
  }
  const places = keep ?? ids.map((_, index) => index);
  const rows = places.filter((place) => hasEmbedding === undefined || hasEmbedding[place] !== 0);
  if (rows.length === 0) return undefined;
  const values = new Float32Array(rows.length * dimension);
  rows.forEach((place, row) => {
    values.set(embeddings.subarray(place * dimension, (place + 1) * dimension), row * dimension);
  });
  if (rows.length === places.length) return { values, dimension, mask: undefined };
  const mask = Uint8Array.from(places, (place) => (hasEmbedding?.[place] === 0 ? 0 : 1));
  return { values, dimension, mask };
}

function picked(columns: RecordColumns, keep: readonly number[]): RecordColumns {
  const pick = <T>(column: readonly T[] | undefined): readonly T[] | undefined =>
    column === undefined ? undefined : keep.map((index) => column[index] as T);
  return {
    documents: pick(columns.documents),
    uris: pick(columns.uris),
    metadatas: pick(columns.metadatas),
    payloads: pick(columns.payloads),
    provenances: pick(columns.provenances),
  };
}
