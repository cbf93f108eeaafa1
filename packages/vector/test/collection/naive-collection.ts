import type { Selection } from '../../src/collection-api.ts';
import { matches } from '../../src/filter/matches.ts';
import type { Metadata, MetadataPatch } from '../../src/metadata.ts';
import type { Metric } from '../../src/metric.ts';
import type { RecordBatch, StoredRecord } from '../../src/record.ts';

type NaiveRecord = { readonly record: StoredRecord; readonly embedding: readonly number[] };

/** What a collection must do, as plainly as it can be said: a map, and loops over all of it. */
export class NaiveCollection {
  readonly records: Map<string, NaiveRecord> = new Map();
  readonly #metric: Metric;

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  clone(): NaiveCollection {
    const copy = new NaiveCollection(this.#metric);
    for (const [id, record] of this.records) copy.records.set(id, record);
    return copy;
  }

  /** Undefined where it must be refused: `ID_EXISTS`. */
  add(batch: RecordBatch, onExisting: 'refuse' | 'ignore'): number | undefined {
    if (onExisting === 'refuse' && batch.ids.some((id) => this.records.has(id))) return undefined;
    const places = batch.ids.map((_, index) => index);
    const wanted = places.filter((index) => !this.records.has(batch.ids[index]!));
    for (const index of wanted) this.#put(batch, index);
    return wanted.length;
  }

  update(batch: RecordBatch): number {
    const places = batch.ids.map((_, index) => index);
    const wanted = places.filter((index) => this.records.has(batch.ids[index]!));
    for (const index of wanted) this.#put(batch, index);
    return wanted.length;
  }

  /** Undefined where it must be refused: a new record lacks its embedding. */
  upsert(batch: RecordBatch): number | undefined {
    const added = batch.ids.filter((id) => !this.records.has(id));
    const isLacking = (id: string): boolean =>
      batch.embeddings === undefined || batch.hasEmbedding?.[batch.ids.indexOf(id)] === 0;
    if (added.some(isLacking)) return undefined;
    for (const index of batch.ids.keys()) this.#put(batch, index);
    return added.length;
  }

  delete(selection: Selection & { readonly limit?: number }): number {
    const found = this.select(selection).slice(0, selection.limit ?? Infinity);
    for (const { id } of found) this.records.delete(id);
    return found.length;
  }

  select({ ids, where, whereDocument }: Selection): StoredRecord[] {
    return [...this.records.values()]
      .map(({ record }) => record)
      .filter(({ id }) => ids?.includes(id) !== false)
      .filter((record) => where === undefined || matches(record, where))
      .filter((record) => whereDocument === undefined || matches(record, whereDocument));
  }

  /** Distances of all selected records in ascending order. */
  distances(query: Float32Array, selection: Selection): { id: string; distance: number }[] {
    return this.select(selection)
      .map(({ id }) => ({ id, distance: this.distance(query, id) }))
      .sort((left, right) => left.distance - right.distance);
  }

  distance(query: Float32Array, id: string): number {
    const { embedding } = this.records.get(id)!;
    const dot = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
      Array.from(left).reduce((sum, value, index) => sum + value * right[index]!, 0);
    if (this.#metric === 'ip') return 1 - dot(query, embedding);
    if (this.#metric === 'l2') {
      const difference = embedding.map((value, index) => value - query[index]!);
      return dot(difference, difference);
    }
    const lengths = Math.sqrt(dot(query, query) * dot(embedding, embedding));
    return lengths === 0 ? 1 : 1 - dot(query, embedding) / lengths;
  }

  #put(batch: RecordBatch, index: number): void {
    const id = batch.ids[index]!;
    const old = this.records.get(id);
    const { dimension = 0, embeddings } = batch;
    const hasEmbedding = embeddings !== undefined && batch.hasEmbedding?.[index] !== 0;
    const given = embeddings?.slice(index * dimension, (index + 1) * dimension) ?? [];
    const record: StoredRecord = {
      id,
      metadata: mergedMetadata(old?.record.metadata, batch.metadatas?.[index]),
      document: batch.documents?.[index] ?? old?.record.document,
      uri: batch.uris?.[index] ?? old?.record.uri,
      payload: batch.payloads?.[index] ?? old?.record.payload,
      provenance: batch.provenances?.[index] ?? old?.record.provenance,
    };
    this.records.set(id, { record, embedding: hasEmbedding ? [...given] : old!.embedding });
  }
}

function mergedMetadata(
  old: Metadata | undefined,
  patch: MetadataPatch | null | undefined,
): Metadata | undefined {
  const entries = Object.entries({
    ...Object.fromEntries(old ?? []),
    ...Object.fromEntries(patch ?? []),
  });
  const left = entries.filter((entry): entry is [string, NonNullable<(typeof entry)[1]>] => {
    return entry[1] !== null;
  });
  return left.length === 0 ? undefined : new Map(left);
}
