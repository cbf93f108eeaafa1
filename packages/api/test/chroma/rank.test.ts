import { describe, expect, it } from 'vitest';
import { knnsOf, rankExpression } from '../../src/chroma/rank-expression.ts';
import { scoresOf } from '../../src/chroma/rank-scores.ts';
import { apiLimits } from '../../src/limits.ts';

const knn = (name: number, more: object = {}): object => ({ $knn: { query: [name], ...more } });

/** What each search finds, by the first number of its query. */
const LISTS: Readonly<Record<number, readonly (readonly [string, number])[]>> = {
  1: [
    ['a', 0.5],
    ['b', 2],
  ],
  2: [
    ['b', 1],
    ['c', 3],
  ],
};

function scores(rank: object): Record<string, number> {
  const { known } = scoresOf(rankExpression.read(rank, 'rank'), ({ query }) =>
    query.kind === 'dense' ? (LISTS[query.embedding[0] ?? 0] ?? []) : [],
  );
  return Object.fromEntries(known);
}

const codeOf = (rank: unknown): unknown => {
  try {
    return rankExpression.read(rank, 'rank').kind;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
};

describe('rankings', () => {
  it('score by distance or by place', () => {
    expect(scores(knn(1))).toEqual({ a: 0.5, b: 2 });
    expect(scores(knn(1, { return_rank: true }))).toEqual({ a: 0, b: 1 });
  });

  it('leave out what a search without a fallback has not found', () => {
    expect(scores({ $sum: [knn(1), knn(2)] })).toEqual({ b: 3 });
    expect(scores({ $sum: [knn(1), knn(2, { default: 10 })] })).toEqual({ a: 10.5, b: 3 });
    expect(scores({ $sum: [knn(1, { default: 20 }), knn(2, { default: 10 })] })).toEqual({
      a: 10.5,
      b: 3,
      c: 23,
    });
  });

  it.each([
    [{ $mul: [knn(1), { $val: 3 }] }, { a: 1.5, b: 6 }],
    [{ $sub: { left: knn(1), right: { $val: 1 } } }, { a: -0.5, b: 1 }],
    [{ $div: { left: { $val: 1 }, right: knn(1) } }, { a: 2, b: 0.5 }],
    [{ $max: [knn(1), { $val: 1 }] }, { a: 1, b: 2 }],
    [{ $min: [knn(1), { $val: 1 }] }, { a: 0.5, b: 1 }],
    [{ $abs: { $mul: [knn(1), { $val: -1 }] } }, { a: 0.5, b: 2 }],
    [{ $log: { $exp: knn(1) } }, { a: 0.5, b: 2 }],
    [{ $sum: [knn(1)] }, { a: 0.5, b: 2 }],
  ])('compute %j', (rank, expected) => {
    const found = scores(rank);
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [id, score] of Object.entries(expected)) expect(found[id]).toBeCloseTo(score, 12);
  });

  it('name their searches in order', () => {
    const rank = rankExpression.read({ $sum: [knn(2), { $abs: knn(1) }, { $val: 1 }] }, 'rank');
    expect(knnsOf(rank).map(({ query }) => query.kind === 'dense' && query.embedding[0])).toEqual([
      2, 1,
    ]);
  });

  it.each([
    [{}],
    [{ $val: 1, $abs: { $val: 1 } }],
    [{ $foo: 1 }],
    [{ sum: [] }],
    [{ $sum: [] }],
    [{ $sum: { $val: 1 } }],
    [{ $sub: { left: { $val: 1 } } }],
    [{ $val: 'x' }],
    [{ $val: Number.NaN }],
    [{ $knn: {} }],
    [{ $knn: { query: 'a text that nobody has embedded' } }],
    [{ $knn: { query: { indices: [1], values: [] } } }],
    [{ $knn: { query: [1], limit: -1 } }],
    [5],
    [null],
  ])('are refused: %j', (rank) => {
    expect(codeOf(rank)).toBe('CHROMA_BODY_INVALID');
  });

  it('are refused over a key that has no dense index, and when they are too long', () => {
    expect(codeOf({ $knn: { query: [1], key: 'other' } })).toBe('CHROMA_ARGUMENT_INVALID');
    const { chromaRankNodes } = apiLimits.values;
    const sum = (parts: number): object => ({
      $sum: Array.from({ length: parts }, () => ({ $val: 1 })),
    });
    expect(codeOf(sum(chromaRankNodes - 1))).toBe('apply');
    expect(codeOf(sum(chromaRankNodes))).toBe('CHROMA_ARGUMENT_INVALID');
  });
});
