import type { IndexConfiguration, Metadata, MetadataValue, Metric } from '@lucerna/vector';
import { vectorLimits } from '@lucerna/vector';
import { invalid } from './errors.ts';
import { count, float, object, optional, type Shape, word } from './shape.ts';

/** How Chroma describes the graph of a collection. All of it is echoed; not all of it has a meaning here. */
export type HnswSettings = {
  readonly space: Metric;
  readonly ef_construction: number;
  readonly ef_search: number;
  readonly max_neighbors: number;
  readonly num_threads: number;
  readonly batch_size: number;
  readonly sync_threshold: number;
  readonly resize_factor: number;
};

/** What a Chroma collection has when nothing is said. */
export const DEFAULT_HNSW: HnswSettings = {
  space: 'l2',
  ef_construction: 100,
  ef_search: 100,
  max_neighbors: 16,
  num_threads: 1,
  batch_size: 100,
  sync_threshold: 1_000,
  resize_factor: 1.2,
};

/** Distances that clients may ask for. */
export const space: Shape<Metric> = word('l2', 'cosine', 'ip');

const tuning = {
  ef_search: optional(count),
  max_neighbors: optional(count),
  num_threads: optional(count),
  resize_factor: optional(float),
  sync_threshold: optional(count),
  batch_size: optional(count),
};

/** Settings of a new collection, `configuration.hnsw`. */
export const hnswConfiguration: Shape<HnswChange> = object(
  { space: optional(space), ef_construction: optional(count), ...tuning },
  { isStrict: true },
);

/** The same in a schema, where the space stands outside. */
export const hnswIndexConfig: Shape<HnswChange> = object(
  { ef_construction: optional(count), ...tuning },
  { isStrict: true },
);

/** What may be changed of a collection, `new_configuration.hnsw`. */
export const hnswUpdate: Shape<HnswChange> = object(tuning, { isStrict: true });

/** Settings of which any may be undefined: those stay as they are. */
export type HnswChange = { readonly [Name in keyof HnswSettings]?: HnswSettings[Name] | undefined };

/** `settings` with what `change` says. */
export function withChange(settings: HnswSettings, change: HnswChange): HnswSettings {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(given) };
}

/** Settings in the metadata of a collection, as clients wrote them before there was a configuration. */
const LEGACY_KEYS: ReadonlyMap<string, keyof HnswSettings> = new Map([
  ['hnsw:space', 'space'],
  ['hnsw:construction_ef', 'ef_construction'],
  ['hnsw:search_ef', 'ef_search'],
  ['hnsw:M', 'max_neighbors'],
  ['hnsw:num_threads', 'num_threads'],
  ['hnsw:resize_factor', 'resize_factor'],
  ['hnsw:sync_threshold', 'sync_threshold'],
  ['hnsw:batch_size', 'batch_size'],
]);

/** Chroma takes no smaller thresholds from metadata. */
const MIN_THRESHOLD = 2;

/**
 * What the metadata say about the graph; undefined where they say nothing.
 *
 * @throws `CHROMA_ARGUMENT_INVALID`
 */
export function legacySettings(metadata: Metadata | undefined): HnswChange | undefined {
  const change: Record<string, unknown> = {};
  for (const [key, value] of metadata ?? []) {
    if (!key.startsWith('hnsw:')) continue;
    const name = LEGACY_KEYS.get(key);
    if (name === undefined) throw legacyFault(`unknown key ${key}`);
    change[name] = legacyValue(name, value);
  }
  return Object.keys(change).length === 0 ? undefined : change;
}

function legacyValue(name: keyof HnswSettings, value: MetadataValue): unknown {
  try {
    if (name === 'space') return space.read(value, name);
    if (name === 'resize_factor') return float.read(value, name);
    const number = count.read(value, name);
    const isThreshold = name === 'sync_threshold' || name === 'batch_size';
    if (!isThreshold || number >= MIN_THRESHOLD) return number;
  } catch {
    throw legacyFault(`${name} has a value that it cannot have`);
  }
  throw legacyFault(`${name} is at least ${MIN_THRESHOLD}`);
}

function legacyFault(reason: string): Error {
  return invalid(`Failed to parse hnsw parameters from segment metadata: ${reason}`);
}

/** The smallest graph that is one. */
const MIN_NEIGHBORS = 2;

/** What the settings mean to the engine; what is out of its range is brought into it. */
export function indexOf(settings: HnswSettings): Partial<IndexConfiguration> {
  const { efConstruction, efSearch, maxNeighbors } = vectorLimits.values;
  return {
    metric: settings.space,
    maxNeighbors: clamp(settings.max_neighbors, MIN_NEIGHBORS, maxNeighbors),
    efConstruction: clamp(settings.ef_construction, 1, efConstruction),
    efSearch: clamp(settings.ef_search, 1, efSearch),
  };
}

/** The settings of a collection that was not made by a Chroma client. */
export function settingsOf(index: IndexConfiguration): HnswSettings {
  return {
    ...DEFAULT_HNSW,
    space: index.metric,
    ef_construction: index.efConstruction,
    ef_search: index.efSearch,
    max_neighbors: index.maxNeighbors,
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}
