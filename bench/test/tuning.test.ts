import { describe, expect, it } from 'vitest';
import { tune } from '../src/suites/vector/tuning.ts';

/** One query, whose ten nearest are the rows 0 … 9. */
const truth = Uint32Array.from({ length: 10 }, (_, row) => row);

/** Finds as many of them as `hits` says for a width, and others besides. */
function searcher(hits: (width: number) => number) {
  return (width: number) => [
    Array.from({ length: 10 }, (_, place) => (place < hits(width) ? place : 100 + place)),
  ];
}

describe('a searcher is tuned to a recall', () => {
  it('between the two widths around it', async () => {
    const tuned = await tune(
      searcher((width) => (width < 64 ? 5 : 10)),
      truth,
      0.9,
      true,
    );
    expect(tuned).toMatchObject({ below: 10, above: 64, detail: 'recall@10 0.900 at ef 10–64' });
    expect(tuned.share).toBeCloseTo(0.8);
  });

  it('to the smallest width where that is enough, whose recall is said', async () => {
    const tuned = await tune(
      searcher(() => 10),
      truth,
      0.9,
      true,
    );
    expect(tuned).toEqual({ below: 10, above: 10, share: 1, detail: 'recall@10 1.000 at ef 10' });
  });

  it('to the largest where none is, whose recall is said', async () => {
    const tuned = await tune(
      searcher(() => 7),
      truth,
      0.9,
      true,
    );
    expect(tuned).toEqual({
      below: 400,
      above: 400,
      share: 1,
      detail: 'recall@10 0.700 at ef 400',
    });
  });
});
