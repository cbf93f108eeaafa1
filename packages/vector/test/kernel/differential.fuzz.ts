import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SegmentOptions } from '../../src/kernel/layout.ts';
import { levelOf } from '../../src/kernel/levels.ts';
import type { Segment } from '../../src/kernel/segment.ts';
import { embeddingsOf, SegmentPair, SHAPES, type Shape } from './differential-support.ts';

// Whatever is done to a segment: the kernel and its twin give the same results, and their memories are
// the same in every byte after every step.

const METRICS = ['cosine', 'l2', 'ip'] as const;
const LANES = 3;

/** Numbers are taken modulo what there is to choose from. */
type Step =
  | {
      readonly kind: 'append';
      readonly count: number;
      readonly shape: Shape;
      readonly seed: number;
    }
  | { readonly kind: 'write'; readonly place: number; readonly shape: Shape; readonly seed: number }
  | { readonly kind: 'insert'; readonly count: number; readonly level: number | undefined }
  | { readonly kind: 'delete'; readonly places: readonly number[] }
  | { readonly kind: 'repair'; readonly from: number; readonly to: number }
  | { readonly kind: 'clean' }
  | { readonly kind: 'transfer'; readonly modulus: number }
  | {
      readonly kind: 'search';
      readonly lane: number;
      readonly shape: Shape;
      readonly seed: number;
      readonly k: number;
      readonly ef: number;
      readonly steps: number;
      readonly range: readonly [number, number];
      readonly words: readonly number[];
    };

const shape = fc.constantFrom(...SHAPES);
const seed = fc.nat(2 ** 32 - 1);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 60, max: 700 })),
      shape,
      seed,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('write' as const), place: fc.nat(), shape, seed }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      count: fc.integer({ min: 1, max: 200 }),
      level: fc.option(fc.nat(15), { nil: undefined, freq: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      places: fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('repair' as const), from: fc.nat(), to: fc.nat() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clean' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('transfer' as const),
      modulus: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      lane: fc.nat(LANES - 1),
      shape,
      seed,
      k: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 20, max: 10_000 })),
      ef: fc.oneof(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 100, max: 2_000 }),
        // Where a walk with heaps begins.
        fc.constantFrom(1_023, 1_024, 1_025),
      ),
      steps: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
      range: fc.tuple(fc.nat(), fc.nat()),
      words: fc.array(fc.nat(2 ** 32 - 1), { maxLength: 40 }),
    }),
  },
);

function search(pair: SegmentPair, wish: Step & { readonly kind: 'search' }): void {
  const { lane, k, ef, steps } = wish;
  const { rows, dimension, hasBits, hasGraph } = pair.kernel;
  const query = embeddingsOf(2, dimension, wish.shape, wish.seed).subarray(dimension);
  pair.both((segment) => segment.setQuery(lane, query, 0));
  const [from, to] = wish.range.map((place) => place % (rows + 1)).sort((a, b) => a - b);
  const words = Uint32Array.from(wish.words);
  const offset = wish.words.length % 3;
  const run = (task: (segment: Segment) => number): Uint32Array => pair.search(lane, task);
  run((segment) => segment.scan(lane, k, 0, rows));
  run((segment) => segment.scan(lane, k, from!, to!));
  run((segment) => segment.scanFiltered(lane, k, words, offset));
  if (hasBits) {
    run((segment) => segment.scanBinary(lane, k, ef));
    run((segment) => segment.scanBinary(lane, k, ef, words, offset));
  }
  if (!hasGraph) return;
  for (const traversal of ['int8', 'f32'] as const) {
    run((segment) => segment.walk(lane, k, ef, traversal));
    run((segment) => segment.walk(lane, k, ef, traversal, words, offset));
    run((segment) => segment.walk(lane, k, ef, traversal, words, offset, steps));
  }
}

function insert(pair: SegmentPair, count: number, level: number | undefined): void {
  const waiting = pair.waiting.slice(0, count);
  const { maxNeighbors } = pair.options;
  pair.both((segment) => {
    for (const [index, slot] of waiting.entries()) {
      // Some rows reach higher than chance would have it, so that the arenas get full.
      segment.insert(
        slot,
        index % 8 === 0 && level !== undefined ? level : levelOf(slot, maxNeighbors),
      );
    }
  });
}

/** The same rows in a new pair, with the graph of every row but some. */
function transferred(pair: SegmentPair, modulus: number): SegmentPair {
  const next = new SegmentPair(pair.options);
  const { rows, dimension } = pair.kernel;
  const values = new Float32Array(rows * dimension);
  for (let slot = 0; slot < rows; slot += 1) {
    if (!pair.free.includes(slot)) pair.kernel.read(slot, values, slot * dimension);
  }
  next.both((segment) => segment.append(values, 0, rows));
  const { indexed } = pair;
  const isLeftOut = (slot: number): boolean => modulus > 1 && slot % modulus === 0;
  const gone = [...pair.free, ...pair.dead, ...pair.waiting.filter(isLeftOut)];
  next.both((segment) => {
    for (const slot of gone) segment.release(slot);
  });
  if (!pair.kernel.hasGraph) return next;
  for (const slot of indexed) {
    if (isLeftOut(slot)) continue;
    const words = pair.both((segment) => {
      const target = new Uint32Array(segment.graphWords);
      return target.slice(0, segment.exportGraph(slot, target));
    });
    const read = next.both((segment) => segment.importGraph(slot, words));
    expect(read).toBe(words.length);
  }
  next.both((segment) => segment.finishImport());
  return next;
}

/** @returns the pair to go on with */
function apply(pair: SegmentPair, wish: Step): SegmentPair {
  const { rows, dimension, capacity, hasGraph } = pair.kernel;
  switch (wish.kind) {
    case 'append': {
      const count = Math.min(wish.count, capacity - rows);
      const values = embeddingsOf(count + 1, dimension, wish.shape, wish.seed);
      pair.both((segment) => segment.append(values, dimension, count));
      break;
    }
    case 'write': {
      const { free } = pair;
      const slot = free[wish.place % free.length];
      const values = embeddingsOf(1, dimension, wish.shape, wish.seed);
      if (slot !== undefined) pair.both((segment) => segment.write(slot, values, 0));
      break;
    }
    case 'insert':
      if (hasGraph) insert(pair, wish.count, wish.level);
      break;
    case 'delete':
      for (const place of wish.places) {
        const { waiting, indexed } = pair;
        const all = [...waiting, ...indexed];
        const slot = all[place % all.length];
        if (slot === undefined) continue;
        const isIndexed = indexed.includes(slot);
        pair.both((segment) => (isIndexed ? segment.markDead(slot) : segment.release(slot)));
      }
      break;
    case 'repair': {
      const [from, to] = [wish.from, wish.to].map((n) => n % (rows + 1)).sort((a, b) => a - b);
      pair.both((segment) => segment.repair(from!, to!));
      break;
    }
    case 'clean': {
      const { dead } = pair;
      pair.both((segment) => {
        segment.repair(0, segment.rows);
        for (const slot of dead) segment.release(slot);
      });
      break;
    }
    case 'transfer':
      return transferred(pair, wish.modulus);
    case 'search':
      search(pair, wish);
      break;
  }
  return pair;
}

const options: fc.Arbitrary<SegmentOptions> = fc.record({
  dimension: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 100 })),
  metric: fc.constantFrom(...METRICS),
  maxNeighbors: fc.integer({ min: 2, max: 20 }),
  efConstruction: fc.integer({ min: 1, max: 60 }),
  hasGraph: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  hasBits: fc.boolean(),
  lanes: fc.constant(LANES),
  isShared: fc.boolean(),
  maxBytes: fc.constant(8_000_000),
});

describe('the twin', () => {
  it('does what the kernel does, byte for byte', () => {
    const property = fc.property(
      options,
      fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }),
      (chosen, steps) => {
        let pair = new SegmentPair(chosen);
        for (const wish of steps) pair = apply(pair, wish);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});
