import { isLucernaError, seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { MAX_LEVEL } from '../../src/kernel/layout.ts';
import { levelOf } from '../../src/kernel/levels.ts';
import type { Segment } from '../../src/kernel/segment.ts';
import type { Metric } from '../../src/metric.ts';
import { RowSet } from '../../src/row-set.ts';
import {
  clusteredValues,
  foundRows,
  insertRows,
  LINKS,
  makeSegment,
  normalValues,
  recallOf,
} from './segment-support.ts';

const DIMENSION = 16;

function builtSegment(values: Float32Array, metric: Metric = 'l2'): Segment {
  const segment = makeSegment({ dimension: DIMENSION, metric });
  const rows = values.length / DIMENSION;
  segment.append(values, 0, rows);
  insertRows(segment, 0, rows);
  return segment;
}

/** Rows that a walk with a wide search does not find though they are the query. */
function lostRows(segment: Segment, values: Float32Array): number[] {
  const lost: number[] = [];
  for (let slot = 0; slot < segment.rows; slot += 1) {
    if (!segment.isLive(slot)) continue;
    segment.setQuery(0, values, slot * DIMENSION);
    segment.walk(0, 5, 128, 'int8');
    if (!segment.slots(0).includes(slot)) lost.push(slot);
  }
  return lost;
}

describe('levels', () => {
  it('are distributed as the paper asks for, and the same for the same row', () => {
    const counts = new Array<number>(MAX_LEVEL + 1).fill(0);
    for (let sequence = 0; sequence < 2 ** 18; sequence += 1) {
      const level = levelOf(sequence, 16);
      counts[level] = (counts[level] as number) + 1;
      expect(levelOf(sequence, 16)).toBe(level);
    }
    const [, first, second, third] = counts as [number, number, number, number];
    expect(first / 2 ** 18).toBeCloseTo(15 / 256, 2);
    expect(second).toBeGreaterThan(850);
    expect(second).toBeLessThan(1_070);
    expect(third).toBeGreaterThan(35);
    expect(third).toBeLessThan(85);
  });

  it('stay below their bound, also for few links and very long numbers', () => {
    for (let index = 0; index < 20_000; index += 1) {
      expect(levelOf(2 ** 52 + index, 2)).toBeLessThanOrEqual(MAX_LEVEL);
    }
    expect(levelOf(2 ** 40, 16)).toBe(levelOf(2 ** 40, 16));
  });
});

describe('a walk', () => {
  it.each<readonly [Metric, string, (seed: number) => Float32Array]>([
    ['cosine', 'random', (seed) => normalValues(3_000 * DIMENSION, seed)],
    ['l2', 'random', (seed) => normalValues(3_000 * DIMENSION, seed)],
    ['ip', 'random', (seed) => normalValues(3_000 * DIMENSION, seed)],
    ['cosine', 'clustered', (seed) => clusteredValues(3_000, DIMENSION, seed)],
    ['l2', 'clustered', (seed) => clusteredValues(3_000, DIMENSION, seed)],
  ])('finds nearly all for %s among %s rows', (metric, _name, make) => {
    const segment = builtSegment(make(11), metric);
    const queries = make(12).subarray(0, 100 * DIMENSION);
    for (const traversal of ['int8', 'f32'] as const) {
      const recall = recallOf(segment, queries, 10, (one) => one.walk(0, 10, 128, traversal));
      expect(recall).toBeGreaterThan(0.98);
    }
    const wide = recallOf(segment, queries, 10, (one) => one.walk(0, 10, 2_000, 'f32'));
    expect(wide).toBeGreaterThan(0.999);
  });

  it('gives the distances of an exact scan, in its order', () => {
    const values = clusteredValues(2_000, DIMENSION, 13);
    const segment = builtSegment(values, 'cosine');
    const exact = new Map<number, number>();
    for (const traversal of ['int8', 'f32'] as const) {
      segment.setQuery(0, values, 500 * DIMENSION);
      segment.scan(0, 2_000, 0, 2_000);
      const all = foundRows(segment);
      all.slots.forEach((slot, index) => {
        exact.set(slot, all.distances[index] as number);
      });
      segment.walk(0, 50, 100, traversal);
      const { slots, distances } = foundRows(segment);
      expect(distances).toStrictEqual(slots.map((slot) => exact.get(slot)));
      const places = slots.map((slot) => all.slots.indexOf(slot));
      expect(places).toStrictEqual([...places].sort((a, b) => a - b));
    }
  });

  it('heeds a filter, and finds what it allows however little that is', () => {
    const values = normalValues(4_000 * DIMENSION, 14);
    const segment = builtSegment(values);
    for (const part of [2, 20, 400]) {
      const allowed = new RowSet();
      for (let row = 3; row < 4_000; row += part) allowed.add(row);
      let hits = 0;
      for (let query = 0; query < 20; query += 1) {
        segment.setQuery(0, values, query * DIMENSION);
        segment.scanFiltered(0, 5, allowed.words, 0);
        const expected = foundRows(segment).slots;
        expect(segment.walk(0, 5, 64, 'int8', allowed.words, 0)).toBe(5);
        const { slots } = foundRows(segment);
        expect(slots.every((slot) => allowed.has(slot))).toBe(true);
        hits += slots.filter((slot) => expected.includes(slot)).length;
      }
      expect(hits).toBeGreaterThan(97);
    }
  });

  it('gives up where it may take too few steps', () => {
    const values = normalValues(2_000 * DIMENSION, 15);
    const segment = builtSegment(values);
    const allowed = new RowSet();
    allowed.add(1_999);
    segment.setQuery(0, values, 0);
    expect(segment.walk(0, 1, 10, 'int8', allowed.words, 0)).toBe(1);
    expect(segment.walk(0, 1, 10, 'int8', allowed.words, 0, 20)).toBe(0);
  });
});

describe('the graph', () => {
  it('is the same whenever the same rows are inserted', () => {
    const values = clusteredValues(1_000, DIMENSION, 20);
    const [one, other] = [builtSegment(values), builtSegment(values)] as const;
    const words = new Uint32Array(one.graphWords);
    const others = new Uint32Array(one.graphWords);
    for (let slot = 0; slot < 1_000; slot += 1) {
      const count = one.exportGraph(slot, words);
      expect(other.exportGraph(slot, others)).toBe(count);
      expect(words.subarray(0, count)).toStrictEqual(others.subarray(0, count));
    }
  });

  it('finds rows that are all alike, as many as are wanted', () => {
    const values = new Float32Array(1_500 * DIMENSION).fill(0.25);
    const segment = builtSegment(values, 'cosine');
    segment.setQuery(0, values, 0);
    expect(segment.walk(0, 20, 64, 'int8')).toBe(20);
    expect(segment.walk(0, 1_500, 1_500, 'int8')).toBeGreaterThan(1_490);
  });

  it('leads to all of many rows that are alike, and to the others around them', () => {
    const rows = 3_000;
    const values = clusteredValues(rows, DIMENSION, 28);
    for (let slot = 0; slot < rows; slot += 10) values.copyWithin(slot * DIMENSION, 0, DIMENSION);
    const segment = builtSegment(values);
    segment.setQuery(0, values, 0);
    expect(segment.walk(0, 300, 320, 'int8')).toBe(300);
    expect([...segment.distances(0)].filter((distance) => distance === 0).length).toBe(300);
    // A walk of 128 candidates sees no more than that many of them: what only others lead to it misses.
    const lost = lostRows(segment, values).filter((slot) => slot % 10 !== 0);
    expect(lost.length).toBeLessThan(rows / 100);
  });

  it('loses no row', () => {
    const values = clusteredValues(3_000, DIMENSION, 21);
    expect(lostRows(builtSegment(values), values).length).toBeLessThanOrEqual(3);
  });

  it('does not give dead rows, and none that are live are lost by a repair', () => {
    const rows = 3_000;
    const values = clusteredValues(rows, DIMENSION, 22);
    const segment = builtSegment(values);
    const random = seededRandom(1);
    const dead: number[] = [];
    // All of one cluster, the entry point, and a third of the others.
    for (let slot = 0; slot < rows; slot += 1) {
      const isDeleted = slot % 20 === 0 || slot === segment.entryPoint || random.below(3) === 0;
      if (isDeleted) dead.push(slot);
    }
    for (const slot of dead) segment.markDead(slot);
    expect([segment.dead, segment.live]).toStrictEqual([dead.length, rows - dead.length]);
    expect(lostRows(segment, values).length).toBeLessThanOrEqual(3);
    for (const slot of dead) {
      segment.setQuery(0, values, slot * DIMENSION);
      segment.walk(0, 10, 64, 'int8');
      expect([...segment.slots(0)].every((found) => segment.isLive(found))).toBe(true);
    }
    for (let from = 0; from < rows; from += 500) segment.repair(from, Math.min(rows, from + 500));
    expect(segment.isLive(segment.entryPoint ?? 0)).toBe(true);
    expectNoLinksTo(segment, new Set(dead));
    for (const slot of dead) segment.release(slot);
    expect([segment.dead, segment.live]).toStrictEqual([0, rows - dead.length]);
    expect(lostRows(segment, values).length).toBeLessThanOrEqual(3);
    const queries = clusteredValues(100, DIMENSION, 23);
    const recall = recallOf(segment, queries, 10, (one) => one.walk(0, 10, 128, 'int8'));
    expect(recall).toBeGreaterThan(0.97);
  });

  it('stays as good, and as large, however often rows are exchanged', () => {
    const rows = 1_500;
    const values = clusteredValues(rows, DIMENSION, 24);
    const segment = builtSegment(values);
    const { bytes } = segment;
    const random = seededRandom(2);
    let sequence = rows;
    for (let round = 0; round < 20; round += 1) {
      const dead = new Set<number>();
      while (dead.size < 300) dead.add(random.below(rows));
      for (const slot of dead) segment.markDead(slot);
      segment.repair(0, rows);
      for (const slot of dead) segment.release(slot);
      const fresh = clusteredValues(dead.size, DIMENSION, 100 + round);
      [...dead].forEach((slot, index) => {
        segment.write(slot, fresh, index * DIMENSION);
        values.set(fresh.subarray(index * DIMENSION, (index + 1) * DIMENSION), slot * DIMENSION);
        segment.insert(slot, levelOf(sequence, LINKS));
        sequence += 1;
      });
    }
    expect(segment.indexed).toBe(rows);
    expect(segment.bytes).toBe(bytes);
    expect(lostRows(segment, values).length).toBeLessThanOrEqual(3);
    const queries = clusteredValues(100, DIMENSION, 25);
    const recall = recallOf(segment, queries, 10, (one) => one.walk(0, 10, 128, 'int8'));
    expect(recall).toBeGreaterThan(0.97);
  });

  it('can lose all of its rows and begin anew', () => {
    const values = normalValues(300 * DIMENSION, 26);
    const segment = builtSegment(values);
    for (let slot = 0; slot < 300; slot += 1) segment.markDead(slot);
    segment.setQuery(0, values, 0);
    expect(segment.walk(0, 10, 64, 'int8')).toBe(0);
    segment.repair(0, 300);
    expect(segment.entryPoint).toBeUndefined();
    for (let slot = 0; slot < 300; slot += 1) segment.release(slot);
    for (let slot = 0; slot < 300; slot += 1) {
      segment.write(slot, values, slot * DIMENSION);
      segment.insert(slot, levelOf(slot + 7, LINKS));
    }
    expect(lostRows(segment, values)).toStrictEqual([]);
  });

  it('takes rows of the highest level, as far as there is room for their links', () => {
    const values = normalValues(200 * DIMENSION, 27);
    const segment = makeSegment({ dimension: DIMENSION, maxNeighbors: 4 });
    segment.append(values, 0, 200);
    const words = new Uint32Array(segment.graphWords);
    let levels = 0;
    for (let slot = 0; slot < 200; slot += 1) {
      segment.insert(slot, MAX_LEVEL);
      segment.exportGraph(slot, words);
      levels += words[0] as number;
    }
    expect(levels).toBeGreaterThan(200);
    expect(levels).toBeLessThan(200 * MAX_LEVEL);
    expect(lostRows(segment, values).length).toBeLessThanOrEqual(2);
  });
});

describe('taking a graph out and in', () => {
  const rows = 1_200;
  const values = clusteredValues(rows, DIMENSION, 30);
  const source = builtSegment(values);
  const words = new Uint32Array(source.graphWords);

  function exported(slot: number): Uint32Array {
    return words.slice(0, source.exportGraph(slot, words));
  }

  function expectSameWalks(one: Segment, other: Segment): void {
    for (let query = 0; query < 50; query += 1) {
      for (const segment of [one, other]) {
        segment.setQuery(0, values, query * 20 * DIMENSION);
        segment.walk(0, 10, 50, 'int8');
      }
      expect(foundRows(other)).toStrictEqual(foundRows(one));
    }
  }

  it('gives the same graph, which can be added to', () => {
    const target = makeSegment({ dimension: DIMENSION });
    target.append(values, 0, rows);
    const places = Array.from({ length: rows }, (_, slot) => exported(slot));
    const joined = Uint32Array.from(places.flatMap((place) => [...place]));
    let offset = 0;
    for (let slot = 0; slot < rows; slot += 1) offset += target.importGraph(slot, joined, offset);
    expect(offset).toBe(joined.length);
    target.finishImport();
    expect([target.indexed, target.isIndexed(rows - 1)]).toStrictEqual([rows, true]);
    expectSameWalks(source, target);
    const more = clusteredValues(10, DIMENSION, 31);
    target.append(more, 0, 10);
    insertRows(target, rows, rows + 10);
    const all = Float32Array.of(...values, ...more);
    expect(lostRows(target, all).length).toBeLessThanOrEqual(2);
  });

  it('leaves out what leads to rows that are not there', () => {
    const target = makeSegment({ dimension: DIMENSION });
    const kept = 900;
    target.append(values, 0, kept);
    target.release(5);
    for (let slot = 0; slot < kept; slot += 1) {
      if (slot !== 5 && slot % 10 !== 1) target.importGraph(slot, exported(slot));
    }
    target.finishImport();
    const absent = new Set(Array.from({ length: rows - kept }, (_, index) => kept + index));
    absent.add(5);
    for (let slot = 1; slot < kept; slot += 10) absent.add(slot);
    expectNoLinksTo(target, absent);
    for (let slot = 1; slot < kept; slot += 10) target.insert(slot, levelOf(slot, LINKS));
    const lost = lostRows(target, values);
    expect(lost.length).toBeLessThanOrEqual(9);
  });

  it('survives words that are of no graph', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 60; round += 1) {
      const target = makeSegment({ dimension: DIMENSION, maxBytes: 2 ** 24, lanes: 1 });
      target.append(values, 0, 200);
      for (let slot = 0; slot < 200; slot += 1) {
        const damaged = exported(slot);
        const place = random.below(damaged.length);
        damaged[place] = random.below(4) === 0 ? random.below(2 ** 32) : random.below(300);
        importOrRefuse(target, slot, damaged.subarray(0, damaged.length - random.below(2)));
      }
      target.finishImport();
      target.setQuery(0, values, 0);
      const count = target.walk(0, 10, 50, 'int8');
      expect([...target.slots(0)].every((slot) => target.isLive(slot))).toBe(true);
      expect(count).toBeLessThanOrEqual(10);
      for (let slot = 0; slot < 200; slot += 1) {
        if (!target.isIndexed(slot)) target.insert(slot, levelOf(slot, LINKS));
      }
    }
  });

  /** Either takes the words, or says that they are damaged and leaves the row as it was. */
  function importOrRefuse(target: Segment, slot: number, place: Uint32Array): void {
    try {
      target.importGraph(slot, place);
    } catch (error) {
      expect(isLucernaError(error, 'VECTOR_SNAPSHOT_CORRUPT')).toBe(true);
      expect(target.isIndexed(slot)).toBe(false);
    }
  }
});

function expectNoLinksTo(segment: Segment, gone: ReadonlySet<number>): void {
  const words = new Uint32Array(segment.graphWords);
  for (let slot = 0; slot < segment.rows; slot += 1) {
    if (!segment.isLive(slot) || !segment.isIndexed(slot)) continue;
    segment.exportGraph(slot, words);
    let at = 1;
    for (let layer = 0; layer <= (words[0] as number); layer += 1) {
      const count = words[at] as number;
      const links = words.subarray(at + 1, at + 1 + count);
      expect([...links].filter((link) => gone.has(link))).toStrictEqual([]);
      at += 1 + count;
    }
  }
}
