import { type Durability, type Log, SILENT_LOG } from '@lucerna/base';
import type { VectorDatabase, VectorPorts } from '@lucerna/vector';

/** Where a vector database is: a folder, or memory, which ends with the process. */
export type VectorLocation = string | { readonly memory: true };

/** What the database needs from the platform. */
export type VectorPortOptions = {
  /** `write` makes the folder where it is missing, and is the only one to write to it. Default. */
  readonly access?: 'write' | 'read' | undefined;
  /** False: everything runs on the caller's thread. Default: searches use the other processors, too. */
  readonly threads?: boolean | undefined;
  readonly log?: Log | undefined;
};

/** How a vector database is opened. */
export type VectorDatabaseOptions = VectorPortOptions & {
  /** What an answered write outlives. Default: `process`. */
  readonly durability?: Durability | undefined;
  /** Reads what lies before a damage instead of refusing it. For readers only. */
  readonly salvage?: boolean | undefined;
};

/**
 * Opens the vector database in a folder of this machine, or one in memory.
 *
 * @throws `VECTOR_FOLDER_IN_USE`, `VECTOR_FOLDER_FOREIGN`, `VECTOR_FOLDER_MISSING` for a reader,
 *   `VECTOR_FORMAT_UNKNOWN`, `VECTOR_LOG_CORRUPT`, `VECTOR_SNAPSHOT_CORRUPT`,
 *   `VECTOR_ARGUMENT_INVALID`, `FILE_OPEN_FAILED`
 */
export async function openVectorDatabase(
  location: VectorLocation,
  options: VectorDatabaseOptions = {},
): Promise<VectorDatabase> {
  const { durability, salvage } = options;
  await checkWord('durability', durability, ['process', 'power']);
  // Loaded here because many a user of this package has no vectors.
  const vector = await import('@lucerna/vector');
  return vector.openVectorDatabase(await openVectorPorts(location, options), {
    durability,
    salvage,
  });
}

/** The ports of this machine for the database at `location`. The database closes them. */
export async function openVectorPorts(
  location: VectorLocation,
  options: VectorPortOptions = {},
): Promise<VectorPorts> {
  const { access = 'write', threads = true, log = SILENT_LOG } = options;
  await checkWord('access', access, ['write', 'read']);
  const [{ systemClock }, { systemRandom }, { nodeThreads }, folder] = await Promise.all([
    import('@lucerna/platform-node/clock'),
    import('@lucerna/platform-node/random'),
    import('@lucerna/platform-node/threads'),
    openFolder(location, access),
  ]);
  const ports = { folder, clock: systemClock, random: systemRandom, log };
  return threads ? { ...ports, threads: nodeThreads() } : ports;
}

/** A misspelt word must not mean the weaker choice. @throws `VECTOR_ARGUMENT_INVALID` */
async function checkWord(
  name: string,
  value: string | undefined,
  words: readonly string[],
): Promise<void> {
  if (value === undefined || words.includes(value)) return;
  const { vectorErrors } = await import('@lucerna/vector');
  throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', `${name} is ${words.join(' or ')}`, {
    name,
  });
}

async function openFolder(
  location: VectorLocation,
  access: 'write' | 'read',
): Promise<VectorPorts['folder']> {
  const { createMemoryVectorFolder, vectorErrors } = await import('@lucerna/vector');
  const isMemory = typeof location === 'object' && location?.memory === true;
  if (isMemory) return createMemoryVectorFolder();
  if (typeof location !== 'string' || location === '') {
    const detail = 'a database is in a folder, named by its path, or in { memory: true }';
    throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail);
  }
  const { openVectorFolder } = await import('@lucerna/platform-node/vector-folder');
  return openVectorFolder(location, { access });
}
