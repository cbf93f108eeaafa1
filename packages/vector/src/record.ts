import type { Metadata, MetadataPatch } from './metadata.ts';

/** Where a record comes from. Kept as it was given; the database does not verify it. */
export type Provenance = {
  /** Who wrote it: a name, an address, the id of an agent. */
  readonly author?: string;
  /** What it was made from, such as a URL. */
  readonly source?: string;
  /** When, as milliseconds since the Unix epoch. */
  readonly timeMs?: number;
  /** Id of the record that it takes the place of. */
  readonly supersedes?: string;
};

/** What a collection keeps besides the embedding. Never changed: an update makes another one. */
export type StoredRecord = {
  readonly id: string;
  readonly metadata: Metadata | undefined;
  readonly document: string | undefined;
  readonly uri: string | undefined;
  /** Text that belongs to the record and is not looked into. */
  readonly payload: string | undefined;
  readonly provenance: Provenance | undefined;
};

/**
 * Records to be written, by column; all columns are as long as `ids`. In an update, what is undefined
 * or null at a place stays as it is.
 */
export type RecordBatch = {
  readonly ids: readonly string[];
  /** `ids.length` × `dimension` values, row after row. */
  readonly embeddings?: Float32Array | undefined;
  /** Length of one embedding; where there are embeddings. */
  readonly dimension?: number | undefined;
  /** Updates and upserts: which rows of `embeddings` count (1) or are filling (0). Default: all. */
  readonly hasEmbedding?: Uint8Array | undefined;
  readonly documents?: readonly (string | null | undefined)[] | undefined;
  readonly uris?: readonly (string | null | undefined)[] | undefined;
  readonly metadatas?: readonly (MetadataPatch | null | undefined)[] | undefined;
  readonly payloads?: readonly (string | null | undefined)[] | undefined;
  readonly provenances?: readonly (Provenance | null | undefined)[] | undefined;
};
