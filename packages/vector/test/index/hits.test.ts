import { describe, expect, it } from 'vitest';
import { type Hits, mergeHits, NO_HITS } from '../../src/index/hits.ts';

const hits = (...pairs: readonly (readonly [row: number, distance: number])[]): Hits => ({
  rows: Uint32Array.from(pairs, ([row]) => row),
  distances: Float64Array.from(pairs, ([, distance]) => distance),
});

describe('merging hits', () => {
  it('keeps the nearest, in the order of distance and then of row', () => {
    const merged = mergeHits([hits([5, 1], [9, 2]), NO_HITS, hits([2, 1], [1, 2], [3, 4])], 4);
    expect([...merged.rows]).toEqual([2, 5, 1, 9]);
    expect([...merged.distances]).toEqual([1, 1, 2, 2]);
  });

  it('orders rows that are infinitely far by their number', () => {
    const merged = mergeHits([hits([5, 1], [6, Infinity]), hits([2, Infinity], [7, Infinity])], 9);
    expect([...merged.rows]).toEqual([5, 2, 6, 7]);
    const negative = mergeHits([hits([5, -Infinity]), hits([2, -Infinity], [7, 0])], 9);
    expect([...negative.rows]).toEqual([2, 5, 7]);
  });

  it('gives what there is', () => {
    expect(mergeHits([], 3).rows.length).toBe(0);
    expect([...mergeHits([hits([1, 1])], 3).rows]).toEqual([1]);
  });
});
