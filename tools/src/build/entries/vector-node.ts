// What `@lucerna/vector` is in Node.js.
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { threadsOf } from '@lucerna/platform-node/threads';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import {
  openStoreParts,
  VectorStore as Store,
  type StoreOptions,
  type VectorDatabase,
} from '@lucerna/vector';
import {
  openOn,
  type Platform,
  type VectorDatabaseOptions,
  type VectorLocation,
} from './open-on.ts';

export type { VectorDatabaseOptions, VectorLocation } from './open-on.ts';
export * from './vector-common.ts';

// One object: databases share their threads.
const threads = threadsOf(new URL('./node-thread.js', import.meta.url));

const platform: Platform = {
  openFolder: (path, access) => openVectorFolder(path, { access }),
  clock: systemClock,
  random: systemRandom,
  threads,
};

/**
 * Opens the vector database in a folder of this machine, or one in memory.
 *
 * @throws `VECTOR_FOLDER_IN_USE`, `VECTOR_FOLDER_FOREIGN`, `VECTOR_FOLDER_MISSING` for a reader,
 *   `VECTOR_FORMAT_UNKNOWN`, `VECTOR_LOG_CORRUPT`, `VECTOR_SNAPSHOT_CORRUPT`, `FILE_OPEN_FAILED`
 */
export function openVectorDatabase(
  location: VectorLocation,
  options: VectorDatabaseOptions = {},
): Promise<VectorDatabase> {
  return openOn(platform, location, options);
}

/** How a store is opened, and what it is when it is made. */
export type VectorStoreOptions = StoreOptions & VectorDatabaseOptions;

/** A set of embeddings with ids and metadata, in a folder of this machine or in memory. */
export class VectorStore extends Store {
  /**
   * Opens the store at `location`, or makes it.
   *
   * @throws the codes of `openVectorDatabase`; `COLLECTION_UNKNOWN` for a reader, and
   *   `DIMENSION_MISMATCH`, `EMBEDDING_MODEL_MISMATCH` or `STORE_OPTION_DIFFERS` when there is another
   *   store than `options` say
   */
  static async open(
    location: VectorLocation,
    options: VectorStoreOptions = {},
  ): Promise<VectorStore> {
    const database = await openVectorDatabase(location, options);
    try {
      return new VectorStore(await openStoreParts(database, options));
    } catch (error) {
      await database.close();
      throw error;
    }
  }
}
