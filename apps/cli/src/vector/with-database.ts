import { resolve } from 'node:path';
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { nodeThreads } from '@lucerna/platform-node/threads';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import {
  type Collection,
  openVectorDatabase,
  type VectorDatabase,
  vectorErrors,
} from '@lucerna/vector';
import type { CollectionOptions } from '../commands/vector-options.ts';
import type { Work } from '../db/work.ts';

/**
 * Holds the database in the folder at `path` while `task` runs. `process` is durable enough meanwhile:
 * what is written is made to outlive a power loss at the end.
 */
export async function withVectorDatabase<T>(
  path: string,
  {
    access,
    salvage,
  }: { readonly access: 'write' | 'read'; readonly salvage?: boolean | undefined },
  { log }: Work,
  task: (database: VectorDatabase) => Promise<T>,
): Promise<T> {
  // By its parts, not by `@lucerna/sdk`: with a ledger, a command would take twice as long to begin.
  const folder = await openVectorFolder(resolve(path), { access });
  const ports = { folder, clock: systemClock, random: systemRandom, log, threads: nodeThreads() };
  const database = await openVectorDatabase(ports, { salvage });
  try {
    return await task(database);
  } finally {
    await database.close();
  }
}

/** The collection that the options name. @throws `COLLECTION_UNKNOWN`, which lists those there are */
export function collectionNamed(database: VectorDatabase, options: CollectionOptions): Collection {
  const space = { tenant: options.tenant, database: options.database };
  const found = database.findCollection(space, options.collection);
  if (found !== undefined) return found;
  const names = database.collections(space).map(({ name }) => name);
  const known = names.length === 0 ? 'there are none' : `there are ${names.sort().join(', ')}`;
  throw vectorErrors.create('COLLECTION_UNKNOWN', `${options.collection}; ${known}`, {
    collection: options.collection,
  });
}
