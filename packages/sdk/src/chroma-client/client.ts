import type { VectorDatabase } from '@lucerna/vector';
import { type CallerOptions, type ChromaCaller, createCaller, databasePath } from './caller.ts';
import { ChromaCollection, storedMetadata } from './collection.ts';
import { configurationPayload, type EmbeddingFunctions, storedFunction } from './embedding.ts';
import type {
  ChromaConfiguration,
  ChromaEmbeddingFunction,
  ChromaEmbeddingFunctionClass,
  ChromaMetadata,
  ChromaSchemaInput,
  ChromaStoredConfiguration,
} from './types.ts';

// Not taken from the vector database itself, which is loaded when there is a client of it.
const DEFAULT_TENANT = 'default_tenant';
const DEFAULT_DATABASE = 'default_database';

/** How a client is to be. Every option has a default. */
export type ChromaClientOptions = CallerOptions & {
  readonly tenant?: string | undefined;
  readonly database?: string | undefined;
  /** Classes by which the embedding functions of stored collections are made again, by their names. */
  readonly embeddingFunctions?:
    | { readonly [name: string]: ChromaEmbeddingFunctionClass }
    | undefined;
};

/** What is said about a new collection. */
export type ChromaCollectionRequest = {
  readonly name: string;
  readonly configuration?: ChromaConfiguration | undefined;
  readonly metadata?: ChromaMetadata | undefined;
  /** Null: there is none, as when it is left out. */
  readonly embeddingFunction?: ChromaEmbeddingFunction | null | undefined;
  readonly schema?: ChromaSchemaInput | undefined;
};

/**
 * A client with the methods and results of Chroma's for JavaScript (`chromadb`), over a database in this
 * process instead of a server.
 *
 * ```ts
 * const client = createChromaClient(await openVectorDatabase('./memory'));
 * const notes = await client.getOrCreateCollection({ name: 'notes' });
 * await notes.add({ ids: ['a'], embeddings: [[1, 0]], documents: ['first'] });
 * const { ids } = await notes.query({ queryEmbeddings: [[1, 0]], nResults: 1 });
 * ```
 */
export function createChromaClient(
  database: VectorDatabase,
  options: ChromaClientOptions = {},
): ChromaClient {
  return new ChromaClient(createCaller(database, options), options);
}

/** Made by {@link createChromaClient}. */
export class ChromaClient {
  readonly tenant: string;
  readonly database: string;
  readonly #call: ChromaCaller;
  readonly #functions: EmbeddingFunctions;
  #checks: Promise<PreflightChecks> | undefined;

  constructor(call: ChromaCaller, options: ChromaClientOptions) {
    this.#call = call;
    this.tenant = options.tenant ?? DEFAULT_TENANT;
    this.database = options.database ?? DEFAULT_DATABASE;
    this.#functions = new Map(Object.entries(options.embeddingFunctions ?? {}));
  }

  /** The time, in nanoseconds since the Unix epoch. */
  async heartbeat(): Promise<number> {
    const answer = await this.#call('GET', '/api/v2/heartbeat');
    return Number((answer as { 'nanosecond heartbeat': number | bigint })['nanosecond heartbeat']);
  }

  async version(): Promise<string> {
    return (await this.#call('GET', '/api/v2/version')) as string;
  }

  async getUserIdentity(): Promise<{
    readonly user_id: string;
    readonly tenant: string;
    readonly databases: readonly string[];
  }> {
    return (await this.#call('GET', '/api/v2/auth/identity')) as never;
  }

  async getPreflightChecks(): Promise<PreflightChecks> {
    this.#checks ??= this.#call('GET', '/api/v2/pre-flight-checks') as Promise<PreflightChecks>;
    return this.#checks;
  }

  /** How many records one call may have. */
  async getMaxBatchSize(): Promise<number> {
    return (await this.getPreflightChecks()).max_batch_size;
  }

  async supportsBase64Encoding(): Promise<boolean> {
    return (await this.getPreflightChecks()).supports_base64_encoding;
  }

  /** Deletes everything. */
  async reset(): Promise<void> {
    await this.#call('POST', '/api/v2/reset');
  }

  /** Collections by id. */
  async listCollections(
    page: { readonly limit?: number | undefined; readonly offset?: number | undefined } = {},
  ): Promise<ChromaCollection[]> {
    const { limit = 100, offset = 0 } = page;
    const path = this.#path(`collections?limit=${limit}&offset=${offset}`);
    const found = (await this.#call('GET', path)) as readonly CollectionAnswer[];
    return found.map((answer) => this.#collection(answer));
  }

  async countCollections(): Promise<number> {
    return (await this.#call('GET', this.#path('collections_count'))) as number;
  }

  /** @throws `ChromaUniqueError` where there is one of that name */
  async createCollection(request: ChromaCollectionRequest): Promise<ChromaCollection> {
    return this.#create(request, false);
  }

  /** The collection of that name; what else is said is for one that has to be made. */
  async getOrCreateCollection(request: ChromaCollectionRequest): Promise<ChromaCollection> {
    return this.#create(request, true);
  }

  async #create(request: ChromaCollectionRequest, mayExist: boolean): Promise<ChromaCollection> {
    const { name, configuration, metadata, embeddingFunction, schema } = request;
    const answer = await this.#call('POST', this.#path('collections'), {
      name,
      metadata,
      configuration: configurationPayload(configuration, embeddingFunction),
      schema: schemaPayload(schema),
      get_or_create: mayExist,
    });
    const fn = embeddingFunction ?? configuration?.embeddingFunction;
    return this.#collection(answer as CollectionAnswer, fn);
  }

  /** @throws `ChromaNotFoundError` */
  async getCollection(request: {
    readonly name: string;
    readonly embeddingFunction?: ChromaEmbeddingFunction | undefined;
  }): Promise<ChromaCollection> {
    const path = this.#path(`collections/${encodeURIComponent(request.name)}`);
    const answer = await this.#call('GET', path);
    return this.#collection(answer as CollectionAnswer, request.embeddingFunction);
  }

  async getCollections(
    items: readonly (
      | string
      | { readonly name: string; readonly embeddingFunction?: ChromaEmbeddingFunction | undefined }
    )[],
  ): Promise<ChromaCollection[]> {
    return Promise.all(
      items.map((item) => this.getCollection(typeof item === 'string' ? { name: item } : item)),
    );
  }

  async getCollectionById(id: string): Promise<ChromaCollection> {
    const path = this.#path(`collections/by-id/${encodeURIComponent(id)}`);
    return this.#collection((await this.#call('GET', path)) as CollectionAnswer);
  }

  /** By `tenant:database:collection`. */
  async getCollectionByCrn(crn: string): Promise<ChromaCollection> {
    const answer = await this.#call('GET', `/api/v2/collections/${encodeURIComponent(crn)}`);
    return this.#collection(answer as CollectionAnswer);
  }

  /** The collection of that id, about which nothing is asked: it has no name and no embedding function. */
  collection(id: string): ChromaCollection {
    return new ChromaCollection({
      call: this.#call,
      maxRecords: () => this.getMaxBatchSize(),
      tenant: this.tenant,
      database: this.database,
      id,
      name: '',
      metadata: undefined,
      configuration: {},
      schema: undefined,
      embeddingFunction: undefined,
    });
  }

  /** Deletes a collection and its records, by its name. */
  async deleteCollection({ name }: { readonly name: string }): Promise<void> {
    await this.#call('DELETE', this.#path(`collections/${encodeURIComponent(name)}`));
  }

  #collection(
    answer: CollectionAnswer,
    embeddingFunction?: ChromaEmbeddingFunction | null,
  ): ChromaCollection {
    const configuration = answer.configuration_json;
    return new ChromaCollection({
      call: this.#call,
      maxRecords: () => this.getMaxBatchSize(),
      tenant: answer.tenant,
      database: answer.database,
      id: answer.id,
      name: answer.name,
      metadata: storedMetadata(answer.metadata),
      configuration,
      schema: answer.schema,
      embeddingFunction:
        embeddingFunction ?? storedFunction(configuration.embedding_function, this.#functions),
    });
  }

  #path(rest: string): string {
    return `${databasePath(this.tenant, this.database)}/${rest}`;
  }
}

/** Creates and lists tenants and databases, as Chroma's `AdminClient` does. */
export function createChromaAdmin(
  database: VectorDatabase,
  options: CallerOptions = {},
): ChromaAdmin {
  return new ChromaAdmin(createCaller(database, options));
}

/** Made by {@link createChromaAdmin}. */
export class ChromaAdmin {
  readonly #call: ChromaCaller;

  constructor(call: ChromaCaller) {
    this.#call = call;
  }

  async createTenant({ name }: { readonly name: string }): Promise<void> {
    await this.#call('POST', '/api/v2/tenants', { name });
  }

  /** @returns its name */
  async getTenant({ name }: { readonly name: string }): Promise<string> {
    const answer = await this.#call('GET', `/api/v2/tenants/${encodeURIComponent(name)}`);
    return (answer as { readonly name: string }).name;
  }

  async createDatabase(request: DatabaseRequest): Promise<void> {
    await this.#call('POST', databasesPath(request.tenant), { name: request.name });
  }

  async getDatabase({ tenant, name }: DatabaseRequest): Promise<ChromaDatabase> {
    return (await this.#call('GET', databasePath(tenant, name))) as ChromaDatabase;
  }

  async deleteDatabase({ tenant, name }: DatabaseRequest): Promise<void> {
    await this.#call('DELETE', databasePath(tenant, name));
  }

  async listDatabases(request: {
    readonly tenant: string;
    readonly limit?: number | undefined;
    readonly offset?: number | undefined;
  }): Promise<ChromaDatabase[]> {
    const { tenant, limit = 100, offset = 0 } = request;
    const path = `${databasesPath(tenant)}?limit=${limit}&offset=${offset}`;
    return (await this.#call('GET', path)) as ChromaDatabase[];
  }
}

type DatabaseRequest = { readonly tenant: string; readonly name: string };

/** A database of a tenant. */
export type ChromaDatabase = {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
};

/** What clients are told before they write. */
export type PreflightChecks = {
  readonly max_batch_size: number;
  readonly supports_base64_encoding: boolean;
};

type CollectionAnswer = {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly database: string;
  readonly metadata: unknown;
  readonly configuration_json: ChromaStoredConfiguration;
  readonly schema: unknown;
};

function databasesPath(tenant: string): string {
  return `/api/v2/tenants/${encodeURIComponent(tenant)}/databases`;
}

function schemaPayload(schema: ChromaSchemaInput | undefined): unknown {
  if (schema === undefined || !('serializeToJSON' in schema)) return schema;
  return (schema as { readonly serializeToJSON: () => unknown }).serializeToJSON();
}
