import type { EmbeddingIdentity, IndexConfiguration } from './configuration.ts';
import type { Where, WhereDocument } from './filter/where.ts';
import type { Metadata } from './metadata.ts';
import type { SearchMode, Traversal } from './metric.ts';
import type { RecordBatch, StoredRecord } from './record.ts';

/** Which records are meant. All of what is given must hold. */
export type Selection = {
  /** Unknown ids are left out. Without it: any. */
  readonly ids?: readonly string[] | undefined;
  readonly where?: Where | undefined;
  readonly whereDocument?: WhereDocument | undefined;
};

export type GetRequest = Selection & {
  /** Default: all. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
};

export type QueryRequest = Selection & {
  /** Queries of the collection's dimension, one after the other. */
  readonly embeddings: Float32Array;
  /** Length of one query; default: the collection's. Where neither is known, it is one query. */
  readonly dimension?: number | undefined;
  /** How many results of each query, at most. */
  readonly limit: number;
  /** Candidates in the graph; default: the collection's. At least `limit` are looked at. */
  readonly efSearch?: number | undefined;
  /** Default: chosen by `efSearch`. */
  readonly traversal?: Traversal | undefined;
  /** Takes the place of the collection's mode for this query; `hnsw` and `binary` need what it keeps. */
  readonly mode?: SearchMode | undefined;
  /** What the queries were made by; compared with the collection's. */
  readonly model?: string | undefined;
};

/** One result: smaller distances are nearer; equal ones come in the order of the rows. */
export type QueryHit = { readonly record: StoredRecord; readonly distance: number };

export type CollectionStatistics = {
  readonly records: number;
  /** Rows in the graph that are found, and rows that wait to be put into it. */
  readonly indexed: number;
  readonly waiting: number;
  /** Deleted rows whose place is not free yet. */
  readonly dead: number;
  /** Bytes of embeddings, codes and graph in memory. */
  readonly memoryBytes: number;
  readonly segments: number;
  readonly logBytes: number;
  readonly snapshotBytes: number;
  readonly generation: number;
};

/**
 * A named set of records with embeddings of one dimension. Writes are atomic: all of a call or none of
 * it, in memory, on disk and after a crash; they resolve when they are as durable as the database is
 * opened for, and are seen by every read that starts later. Bad input changes nothing.
 */
export type Collection = {
  /** UUID, in lower case. */
  readonly id: string;
  readonly tenant: string;
  readonly database: string;
  /** These change by `modify`. */
  readonly name: string;
  readonly metadata: Metadata | undefined;
  /** A JSON document that a protocol keeps with the collection; not looked into. */
  readonly attributes: string | undefined;
  readonly index: IndexConfiguration;
  readonly identity: EmbeddingIdentity;

  readonly count: () => number;
  readonly has: (id: string) => boolean;
  /** Ids in the order in which they were first added. */
  readonly ids: () => IterableIterator<string>;
  /** The record of that id. */
  readonly record: (id: string) => StoredRecord | undefined;
  /** Its embedding, in an array of the caller's own; undefined where the id is unknown. */
  readonly embedding: (id: string) => Float32Array | undefined;
  /** In the order in which they were first added. */
  readonly get: (request?: GetRequest) => readonly StoredRecord[];
  /**
   * The nearest records of each query, best first: `limit` of them when so many match.
   *
   * @throws `DIMENSION_MISMATCH`, `EMBEDDING_NOT_FINITE`, `EMBEDDING_MODEL_MISMATCH`,
   *   `VECTOR_ARGUMENT_INVALID`, `REGEX_INVALID`, `FILTER_TOO_COSTLY`; `BATCH_TOO_LARGE` when all
   *   queries together could have too many results
   */
  readonly query: (request: QueryRequest) => Promise<readonly (readonly QueryHit[])[]>;

  /**
   * Adds records. `onExisting`: `refuse` throws `ID_EXISTS`, `ignore` leaves those alone.
   *
   * @returns how many were added
   * @throws the codes of a malformed batch
   */
  readonly add: (
    batch: RecordBatch,
    options?: { readonly onExisting?: 'refuse' | 'ignore'; readonly model?: string | undefined },
  ) => Promise<number>;
  /** Changes records that there are; metadata are merged. @returns how many */
  readonly update: (
    batch: RecordBatch,
    options?: { readonly model?: string | undefined },
  ) => Promise<number>;
  /** Updates records that there are and adds the others. @returns how many were added */
  readonly upsert: (
    batch: RecordBatch,
    options?: { readonly model?: string | undefined },
  ) => Promise<number>;
  /** Deletes what is selected; at most `limit` of them, the oldest first. @returns how many */
  readonly delete: (selection: Selection & { readonly limit?: number }) => Promise<number>;

  /** Resolves when every row is in the graph (where there is one) and no deleted row holds a place. */
  readonly settled: () => Promise<void>;
  /**
   * Writes a snapshot and drops the log behind it; reads and writes go on meanwhile. It waits for the
   * graph first, as `settled` does, but not for long.
   *
   * @throws `DATABASE_CLOSED` when it is closed before that
   */
  readonly compact: () => Promise<void>;
  readonly statistics: () => CollectionStatistics;
};

export type CreateCollection = {
  readonly name: string;
  readonly metadata?: Metadata | undefined;
  readonly attributes?: string | undefined;
  readonly index?: Partial<IndexConfiguration> | undefined;
  readonly identity?: Partial<EmbeddingIdentity> | undefined;
};

/** What may be changed of a collection; what is undefined stays. */
export type ModifyCollection = {
  readonly name?: string | undefined;
  /** Takes the place of all metadata; null takes them away. */
  readonly metadata?: Metadata | null | undefined;
  readonly attributes?: string | null | undefined;
  readonly efSearch?: number | undefined;
};

/** A space of names for collections, such as `default_tenant` / `default_database`. */
export type DatabaseName = { readonly tenant: string; readonly database: string };

export type DatabaseEntry = DatabaseName & { /** UUID. */ readonly id: string };

/** What a salvage has left out. */
export type SalvageLoss = {
  /** UUID of the collection; undefined: the catalog, which says what collections there are. */
  readonly collection: string | undefined;
  /** What is damaged: file, place and reason of each. */
  readonly damages: readonly string[];
  /**
   * Records of a damaged snapshot that are left out; undefined: it is not known how many. What a damaged
   * log says behind the damage is left out as well, and not counted.
   */
  readonly records: number | undefined;
  /** Records that are as later entries have them; the damaged snapshot may have held more of them. */
  readonly incomplete: number;
};

/** All collections of one folder. */
export type VectorDatabase = {
  readonly access: 'write' | 'read';
  readonly tenants: () => readonly string[];
  readonly hasTenant: (tenant: string) => boolean;
  /** @throws `TENANT_EXISTS` */
  readonly createTenant: (tenant: string) => Promise<void>;
  /** The text that a protocol keeps with a tenant (Chroma's resource name). */
  readonly tenantAttribute: (tenant: string) => string | undefined;
  /** @throws `TENANT_UNKNOWN`, `VECTOR_ARGUMENT_INVALID` for what is no text */
  readonly setTenantAttribute: (tenant: string, attribute: string) => Promise<void>;
  /** Ordered by name. */
  readonly databases: (tenant: string) => readonly DatabaseEntry[];
  readonly findDatabase: (name: DatabaseName) => DatabaseEntry | undefined;
  /** @throws `DATABASE_EXISTS`. The tenant need not exist. */
  readonly createDatabase: (name: DatabaseName) => Promise<DatabaseEntry>;
  /** Deletes it and its collections. @throws `DATABASE_UNKNOWN` */
  readonly deleteDatabase: (name: DatabaseName) => Promise<void>;
  /** Ordered by id. */
  readonly collections: (name: DatabaseName) => readonly Collection[];
  readonly findCollection: (name: DatabaseName, collection: string) => Collection | undefined;
  readonly collectionById: (id: string) => Collection | undefined;
  /** @throws `COLLECTION_EXISTS`, `DATABASE_UNKNOWN`, `METADATA_INVALID`, `VECTOR_ARGUMENT_INVALID` */
  readonly createCollection: (name: DatabaseName, options: CreateCollection) => Promise<Collection>;
  /** @throws `COLLECTION_EXISTS`, `COLLECTION_UNKNOWN` */
  readonly modifyCollection: (id: string, change: ModifyCollection) => Promise<void>;
  /** @throws `COLLECTION_UNKNOWN` */
  readonly deleteCollection: (id: string) => Promise<void>;
  /** Deletes everything: as after the first opening. */
  readonly reset: () => Promise<void>;
  /** What a salvage has left out, of each collection that is not whole. Otherwise nothing. */
  readonly losses: () => readonly SalvageLoss[];
  /** Resolves when everything answered so far outlives a power loss. */
  readonly persist: () => Promise<void>;
  /** Readers: takes in what the writer has written since. Writers: nothing. */
  readonly refresh: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Names that a database has from the beginning. */
export const DEFAULT_DATABASE: DatabaseName = {
  tenant: 'default_tenant',
  database: 'default_database',
};
