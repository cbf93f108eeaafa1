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
  openStoreParts,
  openVectorDatabase,
  type StoreOptions,
  type StoreParts,
  type VectorDatabase,
  type VectorFolder,
  VectorStore,
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

/** How a store is opened, and what it is when it is made. */
export type VectorStoreOptions = StoreOptions & VectorDatabaseOptions;

/** The class `VectorStore` of a platform. */
export type VectorStoreClass = {
  new (parts: StoreParts): VectorStore;
  /**
   * Opens the store at `location`, or makes it.
   *
   * @throws the codes of `openVectorDatabase`; `COLLECTION_UNKNOWN` for a reader, and
   *   `DIMENSION_MISMATCH`, `EMBEDDING_MODEL_MISMATCH` or `STORE_OPTION_DIFFERS` when there is another
   *   store than `options` say
   */
  open<T>(
    this: new (
      parts: StoreParts,
    ) => T,
    location: VectorLocation,
    options?: VectorStoreOptions,
  ): Promise<T>;
};

/** The class for what the platform has. */
export function storeOn(platform: Platform): VectorStoreClass {
  return class extends VectorStore {
    static async open<T>(
      this: new (
        parts: StoreParts,
      ) => T,
      location: VectorLocation,
      options: VectorStoreOptions = {},
    ): Promise<T> {
      const database = await openOn(platform, location, options);
      try {
        return new this(await openStoreParts(database, options));
      } catch (error) {
        await database.close();
        throw error;
      }
    }
  };
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
