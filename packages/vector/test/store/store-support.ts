import { type Clock, SILENT_LOG, seededRandom } from '@lucerna/base';
import { openVectorDatabase } from '../../src/database.ts';
import { createMemoryVectorFolder, MemoryVectorDisk } from '../../src/memory-folder.ts';
import { openStoreParts, type StoreOptions } from '../../src/store/store-options.ts';
import { VectorStore } from '../../src/store/vector-store.ts';

const clock: Clock = {
  nowMs: () => 0,
  schedule: (_delayMs, task) => {
    const timer = setImmediate(task);
    return () => clearImmediate(timer);
  },
};

const random = seededRandom(1);
const ports = {
  clock,
  random: { bytes: (length: number) => Uint8Array.from({ length }, () => random.below(256)) },
  log: SILENT_LOG,
};

/** A store on a disk that is opened again and again, or one that ends with the test. */
export async function openStore(
  options: StoreOptions = {},
  disk?: MemoryVectorDisk,
  access: 'write' | 'read' = 'write',
): Promise<VectorStore> {
  const folder = disk === undefined ? createMemoryVectorFolder() : disk.open(access);
  const database = await openVectorDatabase({ folder, ...ports });
  try {
    return new VectorStore(await openStoreParts(database, options));
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Embeddings with values in −1…1, the same for the same seed. */
export function randomRows(count: number, dimension: number, seed: number): Float32Array[] {
  const values = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: dimension }, () => values.below(2 ** 24) / 2 ** 23 - 1),
  );
}

export { MemoryVectorDisk };
