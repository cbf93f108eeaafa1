import { seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import { Segment } from '../../src/kernel/segment.ts';
import { RowSet } from '../../src/row-set.ts';
import { found, openIndex, recall, rowSet } from './index-support.ts';

const DIMENSION = 16;
const ROWS = 6_000;

const random = seededRandom(21);

/** Embeddings around a point whose first value is `centre`. */
function cluster(count: number, centre: number): Float32Array {
  return Float32Array.from(
    { length: count * DIMENSION },
    (_, index) => (index % DIMENSION === 0 ? centre : 0) + random.below(2_001) / 1_000 - 1,
  );
}

/** Two clusters that are far from one another: rows of the first third, and the others. */
async function clusters(exactWorth: number = 2): Promise<VectorIndex> {
  const options = { metric: 'l2', mode: 'hnsw', maxNeighbors: 8, efConstruction: 50 } as const;
  const index = openIndex(options, { dimension: DIMENSION, exactWorth });
  await index.mutate(() => index.add(cluster(ROWS / 3, 0), ROWS / 3));
  await index.mutate(() => index.add(cluster((ROWS * 2) / 3, 100), (ROWS * 2) / 3));
  await index.settled();
  return index;
}

/** How much of what an exact search finds. */
async function recallOf(index: VectorIndex, queries: Float32Array, allowed: RowSet) {
  const options = { limit: 10, efSearch: 64, allowed };
  const actual = await index.search(queries, options);
  const exact = await index.search(queries, { ...options, mode: 'exact' });
  const recalls = actual.map((hits, query) => {
    expect(hits.rows.length).toBe(exact[query]!.rows.length);
    return recall(found(hits), found(exact[query]!));
  });
  return recalls.reduce((sum, each) => sum + each, 0) / recalls.length;
}

describe('a search with a filter', () => {
  it.each([0, 2])('finds what is far from the query, exact worth %d', async (exactWorth) => {
    const index = await clusters(exactWorth);
    const near = rowSet(Array.from({ length: ROWS / 3 }, (_, row) => row));
    // The nearest of the far cluster's queries are all outside the filter.
    expect(await recallOf(index, cluster(20, 100), near)).toBeGreaterThan(0.85);
    expect(await recallOf(index, cluster(20, 0), near)).toBeGreaterThan(0.85);
    await index.close();
  });

  it.each([
    [0.5, 0],
    [0.1, 0],
    [0.01, 0],
    [0.001, 0],
    [0.1, 2],
  ])('finds as much when %f of the rows match, exact worth %d', async (share, exactWorth) => {
    const index = await clusters(exactWorth);
    const rows = Array.from({ length: ROWS }, (_, row) => row);
    const allowed = rowSet(rows.filter(() => random.below(1_000) < share * 1_000));
    expect(await recallOf(index, cluster(20, 100), allowed)).toBeGreaterThan(0.85);
    await index.close();
  });

  it('finds nothing where nothing matches, and all where fewer match than are wanted', async () => {
    const index = await clusters();
    const queries = cluster(3, 0);
    const none = await index.search(queries, { limit: 5, efSearch: 10, allowed: new RowSet() });
    expect(none.map(({ rows }) => rows.length)).toEqual([0, 0, 0]);
    const allowed = rowSet([5, 3_000, ROWS + 7]);
    const few = await index.search(queries, { limit: 5, efSearch: 10, allowed });
    expect(few.map(({ rows }) => [...rows].sort((one, other) => one - other))).toEqual(
      Array.from({ length: 3 }, () => [5, 3_000]),
    );
    await index.close();
  });
});

describe('a walk', () => {
  it('gives up after the steps that it may take', () => {
    const segment = Segment.create({
      dimension: DIMENSION,
      metric: 'l2',
      maxNeighbors: 8,
      efConstruction: 50,
      hasGraph: true,
      hasBits: false,
      lanes: 1,
      isShared: false,
      maxBytes: 16_000_000,
    });
    segment.append(cluster(1_000, 0), 0, 1_000);
    for (let slot = 0; slot < 1_000; slot += 1) segment.insert(slot, 0);
    const words = new Uint32Array(32);
    words[31] = 0xffff;
    segment.setQuery(0, cluster(1, 0), 0);
    expect(segment.walk(0, 5, 20, 'int8', words, 0, 100)).toBe(0);
    expect(segment.walk(0, 5, 20, 'int8', words, 0, 1_000)).toBe(5);
    expect(segment.walk(0, 5, 20, 'int8', words, 0)).toBe(5);
  });
});
