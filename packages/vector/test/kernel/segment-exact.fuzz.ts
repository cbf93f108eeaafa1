import { seededRandom } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Metric } from '../../src/metric.ts';
import { RowSet } from '../../src/row-set.ts';
import { embeddingsOf, SHAPES, type Shape } from './differential-support.ts';
import { clusteredValues, foundRows, makeSegment, nearestRowByRow } from './segment-support.ts';

const metrics: readonly Metric[] = ['cosine', 'l2', 'ip'];
const engines = ['kernel', 'base-kernel'] as const;

type Case = {
  readonly metric: Metric;
  readonly engine: (typeof engines)[number];
  readonly dimension: number;
  readonly rows: number;
  readonly shape: Shape | 'steps' | 'edges' | 'clusters';
  readonly k: number;
  readonly seed: number;
};

// More rows than one step of a scan looks at, so that a threshold excludes some before they are read.
const anyCase: fc.Arbitrary<Case> = fc.record({
  metric: fc.constantFrom(...metrics),
  engine: fc.constantFrom(...engines),
  dimension: fc.constantFrom(1, 2, 3, 15, 16, 17, 40, 100, 400),
  rows: fc.integer({ min: 1, max: 700 }),
  shape: fc.constantFrom(...SHAPES, 'steps' as const, 'edges' as const, 'clusters' as const),
  k: fc.constantFrom(1, 2, 10, 100, 1_000),
  seed: fc.nat(),
});

/** Rows that differ from one another by a few of the smallest steps there are: codes cannot tell them. */
function steps(rows: number, dimension: number, seed: number): Float32Array {
  const base = embeddingsOf(1, dimension, 'plain', seed | 1);
  const values = Float32Array.from({ length: rows * dimension }, (_, index) => {
    return (base[index % dimension] as number) + 0.5;
  });
  const words = new Uint32Array(values.buffer);
  for (let row = 0; row < rows; row += 1) {
    const place = row * dimension + ((row * 7 + seed) % dimension);
    words[place] = (words[place] as number) + ((row * 13 + seed) % 4);
  }
  return values;
}

/**
 * Rows whose codes are off in the direction of the queries, and by as much as can be: the first value
 * gives the scale, the second is what matters and differs by less than one code.
 */
function edges(rows: number, dimension: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const unit = (): number => random.below(2 ** 20) / 2 ** 20;
  const values = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row += 1) {
    const isQuery = row % 350 === 349 || row >= rows - 2;
    values[row * dimension] = isQuery ? 0 : 1 + unit();
    if (dimension > 1) values[row * dimension + 1] = isQuery ? 1 : 0.3 + unit() * 0.004;
  }
  return values;
}

function valuesOf({ shape, rows, dimension, seed }: Case, more: number): Float32Array {
  const count = rows + more;
  if (shape === 'edges') return edges(count, dimension, seed);
  if (shape === 'steps') return steps(count, dimension, seed);
  if (shape === 'clusters') return clusteredValues(count, dimension, seed);
  return embeddingsOf(count, dimension, shape, seed);
}

describe('an exact scan', () => {
  it('gives what is first by distance and row, however little the codes tell', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { dimension, rows, k, metric, engine } = one;
        const segment = makeSegment({ dimension, metric, hasGraph: false }, engine);
        const values = valuesOf(one, 2);
        segment.append(values, 0, rows);
        // A query of its own, and one that is a row.
        for (const query of [rows, Math.floor(rows / 2)]) {
          segment.setQuery(0, values, query * dimension);
          const expected = nearestRowByRow(segment, k);
          expect(segment.scan(0, k, 0, rows)).toBe(Math.min(k, rows));
          expect(foundRows(segment)).toStrictEqual(expected);
        }
      }),
      runs(120),
    );
  });

  it('heeds a filter and rows that are not live', () => {
    fc.assert(
      fc.property(anyCase, fc.nat({ max: 7 }), (one, rest) => {
        const { dimension, rows, k, metric, engine, seed } = one;
        const segment = makeSegment({ dimension, metric, hasGraph: false }, engine);
        const values = valuesOf(one, 1);
        segment.append(values, 0, rows);
        for (let slot = rest; slot < rows; slot += 5) segment.release(slot);
        const allowed = new RowSet();
        for (let row = 0; row < rows; row += 1) {
          if ((row * 5 + seed) % 8 <= rest) allowed.add(row + 64);
        }
        segment.setQuery(0, values, rows * dimension);
        const expected = nearestRowByRow(segment, k, (slot) => allowed.has(slot + 64));
        expect(segment.scanFiltered(0, k, allowed.words, 2)).toBe(expected.slots.length);
        expect(foundRows(segment)).toStrictEqual(expected);
      }),
      runs(60),
    );
  });

  it('gives distances that are those of real numbers, but for rounding', () => {
    fc.assert(
      fc.property(anyCase, ({ metric, dimension, rows, seed }) => {
        const segment = makeSegment({ dimension, metric, hasGraph: false });
        const values = clusteredValues(rows + 1, dimension, seed);
        segment.append(values, 0, rows);
        segment.setQuery(0, values, rows * dimension);
        const count = segment.scan(0, 1_000, 0, rows);
        const { slots, distances } = foundRows(segment);
        for (let index = 0; index < count; index += 1) {
          const { distance, size } = reference(metric, values, dimension, rows, slots[index] ?? 0);
          const error = Math.abs((distances[index] as number) - distance);
          expect(error).toBeLessThanOrEqual(size * (dimension + 16) * 2 ** -23);
        }
      }),
      runs(40),
    );
  });
});

/** The distance in f64, and what its rounding is relative to. */
function reference(
  metric: Metric,
  values: Float32Array,
  dimension: number,
  query: number,
  slot: number,
): { distance: number; size: number } {
  let dot = 0;
  let squares = 0;
  let own = 0;
  let others = 0;
  for (let index = 0; index < dimension; index += 1) {
    const one = values[query * dimension + index] as number;
    const other = values[slot * dimension + index] as number;
    dot += one * other;
    squares += (one - other) ** 2;
    own += one * one;
    others += other * other;
  }
  if (metric === 'l2') return { distance: squares, size: own + others };
  if (metric === 'ip') return { distance: -dot, size: Math.sqrt(own * others) };
  return { distance: 1 - dot / Math.sqrt(own * others), size: 1 };
}
