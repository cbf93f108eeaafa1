import { invalid } from './errors.ts';
import {
  DEFAULT_HNSW,
  type HnswSettings,
  hnswIndexConfig,
  space,
  withChange,
} from './hnsw-settings.ts';
import { answerOf, isMembers, memberAt, merged, type NumberRule } from './plain-json.ts';
import { anything, flag, isObject, object, optional, type Shape, text, word } from './shape.ts';
import type { AnswerObject, AnswerValue } from './values.ts';

/** Keys of a schema that are no keys of metadata. */
export const EMBEDDING_KEY = '#embedding';
const DOCUMENT_KEY = '#document';

/** How the text of a collection becomes embeddings; only its client knows what that means. */
export const embeddingFunction: Shape<AnswerObject> = {
  read: (value, path) => {
    const { type } = object({ type: word('legacy', 'known', 'unknown') }).read(value, path);
    if (type === 'known') object({ name: text, config: anything }).read(value, path);
    return value as AnswerObject;
  },
  schema: {
    type: 'object',
    properties: {
      type: { enum: ['legacy', 'known', 'unknown'] },
      name: { type: 'string' },
      config: {},
    },
    required: ['type'],
  },
};

const emptyConfig = object({}, { isStrict: true });
const index = (config: Shape<unknown>): Shape<unknown> =>
  optional(object({ enabled: flag, config }, { isStrict: true }));

const vectorConfig = object(
  {
    space: optional(space),
    embedding_function: optional(embeddingFunction),
    source_key: optional(text),
    hnsw: optional(hnswIndexConfig),
    spann: optional(object({})),
  },
  { isStrict: true },
);

const sparseConfig = object(
  {
    embedding_function: optional(embeddingFunction),
    source_key: optional(text),
    bm25: optional(flag),
    algorithm: optional(text),
  },
  { isStrict: true },
);

const valueTypes = object(
  {
    string: optional(
      object(
        { fts_index: index(emptyConfig), string_inverted_index: index(emptyConfig) },
        { isStrict: true },
      ),
    ),
    float_list: optional(object({ vector_index: index(vectorConfig) }, { isStrict: true })),
    sparse_vector: optional(
      object({ sparse_vector_index: index(sparseConfig) }, { isStrict: true }),
    ),
    int: optional(object({ int_inverted_index: index(emptyConfig) }, { isStrict: true })),
    float: optional(object({ float_inverted_index: index(emptyConfig) }, { isStrict: true })),
    bool: optional(object({ bool_inverted_index: index(emptyConfig) }, { isStrict: true })),
  },
  { isStrict: true },
);

const keyed: Shape<unknown> = {
  read: (value, path) => {
    const members = object({}).read(value, path);
    for (const [key, types] of Object.entries(value as object)) {
      valueTypes.read(types, `${path}.${key}`);
    }
    return members;
  },
  schema: { type: 'object', additionalProperties: valueTypes.schema },
};

const structure = object({ defaults: valueTypes, keys: keyed }, { name: 'Schema' });

/** A schema as a client writes it, checked. What it means is found out by `completeSchema`. */
export const schemaShape: Shape<AnswerObject> = {
  read: (value, path) => {
    structure.read(value, path);
    checkKeys((value as { readonly keys: object }).keys);
    return value as AnswerObject;
  },
  schema: structure.schema,
};

const VECTOR_INDEX = ['float_list', 'vector_index'];
const VECTOR_CONFIG = [...VECTOR_INDEX, 'config'];

function checkKeys(keys: object): void {
  for (const [key, types] of Object.entries(keys)) {
    const isEnabled = (path: readonly string[]): boolean => enabledAt(types, path);
    if (key.startsWith('#') && key !== EMBEDDING_KEY && key !== DOCUMENT_KEY) {
      throw refused(
        `key cannot begin with '#'. Keys starting with '#' are reserved for system use: ${key}`,
      );
    }
    if (key !== DOCUMENT_KEY && isEnabled(['string', 'fts_index'])) {
      throw refused(
        `Full text search / regular expression index can only be enabled on ${DOCUMENT_KEY} field: ${key}`,
      );
    }
    if (key !== EMBEDDING_KEY && isEnabled(VECTOR_INDEX)) {
      throw refused(`Vector index can only be enabled on ${EMBEDDING_KEY} field: ${key}`);
    }
  }
}

function enabledAt(types: unknown, path: readonly string[]): boolean {
  let inner = types;
  for (const name of [...path, 'enabled']) inner = isObject(inner) ? inner[name] : undefined;
  return inner === true;
}

function refused(reason: string): Error {
  return invalid(`Validation error: schema: ${reason}`);
}

/** What a collection is said to be when it is made, once client's words and defaults are one. */
export type IndexChoice = {
  readonly hnsw: HnswSettings;
  readonly embeddingFunction: AnswerObject | undefined;
};

/** True when the schema says something about the graph of the embeddings. */
export function choosesIndex(schema: AnswerObject): boolean {
  const places = [
    ['defaults', ...VECTOR_INDEX],
    ['keys', EMBEDDING_KEY, ...VECTOR_INDEX],
  ];
  return places.some((path) => isMembers(memberAt(schema, path)));
}

/** The whole schema of a collection with this index, on which `given` is laid. */
export function completeSchema(
  choice: IndexChoice,
  given: AnswerObject | undefined,
  rule: NumberRule,
): AnswerObject {
  const base = defaultSchema(choice);
  if (given === undefined) return base;
  const complete = merged(base, answerOf(given, rule) as AnswerObject);
  // The numbers once more, as numbers of their kind.
  return withIndex(complete, indexChoice(complete));
}

/** The index that a whole schema describes. */
export function indexChoice(schema: AnswerObject): IndexChoice {
  const config = memberAt(schema, ['keys', EMBEDDING_KEY, ...VECTOR_CONFIG]);
  const { hnsw, embedding_function: fn, space: metric } = vectorConfig.read(config ?? {}, 'schema');
  return {
    hnsw: withChange(withChange(DEFAULT_HNSW, hnsw ?? {}), { space: metric }),
    embeddingFunction: fn,
  };
}

/** `schema` with another index of its embeddings. */
function withIndex(schema: AnswerObject, choice: IndexChoice): AnswerObject {
  const old = memberAt(schema, ['keys', EMBEDDING_KEY, ...VECTOR_CONFIG]);
  const sourceKey = memberAt(old, ['source_key']) ?? DOCUMENT_KEY;
  const config = vectorConfigAnswer(choice, { source_key: sourceKey });
  const vector_index = { enabled: true, config };
  const keys = memberAt(schema, ['keys']) as AnswerObject;
  return { ...schema, keys: { ...keys, [EMBEDDING_KEY]: { float_list: { vector_index } } } };
}

/** `schema` after its index was changed: that of its defaults changes with it, as in Chroma. */
export function changedSchema(schema: AnswerObject, choice: IndexChoice): AnswerObject {
  const vector_index = { enabled: false, config: vectorConfigAnswer(choice, {}) };
  const defaults = memberAt(schema, ['defaults']) as AnswerObject;
  const changed = withIndex(schema, choice);
  return { ...changed, defaults: { ...defaults, float_list: { vector_index } } };
}

/** The part of the collection object that describes the index. */
export function configurationAnswer({ hnsw, embeddingFunction: fn }: IndexChoice): AnswerObject {
  return {
    hnsw: {
      space: hnsw.space,
      ef_construction: BigInt(hnsw.ef_construction),
      ef_search: BigInt(hnsw.ef_search),
      max_neighbors: BigInt(hnsw.max_neighbors),
      resize_factor: hnsw.resize_factor,
      sync_threshold: BigInt(hnsw.sync_threshold),
    },
    spann: null,
    embedding_function: fn ?? null,
  };
}

function defaultSchema(choice: IndexChoice): AnswerObject {
  const inverted = { enabled: true, config: {} };
  const off = { enabled: false, config: {} };
  const own = vectorConfigAnswer(choice, { source_key: DOCUMENT_KEY });
  return {
    defaults: {
      string: { fts_index: off, string_inverted_index: inverted },
      float_list: { vector_index: { enabled: false, config: vectorConfigAnswer(choice, {}) } },
      sparse_vector: {
        sparse_vector_index: {
          enabled: false,
          config: { embedding_function: { type: 'unknown' }, bm25: false },
        },
      },
      int: { int_inverted_index: inverted },
      float: { float_inverted_index: inverted },
      bool: { bool_inverted_index: inverted },
    },
    keys: {
      [EMBEDDING_KEY]: { float_list: { vector_index: { enabled: true, config: own } } },
      [DOCUMENT_KEY]: { string: { fts_index: inverted, string_inverted_index: off } },
    },
  };
}

function vectorConfigAnswer(
  { hnsw, embeddingFunction: fn }: IndexChoice,
  more: { readonly [name: string]: AnswerValue },
): AnswerObject {
  return {
    space: hnsw.space,
    ...(fn === undefined ? {} : { embedding_function: fn }),
    ...more,
    hnsw: {
      ef_construction: BigInt(hnsw.ef_construction),
      max_neighbors: BigInt(hnsw.max_neighbors),
      ef_search: BigInt(hnsw.ef_search),
      num_threads: BigInt(hnsw.num_threads),
      batch_size: BigInt(hnsw.batch_size),
      sync_threshold: BigInt(hnsw.sync_threshold),
      resize_factor: hnsw.resize_factor,
    },
  };
}
