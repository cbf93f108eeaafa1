import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  type KvStore,
} from '@lucerna/storage';

/** Where a node keeps its chain. */
export type NodeStorage = {
  readonly blockLog: AppendFile;
  readonly store: KvStore;
  /** Gives up what the node does not close itself: the claim on the directory. */
  readonly release: () => Promise<void>;
};

/** Storage that ends with the process. */
export function memoryStorage(): NodeStorage {
  return {
    blockLog: createMemoryFile(),
    store: createMemoryStore(),
    release: async (): Promise<void> => undefined,
  };
}

/**
 * Storage in a directory, claimed for this process.
 *
 * @throws `DATA_DIRECTORY_IN_USE` while another process has it; `STORE_UNAVAILABLE` where the
 *   database has no build for this platform
 */
export async function directoryStorage(
  path: string,
  options: { readonly reset: boolean },
): Promise<NodeStorage> {
  // Loaded here because a node in memory needs none of it.
  const [{ openDataDirectory }, { openFile }, { openLmdbStore }] = await Promise.all([
    import('@lucerna/platform-node/directory'),
    import('@lucerna/platform-node/files'),
    import('@lucerna/platform-node/lmdb'),
  ]);
  const directory = await openDataDirectory(path, options);
  try {
    const blockLog = await openFile(directory.blockLogPath);
    try {
      const store = await openLmdbStore(directory.storePath);
      return { blockLog, store, release: () => directory.close() };
    } catch (error) {
      await blockLog.close();
      throw error;
    }
  } catch (error) {
    await directory.close();
    throw error;
  }
}
