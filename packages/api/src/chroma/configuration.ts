import type { Metadata, Metric } from '@lucerna/vector';
import {
  changedSchema,
  choosesIndex,
  completeSchema,
  embeddingFunction,
  type IndexChoice,
  indexChoice,
} from './collection-schema.ts';
import { invalid } from './errors.ts';
import {
  DEFAULT_HNSW,
  type HnswChange,
  hnswConfiguration,
  hnswUpdate,
  legacySettings,
  space,
  withChange,
} from './hnsw-settings.ts';
import { answerOf, type NumberRule } from './plain-json.ts';
import { count, object, optional, type Shape } from './shape.ts';
import type { AnswerObject } from './values.ts';

/** What a client says about the index of a collection, or about a change of it. */
export type Configuration = {
  readonly hnsw: HnswChange | undefined;
  /** Another kind of index, which clusters have; of its settings only the distance counts. */
  readonly spann: { readonly space?: Metric | undefined } | undefined;
  readonly embedding_function: AnswerObject | undefined;
};

/** `configuration` of a new collection. */
export const collectionConfiguration: Shape<Configuration> = object({
  hnsw: optional(hnswConfiguration),
  spann: optional(object({ space: optional(space) })),
  embedding_function: optional(embeddingFunction),
});

/** What a client wants to be different. */
export type ConfigurationUpdate = Omit<Configuration, 'spann'> & {
  readonly spann: object | undefined;
};

/** `new_configuration` of a collection. */
export const configurationUpdate: Shape<ConfigurationUpdate> = object({
  hnsw: optional(hnswUpdate),
  spann: optional(object({ search_nprobe: optional(count), ef_search: optional(count) })),
  embedding_function: optional(embeddingFunction),
});

/** What a client says about a new collection. */
export type CollectionWishes = {
  readonly configuration: Configuration | undefined;
  readonly schema: AnswerObject | undefined;
  readonly metadata: Metadata | undefined;
};

const TWO_INDEXES = 'Multiple vector index configurations provided';

/**
 * The schema of a new collection: from its configuration, or else from `hnsw:…` in its metadata, or
 * from its schema.
 *
 * @throws `CHROMA_ARGUMENT_INVALID`
 */
export function newSchema(wishes: CollectionWishes, rule: NumberRule): AnswerObject {
  const { configuration, schema, metadata } = wishes;
  if (configuration?.hnsw !== undefined && configuration.spann !== undefined) {
    throw invalid(TWO_INDEXES);
  }
  const change = configuredChange(configuration) ?? legacySettings(metadata);
  if (change !== undefined && schema !== undefined && choosesIndex(schema)) {
    throw invalid(
      'Failed to reconcile schema: Cannot set both collection config and schema simultaneously',
    );
  }
  const fn = configuration?.embedding_function;
  const choice: IndexChoice = {
    hnsw: withChange(DEFAULT_HNSW, change ?? {}),
    embeddingFunction: fn === undefined ? undefined : (answerOf(fn, rule) as AnswerObject),
  };
  return completeSchema(choice, schema, rule);
}

/** What the configuration says of the graph; undefined where it says nothing. */
function configuredChange(configuration: Configuration | undefined): HnswChange | undefined {
  const { hnsw, spann } = configuration ?? {};
  if (spann !== undefined) return { space: spann.space };
  const isSaid = Object.values(hnsw ?? {}).some((value) => value !== undefined);
  return isSaid ? hnsw : undefined;
}

/** `schema` after an update. @throws `CHROMA_ARGUMENT_INVALID` */
export function updatedSchema(
  schema: AnswerObject,
  update: ConfigurationUpdate,
  rule: NumberRule,
): AnswerObject {
  if (update.hnsw !== undefined && update.spann !== undefined) throw invalid(TWO_INDEXES);
  const { hnsw, embeddingFunction: old } = indexChoice(schema);
  const fn = update.embedding_function;
  return changedSchema(schema, {
    hnsw: withChange(hnsw, update.hnsw ?? {}),
    embeddingFunction: fn === undefined ? old : (answerOf(fn, rule) as AnswerObject),
  });
}
