import { type Clock, type Log, present, type Threads } from '@lucerna/base';
import type { EmbeddingIdentity, IndexConfiguration } from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import { RecordIndex } from '../filter/record-index.ts';
import { VectorIndex } from '../index/vector-index.ts';
import type { Metadata, MetadataPatch } from '../metadata.ts';
import { mergeMetadata } from '../metadata-values.ts';
import type { StoredRecord } from '../record.ts';
import { RowSet } from '../row-set.ts';
import type { CollectionEntry, DeleteEntry, PutEntry } from './entry-codec.ts';
import type { RecordColumns } from './record-columns.ts';
import { RecordTable } from './record-table.ts';

/** What a state is made with. */
export type StateOptions = {
  /** As declared; what writes add to it is learned from them. */
  readonly identity: EmbeddingIdentity;
  readonly index: IndexConfiguration;
  readonly clock: Clock;
  readonly log: Log;
  readonly threads: Threads | undefined;
};

const NO_ROWS: Uint32Array = new Uint32Array(0);

/**
 * What a collection holds in memory: records, filters and embeddings, changed by entries of the log
 * only, whether they have just been written or are read again.
 */
export class CollectionState {
  readonly table: RecordTable = new RecordTable();
  readonly filters: RecordIndex = new RecordIndex({ rowOf: (id) => this.table.row(id) });
  readonly #options: StateOptions;
  #identity: EmbeddingIdentity;
  #vectors: VectorIndex | undefined;
  /** Made for a first write, which has not been written yet or could not be. */
  #prepared: VectorIndex | undefined;

  constructor(options: StateOptions) {
    this.#options = options;
    this.#identity = options.identity;
  }

  /** What is known about the embeddings by now. */
  get identity(): EmbeddingIdentity {
    return this.#identity;
  }

  /** Undefined as long as nothing was put in. */
  get vectors(): VectorIndex | undefined {
    return this.#vectors;
  }

  /** The rows that belong to records. Not to be changed. */
  get live(): RowSet {
    return this.#vectors?.live ?? new RowSet();
  }

  /**
   * The index, which is made where there is none yet.
   *
   * @throws `VECTOR_LOG_CORRUPT` when embeddings are known to have another dimension
   */
  openVectors(dimension: number): VectorIndex {
    const known = this.#identity.dimension;
    if (known !== undefined && known !== dimension) {
      throw impossible('an embedding of another dimension');
    }
    if (this.#vectors !== undefined) return this.#vectors;
    const isPrepared = this.#prepared?.dimension === dimension;
    this.#vectors = (isPrepared ? this.#prepared : undefined) ?? this.#newVectors(dimension);
    if (isPrepared) this.#prepared = undefined;
    this.pinDimension(dimension);
    return this.#vectors;
  }

  #newVectors(dimension: number): VectorIndex {
    const { index, clock, log, threads } = this.#options;
    return VectorIndex.create({ dimension, index, clock, log, threads });
  }

  /**
   * Takes the memory that a change needs, so that it cannot fail any more once it is written. Nothing
   * that can be seen changes.
   *
   * @throws `VECTOR_MEMORY_EXHAUSTED`
   */
  async prepare(entry: CollectionEntry): Promise<void> {
    if (entry.kind !== 'put' || entry.embeddings === undefined) return;
    const { values, dimension } = entry.embeddings;
    const vectors = this.#vectors ?? (await this.#preparedFor(dimension));
    await vectors.mutate(() => vectors.reserve(values.length / dimension));
  }

  async #preparedFor(dimension: number): Promise<VectorIndex> {
    if (this.#prepared !== undefined && this.#prepared.dimension !== dimension) {
      await this.#prepared.close();
      this.#prepared = undefined;
    }
    this.#prepared ??= this.#newVectors(dimension);
    return this.#prepared;
  }

  /** From now on the dimension is known. */
  pinDimension(dimension: number): void {
    this.#identity = { ...this.#identity, dimension };
  }

  /** From now on the model is known. */
  pinModel(model: string): void {
    this.#identity = { ...this.#identity, model };
  }

  /** Makes the change while nobody searches. */
  async change(entry: CollectionEntry): Promise<void> {
    if (entry.kind === 'put' && entry.embeddings !== undefined) {
      this.openVectors(entry.embeddings.dimension);
    }
    if (this.#vectors === undefined) this.apply(entry);
    else await this.#vectors.mutate(() => this.apply(entry));
  }

  /**
   * Makes the change; nobody may search meanwhile.
   *
   * @throws `VECTOR_LOG_CORRUPT` for an entry that cannot have followed on those before it
   */
  apply(entry: CollectionEntry): void {
    if (entry.kind === 'put') this.#put(entry);
    else this.#delete(entry);
  }

  #put(entry: PutEntry): void {
    const { ids, columns, embeddings, model } = entry;
    if (model !== undefined) this.pinModel(model);
    let rows = NO_ROWS;
    if (embeddings !== undefined) {
      const { values, dimension } = embeddings;
      rows = this.openVectors(dimension).add(values, values.length / dimension);
    }
    const mask = embeddings?.mask;
    let next = 0;
    for (let index = 0; index < ids.length; index += 1) {
      const hasRow = embeddings !== undefined && (mask === undefined || mask[index] === 1);
      const row = hasRow ? rows[next++] : undefined;
      this.#putOne(ids[index] as string, columns, index, row);
    }
  }

  #putOne(id: string, columns: RecordColumns, index: number, row: number | undefined): void {
    const old = this.table.record(id);
    if (old === undefined) {
      if (row === undefined) throw impossible('a new record without an embedding');
      const record = recordFrom(id, columns, index);
      this.table.add(record, row);
      this.filters.add(row, record);
      return;
    }
    const oldRow = present(this.table.row(id), 'a record has a row');
    const record = changedRecord(old, columns, index);
    if (record === old && row === undefined) return;
    this.filters.remove(oldRow, old);
    if (row !== undefined) this.#vectors?.remove(oldRow);
    this.table.replace(record, row ?? oldRow);
    this.filters.add(row ?? oldRow, record);
  }

  #delete({ ids }: DeleteEntry): void {
    for (const id of ids) {
      const record = this.table.record(id);
      const row = this.table.row(id);
      if (record === undefined || row === undefined) throw impossible('a deletion of nothing');
      this.filters.remove(row, record);
      this.#vectors?.remove(row);
      this.table.delete(id);
    }
  }

  /** Puts a record of a snapshot in, whose embedding is restored by itself. */
  restoreRecord(record: StoredRecord, row: number): void {
    this.table.add(record, row);
    this.filters.add(row, record);
  }

  async close(): Promise<void> {
    await this.#vectors?.close();
    await this.#prepared?.close();
  }
}

/** The record that columns say, at a place of theirs. */
export function recordFrom(id: string, columns: RecordColumns, index: number): StoredRecord {
  return {
    id,
    metadata: merged(undefined, columns.metadatas?.[index]),
    document: columns.documents?.[index] ?? undefined,
    uri: columns.uris?.[index] ?? undefined,
    payload: columns.payloads?.[index] ?? undefined,
    provenance: columns.provenances?.[index] ?? undefined,
  };
}

/** The record after a change; itself where the columns say nothing at that place. */
export function changedRecord(
  old: StoredRecord,
  columns: RecordColumns,
  index: number,
): StoredRecord {
  const patch = columns.metadatas?.[index];
  const document = columns.documents?.[index];
  const uri = columns.uris?.[index];
  const payload = columns.payloads?.[index];
  const provenance = columns.provenances?.[index];
  const changes = [patch, document, uri, payload, provenance];
  if (changes.every((value) => value === undefined || value === null)) return old;
  return {
    id: old.id,
    metadata: merged(old.metadata, patch),
    document: document ?? old.document,
    uri: uri ?? old.uri,
    payload: payload ?? old.payload,
    provenance: provenance ?? old.provenance,
  };
}

function merged(
  old: Metadata | undefined,
  patch: MetadataPatch | null | undefined,
): Metadata | undefined {
  return patch === undefined || patch === null ? old : mergeMetadata(old, patch);
}

function impossible(what: string): Error {
  return vectorErrors.create('VECTOR_LOG_CORRUPT', `the log has ${what}`);
}
