import type { Clock } from '@lucerna/base';
import type { Collection, DatabaseName, VectorDatabase } from '@lucerna/vector';
import { invalid, refusal } from './errors.ts';
import type { NumberRule } from './plain-json.ts';

/** What the operations of the protocol share. */
export type ChromaContext = {
  readonly database: VectorDatabase;
  readonly clock: Clock;
  /** Whether `reset` is allowed. */
  readonly allowReset: boolean;
  /** How many records of one request clients are told to send. */
  readonly maxBatchRecords: number;
};

/** One request, once its path is known. */
export type ChromaCall = ChromaContext & {
  /** The names in the path, decoded. */
  readonly path: { readonly [name: string]: string };
  /** Values of the query string by name; of several the first. */
  readonly query: { readonly [name: string]: string };
  /** The body as JSON; undefined where there is none. */
  readonly body: unknown;
  readonly numbers: NumberRule;
  /**
   * Sets memory aside until the request is answered, in results.
   *
   * @throws `RPC_SERVER_BUSY` when the requests that are being answered hold too many
   */
  readonly reserve: (results: number) => void;
};

/** The name in the path. */
export function named(call: ChromaCall, name: string): string {
  return call.path[name] ?? '';
}

/** The database in the path; it need not exist. */
export function databaseName(call: ChromaCall): DatabaseName {
  return { tenant: named(call, 'tenant'), database: named(call, 'database') };
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/;

/**
 * The collection whose id is in the path.
 *
 * @throws `CHROMA_ARGUMENT_INVALID`, `CHROMA_NOT_FOUND`
 */
export function collectionOf(call: ChromaCall): Collection {
  const given = named(call, 'collection');
  if (!isUuid(given)) throw invalid('Collection ID is not a valid UUIDv4');
  const collection = collectionById(call, given);
  if (collection !== undefined) return collection;
  throw refusal('CHROMA_NOT_FOUND', `Collection [${given.slice(0, 64)}] does not exist.`);
}

/** True for the text of a UUID, whatever its version. */
export function isUuid(given: string): boolean {
  return UUID.test(given.toLowerCase());
}

/** The collection of that id, in whatever database: ids are unique, and Chroma looks at nothing else. */
export function collectionById(call: ChromaCall, given: string): Collection | undefined {
  const digits = given.toLowerCase().replaceAll('-', '');
  const ends = [8, 12, 16, 20, 32];
  const id = ends.map((end, index) => digits.slice(ends[index - 1] ?? 0, end)).join('-');
  return call.database.collectionById(id);
}
