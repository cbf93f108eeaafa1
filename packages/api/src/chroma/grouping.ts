import type { MetadataValue, StoredRecord } from '@lucerna/vector';
import { apiLimits } from '../limits.ts';
import { invalid } from './errors.ts';
import { count, list, misfit, object, optional, type Shape, text, withDefault } from './shape.ts';

/** A record with its score. */
export type ScoredRecord = { readonly record: StoredRecord; readonly score: number };

/** Keeps the best records of each group. */
export type Grouping = {
  /** Keys of metadata whose values make a group. */
  readonly keys: readonly string[];
  /** Keys of metadata, or `#score`, by which the records of a group are ordered. */
  readonly orderKeys: readonly string[];
  readonly isDescending: boolean;
  /** How many of each group are kept. */
  readonly perGroup: number;
};

const SCORE_KEY = '#score';

const best = object({ keys: list(text), k: count });
const aggregate = object({ $min_k: optional(best), $max_k: optional(best) });
const members = object({
  keys: withDefault(list(text), []),
  aggregate: optional(aggregate),
});

/** `group_by` of a search; without keys or an aggregate, as Python's client sends it, there is none. */
export const grouping: Shape<Grouping | undefined> = {
  read: (value, path) => {
    const { keys, aggregate: chosen } = members.read(value, path);
    if (keys.length === 0 || chosen === undefined) return undefined;
    const { $min_k: least, $max_k: most } = chosen;
    const order = least ?? most;
    if (order === undefined || (least !== undefined && most !== undefined)) {
      throw misfit(`${path}.aggregate`, 'expected one of `$min_k`, `$max_k`');
    }
    checkKeys(keys, 'group_by', (key) => !key.startsWith('#'));
    checkKeys(order.keys, 'aggregate', (key) => !key.startsWith('#') || key === SCORE_KEY);
    if (order.keys.length === 0) throw invalid('Validation error: aggregate: keys cannot be empty');
    if (order.k === 0) throw invalid('Validation error: aggregate: k must be at least 1');
    return {
      keys,
      orderKeys: order.keys,
      isDescending: most !== undefined,
      perGroup: order.k,
    };
  },
  schema: members.schema,
};

function checkKeys(
  keys: readonly string[],
  name: string,
  isAllowed: (key: string) => boolean,
): void {
  checkKeyCount(keys, name);
  const refused = keys.find((key) => !isAllowed(key));
  if (refused === undefined) return;
  throw invalid(`Validation error: ${name}: key ${refused.slice(0, 64)} is not supported`);
}

/** Each key is looked up in every record. @throws `CHROMA_ARGUMENT_INVALID` */
export function checkKeyCount(keys: readonly string[], name: string): void {
  const { chromaSearchKeys } = apiLimits.values;
  if (keys.length <= chromaSearchKeys) return;
  throw invalid(`Validation error: ${name}: there are at most ${chromaSearchKeys} keys`);
}

/** The records that are left, in the order in which they came. */
export function grouped(
  records: readonly ScoredRecord[],
  { keys, orderKeys, isDescending, perGroup }: Grouping,
): readonly ScoredRecord[] {
  const groups = new Map<string, ScoredRecord[]>();
  for (const scored of records) {
    const name = JSON.stringify(keys.map((key) => identityOf(scored.record.metadata?.get(key))));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [scored]);
    else group.push(scored);
  }
  const sign = isDescending ? -1 : 1;
  const kept = new Set<ScoredRecord>();
  for (const group of groups.values()) {
    group.sort((left, right) => sign * compareBy(orderKeys, left, right));
    for (const scored of group.slice(0, perGroup)) kept.add(scored);
  }
  return records.filter((scored) => kept.has(scored));
}

/** A text that is the same for values of the same type that are the same. */
function identityOf(value: MetadataValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return `${typeof value} ${value}`;
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `bigint ${item}` : item));
}

function compareBy(keys: readonly string[], left: ScoredRecord, right: ScoredRecord): number {
  for (const key of keys) {
    const order = compareValues(valueUnder(left, key), valueUnder(right, key));
    if (order !== 0) return order;
  }
  return 0;
}

function valueUnder({ record, score }: ScoredRecord, key: string): MetadataValue | undefined {
  return key === SCORE_KEY ? score : record.metadata?.get(key);
}

/** Nothing comes first; then booleans, numbers, texts, and the rest, which are all alike. */
function compareValues(left: MetadataValue | undefined, right: MetadataValue | undefined): number {
  const order = typeOrder(left) - typeOrder(right);
  if (order !== 0 || left === undefined || right === undefined) return order;
  if (typeof left === 'object' || typeof right === 'object') return 0;
  if (left === right) return 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

function typeOrder(value: MetadataValue | undefined): number {
  const order = ['undefined', 'boolean', 'number', 'string', 'object'];
  return order.indexOf(typeof value === 'bigint' ? 'number' : typeof value);
}
