import type { Metric, SearchMode } from './metric.ts';

/**
 * Which embeddings a collection holds. What is undefined is not known yet; what is known is pinned, and
 * embeddings that say otherwise are refused.
 */
export type EmbeddingIdentity = {
  /** Name of the model, such as `text-embedding-3-small`. */
  readonly model: string | undefined;
  readonly dimension: number | undefined;
  /** True: every embedding has length 1 (within `unitLengthTolerance`). */
  readonly isNormalised: boolean | undefined;
};

/** How a collection is searched. */
export type IndexConfiguration = {
  readonly metric: Metric;
  readonly mode: SearchMode;
  /** Links of a row in the graph's upper layers; twice as many in the lowest (M). */
  readonly maxNeighbors: number;
  /** How many candidates an insertion looks at. */
  readonly efConstruction: number;
  /** How many candidates a search looks at unless it says so. */
  readonly efSearch: number;
};

/** What a collection searches by when nothing is said. */
export const DEFAULT_INDEX: IndexConfiguration = {
  metric: 'cosine',
  mode: 'auto',
  maxNeighbors: 16,
  efConstruction: 200,
  efSearch: 64,
};
