/**
 * How far two embeddings are from one another; smaller is nearer.
 *
 * | metric | distance |
 * |---|---|
 * | `cosine` | 1 − dot of both, each divided by its length (1 where one has no length) |
 * | `l2` | sum of the squared differences, not its root |
 * | `ip` | 1 − dot |
 */
export type Metric = 'cosine' | 'l2' | 'ip';

/**
 * How a collection searches: `exact` looks at every row and proves its answer, `hnsw` walks a graph,
 * `auto` is exact until a graph is worth it, `binary` compares signs and reranks the best by all of
 * their bits (approximate, for embeddings that were made for it).
 */
export type SearchMode = 'exact' | 'hnsw' | 'auto' | 'binary';

/** What a graph is walked by: codes of 8 bits, then reranked; or all bits, for the highest recall. */
export type Traversal = 'int8' | 'f32';
