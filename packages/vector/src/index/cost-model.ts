/*
 * What ways to search cost, in nanoseconds of one thread. Only ratios matter, and only to choose between
 * ways that give an equally good or a better answer. Measured on one x86-64 machine with embeddings of
 * 100, 384, 768 and 1536 values and 15,000 to 100,000 rows; another one is faster in all of it or slower.
 */

/** `auto` builds a graph from so many rows on: below, an exact search takes a millisecond at most. */
export const GRAPH_FROM_ROWS = 20_000;

/** An exact answer may take so many times as long as an approximate one before the latter is chosen. */
export const EXACT_WORTH = 2;

/** All rows one after the other. */
export function scanNs(rows: number, dimension: number): number {
  return rows * (3 + 0.035 * dimension);
}

/** Some rows out of `range`: a bitmap says which. */
export function pickNs(rows: number, range: number, dimension: number): number {
  return range * 0.12 + rows * (6 + 0.04 * dimension);
}

/** One step of a walk: from a candidate to its neighbours, of which there are `links`. */
export function stepNs(links: number, dimension: number): number {
  return links * (20 + 0.06 * dimension);
}

/** A comparison of signs, `rerank` rows of which are compared by all of their bits. */
export function binaryNs(rows: number, rerank: number, dimension: number): number {
  return rows * (3 + 0.005 * dimension) + rerank * (60 + 0.15 * dimension);
}
