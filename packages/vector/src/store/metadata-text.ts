import { isLucernaError } from '@lucerna/base';
import { vectorErrors } from '../errors.ts';
import { type ExactJson, formatExactJson, isInt64, parseExactJson } from '../json.ts';
import { vectorLimits } from '../limits.ts';
import type { Metadata, MetadataPatch, MetadataValue } from '../metadata.ts';
import { metadataFrom, metadataToJson } from '../metadata-values.ts';
import type { RecordBatch, StoredRecord } from '../record.ts';

// A record's metadata are a JSON object, of which a collection can hold and filter the members that are
// scalars or lists of one kind. Where that is not all, or the exact text counts, the text is kept as
// the record's payload beside them.

/** Metadata of one record: the text of a JSON object, or an object that has such a text. */
export type MetadataInput = string | Readonly<Record<string, unknown>> | null | undefined;

/** A value of a JSON text; integers that a `number` would round are `bigint`. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonValue[]
  | { [key: string]: JsonValue };

/** Metadata as a program uses them. */
export type MetadataObject = { [key: string]: JsonValue };

type ExactObject = { readonly [key: string]: ExactJson };

/** Columns of a batch that hold metadata. */
export type MetadataColumns = {
  /** Undefined at a place: nothing was given for this record. */
  readonly metadatas: readonly (Metadata | undefined)[];
  readonly payloads: readonly (string | undefined)[];
};

/**
 * Metadata of `count` records as the engine takes them.
 *
 * @throws `JSON_INVALID` for a text that is no JSON, `METADATA_INVALID` for what is no object,
 *   `COLUMN_LENGTH_MISMATCH` when there are more or fewer than `count`
 */
export function metadataColumns(
  count: number,
  inputs: readonly MetadataInput[] | undefined,
): MetadataColumns | undefined {
  if (inputs === undefined) return undefined;
  if (!Array.isArray(inputs)) throw invalid('the metadata are no array');
  if (inputs.length !== count) {
    const detail = `${inputs.length} metadata for ${count} ids`;
    throw vectorErrors.create('COLUMN_LENGTH_MISMATCH', detail, { count });
  }
  const columns = Array.from(inputs, (input, index) => columnsOf(input, index));
  return {
    metadatas: columns.map(({ metadata }) => metadata),
    payloads: columns.map(({ payload }) => payload),
  };
}

/** Metadata of one record as the engine keeps them. */
export type StoredMetadata = {
  /** Undefined: nothing was given. */
  readonly metadata: Metadata | undefined;
  readonly payload: string | undefined;
};

function columnsOf(input: MetadataInput, index: number): StoredMetadata {
  if (input === undefined || input === null) return { metadata: undefined, payload: undefined };
  if (typeof input === 'string') {
    if (!input.isWellFormed()) throw invalid(`metadata ${index} is not well-formed Unicode`);
    return { metadata: storableOf(parseObject(input, index)), payload: input };
  }
  const exact = exactFrom(input, `metadata ${index}`);
  if (!isObject(exact)) throw invalid(`metadata ${index} is no object`);
  return storedMetadata(exact);
}

/**
 * A JSON object as a record keeps it: its members as metadata where they can be, and its text as
 * payload where that is not all of it.
 */
export function storedMetadata(object: { readonly [key: string]: ExactJson }): StoredMetadata {
  const metadata = storableOf(object);
  const isWhole = metadata.size === Object.keys(object).length && metadata.size > 0;
  return { metadata, payload: isWhole ? undefined : formatExactJson(object) };
}

function parseObject(text: string, index: number): ExactObject {
  let exact: ExactJson;
  try {
    exact = parseExactJson(text);
  } catch (error) {
    if (!isLucernaError(error, 'JSON_INVALID')) throw error;
    const detail = `metadata ${index}: ${error.message}`;
    throw vectorErrors.create('JSON_INVALID', detail, { ...error.fields, index }, error);
  }
  if (!isObject(exact)) throw invalid(`metadata ${index} is JSON, but no object`);
  return exact;
}

/**
 * The columns of an upsert that puts metadata in the place of those that the records have: what is no
 * longer there is taken away by name, and a text is never left beside metadata that it does not have.
 *
 * @param records what is there under each id
 */
export function replacingColumns(
  records: readonly (StoredRecord | undefined)[],
  columns: MetadataColumns | undefined,
): Pick<RecordBatch, 'metadatas' | 'payloads'> {
  if (columns === undefined) return {};
  const metadatas = columns.metadatas.map((metadata, index) =>
    metadata === undefined ? undefined : replacingPatch(records[index], metadata),
  );
  const payloads = columns.payloads.map((payload, index) => {
    const metadata = columns.metadatas[index];
    if (payload !== undefined || metadata === undefined) return payload;
    return records[index]?.payload === undefined ? undefined : formatMetadata(metadata);
  });
  return { metadatas, payloads };
}

function replacingPatch(record: StoredRecord | undefined, metadata: Metadata): MetadataPatch {
  const patch = new Map<string, MetadataValue | null>(metadata);
  for (const key of record?.metadata?.keys() ?? []) {
    if (!patch.has(key)) patch.set(key, null);
  }
  return patch;
}

/** Metadata of a record as an object of the caller's own. */
export function metadataObject(record: StoredRecord): MetadataObject {
  const text = currentText(record);
  if (text === undefined) return objectOf(record.metadata);
  return plainFrom(parseExactJson(text)) as MetadataObject;
}

/** Metadata of a record as JSON: the text that was given, if it still says what the record has. */
export function metadataText(record: StoredRecord): string {
  return currentText(record) ?? formatMetadata(record.metadata);
}

/**
 * The payload, with what has been changed in the metadata since by someone who does not know of it;
 * undefined where there is none, or it is none of a store.
 */
function currentText({ payload, metadata }: StoredRecord): string | undefined {
  if (payload === undefined) return undefined;
  let exact: ExactJson;
  try {
    exact = parseExactJson(payload);
  } catch {
    return undefined;
  }
  if (!isObject(exact)) return undefined;
  const told = storableOf(exact);
  if (isSame(told, metadata ?? new Map())) return payload;
  const kept = Object.entries(exact).filter(([key]) => !told.has(key));
  return formatExactJson(Object.fromEntries([...kept, ...exactEntries(metadata)]));
}

/** The members that a collection can hold and filter by. */
function storableOf(object: ExactObject): Metadata {
  const candidates = Object.entries(object).filter(([, value]) => isCandidate(value));
  return (
    validOrUndefined(candidates) ??
    new Map(candidates.flatMap((member) => [...(validOrUndefined([member]) ?? [])]))
  );
}

function validOrUndefined(
  members: readonly (readonly [string, ExactJson])[],
): Metadata | undefined {
  try {
    return metadataFrom(new Map(members), 'exact') ?? new Map();
  } catch (error) {
    if (isLucernaError(error, 'METADATA_INVALID')) return undefined;
    throw error;
  }
}

/** Sorts out at once what is often there and never storable. */
function isCandidate(value: ExactJson): boolean {
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0 && typeof value[0] !== 'object';
  return typeof value !== 'object' || '#type' in value;
}

function isSame(one: Metadata, other: Metadata): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) {
    const twin = other.get(key);
    if (value === twin) continue;
    if (typeof value !== 'object' || typeof twin !== 'object') return false;
    if (formatExactJson(value as ExactJson) !== formatExactJson(twin as ExactJson)) return false;
  }
  return true;
}

function formatMetadata(metadata: Metadata | undefined): string {
  return formatExactJson(Object.fromEntries(exactEntries(metadata)));
}

function exactEntries(metadata: Metadata | undefined): readonly (readonly [string, ExactJson])[] {
  return Object.entries(metadataToJson(metadata ?? new Map())).map(([key, value]) => {
    const isSparse = typeof value === 'object' && value !== null && 'indices' in value;
    return [
      key,
      (isSparse ? { ...value, indices: value.indices.map(BigInt) } : value) as ExactJson,
    ];
  });
}

function objectOf(metadata: Metadata | undefined): MetadataObject {
  return plainFrom(Object.fromEntries(exactEntries(metadata))) as MetadataObject;
}

/** Integers become numbers where they keep their value. */
function plainFrom(value: ExactJson): JsonValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainFrom);
  // fromEntries makes own members of all names, also of __proto__.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainFrom(item)]));
}

/** What `JSON.stringify` would write of a value, but with whole numbers and `bigint` as integers. */
function exactFrom(value: unknown, what: string, depth = 0): ExactJson | undefined {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'bigint':
      if (!isInt64(value)) throw invalid(`${what}: ${value} does not fit 64 bits`);
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw invalid(`${what}: ${value} is no number of JSON`);
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object':
      return value === null ? null : exactFromObject(value, what, depth + 1);
    default:
      return undefined;
  }
}

function exactFromObject(value: object, what: string, depth: number): ExactJson | undefined {
  if (depth > vectorLimits.values.jsonDepth) throw invalid(`${what} is nested too deeply`);
  const asJson: unknown = (value as { toJSON?: unknown }).toJSON;
  if (typeof asJson === 'function') return exactFrom(asJson.call(value), what, depth);
  if (Array.isArray(value)) return value.map((item) => exactFrom(item, what, depth) ?? null);
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
    throw invalid(`${what} holds a ${value.constructor.name}, which JSON has not`);
  }
  const members = Object.entries(value).flatMap(([key, item]) => {
    const exact = exactFrom(item, what, depth);
    return exact === undefined ? [] : [[key, exact] as const];
  });
  return Object.fromEntries(members);
}

function isObject(value: ExactJson | undefined): value is ExactObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(detail: string): Error {
  return vectorErrors.create('METADATA_INVALID', detail);
}
