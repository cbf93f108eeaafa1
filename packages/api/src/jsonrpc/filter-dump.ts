import { toHex, toQuantity } from '@lucerna/base';
import type { JsonObject, JsonValue } from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { BlockParameter } from './block-parameter.ts';
import { type LogQuery, logQuery } from './log-filter.ts';

/** What makes a filter, across restarts. */
export type FilterState = {
  readonly id: string;
  readonly subject:
    | { readonly kind: 'logs'; readonly query: LogQuery }
    | { readonly kind: 'blocks' | 'pending' };
  /** Height of the last block that has been told; of no meaning for pending transactions. */
  position: number;
};

const VERSION = 1;

/** Filters as JSON. */
export function writeFilterDump(states: readonly FilterState[]): JsonObject {
  const filters = states.map(({ id, subject, position }) => ({
    id,
    kind: subject.kind,
    position,
    ...(subject.kind === 'logs' ? { query: queryToJson(subject.query) } : {}),
  }));
  return { version: VERSION, filters };
}

function queryToJson({ blocks, addresses, topics }: LogQuery): JsonObject {
  const range =
    blocks.kind === 'hash'
      ? { blockHash: toHex(blocks.hash) }
      : { fromBlock: blockToJson(blocks.from), toBlock: blockToJson(blocks.to) };
  const choices = topics.map((choice) => (choice.length === 0 ? null : choice.map(toHex)));
  return { ...range, address: addresses.map(toHex), topics: choices };
}

function blockToJson(parameter: BlockParameter): string {
  switch (parameter.kind) {
    case 'tag':
      return parameter.tag;
    case 'height':
      return toQuantity(parameter.height);
    case 'hash':
      return toHex(parameter.hash);
  }
}

/** Filters from JSON. @throws `FILTER_DUMP_INVALID` */
export function readFilterDump(dump: JsonValue): readonly FilterState[] {
  const { version, filters } = objectOrFail(dump);
  if (version !== VERSION || !Array.isArray(filters)) throw invalid('version');
  if (filters.length > apiLimits.values.filters) throw invalid('too many filters');
  return filters.map((entry: JsonValue) => readState(objectOrFail(entry)));
}

function readState({ id, kind, position, query }: JsonObject): FilterState {
  if (typeof id !== 'string' || !/^0x[0-9a-f]{32}$/.test(id)) throw invalid('id');
  if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < -1) {
    throw invalid('position');
  }
  if (kind === 'blocks' || kind === 'pending') return { id, subject: { kind }, position };
  if (kind !== 'logs') throw invalid('kind');
  try {
    return { id, subject: { kind, query: logQuery.parse(query, 'query') }, position };
  } catch (cause) {
    throw invalid('query', cause);
  }
}

function objectOrFail(value: JsonValue | undefined): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw invalid('not an object');
}

function invalid(detail: string, cause?: unknown): Error {
  return apiErrors.create('FILTER_DUMP_INVALID', detail, {}, cause);
}
