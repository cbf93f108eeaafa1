import { describe, expect, it } from 'vitest';
import { openIndex } from './index-support.ts';

const DIMENSION = 16;

/** Values that repeat nowhere (a multiplicative sequence, modulo 2³²). */
function values(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count * DIMENSION }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

describe('rows that are added when others were deleted', () => {
  // Fewer dead rows than a repair is worth otherwise.
  it.each([
    [100, 100],
    [241, 241],
    [241, 240],
    [255, 250],
  ])('are all found when of %i rows in the graph %i are dead', async (first, deleted) => {
    const index = openIndex({ mode: 'hnsw', metric: 'l2' }, { dimension: DIMENSION });
    const rows = index.add(values(first, 1), first);
    while (index.hasWork()) index.work();
    expect(index.statistics()).toMatchObject({ indexed: first, waiting: 0 });
    for (const row of rows.slice(0, deleted)) index.remove(row);
    const count = 600;
    const added = values(count, 2);
    const places = index.add(added, count);
    while (index.hasWork()) index.work();
    expect(index.statistics()).toMatchObject({ waiting: 0 });
    const found = await index.search(added, { limit: 1, efSearch: 64 });
    expect(found.map(({ rows: [nearest] }) => nearest)).toEqual([...places]);
    await index.close();
  });
});
