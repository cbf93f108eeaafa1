import type { Collection, VectorDatabase } from '../collection-api.ts';
import { DEFAULT_DATABASE } from '../collection-api.ts';
import type { IndexConfiguration } from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import type { Metric, SearchMode } from '../metric.ts';

/** The collection that a store is, unless it is told another one. */
export const DEFAULT_STORE_COLLECTION = 'vectors';

/**
 * What a store holds and how it is searched. All of it has a default, and is kept with the store: it
 * need not be said again, and something else is refused. Only `efSearch` may be said anew each time.
 */
export type StoreOptions = {
  /** Name of the collection, of which a folder can have many. Default: `vectors`. */
  readonly collection?: string | undefined;
  /** Values of one embedding. Default: as many as the first one has. */
  readonly dimension?: number | undefined;
  /** Default: `cosine`. */
  readonly metric?: Metric | undefined;
  /** Default: `auto`. */
  readonly mode?: SearchMode | undefined;
  /** Name of the model that the embeddings come from. Default: that of the first ones that name it. */
  readonly model?: string | undefined;
  /** True: embeddings that have not length 1 are refused. */
  readonly isNormalised?: boolean | undefined;
  /** Links of a row in the graph's upper layers (M). Default: 16. */
  readonly maxNeighbors?: number | undefined;
  /** Candidates of an insertion. Default: 200. */
  readonly efConstruction?: number | undefined;
  /** Candidates of a search. Default: the store's, which is 64 in a new one. */
  readonly efSearch?: number | undefined;
};

/** What a `VectorStore` is made of. */
export type StoreParts = {
  /** Belongs to the store: it closes it. */
  readonly database: VectorDatabase;
  readonly collection: Collection;
  readonly options: StoreOptions;
};

/**
 * Finds the collection that `options` name in a database, or makes it where the database may be
 * written. The database stays open when this fails.
 *
 * @throws `COLLECTION_UNKNOWN` for a reader, `DIMENSION_MISMATCH`, `EMBEDDING_MODEL_MISMATCH` and
 *   `STORE_OPTION_DIFFERS` when the collection is another one than `options` say,
 *   `VECTOR_ARGUMENT_INVALID`
 */
export async function openStoreParts(
  database: VectorDatabase,
  options: StoreOptions = {},
): Promise<StoreParts> {
  const name = options.collection ?? DEFAULT_STORE_COLLECTION;
  const found = database.findCollection(DEFAULT_DATABASE, name);
  if (found !== undefined) {
    checkIdentity(found, options);
    checkIndex(found, options);
    return { database, collection: found, options };
  }
  if (database.access === 'read') throw vectorErrors.create('COLLECTION_UNKNOWN', name, { name });
  const { model, dimension, isNormalised } = options;
  const collection = await database.createCollection(DEFAULT_DATABASE, {
    name,
    index: indexOf(options),
    identity: { model, dimension, isNormalised },
  });
  return { database, collection, options };
}

/** Only what is said: the rest is for the database to choose. */
function indexOf(options: StoreOptions): Partial<IndexConfiguration> {
  const { metric, mode, maxNeighbors, efConstruction, efSearch } = options;
  const said = Object.entries({ metric, mode, maxNeighbors, efConstruction, efSearch }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(said);
}

function checkIdentity({ name, identity }: Collection, options: StoreOptions): void {
  const { dimension, model, isNormalised } = options;
  if (dimension !== undefined && (identity.dimension ?? dimension) !== dimension) {
    const detail = `${name} holds embeddings of ${identity.dimension} values, not ${dimension}`;
    throw vectorErrors.create('DIMENSION_MISMATCH', detail, { name, dimension });
  }
  if (model !== undefined && (identity.model ?? model) !== model) {
    const detail = `${name} holds embeddings of ${identity.model}, not ${model}`;
    throw vectorErrors.create('EMBEDDING_MODEL_MISMATCH', detail, { name, model });
  }
  if (isNormalised !== undefined && (identity.isNormalised ?? false) !== isNormalised) {
    throw differs(name, 'isNormalised', identity.isNormalised ?? false, isNormalised);
  }
}

function checkIndex({ name, index }: Collection, options: StoreOptions): void {
  for (const key of ['metric', 'mode', 'maxNeighbors', 'efConstruction'] as const) {
    const wanted = options[key];
    if (wanted !== undefined && wanted !== index[key]) {
      throw differs(name, key, index[key], wanted);
    }
  }
}

function differs(
  name: string,
  option: string,
  found: boolean | number | string,
  wanted: boolean | number | string,
): Error {
  const detail = `${name} was made with ${option} ${found}, not ${wanted}`;
  return vectorErrors.create('STORE_OPTION_DIFFERS', detail, { name, option, found, wanted });
}
