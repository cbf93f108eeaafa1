import type { Durability } from '@lucerna/base';
import type { Collection, SalvageLoss } from '../collection-api.ts';
import type { EmbeddingIdentity, IndexConfiguration } from '../configuration.ts';
import type { LogFiles } from '../log/log-files.ts';
import type { Metadata } from '../metadata.ts';
import type { VectorPorts } from '../ports.ts';

/** What the catalog knows about a collection. A change makes another one. */
export type CollectionDefinition = {
  /** UUID, in lower case. */
  readonly id: string;
  readonly tenant: string;
  readonly database: string;
  readonly name: string;
  readonly metadata: Metadata | undefined;
  readonly attributes: string | undefined;
  readonly index: IndexConfiguration;
  /**
   * As it was declared when the collection was made. What the first write adds to it, such as the
   * dimension, is kept by the collection itself, in the entry of that write.
   */
  readonly identity: EmbeddingIdentity;
};

/** What a collection is opened with. */
export type CollectionParts = {
  /** The definition as it is at the time of the call; id, tenant, database and metric never change. */
  readonly definition: () => CollectionDefinition;
  readonly ports: VectorPorts;
  /** How durable a write is when its promise resolves. */
  readonly durability: Durability;
  /** Name of its logs and snapshots in the folder, as `openGenerationalLog` takes it. */
  readonly logName: string;
  /** The open logs of the folder, shared by its stores. */
  readonly files?: LogFiles | undefined;
  /** Readers: what is damaged is left out, and the rest counts. */
  readonly salvage?: boolean | undefined;
  /** Called after every change, so that the owner looks for background work. May be called often. */
  readonly onChange?: (() => void) | undefined;
};

/** A collection together with what only its database calls. */
export type OwnedCollection = Collection & {
  /** Salvage: what was left out; undefined: nothing. */
  readonly loss: () => SalvageLoss | undefined;
  /** True while `work` has something to do. */
  readonly hasWork: () => boolean;
  /** One slice of background work: ten milliseconds or so. */
  readonly work: () => void;
  /** Resolves when everything answered so far outlives a power loss. */
  readonly persist: () => Promise<void>;
  /** Readers: takes in what the writer has written since. Writers: nothing. */
  readonly refresh: () => Promise<void>;
  /**
   * Waits for what is running, then gives everything back. Later calls throw what `reason` makes;
   * default: `DATABASE_CLOSED`.
   */
  readonly close: (reason?: () => Error) => Promise<void>;
};
