import { type ChromaCaller, databasePath } from './caller.ts';
import {
  checkDeletion,
  checkEmbeddings,
  checkInclude,
  checkMetadata,
  checkRecords,
  checkResults,
  checkSelection,
} from './checks.ts';
import { functionPayload } from './embedding.ts';
import { ChromaValueError } from './errors.ts';
import {
  ChromaGetResult,
  ChromaQueryResult,
  ChromaSearchResult,
  type GetAnswer,
  type QueryAnswer,
  type SearchAnswer,
  withoutTypes,
} from './results.ts';
import { type ChromaSearchInput, embeddedRank, searchPayload } from './search-payload.ts';
import type {
  ChromaConfiguration,
  ChromaEmbeddingFunction,
  ChromaEmbeddings,
  ChromaInclude,
  ChromaMetadata,
  ChromaReadLevel,
  ChromaRecords,
  ChromaSelection,
  ChromaStoredConfiguration,
} from './types.ts';

/** What a collection is made of. */
export type CollectionParts = {
  readonly call: ChromaCaller;
  /** How many records one call may have. */
  readonly maxRecords: () => Promise<number>;
  readonly tenant: string;
  readonly database: string;
  readonly id: string;
  readonly name: string;
  readonly metadata: ChromaMetadata | undefined;
  readonly configuration: ChromaStoredConfiguration;
  readonly schema: unknown;
  readonly embeddingFunction: ChromaEmbeddingFunction | undefined;
};

/**
 * A collection, with the methods of Chroma's client. Documents without embeddings need an embedding
 * function; there is none by default.
 */
export class ChromaCollection {
  readonly id: string;
  readonly tenant: string;
  readonly database: string;
  /** As JSON. */
  readonly schema: unknown;
  readonly #call: ChromaCaller;
  readonly #maxRecords: () => Promise<number>;
  #name: string;
  #metadata: ChromaMetadata | undefined;
  #configuration: ChromaStoredConfiguration;
  #embeddingFunction: ChromaEmbeddingFunction | undefined;

  constructor(parts: CollectionParts) {
    this.id = parts.id;
    this.tenant = parts.tenant;
    this.database = parts.database;
    this.schema = parts.schema;
    this.#call = parts.call;
    this.#maxRecords = parts.maxRecords;
    this.#name = parts.name;
    this.#metadata = parts.metadata;
    this.#configuration = parts.configuration;
    this.#embeddingFunction = parts.embeddingFunction;
  }

  get name(): string {
    return this.#name;
  }

  get metadata(): ChromaMetadata | undefined {
    return this.#metadata;
  }

  get configuration(): ChromaStoredConfiguration {
    return this.#configuration;
  }

  get embeddingFunction(): ChromaEmbeddingFunction | undefined {
    return this.#embeddingFunction;
  }

  /** How many records there are. */
  async count(options: { readonly readLevel?: ChromaReadLevel } = {}): Promise<number> {
    const { readLevel } = options;
    const query = readLevel === undefined ? '' : `?read_level=${encodeURIComponent(readLevel)}`;
    return (await this.#call('GET', this.#path(`count${query}`))) as number;
  }

  /** Adds records; those whose id there is already stay as they are. */
  async add(records: ChromaRecords): Promise<void> {
    const prepared = await this.#prepared(records);
    const metadatas = prepared.metadatas?.map((metadata) => withoutNulls(metadata));
    await this.#call('POST', this.#path('add'), { ...prepared, metadatas });
  }

  /** Changes records; metadata are merged, and null takes a key away. Unknown ids are overlooked. */
  async update(records: ChromaRecords): Promise<void> {
    await this.#call('POST', this.#path('update'), await this.#prepared(records, true));
  }

  /** Changes records that there are, as `update` does, and adds the others. */
  async upsert(records: ChromaRecords): Promise<void> {
    await this.#call('POST', this.#path('upsert'), await this.#prepared(records));
  }

  /** Records by id or filter, in the order in which they were first added. */
  async get(
    request: ChromaSelection & {
      readonly limit?: number | undefined;
      readonly offset?: number | undefined;
      readonly include?: readonly ChromaInclude[] | undefined;
    } = {},
  ): Promise<ChromaGetResult> {
    const { limit, offset, include = ['documents', 'metadatas'] } = request;
    checkInclude(include, 'distances');
    checkSelection(request);
    const body = { ...selectionPayload(request), limit, offset, include };
    return new ChromaGetResult((await this.#call('POST', this.#path('get'), body)) as GetAnswer);
  }

  /** The first records. */
  async peek({ limit = 10 }: { readonly limit?: number } = {}): Promise<ChromaGetResult> {
    return this.get({ limit });
  }

  /** The nearest records of each query, nearest first. */
  async query(
    request: ChromaSelection & {
      readonly queryEmbeddings?: ChromaEmbeddings | undefined;
      readonly queryTexts?: readonly string[] | undefined;
      readonly nResults?: number | undefined;
      readonly include?: readonly ChromaInclude[] | undefined;
    },
  ): Promise<ChromaQueryResult> {
    const { queryEmbeddings, queryTexts, nResults = 10 } = request;
    const { include = ['metadatas', 'documents', 'distances'] } = request;
    if (queryEmbeddings === undefined && queryTexts === undefined) {
      throw new ChromaValueError(
        "At least one of 'queryEmbeddings' and 'queryTexts' must be provided",
      );
    }
    checkEmbeddings(queryEmbeddings, 'queryEmbeddings');
    checkInclude(include);
    checkSelection(request);
    checkResults(nResults);
    const body = {
      ...selectionPayload(request),
      query_embeddings: queryEmbeddings ?? (await this.#embed(queryTexts ?? [], 'queries')),
      n_results: nResults,
      include,
    };
    return new ChromaQueryResult(
      (await this.#call('POST', this.#path('query'), body)) as QueryAnswer,
    );
  }

  /** Searches by rankings over dense and sparse embeddings. */
  async search(
    searches: ChromaSearchInput | readonly ChromaSearchInput[],
    options: { readonly readLevel?: ChromaReadLevel } = {},
  ): Promise<ChromaSearchResult> {
    const list: readonly ChromaSearchInput[] = Array.isArray(searches) ? searches : [searches];
    if (list.length === 0)
      throw new ChromaValueError('At least one search payload must be provided.');
    const payloads = await Promise.all(
      list.map(async (search) => {
        const payload = searchPayload(search);
        const rank = await embeddedRank(payload['rank'], (text, key) => this.#embedOne(text, key));
        return { ...payload, rank };
      }),
    );
    const body = { searches: payloads, read_level: options.readLevel };
    const answer = await this.#call('POST', this.#path('search'), body);
    return new ChromaSearchResult(answer as SearchAnswer);
  }

  /** Deletes what is selected. @returns how many records those were */
  async delete(
    request: ChromaSelection & { readonly limit?: number | undefined },
  ): Promise<{ readonly deleted: number }> {
    const { limit } = request;
    checkDeletion(request, limit);
    const body = { ...selectionPayload(request), limit };
    return (await this.#call('POST', this.#path('delete'), body)) as { deleted: number };
  }

  /** Changes name, metadata (all of them) or configuration. */
  async modify(change: {
    readonly name?: string | undefined;
    readonly metadata?: ChromaMetadata | undefined;
    readonly configuration?: ChromaConfiguration | undefined;
  }): Promise<void> {
    const { name, metadata, configuration } = change;
    checkMetadata(metadata);
    const { hnsw, spann, embeddingFunction } = configuration ?? {};
    const update = configuration && {
      hnsw,
      spann,
      embedding_function: functionPayload(embeddingFunction),
    };
    const body = { new_name: name, new_metadata: metadata, new_configuration: update };
    await this.#call('PUT', this.#path(), body);
    this.#name = name ?? this.#name;
    this.#metadata = metadata ?? this.#metadata;
    this.#embeddingFunction = embeddingFunction ?? this.#embeddingFunction;
    if (update === undefined) return;
    this.#configuration = {
      hnsw: { ...this.#configuration.hnsw, ...hnsw },
      spann: { ...(this.#configuration.spann as object | null | undefined), ...spann },
      embeddingFunction: update.embedding_function,
    };
  }

  /** Not supported, as in Chroma's own single server. */
  async fork({ name }: { readonly name: string }): Promise<ChromaCollection> {
    return (await this.#call('POST', this.#path('fork'), { new_name: name })) as never;
  }

  /** Not supported, as in Chroma's own single server. */
  async forkCount(): Promise<number> {
    return (await this.#call('GET', this.#path('fork_count'))) as never;
  }

  /** How many records are in the graph; the others are found, too. */
  async getIndexingStatus(): Promise<ChromaIndexingStatus> {
    return (await this.#call('GET', this.#path('indexing_status'))) as ChromaIndexingStatus;
  }

  #path(operation?: string): string {
    const collection = `${databasePath(this.tenant, this.database)}/collections/${this.id}`;
    return operation === undefined ? collection : `${collection}/${operation}`;
  }

  /** Checks records and embeds their documents where they have no embeddings. */
  async #prepared(records: ChromaRecords, isUpdate = false): Promise<ChromaRecords> {
    checkRecords(records, await this.#maxRecords());
    const { ids, embeddings, documents, metadatas, uris } = records;
    if (!embeddings && !documents && !isUpdate) {
      throw new ChromaValueError("At least one of 'embeddings' and 'documents' must be provided");
    }
    const made =
      !embeddings && documents
        ? await this.#embed(
            documents.map((text) => text ?? ''),
            'documents',
          )
        : undefined;
    return { ids, embeddings: embeddings ?? made, documents, metadatas, uris };
  }

  async #embedOne(text: string, key: string): Promise<readonly number[]> {
    if (key !== '#embedding') {
      throw new ChromaValueError(
        `Cannot embed string query for key '${key}': no embedding function configured. Provide an embedded vector or configure an embedding function.`,
      );
    }
    const [embedding] = await this.#embed([text], 'queries');
    if (embedding !== undefined) return embedding;
    throw new ChromaValueError('Embedding function returned unexpected number of embeddings.');
  }

  async #embed(texts: readonly string[], purpose: 'documents' | 'queries'): Promise<number[][]> {
    const fn = this.#embeddingFunction;
    if (fn === undefined) {
      throw new ChromaValueError(
        `No embedding function found for collection '${this.#name}'. You can either provide embeddings directly, or give the collection an embedding function.`,
      );
    }
    if (purpose === 'queries' && fn.generateForQueries) return fn.generateForQueries([...texts]);
    return fn.generate([...texts]);
  }
}

/** How far the graph of a collection is. */
export type ChromaIndexingStatus = {
  readonly op_indexing_progress: number;
  readonly num_unindexed_ops: number;
  readonly num_indexed_ops: number;
  readonly total_ops: number;
};

function selectionPayload({ ids, where, whereDocument }: ChromaSelection): object {
  return { ids, where, where_document: whereDocument };
}

/** Metadata of a new record, of which keys without a value are no part. */
function withoutNulls(metadata: ChromaMetadata | null | undefined): ChromaMetadata | null {
  if (metadata === null || metadata === undefined) return null;
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));
}

/** The metadata of a collection object. */
export function storedMetadata(metadata: unknown): ChromaMetadata | undefined {
  return withoutTypes((metadata ?? null) as ChromaMetadata | null) ?? undefined;
}
