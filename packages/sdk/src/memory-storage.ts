import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  type KvStore,
} from '@lucerna/storage';
import type { VectorLocation } from './vector-store/open-database.ts';

/** Where a node keeps its chain. */
export type NodeStorage = {
  readonly blockLog: AppendFile;
  readonly store: KvStore;
  readonly poolJournal: readonly [AppendFile, AppendFile];
  /** Where the vector database is, or will be. */
  readonly vectorLocation: VectorLocation;
  /** Gives up what the node does not close itself: the claim on the directory. */
  readonly release: () => Promise<void>;
};

/** Storage that ends with the process. */
export function memoryStorage(): NodeStorage {
  return {
    blockLog: createMemoryFile(),
    store: createMemoryStore(),
    poolJournal: [createMemoryFile(), createMemoryFile()],
    vectorLocation: { memory: true },
    release: async (): Promise<void> => undefined,
  };
}
