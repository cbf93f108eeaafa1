import { vectorErrors } from './errors.ts';
import { isInt64 } from './json.ts';
import { vectorLimits } from './limits.ts';
import type {
  Metadata,
  MetadataPatch,
  MetadataScalar,
  MetadataValue,
  SparseVector,
} from './metadata.ts';

/**
 * What a JavaScript `number` means: `exact`, always a float (integers are `bigint`, as in what
 * `parseExactJson` reads); `plain`, an integer where it is a safe one and a float otherwise, as in
 * objects that programs write.
 */
export type NumberRule = 'exact' | 'plain';

/** Value of `#type` in the JSON form of a sparse embedding, as Chroma has it. */
const SPARSE_TYPE = 'sparse_vector';
const SPARSE_KEYS: ReadonlySet<string> = new Set(['#type', 'indices', 'values', 'tokens']);
const MAX_SPARSE_INDEX = 2 ** 32 - 1;

/**
 * Metadata of a record from an object or a map: booleans, integers of 64 bits (`bigint`, or see
 * `NumberRule`), finite floats, texts, non-empty lists of one of them (integers beside floats become
 * floats), and sparse embeddings `{"#type": "sparse_vector", indices, values, tokens?}` with ascending
 * indices. Members that are undefined are left out. No metadata and empty ones are undefined.
 *
 * @throws `METADATA_INVALID`, which names the key
 */
export function metadataFrom(value: unknown, rule: NumberRule = 'plain'): Metadata | undefined {
  const entries = entriesOf(value);
  if (entries === undefined) return undefined;
  const metadata = new Map<string, MetadataValue>();
  for (const [key, member] of entries) {
    if (member === undefined) continue;
    checkKey(key);
    metadata.set(key, valueFrom(member, key, rule));
  }
  checkSize(metadata);
  return metadata.size === 0 ? undefined : metadata;
}

/**
 * As `metadataFrom`, for a change: null takes the key away. No change is undefined.
 *
 * @throws `METADATA_INVALID`, which names the key
 */
export function metadataPatchFrom(
  value: unknown,
  rule: NumberRule = 'plain',
): MetadataPatch | undefined {
  const entries = entriesOf(value);
  if (entries === undefined) return undefined;
  const patch = new Map<string, MetadataValue | null>();
  for (const [key, member] of entries) {
    if (member === undefined) continue;
    checkKey(key);
    patch.set(key, member === null ? null : valueFrom(member, key, rule));
  }
  checkSize(patch);
  return patch.size === 0 ? undefined : patch;
}

/**
 * As `metadataFrom`, for a collection: what is given has at least one key, and no key begins with `#`
 * or `$`.
 *
 * @throws `METADATA_INVALID`, which names the key
 */
export function collectionMetadataFrom(
  value: unknown,
  rule: NumberRule = 'plain',
): Metadata | undefined {
  if (value === undefined || value === null) return undefined;
  const metadata = metadataFrom(value, rule);
  if (metadata === undefined) throw invalid('metadata of a collection are not empty');
  for (const key of metadata.keys()) {
    if (key.startsWith('#') || key.startsWith('$')) {
      throw invalid('a key of a collection begins with neither # nor $', key);
    }
  }
  return metadata;
}

/** Metadata as a plain object with `bigint` for integers, which `formatExactJson` writes. */
export function metadataToJson(metadata: MetadataPatch): Record<string, JsonMetadataValue> {
  const entries: [string, JsonMetadataValue][] = [];
  for (const [key, value] of metadata) {
    entries.push([key, isSparseVector(value) ? sparseToJson(value) : (value as JsonMetadataValue)]);
  }
  return Object.fromEntries(entries);
}

/** A value of metadata in `metadataToJson`. */
export type JsonMetadataValue =
  | null
  | Exclude<MetadataValue, SparseVector>
  | (SparseVector & { readonly '#type': 'sparse_vector' });

/** What is left after `patch`; undefined when that is nothing. `old` stays as it is. */
export function mergeMetadata(
  old: Metadata | undefined,
  patch: MetadataPatch | undefined,
): Metadata | undefined {
  if (patch === undefined) return old;
  const merged = new Map<string, MetadataValue>(old);
  for (const [key, value] of patch) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  checkSize(merged);
  return merged.size === 0 ? undefined : merged;
}

/** True for a sparse embedding among the values of metadata. */
export function isSparseVector(value: MetadataValue | null): value is SparseVector {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sparseToJson(vector: SparseVector): SparseVector & { '#type': 'sparse_vector' } {
  return { '#type': SPARSE_TYPE, ...vector };
}

function entriesOf(value: unknown): Iterable<readonly [string, unknown]> | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Map) return value as ReadonlyMap<string, unknown>;
  if (isPlainObject(value)) return Object.entries(value);
  throw invalid('metadata are an object');
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm, such as a worker's or a test runner's, has that realm's prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function checkKey(key: string): void {
  if (typeof key !== 'string' || key.length === 0) throw invalid('a key is a text and not empty');
  if (key.length > vectorLimits.values.metadataKeyChars) throw invalid('the key is too long');
  if (!key.isWellFormed()) throw invalid('the key is not well-formed Unicode', key);
}

function checkSize(metadata: MetadataPatch): void {
  if (metadata.size > vectorLimits.values.metadataKeys) throw invalid('there are too many keys');
}

function valueFrom(value: unknown, key: string, rule: NumberRule): MetadataValue {
  if (Array.isArray(value)) return listFrom(value, key, rule);
  if (typeof value === 'object' && value !== null) return sparseFrom(value, key);
  return scalarFrom(value, key, rule);
}

function scalarFrom(value: unknown, key: string, rule: NumberRule): MetadataScalar {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw invalid('the text is not well-formed Unicode', key);
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid('the number is not finite', key);
    return rule === 'plain' && Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (typeof value === 'bigint') {
    if (!isInt64(value)) throw invalid('the integer has more than 64 bits', key);
    return value;
  }
  throw invalid('the value is of no type that metadata have', key);
}

function listFrom(list: readonly unknown[], key: string, rule: NumberRule): MetadataValue {
  if (list.length === 0) throw invalid('a list is not empty', key);
  if (list.length > vectorLimits.values.metadataItems) throw invalid('the list is too long', key);
  const items = list.map((item) => scalarFrom(item, key, rule));
  const types = new Set(items.map((item) => typeof item));
  if (types.size === 1) return items as MetadataValue;
  if (types.size === 2 && types.has('bigint') && types.has('number')) {
    return items.map((item) => floatFrom(item, key));
  }
  throw invalid('the items of a list are of one type', key);
}

/** A number as a float of the same value. */
function floatFrom(item: MetadataScalar, key: string): number {
  const float = Number(item);
  if (typeof item === 'bigint' && BigInt(float) !== item) {
    throw invalid('an integer beside floats is no float of the same value', key);
  }
  return float;
}

function sparseFrom(value: object, key: string): SparseVector {
  const { indices, values, tokens } = value as Record<string, unknown>;
  const type = (value as Record<string, unknown>)['#type'] ?? SPARSE_TYPE;
  const isKnown = Object.keys(value).every((name) => SPARSE_KEYS.has(name));
  if (type !== SPARSE_TYPE || !isKnown || !Array.isArray(indices) || !Array.isArray(values)) {
    throw invalid('an object is a sparse embedding with indices and values', key);
  }
  if (indices.length !== values.length) {
    throw invalid('a sparse embedding has as many values as indices', key);
  }
  if (indices.length > vectorLimits.values.metadataItems) {
    throw invalid('the sparse embedding is too long', key);
  }
  const vector = {
    indices: indicesFrom(indices, key),
    values: values.map((item: unknown) => Number(scalarOfNumber(item, key))),
  };
  if (tokens === undefined || tokens === null) return vector;
  return { ...vector, tokens: tokensFrom(tokens, indices.length, key) };
}

function indicesFrom(indices: readonly unknown[], key: string): number[] {
  let previous = -1;
  return indices.map((item) => {
    const index = Number(scalarOfNumber(item, key));
    if (!Number.isInteger(index) || index <= previous || index > MAX_SPARSE_INDEX) {
      throw invalid('the indices of a sparse embedding ascend, and fit 32 bits', key);
    }
    previous = index;
    return index;
  });
}

function tokensFrom(tokens: unknown, count: number, key: string): string[] {
  const isList = Array.isArray(tokens) && tokens.length === count;
  if (!isList || !tokens.every((token) => typeof token === 'string' && token.isWellFormed())) {
    throw invalid('a sparse embedding has as many tokens as indices', key);
  }
  return tokens as string[];
}

function scalarOfNumber(item: unknown, key: string): bigint | number {
  const scalar = scalarFrom(item, key, 'exact');
  if (typeof scalar === 'bigint' || typeof scalar === 'number') return scalar;
  throw invalid('a sparse embedding holds numbers', key);
}

function invalid(reason: string, key?: string): Error {
  if (key === undefined) return vectorErrors.create('METADATA_INVALID', reason);
  const shown = key.slice(0, vectorLimits.values.metadataKeyChars);
  return vectorErrors.create('METADATA_INVALID', `${reason} (key ${JSON.stringify(shown)})`, {
    key: shown,
  });
}
