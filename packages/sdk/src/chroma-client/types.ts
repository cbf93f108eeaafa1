/** A value of metadata: integers beyond the safe ones are `bigint`, in and out. */
export type ChromaMetadataValue =
  | boolean
  | number
  | bigint
  | string
  | readonly boolean[]
  | readonly (number | bigint)[]
  | readonly string[]
  | ChromaSparseVector;

/** A sparse embedding: `values[i]` at dimension `indices[i]`. */
export type ChromaSparseVector = {
  readonly indices: readonly number[];
  readonly values: readonly number[];
  readonly tokens?: readonly string[];
};

/** Metadata of a record or a collection; null takes a key away. */
export type ChromaMetadata = { readonly [key: string]: ChromaMetadataValue | null | undefined };

/** A condition on metadata: `{ year: { $gte: 2020 } }`. */
export type ChromaWhere = { readonly [key: string]: unknown };

/** A condition on documents: `{ $contains: 'text' }`. */
export type ChromaWhereDocument = { readonly [operator: string]: unknown };

/** What results may hold besides ids. */
export type ChromaInclude = 'distances' | 'documents' | 'embeddings' | 'metadatas' | 'uris';

/** How fresh an answer has to be; here every one is as fresh as can be. */
export type ChromaReadLevel = 'index_and_wal' | 'index_only' | 'index_and_bounded_wal';

/** Embeddings of records or queries. */
export type ChromaEmbeddings = readonly (readonly number[] | Float32Array)[];

/** Records by column; all columns are as long as `ids`. */
export type ChromaRecords = {
  readonly ids: readonly string[];
  readonly embeddings?: ChromaEmbeddings | undefined;
  readonly metadatas?: readonly (ChromaMetadata | null | undefined)[] | undefined;
  readonly documents?: readonly (string | null | undefined)[] | undefined;
  readonly uris?: readonly (string | null | undefined)[] | undefined;
};

/** Which records are meant. All of what is given must hold. */
export type ChromaSelection = {
  readonly ids?: readonly string[] | undefined;
  readonly where?: ChromaWhere | undefined;
  readonly whereDocument?: ChromaWhereDocument | undefined;
};

/** Makes embeddings from texts; the functions of Chroma's packages are some. */
export type ChromaEmbeddingFunction = {
  readonly generate: (texts: string[]) => Promise<number[][]>;
  /** For the texts of queries. Default: `generate`. */
  readonly generateForQueries?: ((texts: string[]) => Promise<number[][]>) | undefined;
  readonly name?: string | undefined;
  readonly defaultSpace?: (() => 'cosine' | 'l2' | 'ip') | undefined;
  readonly getConfig?: (() => Record<string, unknown>) | undefined;
};

/** Makes an embedding function again from what its collection has kept of it. */
export type ChromaEmbeddingFunctionClass = {
  readonly buildFromConfig: (config: Record<string, unknown>) => ChromaEmbeddingFunction;
};

/** How a collection is searched. */
export type ChromaHnsw = {
  readonly space?: 'cosine' | 'l2' | 'ip' | undefined;
  readonly ef_construction?: number | undefined;
  readonly ef_search?: number | undefined;
  readonly max_neighbors?: number | undefined;
  readonly num_threads?: number | undefined;
  readonly resize_factor?: number | undefined;
  readonly sync_threshold?: number | undefined;
  readonly batch_size?: number | undefined;
};

/** What is said about a new collection, or about a change of one. */
export type ChromaConfiguration = {
  readonly hnsw?: ChromaHnsw | null | undefined;
  readonly spann?: { readonly [name: string]: unknown } | null | undefined;
  readonly embeddingFunction?: ChromaEmbeddingFunction | undefined;
};

/** What a collection says about itself. */
export type ChromaStoredConfiguration = {
  readonly hnsw?: ChromaHnsw | null;
  readonly spann?: unknown;
  /** As Chroma's client has it after `modify`. */
  readonly embeddingFunction?: unknown;
  readonly embedding_function?: unknown;
};

/** A schema: as JSON, or as Chroma's class writes it. */
export type ChromaSchemaInput = { readonly serializeToJSON: () => unknown } | object;
