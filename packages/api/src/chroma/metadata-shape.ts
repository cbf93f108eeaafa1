import {
  collectionMetadataFrom,
  type Metadata,
  type MetadataPatch,
  metadataPatchFrom,
  vectorLimits,
} from '@lucerna/vector';
import { invalid } from './errors.ts';
import type { NumberRule } from './plain-json.ts';
import { isObject, misfit, mistyped, nullable, type Shape } from './shape.ts';

/** Metadata of one record or collection whose values are of types that metadata can have. */
export type MetadataInput = { readonly [key: string]: unknown };

const SCHEMA = {
  type: 'object',
  additionalProperties: {
    anyOf: [
      { type: ['boolean', 'integer', 'number', 'string'] },
      { type: 'array', items: { type: ['boolean', 'integer', 'number', 'string'] } },
      {
        type: 'object',
        properties: {
          '#type': { const: 'sparse_vector' },
          indices: { type: 'array', items: { type: 'integer' } },
          values: { type: 'array', items: { type: 'number' } },
          tokens: { type: 'array', items: { type: 'string' } },
        },
        required: ['indices', 'values'],
      },
    ],
  },
};

/** Metadata of a new collection or record. */
export const metadataInput: Shape<MetadataInput> = {
  read: (value, path) => checked(value, path, false),
  schema: SCHEMA,
};

/** A change of metadata, in which null takes a key away. */
export const metadataChange: Shape<MetadataInput> = {
  read: (value, path) => checked(value, path, true),
  schema: {
    ...SCHEMA,
    additionalProperties: { anyOf: [...SCHEMA.additionalProperties.anyOf, { type: 'null' }] },
  },
};

/** Metadata of each record of a request; null is none. */
export const metadataInputs: Shape<MetadataInput | undefined> = nullable(metadataInput);
/** The same for updates. */
export const metadataChanges: Shape<MetadataInput | undefined> = nullable(metadataChange);

function checked(value: unknown, path: string, mayBeNull: boolean): MetadataInput {
  if (!isObject(value)) throw mistyped(path, value, 'a map');
  const entries = Object.entries(value);
  const { metadataKeys } = vectorLimits.values;
  // Before anything is done for each of them.
  if (entries.length > metadataKeys) throw invalid(`Metadata have at most ${metadataKeys} keys`);
  for (const [key, member] of entries) {
    if (member === undefined || (member === null && mayBeNull) || isScalar(member)) continue;
    const isValue = Array.isArray(member) ? isUniform(member) : isSparse(member);
    if (!isValue) {
      const reason = 'data did not match any variant of untagged enum MetadataValue';
      throw misfit(`${path}.${key.slice(0, 64)}`, reason);
    }
  }
  return value;
}

function isScalar(value: unknown): boolean {
  return ['boolean', 'bigint', 'number', 'string'].includes(typeof value);
}

/** Whether the items of a list are of one type; integers may stand beside floats. */
function isUniform(items: readonly unknown[]): boolean {
  const types = items.map((item) => (typeof item === 'bigint' ? 'number' : typeof item));
  return items.every(isScalar) && new Set(types).size <= 1;
}

function isSparse(value: unknown): boolean {
  return isObject(value) && Array.isArray(value['indices']) && Array.isArray(value['values']);
}

/**
 * The metadata of a collection; undefined where there are none.
 *
 * @throws `METADATA_INVALID`, `CHROMA_ARGUMENT_INVALID`
 */
export function collectionMetadata(
  input: MetadataInput | undefined,
  name: string,
  rule: NumberRule,
): Metadata | undefined {
  if (input === undefined) return undefined;
  if (Object.keys(input).length === 0) {
    throw invalid(`Validation error: ${name}: Metadata cannot be empty`);
  }
  for (const key of Object.keys(input)) {
    const fault = keyFault(key);
    if (fault !== undefined) throw invalid(`Validation error: ${name}: ${fault}`);
  }
  // A key with null is one that is not there.
  const given = Object.entries(input).filter(([, value]) => value !== null);
  return given.length === 0 ? undefined : collectionMetadataFrom(Object.fromEntries(given), rule);
}

/**
 * Metadata of the records of a request.
 *
 * @throws `METADATA_INVALID`, `CHROMA_ARGUMENT_INVALID`
 */
export function recordMetadatas(
  inputs: readonly (MetadataInput | undefined)[] | undefined,
  rule: NumberRule,
): readonly (MetadataPatch | undefined)[] | undefined {
  return inputs?.map((input, index) => {
    if (input === undefined) return undefined;
    for (const key of Object.keys(input)) {
      const fault = keyFault(key);
      if (fault === undefined) continue;
      throw invalid(`Validation error: metadatas: Invalid metadata at index ${index}: ${fault}`);
    }
    return metadataPatchFrom(input, rule);
  });
}

/** Keys that begin so have a meaning in filters. */
function keyFault(key: string): string | undefined {
  if (key === '') return 'Metadata key cannot be empty';
  if (!key.startsWith('#') && !key.startsWith('$')) return undefined;
  return `Metadata key cannot start with '#' or '$': ${key.slice(0, 64)}`;
}
