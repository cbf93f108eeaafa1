import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Metric } from '../../src/metric.ts';
import {
  clusteredValues,
  foundRows,
  insertRows,
  makeSegment,
  normalValues,
  recallOf,
} from './segment-support.ts';

// Embeddings of any size that f32 has: what is found is what f64 finds.

const METRICS: readonly Metric[] = ['cosine', 'l2', 'ip'];
/** The largest number of f32. */
const MOST = 3.4028234663852886e38;

type Case = {
  readonly metric: Metric;
  readonly engine: 'kernel' | 'base-kernel' | 'twin';
  readonly dimension: number;
  readonly rows: number;
  /** Binary exponents of the largest values of rows, and of the query. */
  readonly rowSize: number;
  readonly querySize: number;
  readonly k: number;
  readonly seed: number;
};

const anyCase: fc.Arbitrary<Case> = fc.record({
  metric: fc.constantFrom(...METRICS),
  engine: fc.constantFrom('kernel' as const, 'base-kernel' as const, 'twin' as const),
  dimension: fc.constantFrom(1, 3, 16, 33, 200),
  rows: fc.integer({ min: 1, max: 600 }),
  rowSize: fc.integer({ min: -130, max: 128 }),
  querySize: fc.integer({ min: -130, max: 128 }),
  k: fc.constantFrom(1, 10, 600),
  seed: fc.nat(),
});

/** Values whose largest one is just below 2 to the `exponent`. */
function sized(values: Float32Array, exponent: number): Float32Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value) => Math.max(-MOST, Math.min((value / largest) * 2 ** exponent, MOST)));
}

/** What rows are ordered by, in f64, and what its rounding is relative to. */
function measured(
  metric: Metric,
  query: Float32Array,
  row: Float32Array,
): { readonly distance: number; readonly size: number } {
  let [dot, difference, own, others] = [0, 0, 0, 0];
  for (const [index, one] of query.entries()) {
    const other = row[index]!;
    dot += one * other;
    difference += (one - other) ** 2;
    own += one ** 2;
    others += other ** 2;
  }
  if (metric === 'l2') return { distance: difference, size: difference };
  const lengths = Math.sqrt(own) * Math.sqrt(others);
  if (metric === 'ip') return { distance: -dot, size: lengths };
  return { distance: lengths === 0 ? 1 : 1 - dot / lengths, size: 1 };
}

describe('an exact scan of rows of any size', () => {
  it('orders them as f64 does, but for rounding', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { metric, engine, dimension, rows, seed } = one;
        const k = Math.min(one.k, rows);
        // Subnormal values have few digits, which is nothing that a search could mend.
        const values = sized(clusteredValues(rows, dimension, seed), one.rowSize);
        const query = sized(normalValues(dimension, seed + 2), one.querySize);
        const segment = makeSegment({ dimension, metric, hasGraph: false }, engine);
        segment.append(values, 0, rows);
        segment.setQuery(0, query, 0);
        expect(segment.scan(0, k, 0, rows)).toBe(k);
        const { slots, distances } = foundRows(segment);
        const all = Array.from({ length: rows }, (_, slot) =>
          measured(metric, query, values.subarray(slot * dimension, (slot + 1) * dimension)),
        );
        const sorted = all.map(({ distance }) => distance).sort((a, b) => a - b);
        for (const [place, slot] of slots.entries()) {
          const { distance, size } = all[slot]!;
          const tolerance = size * (dimension + 24) * 2 ** -24;
          expect(Math.abs(distances[place]! - distance)).toBeLessThanOrEqual(tolerance);
          expect(Math.abs(sorted[place]! - distance)).toBeLessThanOrEqual(2 * tolerance);
        }
      }),
      runs(150),
    );
  });

  it.each(METRICS)('is the same for embeddings that are times a power of two: %s', (metric) => {
    const [rows, dimension] = [300, 24];
    // Values of few digits, so that none is lost on the way.
    const values = clusteredValues(rows + 1, dimension, 5).map((value) => Math.round(value * 64));
    const found = (times: number): ReturnType<typeof foundRows> => {
      const segment = makeSegment({ dimension, metric, hasGraph: true });
      const multiplied = values.map((value) => value * times);
      segment.append(multiplied, 0, rows);
      insertRows(segment, 0, rows);
      segment.setQuery(0, multiplied, rows * dimension);
      segment.scan(0, 50, 0, rows);
      const exact = foundRows(segment);
      segment.walk(0, 50, 60, 'int8');
      // The graph is the same, too, and so is the way through it.
      const walked = foundRows(segment);
      return {
        slots: [...exact.slots, ...walked.slots],
        distances: [...exact.distances, ...walked.distances],
      };
    };
    const expected = found(1);
    for (const exponent of [-120, -90, -60, -30, 30, 60, 90, 115]) {
      const { slots, distances } = found(2 ** exponent);
      expect(slots).toStrictEqual(expected.slots);
      const unit = metric === 'cosine' ? 1 : 2 ** (2 * exponent);
      for (const [place, distance] of distances.entries()) {
        // In f64 for cosine, so that it is rounded otherwise.
        const error = metric === 'cosine' ? 2 ** -20 : 0;
        expect(Math.abs(distance / unit - expected.distances[place]!)).toBeLessThanOrEqual(error);
      }
    }
  });

  it('tells products apart that are nothing beside 1', () => {
    const segment = makeSegment({ dimension: 1, metric: 'ip', hasGraph: false });
    const values = Float32Array.of(1e-30, 3e-30, -1e-30, 0, 2e-30, -0, 2e-30);
    segment.append(values, 0, 7);
    segment.setQuery(0, Float32Array.of(1e-30), 0);
    segment.scan(0, 7, 0, 7);
    expect(foundRows(segment).slots).toStrictEqual([1, 4, 6, 0, 3, 5, 2]);
    expect(foundRows(segment).distances[0]).toBeCloseTo(-3e-60, 66);
  });

  it('finds what is near beside rows of another size', () => {
    for (const metric of ['l2', 'cosine'] as const) {
      for (const size of [1e-30, 1e-12, 1, 1e15, 1e30]) {
        const segment = makeSegment({ dimension: 2, metric, hasGraph: false });
        const near = [1, 0.1, 1, 0.3, 1, 0.2].map((value) => value * size);
        segment.append(Float32Array.of(-3e38, 3e38, 0, 0, -1e-40, 1e-40, ...near), 0, 6);
        segment.setQuery(0, Float32Array.of(size, 0), 0);
        segment.scan(0, 3, 0, 6);
        expect(foundRows(segment).slots).toStrictEqual([3, 5, 4]);
      }
    }
  });
});

describe('a walk among rows of any size', () => {
  it.each(METRICS)('finds what it finds among ordinary ones: %s', (metric) => {
    const [rows, dimension] = [1_500, 16];
    for (const exponent of [-100, -60, -40, 0, 50, 60, 100, 120]) {
      const values = sized(clusteredValues(rows, dimension, 3), exponent);
      const queries = sized(clusteredValues(20, dimension, 3), exponent);
      const segment = makeSegment({ dimension, metric });
      segment.append(values, 0, rows);
      insertRows(segment, 0, rows);
      for (const traversal of ['int8', 'f32'] as const) {
        const recall = recallOf(segment, queries, 10, (one) => one.walk(0, 10, 80, traversal));
        expect(recall).toBeGreaterThan(metric === 'ip' ? 0.9 : 0.97);
      }
    }
  });
});
