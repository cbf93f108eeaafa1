import { seededRandom } from '@lucerna/base';
import type { SegmentOptions } from '../../src/kernel/layout.ts';
import { levelOf } from '../../src/kernel/levels.ts';
import { Segment } from '../../src/kernel/segment.ts';
import type { Engine } from '../../src/kernel/segment-memory.ts';

export const LINKS = 8;

/** A small segment of one thread, unless something else is said. */
export function makeSegment(options: Partial<SegmentOptions> = {}, engine?: Engine): Segment {
  return Segment.create(
    {
      dimension: 8,
      metric: 'l2',
      maxNeighbors: LINKS,
      efConstruction: 64,
      hasGraph: true,
      hasBits: true,
      lanes: 2,
      isShared: false,
      maxBytes: 2 ** 28,
      ...options,
    },
    engine,
  );
}

/** `count` values that look normal: sums of uniform ones. */
export function normalValues(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => {
    let sum = -3;
    for (let index = 0; index < 6; index += 1) sum += random.below(2 ** 24) / 2 ** 24;
    return sum;
  });
}

/** Rows around a few centres, as embeddings of texts are. */
export function clusteredValues(rows: number, dimension: number, seed: number): Float32Array {
  const centres = normalValues(20 * dimension, seed + 1);
  const noise = normalValues(rows * dimension, seed);
  return noise.map((value, index) => {
    const row = Math.floor(index / dimension);
    return value * 0.5 + (centres[(row % 20) * dimension + (index % dimension)] as number);
  });
}

/** Puts the rows `from` … `to` − 1 into the graph. */
export function insertRows(segment: Segment, from: number, to: number): void {
  for (let slot = from; slot < to; slot += 1) segment.insert(slot, levelOf(slot, LINKS));
}

/** What the last search of lane 0 has found. */
export function foundRows(segment: Segment): { slots: number[]; distances: number[] } {
  return { slots: [...segment.slots(0)], distances: [...segment.distances(0)] };
}

/** The exact answer, row by row: a scan of one row gives its distance, whatever its codes say. */
export function nearestRowByRow(
  segment: Segment,
  k: number,
  isAllowed: (slot: number) => boolean = () => true,
): { slots: number[]; distances: number[] } {
  const all: { slot: number; distance: number }[] = [];
  for (let slot = 0; slot < segment.rows; slot += 1) {
    if (!isAllowed(slot) || segment.scan(0, 1, slot, slot + 1) === 0) continue;
    all.push({ slot, distance: segment.distances(0)[0] as number });
  }
  all.sort((one, other) => order(one.distance, other.distance) || one.slot - other.slot);
  const best = all.slice(0, k);
  return {
    slots: best.map(({ slot }) => slot),
    distances: best.map(({ distance }) => distance),
  };
}

/** Also for infinities, whose difference is NaN. */
function order(one: number, other: number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** How many of the rows that are expected were found, on average over some queries. */
export function recallOf(
  segment: Segment,
  queries: Float32Array,
  k: number,
  search: (segment: Segment) => void,
): number {
  const { dimension } = segment;
  let hits = 0;
  for (let offset = 0; offset < queries.length; offset += dimension) {
    segment.setQuery(0, queries, offset);
    segment.scan(0, k, 0, segment.rows);
    const expected = new Set(segment.slots(0));
    search(segment);
    for (const slot of segment.slots(0)) if (expected.has(slot)) hits += 1;
  }
  return (hits * dimension) / (queries.length * k);
}
