import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import type { Metric, SearchMode } from '../../src/metric.ts';
import { fakeThreads } from './fake-threads.ts';
import {
  type Found,
  found,
  hurryingClock,
  IndexModel,
  openIndex,
  rowSet,
  smallSegmentBytes,
} from './index-support.ts';

const DIMENSION = 4;
const METRICS: readonly Metric[] = ['cosine', 'l2', 'ip'];

/** Few values, so that many rows are equally far; whole numbers, so that distances are exact. */
const embedding = fc.array(fc.integer({ min: -2, max: 2 }), {
  minLength: DIMENSION,
  maxLength: DIMENSION,
});

/** One of the directions, and how far it is scaled. */
const scaled = fc.record({ place: fc.nat(4), power: fc.integer({ min: -20, max: 20 }) });

type Step =
  | { readonly kind: 'add'; readonly embeddings: readonly (readonly number[])[] }
  | { readonly kind: 'remove'; readonly places: readonly number[] }
  | { readonly kind: 'work' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'pin' }
  | { readonly kind: 'unpin' }
  | {
      readonly kind: 'search';
      readonly queries: readonly (readonly number[])[];
      readonly limit: number;
      readonly modulus: number | undefined;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      embeddings: fc.array(embedding, { minLength: 1, maxLength: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      places: fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'work' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'pin' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unpin' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      queries: fc.array(embedding, { minLength: 1, maxLength: 5 }),
      limit: fc.integer({ min: 1, max: 60 }),
      modulus: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }),
    }),
  },
);

/** An index beside a model of it. */
class Pair {
  readonly index: VectorIndex;
  readonly model: IndexModel;
  readonly #releases: (() => void)[] = [];

  constructor(index: VectorIndex, metric: Metric) {
    this.index = index;
    this.model = new IndexModel(metric);
  }

  async run(action: Step, check: (action: Search, pair: Pair) => Promise<void>): Promise<void> {
    const { index, model } = this;
    switch (action.kind) {
      case 'add': {
        const { embeddings } = action;
        const values = Float32Array.from(embeddings.flat());
        const rows = await index.mutate(() => index.add(values, embeddings.length));
        rows.forEach((row, place) => {
          expect(model.embeddings.has(row)).toBe(false);
          model.embeddings.set(row, embeddings[place]!);
        });
        break;
      }
      case 'remove':
        for (const place of action.places) {
          const { rows } = model;
          if (rows.length === 0) return;
          const row = rows[place % rows.length]!;
          await index.mutate(() => index.remove(row));
          model.embeddings.delete(row);
        }
        break;
      case 'work':
        index.work();
        break;
      case 'settle':
        for (const release of this.#releases.splice(0)) release();
        await index.settled();
        expect(index.statistics()).toMatchObject({ dead: 0 });
        break;
      case 'pin':
        this.#releases.push(index.snapshot().release);
        break;
      case 'unpin':
        this.#releases.shift()?.();
        break;
      case 'search':
        await check(action, this);
        break;
    }
    this.#compare();
  }

  #compare(): void {
    const { index, model } = this;
    expect([...index.live.rows()]).toEqual(model.rows);
    const target = new Float32Array(DIMENSION);
    for (const row of model.rows) {
      index.read(row, target, 0);
      expect([...target]).toEqual(model.embeddings.get(row)!.map(Math.fround));
    }
  }
}

type Search = Extract<Step, { readonly kind: 'search' }>;

function allowedRows({ modulus }: Search, { model }: Pair): ReadonlySet<number> | undefined {
  if (modulus === undefined) return undefined;
  // Also rows that are not live: the index leaves them out.
  const rows = Array.from({ length: (model.rows.at(-1) ?? 0) + 40 }, (_, row) => row);
  return new Set(rows.filter((row) => row % modulus === 0));
}

async function search(action: Search, pair: Pair, mode?: SearchMode) {
  const allowed = allowedRows(action, pair);
  const hits = await pair.index.search(Float32Array.from(action.queries.flat()), {
    limit: action.limit,
    efSearch: 10,
    mode,
    allowed: allowed === undefined ? undefined : rowSet(allowed),
  });
  expect(hits.length).toBe(action.queries.length);
  return { hits: hits.map(found), allowed };
}

/** Exactly the nearest ones, in their order. */
async function checkExact(action: Search, pair: Pair): Promise<void> {
  const { hits, allowed } = await search(action, pair, 'exact');
  for (const [place, query] of action.queries.entries()) {
    const expected = pair.model.nearest(query, action.limit, allowed);
    expect(hits[place]).toEqual(expected);
  }
}

/** As many as match, each allowed, with its distance, in order. */
async function checkGraph(action: Search, pair: Pair): Promise<void> {
  const { hits, allowed } = await search(action, pair);
  for (const [place, query] of action.queries.entries()) {
    const expected = pair.model.nearest(query, action.limit, allowed);
    const actual = hits[place]!;
    expect(actual.length).toBe(expected.length);
    const ordered = pair.model.nearest(query, actual.length, new Set(actual.map(({ row }) => row)));
    expect(actual).toEqual(ordered);
    for (const { row } of actual) expect(allowed?.has(row) ?? true).toBe(true);
  }
}

const runs = { numRuns: Number(process.env['LUCERNA_FUZZ_RUNS'] ?? 100) };

describe('vector index', () => {
  it.each(['l2', 'ip'] as const)('is exact for %s, ties included', async (metric) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.constantFrom<SearchMode>('exact', 'hnsw', 'auto', 'binary'),
        async (steps, mode) => {
          const index = openIndex({ metric, mode, maxNeighbors: 4, efConstruction: 8 });
          const pair = new Pair(index, metric);
          for (const action of steps) await pair.run(action, checkExact);
          await index.close();
        },
      ),
      runs,
    );
  });

  it('orders rows of one direction by their number for cosine', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(embedding, { minLength: 1, maxLength: 5, selector: String }),
        fc.array(scaled, { minLength: 1, maxLength: 200 }),
        embedding,
        fc.integer({ min: 1, max: 60 }),
        async (directions, rows, query, limit) => {
          // Scaled by powers of two, so that the distance is the same to the last bit.
          const places = rows.map(({ place }) => place % directions.length);
          const values = rows.flatMap(({ power }, index) =>
            directions[places[index]!]!.map((value) => value * 2 ** power),
          );
          const index = openIndex({ metric: 'cosine', mode: 'exact' });
          await index.mutate(() => index.add(Float32Array.from(values), rows.length));
          const [hits] = await index.search(Float32Array.from(query), { limit, efSearch: 10 });
          await index.close();
          checkDirections(found(hits!), { directions, places, query, limit });
        },
      ),
      runs,
    );
  });

  it.each(['l2', 'ip'] as const)('finds as many as match by a graph for %s', async (metric) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(2), async (steps, exactWorth) => {
        const options = { metric, mode: 'hnsw', maxNeighbors: 4, efConstruction: 8 } as const;
        const index = openIndex(options, { exactWorth });
        const pair = new Pair(index, metric);
        for (const action of steps) await pair.run(action, checkGraph);
        await index.close();
      }),
      runs,
    );
  });

  it('answers alike with any number of threads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 20 }),
        fc.constantFrom<SearchMode>('exact', 'hnsw', 'binary'),
        fc.constantFrom(...METRICS),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(0, 2),
        async (steps, mode, metric, parallelism, exactWorth) => {
          const options = { metric, mode, maxNeighbors: 4, efConstruction: 8 };
          const alone = new Pair(openIndex(options, { exactWorth }), metric);
          const threads = fakeThreads(parallelism);
          const shared = { exactWorth, threads, sharedNs: 0, offloadedNs: 0 };
          const together = new Pair(openIndex(options, shared), metric);
          const answers: unknown[][] = [[], []];
          for (const [side, pair] of [alone, together].entries()) {
            for (const action of steps) {
              await pair.run(action, async (request) => {
                answers[side]!.push((await search(request, pair)).hits);
              });
            }
            await pair.index.close();
          }
          expect(answers[1]).toEqual(answers[0]);
        },
      ),
      runs,
    );
  });

  it('spreads rows over several memories', async () => {
    const initial = Array.from({ length: 1_300 }, (_, row) => [
      row % 5,
      row % 7,
      row % 11,
      row % 3,
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.constantFrom<SearchMode>('exact', 'hnsw', 'auto', 'binary'),
        async (steps, mode) => {
          const options = { metric: 'l2', mode, maxNeighbors: 4, efConstruction: 8 } as const;
          const index = openIndex(options, {
            exactWorth: 0,
            segmentBytes: smallSegmentBytes(mode),
            graphFromRows: 500,
          });
          const pair = new Pair(index, 'l2');
          await pair.run({ kind: 'add', embeddings: initial }, checkExact);
          expect(index.statistics().segments).toBeGreaterThan(1);
          for (const action of steps) {
            await pair.run(action, checkExact);
            await pair.run(action, checkGraph);
          }
          await index.close();
        },
      ),
      { numRuns: 10 },
    );
  });

  it('shows a read one moment, whatever is written meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, isGraph) => {
        const threads = fakeThreads(2);
        const index = openIndex(
          { metric: 'l2', mode: isGraph ? 'hnsw' : 'exact', maxNeighbors: 4, efConstruction: 8 },
          { threads, sharedNs: 0, offloadedNs: 0, clock: hurryingClock() },
        );
        const model = new IndexModel('l2');
        await Promise.all(steps.map((action) => startStep(index, model, action)));
        await index.close();
      }),
      runs,
    );
  });
});

function checkDirections(
  actual: readonly Found[],
  expected: {
    readonly directions: readonly (readonly number[])[];
    /** By row, which direction it has. */
    readonly places: readonly number[];
    readonly query: readonly number[];
    readonly limit: number;
  },
): void {
  const { directions, places, query, limit } = expected;
  expect(actual.length).toBe(Math.min(limit, places.length));
  const model = new IndexModel('cosine');
  directions.forEach((direction, place) => {
    model.embeddings.set(place, direction);
  });
  const distance = (row: number): number => model.distance(query, places[row]!);
  for (const [place, { row, distance: given }] of actual.entries()) {
    expect(given).toBeCloseTo(distance(row), 5);
    const next = actual[place + 1];
    if (next === undefined) continue;
    expect(given < next.distance || (given === next.distance && row < next.row)).toBe(true);
  }
  const included = new Set(actual.map(({ row }) => row));
  for (const row of places.keys()) {
    if (included.has(row)) continue;
    for (const other of included) {
      expect(distance(other)).toBeLessThan(distance(row) + 1e-5);
      // Of one direction, those with the lower numbers come first.
      if (places[other] === places[row]) expect(other).toBeLessThan(row);
    }
  }
}

/** A step that waits for no other: the index puts them in order. */
async function startStep(index: VectorIndex, model: IndexModel, action: Step): Promise<void> {
  switch (action.kind) {
    case 'add':
      await index.mutate(() => {
        const { embeddings } = action;
        const rows = index.add(Float32Array.from(embeddings.flat()), embeddings.length);
        rows.forEach((row, place) => {
          model.embeddings.set(row, embeddings[place]!);
        });
      });
      break;
    case 'remove':
      await index.mutate(() => {
        for (const row of model.rows.filter((_, place) => action.places.includes(place))) {
          index.remove(row);
          model.embeddings.delete(row);
        }
      });
      break;
    case 'search':
      await index.reading(async (search) => {
        const expected = action.queries.map((query) => model.nearest(query, action.limit));
        const queries = Float32Array.from(action.queries.flat());
        const hits = await search(queries, { limit: action.limit, efSearch: 10, mode: 'exact' });
        expect(hits.map(found)).toEqual(expected);
        expect([...index.live.rows()]).toEqual(model.rows);
      });
      break;
    case 'settle':
      await index.settled();
      break;
    default:
      index.work();
  }
}
