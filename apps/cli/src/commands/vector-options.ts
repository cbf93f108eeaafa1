import type { Durability } from '@lucerna/base';
import type { Metric, SearchMode } from '@lucerna/vector';
import type { RowFormat } from '../vector/row-source.ts';

/** Options of every `lucerna vector` command that opens a folder. */
export type VectorOptions = {
  /** The folder of the database. */
  readonly path: string;
  readonly json?: boolean;
};

/** Options of the commands that are about one collection. */
export type CollectionOptions = VectorOptions & {
  readonly tenant: string;
  readonly database: string;
  readonly collection: string;
};

/** Conditions, in Chroma's syntax, as they were written. */
export type FilterOptions = {
  readonly where?: string;
  readonly whereDocument?: string;
};

/** Options of `vector import`. */
export type ImportOptions = CollectionOptions & {
  readonly format?: RowFormat;
  readonly records?: string;
  readonly idColumn: string;
  readonly embeddingColumn: string;
  readonly documentColumn: string;
  readonly uriColumn: string;
  readonly metadataColumn: string;
  /** Ids are the numbers of the rows behind this text; true: behind nothing. */
  readonly rowIds?: string | true;
  /** What happens to a row whose id the collection has. */
  readonly existing: 'refuse' | 'skip' | 'update';
  readonly metric?: Metric;
  readonly mode?: SearchMode;
  readonly model?: string;
  readonly normalised?: boolean;
  readonly maxNeighbors?: number;
  readonly efConstruction?: number;
};

/** Options of `vector query`. */
export type QueryOptions = CollectionOptions &
  FilterOptions & {
    readonly file?: string;
    readonly format?: RowFormat;
    readonly embeddingColumn: string;
    readonly id?: string;
    readonly limit: number;
    readonly efSearch?: number;
    readonly mode?: SearchMode;
    readonly model?: string;
  };

/** Options of `vector export`. */
export type ExportOptions = CollectionOptions &
  FilterOptions & {
    readonly format?: RowFormat;
    readonly records?: string;
    readonly force?: boolean;
    /** What can be read of a damaged database, instead of nothing. */
    readonly salvage?: boolean;
  };

/** Options of `vector verify`. */
export type VerifyOptions = VectorOptions & {
  /** How many searches are compared with exact ones, in each collection. */
  readonly queries: number;
};

/** Options of `vector serve`. */
export type ServeOptions = VectorOptions & {
  readonly port: number;
  readonly host: string;
  readonly inMemory?: boolean;
  readonly durability: Durability;
  readonly allowReset?: boolean;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly tokenFile?: string;
  readonly quiet?: boolean;
};
