import { SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { systemRandom } from '@lucerna/platform-node/random';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import { type CreateCollection, openVectorDatabase, type VectorDatabase } from '@lucerna/vector';

/** What is written to: its graph is searched, and rebuilt as records come and go. */
export const COLLECTION: CreateCollection = {
  name: 'crash',
  index: { metric: 'l2', mode: 'hnsw', maxNeighbors: 8, efConstruction: 40, efSearch: 400 },
};

/** The database in that folder, to be written, as durable as a process. */
export async function openDatabaseAt(path: string): Promise<VectorDatabase> {
  const folder = await openVectorFolder(path, { access: 'write' });
  const ports = { folder, clock: systemClock, random: systemRandom, log: SILENT_LOG };
  return openVectorDatabase(ports, { durability: 'process' });
}
