import { type AnswerObject, type AnswerValue, openChromaApi, shortestSingle } from '@lucerna/api';
import { type Clock, type Log, SILENT_LOG } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import type { VectorDatabase } from '@lucerna/vector';
import { clientError } from './errors.ts';

/** What the client needs of its surroundings. Every option has a default. */
export type CallerOptions = {
  /** Whether `reset` is allowed. Default: true, as the program could delete the database anyway. */
  readonly allowReset?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
};

/** Runs one operation of the protocol without a server; the answer is plain JavaScript. */
export type ChromaCaller = (method: string, target: string, body?: unknown) => Promise<unknown>;

/** Calls into `database`. @throws the errors of Chroma's client */
export function createCaller(database: VectorDatabase, options: CallerOptions): ChromaCaller {
  const { allowReset = true, clock = systemClock, log = SILENT_LOG } = options;
  const opening = openChromaApi(database, { allowReset, clock, log });
  return async (method, target, body) => {
    const api = await opening;
    try {
      return plain(await api.call(method, target, body));
    } catch (error) {
      throw clientError(api.failure(error), error);
    }
  };
}

/** Path of a collection, or of all of them, with names encoded. */
export function databasePath(tenant: string, database: string): string {
  return `/api/v2/tenants/${encodeURIComponent(tenant)}/databases/${encodeURIComponent(database)}`;
}

/**
 * An answer as a client that reads its JSON has it: integers as `number`, beyond the safe ones as
 * `bigint`, which JSON would round; embeddings as lists with the shortest decimals.
 */
function plain(value: AnswerValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float32Array) return Array.from(value, shortestSingle);
  if (Array.isArray(value)) return value.map(plain);
  const entries = value instanceof Map ? value : Object.entries(value as AnswerObject);
  return Object.fromEntries([...entries].map(([name, member]) => [name, plain(member)]));
}
