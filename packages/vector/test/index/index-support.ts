import type { Clock } from '@lucerna/base';
import type { IndexConfiguration } from '../../src/configuration.ts';
import { DEFAULT_INDEX } from '../../src/configuration.ts';
import type { Hits } from '../../src/index/hits.ts';
import { VectorIndex, type VectorIndexOptions } from '../../src/index/vector-index.ts';
import { HEADER, segmentHeader } from '../../src/kernel/layout.ts';
import type { Metric, SearchMode } from '../../src/metric.ts';
import { RowSet } from '../../src/row-set.ts';

/** A clock that stands still; what is scheduled runs in a turn of its own. */
export const STANDING_CLOCK: Clock = {
  nowMs: () => 0,
  schedule: (_delayMs, task) => {
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  },
};

/** A clock by which everything takes long, so that whoever takes turns does it at every occasion. */
export function hurryingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => {
      nowMs += 100;
      return nowMs;
    },
    schedule: STANDING_CLOCK.schedule,
  };
}

/** Bytes of a segment that has room for 1,024 rows of 4 values, on one thread. */
export function smallSegmentBytes(mode: SearchMode): number {
  const options = {
    dimension: 4,
    metric: 'l2',
    maxNeighbors: 4,
    efConstruction: 8,
    hasGraph: mode === 'hnsw' || mode === 'auto',
    hasBits: mode === 'binary',
    lanes: 1,
    isShared: false,
  } as const;
  const capacity = (maxBytes: number): number =>
    segmentHeader({ ...options, maxBytes })[HEADER.CAPACITY]!;
  let bytes = 8_000_000;
  while (capacity(bytes) > 1_024) bytes -= 16_384;
  return bytes;
}

/** An index with the given departures from the defaults. */
export function openIndex(
  index: Partial<IndexConfiguration>,
  options: Partial<Omit<VectorIndexOptions, 'index'>> = {},
): VectorIndex {
  return VectorIndex.create({
    dimension: 4,
    clock: STANDING_CLOCK,
    ...options,
    index: { ...DEFAULT_INDEX, ...index },
  });
}

/** What an index holds, in the simplest way. */
export class IndexModel {
  readonly embeddings: Map<number, readonly number[]> = new Map();
  readonly #metric: Metric;

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  get rows(): readonly number[] {
    return [...this.embeddings.keys()].sort((one, other) => one - other);
  }

  /** The nearest rows in the order of (distance, row), with distances rounded to 32 bits. */
  nearest(
    query: readonly number[],
    limit: number,
    allowed?: ReadonlySet<number>,
  ): readonly Found[] {
    return this.rows
      .filter((row) => allowed?.has(row) ?? true)
      .map((row) => ({ row, distance: this.distance(query, row) }))
      .sort((one, other) => compare(one.distance, other.distance) || one.row - other.row)
      .slice(0, limit);
  }

  distance(query: readonly number[], row: number): number {
    return Math.fround(naiveDistance(this.#metric, query, this.embeddings.get(row)!));
  }
}

export type Found = { readonly row: number; readonly distance: number };

export function found({ rows, distances }: Hits): readonly Found[] {
  return Array.from(rows, (row, index) => ({ row, distance: distances[index]! }));
}

export function rowSet(rows: Iterable<number>): RowSet {
  const set = new RowSet();
  for (const row of rows) set.add(row);
  return set;
}

/** The share of the nearest rows that were found. */
export function recall(actual: readonly Found[], expected: readonly Found[]): number {
  const rows = new Set(actual.map(({ row }) => row));
  return expected.filter(({ row }) => rows.has(row)).length / expected.length;
}

function naiveDistance(metric: Metric, one: readonly number[], other: readonly number[]): number {
  const sum = (term: (index: number) => number): number =>
    one.reduce((total, _, index) => total + term(index), 0);
  if (metric === 'l2') return sum((index) => (one[index]! - other[index]!) ** 2);
  const dot = sum((index) => one[index]! * other[index]!);
  if (metric === 'ip') return 1 - dot;
  const lengths = Math.sqrt(sum((i) => one[i]! ** 2)) * Math.sqrt(sum((i) => other[i]! ** 2));
  return lengths === 0 ? 1 : 1 - dot / lengths;
}

function compare(one: number, other: number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
