import type { CollectionDefinition } from '../collection/parts.ts';
import type { CreateCollection, DatabaseName, ModifyCollection } from '../collection-api.ts';
import {
  DEFAULT_INDEX,
  type EmbeddingIdentity,
  type IndexConfiguration,
} from '../configuration.ts';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import { collectionMetadataFrom } from '../metadata-values.ts';
import { encodeChanges } from './catalog-change.ts';

const METRICS: readonly string[] = ['cosine', 'l2', 'ip'];
const MODES: readonly string[] = ['exact', 'hnsw', 'auto', 'binary'];

/** @throws `VECTOR_ARGUMENT_INVALID` unless it is a name that can be kept and shown */
export function checkName(name: string, what: string): void {
  const limit = vectorLimits.values.nameCharacters;
  const isName = typeof name === 'string' && name !== '' && name.length <= limit;
  if (isName && name.isWellFormed()) return;
  throw invalid(`the name of a ${what} is a text of 1 to ${limit} characters`);
}

/** @throws `VECTOR_ARGUMENT_INVALID` unless it is a text that can be kept */
export function checkText(text: unknown, what: string): void {
  const limit = vectorLimits.values.definitionBytes;
  const isText = typeof text === 'string' && text.length <= limit && text.isWellFormed();
  if (!isText) throw invalid(`the ${what} is a text of up to ${limit} characters`);
}

/**
 * The definition of a new collection.
 *
 * @throws `VECTOR_ARGUMENT_INVALID`, `METADATA_INVALID`
 */
export function newDefinition(
  id: string,
  { tenant, database }: DatabaseName,
  options: CreateCollection,
): CollectionDefinition {
  const { name, metadata, attributes } = options;
  checkName(name, 'collection');
  checkText(attributes ?? '', 'attributes');
  const definition: CollectionDefinition = {
    id,
    tenant,
    database,
    name,
    metadata: collectionMetadataFrom(metadata, 'exact'),
    attributes: attributes ?? undefined,
    index: checkedIndex({ ...DEFAULT_INDEX, ...given(options.index) }),
    identity: checkedIdentity(options.identity ?? {}),
  };
  checkSize(definition);
  return definition;
}

/**
 * The definition of a collection after a change.
 *
 * @throws `VECTOR_ARGUMENT_INVALID`, `METADATA_INVALID`
 */
export function changedDefinition(
  definition: CollectionDefinition,
  change: ModifyCollection,
): CollectionDefinition {
  const {
    name = definition.name,
    metadata,
    attributes,
    efSearch = definition.index.efSearch,
  } = change;
  checkName(name, 'collection');
  checkText(attributes ?? '', 'attributes');
  const changed: CollectionDefinition = {
    ...definition,
    name,
    metadata:
      metadata === undefined ? definition.metadata : collectionMetadataFrom(metadata, 'exact'),
    attributes: attributes === undefined ? definition.attributes : (attributes ?? undefined),
    index: checkedIndex({ ...definition.index, efSearch }),
  };
  checkSize(changed);
  return changed;
}

function checkedIndex(index: IndexConfiguration): IndexConfiguration {
  const { metric, mode, maxNeighbors, efConstruction, efSearch } = index;
  const limits = vectorLimits.values;
  if (!METRICS.includes(metric)) throw invalid(`the metric is one of ${METRICS.join(', ')}`);
  if (!MODES.includes(mode)) throw invalid(`the mode is one of ${MODES.join(', ')}`);
  checkNumber('maxNeighbors', maxNeighbors, 2, limits.maxNeighbors);
  checkNumber('efConstruction', efConstruction, 1, limits.efConstruction);
  checkNumber('efSearch', efSearch, 1, limits.efSearch);
  return { metric, mode, maxNeighbors, efConstruction, efSearch };
}

function checkedIdentity(identity: Partial<EmbeddingIdentity>): EmbeddingIdentity {
  const { model, dimension, isNormalised } = identity;
  const limits = vectorLimits.values;
  const most = limits.modelCharacters;
  if (model !== undefined) {
    const isModel = typeof model === 'string' && model !== '' && model.length <= most;
    if (!isModel || !model.isWellFormed()) {
      throw invalid(`the name of a model is a text of 1 to ${most} characters`);
    }
  }
  if (dimension !== undefined) checkNumber('dimension', dimension, 1, limits.dimension);
  if (isNormalised !== undefined && typeof isNormalised !== 'boolean') {
    throw invalid('isNormalised is true or false');
  }
  return { model, dimension, isNormalised };
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(`${name} is a whole number from ${least} to ${most}`);
}

function checkSize(definition: CollectionDefinition): void {
  const bytes = encodeChanges([{ kind: 'collection', definition }]).length;
  const limit = vectorLimits.values.definitionBytes;
  if (bytes > limit) throw invalid('a collection with its metadata is too large', { bytes, limit });
}

/** Without what is undefined, which would hide a default. */
function given<T extends object>(options: T | undefined): Partial<T> {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function invalid(detail: string, fields: Readonly<Record<string, number>> = {}): Error {
  return vectorErrors.create('VECTOR_ARGUMENT_INVALID', detail, fields);
}
