// What `@lucerna/vector` is in a browser.
import { systemClock } from '@lucerna/platform-web/clock';
import { systemRandom } from '@lucerna/platform-web/random';
import { type WebWorker, webThreads } from '@lucerna/platform-web/threads';
import { openVectorFolder } from '@lucerna/platform-web/vector-folder';
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

declare const Worker: {
  new (file: URL, options: { readonly type: 'module'; readonly name: string }): WebWorker;
};

// One object: databases share their threads. Bundlers know these words, and take the file into what
// they make.
const threads = webThreads(
  (name) => new Worker(new URL('./browser-thread.js', import.meta.url), { type: 'module', name }),
);

const platform: Platform = {
  openFolder: (path, access) => openVectorFolder(path, { access, threads }),
  clock: systemClock,
  random: systemRandom,
  threads,
};

/**
 * Opens the vector database in the origin's private files, or one in memory.
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

/** A set of embeddings with ids and metadata, in the origin's private files or in memory. */
export class VectorStore extends StoreOnPlatform {}
