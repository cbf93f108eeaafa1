import {
  type Clock,
  type Durability,
  type Log,
  type Random,
  SILENT_LOG,
  type Threads,
} from '@lucerna/base';
import {
  createMemoryVectorFolder,
  openVectorDatabase,
  type VectorDatabase,
  type VectorFolder,
  vectorErrors,
} from '@lucerna/vector';

/** Where a vector database is: a folder, or memory, which ends with the program. */
export type VectorLocation = string | { readonly memory: true };

/** How a vector database is opened. */
export type VectorDatabaseOptions = {
  /** `write` makes the folder where it is missing, and is the only one to write to it. Default. */
  readonly access?: 'write' | 'read' | undefined;
  /** What an answered write outlives. Default: `process`. */
  readonly durability?: Durability | undefined;
  /** False: everything runs on the caller's thread. Default: searches use the other processors, too. */
  readonly threads?: boolean | undefined;
  /** Default: nobody is told of repairs and of threads that have ended. */
  readonly log?: Log | undefined;
};

/** What a platform has for a vector database. */
export type Platform = {
  readonly openFolder: (path: string, access: 'write' | 'read') => Promise<VectorFolder>;
  readonly clock: Clock;
  readonly random: Random;
  readonly threads: Threads;
};

/** Opens a database with what the platform has. */
export async function openOn(
  { openFolder, clock, random, threads }: Platform,
  location: VectorLocation,
  options: VectorDatabaseOptions = {},
): Promise<VectorDatabase> {
  const { access = 'write', durability, log = SILENT_LOG } = options;
  checkWord('access', access, ['write', 'read']);
  checkWord('durability', durability, ['process', 'power']);
  const folder = isMemory(location)
    ? createMemoryVectorFolder()
    : await openFolder(checkPath(location), access);
  const ports = { folder, clock, random, log };
  return openVectorDatabase(
    options.threads === false ? ports : { ...ports, threads },
    durability === undefined ? {} : { durability },
  );
}

/** A misspelt word must not mean the weaker choice. @throws `VECTOR_ARGUMENT_INVALID` */
function checkWord(name: string, value: string | undefined, words: readonly string[]): void {
  if (value === undefined || words.includes(value)) return;
  throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', `${name} is ${words.join(' or ')}`, {
    name,
  });
}

function isMemory(location: VectorLocation): location is { readonly memory: true } {
  return typeof location === 'object' && location?.memory === true;
}

/** Programs in JavaScript pass anything. */
function checkPath(location: string): string {
  if (typeof location === 'string' && location !== '') return location;
  const detail = 'a database is in a folder, named by its path, or in { memory: true }';
  throw vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail);
}
