// What `@lucerna/vector` is in Node.js.
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { threadsOf } from '@lucerna/platform-node/threads';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import type { VectorDatabase } from '@lucerna/vector';
import {
  openOn,
  type Platform,
  storeOn,
  type VectorDatabaseOptions,
  type VectorLocation,
  type VectorStoreClass,
} from './open-on.ts';

export type { VectorDatabaseOptions, VectorLocation, VectorStoreOptions } from './open-on.ts';
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

const StoreOnPlatform: VectorStoreClass = storeOn(platform);

/** A set of embeddings with ids and metadata, in a folder of this machine or in memory. */
export class VectorStore extends StoreOnPlatform {}
