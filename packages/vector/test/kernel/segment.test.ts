import { AssertionError } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { vectorLimits } from '../../src/limits.ts';
import type { Metric } from '../../src/metric.ts';
import { foundRows, insertRows, makeSegment, normalValues } from './segment-support.ts';

describe('rows of a segment', () => {
  it('give back what they were given, bit for bit', () => {
    const values = Float32Array.of(1, -0, 3e-45, 3.4e38, -1.5, 0.1, 2 ** -126, 7, 8);
    const segment = makeSegment({ dimension: 9, metric: 'ip' });
    expect(segment.append(values, 0, 1)).toBe(0);
    const target = new Float32Array(11);
    segment.read(0, target, 1);
    expect(target).toStrictEqual(Float32Array.of(0, ...values, 0));
  });

  it.each([1, 3, 16, 48, 384, 4_096])(
    'are many of dimension %i, over several blocks',
    (dimension) => {
      const rows = dimension > 1_000 ? 40 : 1_100;
      const segment = makeSegment({ dimension, lanes: 1 });
      const values = normalValues(rows * dimension, dimension);
      const first = Math.floor(rows / 3);
      expect(segment.append(values, 0, first)).toBe(0);
      expect(segment.append(values, first * dimension, rows - first)).toBe(first);
      expect(segment.rows).toBe(rows);
      expect(segment.live).toBe(rows);
      const target = new Float32Array(dimension);
      for (let slot = 0; slot < rows; slot += 1) {
        segment.read(slot, target, 0);
        expect(target).toStrictEqual(values.slice(slot * dimension, (slot + 1) * dimension));
      }
    },
  );

  it('are used again when they are free', () => {
    const segment = makeSegment({ dimension: 2 });
    segment.append(Float32Array.of(1, 1, 2, 2, 3, 3), 0, 3);
    segment.release(1);
    expect([segment.live, segment.isLive(1)]).toStrictEqual([2, false]);
    segment.setQuery(0, Float32Array.of(2, 2), 0);
    segment.scan(0, 3, 0, 3);
    expect(foundRows(segment)).toStrictEqual({ slots: [0, 2], distances: [2, 2] });
    segment.write(1, Float32Array.of(9, 2, 2), 1);
    segment.scan(0, 1, 0, 3);
    expect(foundRows(segment)).toStrictEqual({ slots: [1], distances: [0] });
    expect([segment.rows, segment.live]).toStrictEqual([3, 3]);
  });

  it('fill a segment up to its capacity, which is a multiple of 1,024', () => {
    const segment = makeSegment({ dimension: 1, hasGraph: false, lanes: 1, maxBytes: 1_200_000 });
    expect(segment.capacity % 1_024).toBe(0);
    const count = segment.capacity;
    segment.append(normalValues(count, 1), 0, count);
    expect(segment.rows).toBe(count);
    expect(segment.bytes).toBeLessThanOrEqual(1_200_000);
    expect(() => segment.append(Float32Array.of(1), 0, 1)).toThrow(AssertionError);
  });

  it('take as little memory as there are of them', () => {
    const options = { dimension: 1_536, metric: 'cosine', lanes: 1, maxBytes: 2 ** 32 } as const;
    const segment = makeSegment(options);
    const values = normalValues(1_536 * 100, 1);
    segment.append(values, 0, 1);
    const little = segment.bytes;
    expect(little).toBeLessThan(2_500_000);
    for (let index = 0; index < 20; index += 1) segment.append(values, 0, 100);
    expect(segment.bytes - little).toBeLessThan(2_000 * 9_000);
  });

  it('are refused where there are none', () => {
    const segment = makeSegment({ dimension: 2 });
    segment.append(Float32Array.of(1, 2), 0, 1);
    const target = new Float32Array(2);
    const wrong: readonly (() => unknown)[] = [
      () => segment.append(Float32Array.of(1, 2, 3), 0, 2),
      () => segment.write(0, target, 0),
      () => segment.read(1, target, 0),
      () => segment.read(0, target, 1),
      () => segment.insert(1, 0),
      () => segment.insert(0, 16),
      () => segment.markDead(0),
      () => segment.repair(0, 2),
      () => segment.setQuery(2, target, 0),
      () => segment.setQuery(0, target, 1),
      () => segment.scan(0, 1, 0, 2),
      () => segment.scan(0, vectorLimits.values.results + 1, 0, 1),
      () => makeSegment({ dimension: vectorLimits.values.dimension + 1 }),
      () => makeSegment({ maxBytes: 1_000 }),
      () => makeSegment().shared,
    ];
    for (const task of wrong) expect(task).toThrow(AssertionError);
  });
});

describe('distances of a segment', () => {
  const query = Float32Array.of(3, 4);
  const rows = Float32Array.of(3, 4, -3, -4, 0, 0, 30, 40, -4, 3);

  it.each<readonly [Metric, number[], number[]]>([
    ['cosine', [0, 3, 2, 4, 1], [0, 0, 1, 1, 2]],
    ['l2', [0, 2, 4, 1, 3], [0, 25, 50, 100, 2_025]],
    ['ip', [3, 0, 2, 4, 1], [-250, -25, 0, 0, 25]],
  ])('are those of %s, equal ones in the order of the rows', (metric, slots, distances) => {
    const segment = makeSegment({ dimension: 2, metric });
    segment.append(rows, 0, 5);
    segment.setQuery(0, query, 0);
    segment.scan(0, 5, 0, 5);
    const found = foundRows(segment);
    expect(found.slots).toStrictEqual(slots);
    found.distances.forEach((distance, index) => {
      expect(distance).toBeCloseTo(distances[index] as number, 6);
    });
  });

  it('are 1 for cosine where one of both has no length', () => {
    const segment = makeSegment({ dimension: 2, metric: 'cosine' });
    segment.append(rows, 0, 5);
    segment.setQuery(0, Float32Array.of(0, 0), 0);
    segment.scan(0, 5, 0, 5);
    expect(foundRows(segment)).toStrictEqual({
      slots: [0, 1, 2, 3, 4],
      distances: [1, 1, 1, 1, 1],
    });
  });

  it('that overflow come last, and none is NaN', () => {
    for (const metric of ['cosine', 'l2', 'ip'] as const) {
      const segment = makeSegment({ dimension: 2, metric });
      const huge = Float32Array.of(3e38, -3e38, 1, 1, -3e38, 3e38, 3e38, 3e38);
      segment.append(huge, 0, 4);
      segment.setQuery(0, huge, 0);
      expect(segment.scan(0, 4, 0, 4)).toBe(4);
      const { distances } = foundRows(segment);
      expect(distances.some(Number.isNaN)).toBe(false);
      expect(distances).toStrictEqual([...distances].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }
  });
});

describe('a scan of signs', () => {
  it('reranks those rows in which the fewest signs differ', () => {
    const segment = makeSegment({ dimension: 130, metric: 'cosine' });
    const values = normalValues(130 * 3_000, 5);
    segment.append(values, 0, 3_000);
    segment.setQuery(0, values, 130 * 77);
    expect(segment.scanBinary(0, 10, 3_000)).toBe(10);
    const all = foundRows(segment);
    segment.scan(0, 10, 0, 3_000);
    expect(all).toStrictEqual(foundRows(segment));
    segment.scanBinary(0, 20, 20);
    const negative = (slot: number, index: number): boolean =>
      (values[slot * 130 + index] as number) < 0;
    const differing = (slot: number): number =>
      Array.from({ length: 130 }, (_, index) => index).filter(
        (index) => negative(slot, index) !== negative(77, index),
      ).length;
    const expected = Array.from({ length: 3_000 }, (_, slot) => slot)
      .sort((one, other) => differing(one) - differing(other) || one - other)
      .slice(0, 20);
    expect(foundRows(segment).slots.sort((a, b) => a - b)).toStrictEqual(
      expected.sort((a, b) => a - b),
    );
  });

  it('heeds a filter and dead rows', () => {
    const segment = makeSegment({ dimension: 8, metric: 'l2' });
    const values = normalValues(8 * 200, 6);
    segment.append(values, 0, 200);
    insertRows(segment, 0, 200);
    segment.markDead(4);
    segment.setQuery(0, values, 8 * 4);
    const words = Uint32Array.of(0, 0b1111_0000, 0b1);
    expect(segment.scanBinary(0, 10, 100, words, 1)).toBe(4);
    expect([...segment.slots(0)].sort((a, b) => a - b)).toStrictEqual([5, 6, 7, 32]);
  });
});

describe('searches of a segment', () => {
  it('find nothing where there is nothing, or nothing is wanted', () => {
    const segment = makeSegment({ dimension: 2 });
    segment.setQuery(0, Float32Array.of(1, 2), 0);
    expect(segment.scan(0, 5, 0, 0)).toBe(0);
    expect(segment.scanFiltered(0, 5, new Uint32Array(0), 0)).toBe(0);
    expect(segment.scanBinary(0, 5, 10)).toBe(0);
    expect(segment.walk(0, 5, 10, 'int8')).toBe(0);
    segment.append(Float32Array.of(1, 2), 0, 1);
    expect(segment.scan(0, 0, 0, 1)).toBe(0);
    expect(segment.walk(0, 1, 10, 'f32')).toBe(0);
    segment.insert(0, 0);
    expect(segment.walk(0, 0, 10, 'f32')).toBe(0);
    expect(segment.walk(0, 1, 10, 'f32')).toBe(1);
    expect(segment.count(0)).toBe(1);
    expect(segment.count(1)).toBe(0);
  });

  it('of one lane leave the results and the query of another alone, and so does inserting', () => {
    const segment = makeSegment({ dimension: 16 });
    const values = normalValues(16 * 400, 7);
    segment.append(values, 0, 400);
    insertRows(segment, 0, 300);
    segment.setQuery(0, values, 0);
    segment.setQuery(1, values, 16 * 9);
    segment.scan(0, 10, 0, 400);
    const before = foundRows(segment);
    segment.walk(1, 10, 50, 'int8');
    insertRows(segment, 300, 400);
    expect(foundRows(segment)).toStrictEqual(before);
    segment.scan(0, 10, 0, 400);
    expect(foundRows(segment)).toStrictEqual(before);
    segment.scan(1, 1, 0, 400);
    expect([...segment.slots(1)]).toStrictEqual([9]);
  });
});
