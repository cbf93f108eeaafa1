import { SerialQueue } from '@lucerna/base';
import type { Collection, QueryHit, VectorDatabase } from '../collection-api.ts';
import { vectorErrors } from '../errors.ts';
import { parseWhere, parseWhereDocument } from '../filter/parse-where.ts';
import { vectorLimits } from '../limits.ts';
import type { Metric, SearchMode, Traversal } from '../metric.ts';
import type { Provenance, RecordBatch } from '../record.ts';
import { type EmbeddingColumn, type Embeddings, embeddingColumn } from './embedding-column.ts';
import {
  type MetadataInput,
  type MetadataObject,
  metadataColumns,
  metadataObject,
  metadataText,
  replacingColumns,
} from './metadata-text.ts';
import { scoreOf } from './score.ts';
import type { StoreOptions, StoreParts } from './store-options.ts';

/** What may be said with records that are added. Columns are as long as the ids. */
export type AddOptions = {
  /** Values of one embedding. Default: the store's, or what `embeddings` themselves say. */
  readonly dimension?: number | undefined;
  /** Name of the model that has made the embeddings. Default: that of the store's options. */
  readonly model?: string | undefined;
  /** Texts that the embeddings stand for, which `whereDocument` looks into. */
  readonly documents?: readonly (string | null | undefined)[] | undefined;
  readonly uris?: readonly (string | null | undefined)[] | undefined;
  readonly provenances?: readonly (Provenance | null | undefined)[] | undefined;
};

/** How a search is to be done. */
export type SearchOptions = {
  /** Only records whose metadata this holds for, in Chroma's syntax: `{ year: { $gte: 2020 } }`. */
  readonly where?: Readonly<Record<string, unknown>> | undefined;
  /** Only records whose document this holds for: `{ $contains: 'text' }`. */
  readonly whereDocument?: Readonly<Record<string, unknown>> | undefined;
  /** Candidates in the graph; more find more and take longer. */
  readonly efSearch?: number | undefined;
  readonly traversal?: Traversal | undefined;
  /** `exact` proves its answer, whatever the store's mode. */
  readonly mode?: SearchMode | undefined;
  /** Values of one query, where several lie in one array. */
  readonly dimension?: number | undefined;
  /** Name of the model that has made the query. */
  readonly model?: string | undefined;
};

/** An id and how near its embedding is: larger scores are nearer (`scoreOf`). */
export type SearchResult = [id: string, score: number];

/** How a store is. */
export type StoreInfo = {
  readonly collection: string;
  readonly count: number;
  /** Undefined until there is an embedding, or the dimension was said. */
  readonly dimension: number | undefined;
  readonly metric: Metric;
  readonly mode: SearchMode;
  readonly model: string | undefined;
  readonly efSearch: number;
  /** Embeddings in the graph, and those that wait for their place in it (and are found meanwhile). */
  readonly indexed: number;
  readonly waiting: number;
  /** Of embeddings and index. */
  readonly memoryBytes: number;
  /** Of files. */
  readonly diskBytes: number;
};

/**
 * A set of embeddings with ids and metadata, in a folder or in memory: the calls of the embedded
 * database SvDB. A call that changes something does all of it or nothing, also in a crash, and has
 * happened when its promise resolves. The arrays that a call was given may not be changed before that.
 */
export class VectorStore {
  readonly #database: VectorDatabase;
  readonly #collection: Collection;
  readonly #options: StoreOptions;
  /** An upsert looks at what is there: what was asked for before must have happened then. */
  readonly #writes = new SerialQueue(vectorLimits.values.storeWrites);

  constructor({ database, collection, options }: StoreParts) {
    this.#database = database;
    this.#collection = collection;
    this.#options = options;
  }

  /** The engine's view of the store, for all that it can beyond these calls: updates, filters. */
  get collection(): Collection {
    return this.#collection;
  }

  /**
   * Adds records. `metadatas` are JSON texts, which are kept character by character, or objects.
   *
   * @returns how many were added
   * @throws `ID_EXISTS`, `ID_DUPLICATE`, `COLUMN_LENGTH_MISMATCH`, `DIMENSION_MISMATCH`,
   *   `EMBEDDING_NOT_FINITE`, `EMBEDDING_NOT_NORMALISED`, `EMBEDDING_MODEL_MISMATCH`,
   *   `METADATA_INVALID`, `BATCH_TOO_LARGE`, `VECTOR_ARGUMENT_INVALID`, `DATABASE_READ_ONLY`,
   *   `DATABASE_CLOSED`
   */
  async add(
    ids: readonly string[],
    embeddings: Embeddings,
    metadatas?: readonly MetadataInput[],
    options: AddOptions = {},
  ): Promise<number> {
    checkIds(ids);
    const column = this.#embeddings(embeddings, ids.length, options.dimension);
    const columns = metadataColumns(ids.length, metadatas);
    const batch = batchOf(ids, column, options, columns ?? {});
    if (ids.length === 0) return 0;
    const model = options.model ?? this.#options.model;
    return this.#writes.run(() => this.#collection.add(batch, { model }));
  }

  /**
   * Adds records, and puts them in the place of those that have their ids: embedding and metadata are
   * replaced, a document stays unless there is a new one.
   *
   * @returns how many were added
   * @throws as `add`, but not `ID_EXISTS`
   */
  async upsert(
    ids: readonly string[],
    embeddings: Embeddings,
    metadatas?: readonly MetadataInput[],
    options: AddOptions = {},
  ): Promise<number> {
    checkIds(ids);
    const column = this.#embeddings(embeddings, ids.length, options.dimension);
    const columns = metadataColumns(ids.length, metadatas);
    if (ids.length === 0) return 0;
    const model = options.model ?? this.#options.model;
    return this.#writes.run(() => {
      const records = ids.map((id) => this.#collection.record(id));
      const batch = batchOf(ids, column, options, replacingColumns(records, columns));
      return this.#collection.upsert(batch, { model });
    });
  }

  /**
   * The `k` nearest records, best first; fewer only where fewer match.
   *
   * @throws `DIMENSION_MISMATCH`, `EMBEDDING_NOT_FINITE`, `EMBEDDING_MODEL_MISMATCH`, `FILTER_INVALID`,
   *   `REGEX_INVALID`, `VECTOR_ARGUMENT_INVALID`, `DATABASE_CLOSED`
   */
  async search(
    query: Float32Array | Float64Array | readonly number[],
    k: number,
    options: SearchOptions = {},
  ): Promise<SearchResult[]> {
    const [results = []] = await this.#search(query, k, options, 1);
    return results;
  }

  /**
   * The results of several queries, in their order; they run at the same time where there are threads.
   *
   * @throws as `search`
   */
  searchBatch(
    queries: Embeddings,
    k: number,
    options: SearchOptions = {},
  ): Promise<SearchResult[][]> {
    return this.#search(queries, k, options, undefined);
  }

  /**
   * Metadata of a record: an object of the caller's own. Integers beyond 2⁵³ are `bigint`.
   *
   * @throws `RECORD_UNKNOWN`
   */
  get(id: string): MetadataObject {
    return metadataObject(this.#record(id));
  }

  /**
   * Metadata of a record as JSON: the text that was given, unless they were changed since.
   *
   * @throws `RECORD_UNKNOWN`
   */
  getJson(id: string): string {
    return metadataText(this.#record(id));
  }

  /** Whether there is a record of that id. */
  has(id: string): boolean {
    return this.#collection.has(id);
  }

  /** How many records there are. */
  count(): number {
    return this.#collection.count();
  }

  /**
   * Deletes records; their room is used again. Unknown ids are left out.
   *
   * @returns how many were deleted
   */
  async delete(ids: readonly string[]): Promise<number> {
    checkIds(ids);
    return ids.length === 0 ? 0 : this.#writes.run(() => this.#collection.delete({ ids }));
  }

  /** All ids, in the order in which they were first added. */
  getAllIds(): string[] {
    return [...this.#collection.ids()];
  }

  /** Resolves when everything that was done before outlives a power loss. */
  persist(): Promise<void> {
    return this.#database.persist();
  }

  /** Readers: takes in what the writer has written since. */
  refresh(): Promise<void> {
    return this.#database.refresh();
  }

  info(): StoreInfo {
    const { name, index, identity } = this.#collection;
    const { indexed, waiting, memoryBytes, logBytes, snapshotBytes } =
      this.#collection.statistics();
    return {
      collection: name,
      count: this.#collection.count(),
      dimension: this.#dimension(),
      metric: index.metric,
      mode: index.mode,
      model: identity.model ?? this.#options.model,
      efSearch: this.#options.efSearch ?? index.efSearch,
      indexed,
      waiting,
      memoryBytes,
      diskBytes: logBytes + snapshotBytes,
    };
  }

  /** Ends the store; everything that was answered is kept. Later calls throw `DATABASE_CLOSED`. */
  close(): Promise<void> {
    return this.#database.close();
  }

  /** `VectorStore(vectors, 3 records)`. */
  toString(): string {
    const count = this.#collection.count();
    return `VectorStore(${this.#collection.name}, ${count} ${count === 1 ? 'record' : 'records'})`;
  }

  #dimension(): number | undefined {
    return this.#collection.identity.dimension ?? this.#options.dimension;
  }

  /** What the store knows comes first: embeddings that say otherwise are refused by their length. */
  #embeddings(
    embeddings: Embeddings,
    count: number | undefined,
    said: number | undefined,
  ): EmbeddingColumn {
    const known = this.#dimension();
    if (known !== undefined && said !== undefined && known !== said) {
      const detail = `the store holds embeddings of ${known} values, not ${said}`;
      throw vectorErrors.create('DIMENSION_MISMATCH', detail, { dimension: known, found: said });
    }
    return embeddingColumn(embeddings, { count, dimension: known ?? said });
  }

  #record(id: string): NonNullable<ReturnType<Collection['record']>> {
    const record = this.#collection.record(id);
    if (record === undefined) throw vectorErrors.create('RECORD_UNKNOWN', id, { id });
    return record;
  }

  async #search(
    queries: Embeddings,
    k: number,
    options: SearchOptions,
    count: number | undefined,
  ): Promise<SearchResult[][]> {
    const { values, dimension } = this.#embeddings(queries, count, options.dimension);
    const where = parseWhere(options.where);
    const whereDocument = parseWhereDocument(options.whereDocument);
    if (values.length === 0 && count === undefined) return [];
    // Nobody has said how long an embedding is: there are none.
    if (this.#dimension() === undefined) return emptyResults(values.length / dimension);
    const { metric } = this.#collection.index;
    const results = await this.#collection.query({
      embeddings: values,
      limit: k,
      where,
      whereDocument,
      efSearch: options.efSearch ?? this.#options.efSearch,
      traversal: options.traversal,
      mode: options.mode,
      model: options.model ?? this.#options.model,
    });
    return results.map((hits) => hits.map((hit) => resultOf(metric, hit)));
  }
}

function resultOf(metric: Metric, { record, distance }: QueryHit): SearchResult {
  return [record.id, scoreOf(metric, distance)];
}

function emptyResults(count: number): SearchResult[][] {
  return Array.from({ length: count }, () => []);
}

function checkIds(ids: readonly string[]): void {
  if (Array.isArray(ids)) return;
  throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', 'the ids are no array');
}

function batchOf(
  ids: readonly string[],
  { values, dimension }: EmbeddingColumn,
  { documents, uris, provenances }: AddOptions,
  columns: Pick<RecordBatch, 'metadatas' | 'payloads'>,
): RecordBatch {
  return { ids, embeddings: values, dimension, documents, uris, provenances, ...columns };
}
