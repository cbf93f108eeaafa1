import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { Selection } from '../../src/collection-api.ts';
import type { Where } from '../../src/filter/where.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { Metric, SearchMode } from '../../src/metric.ts';
import type { RecordBatch } from '../../src/record.ts';
import { NaiveCollection } from './naive-collection.ts';
import { definitionOf, type OpenedCollection, opened } from './support.ts';

const DIMENSION = 3;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'ä', '0', 'long id, longer than most ids are'];

const id = fc.constantFrom(...IDS);
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 5 });
const word = fc.constantFrom('red apple', 'green apple', 'blue sky', '');
const key = fc.constantFrom('n', 'tag', 'list');
const value = fc.constantFrom(1n, 2n, 2.5, 'x', 'y', true, [1n, 2n], ['x', 'z']);

/** Whole numbers, so that distances of l2 and ip are exact in 32 bits, and ties are common. */
const coordinate = fc.integer({ min: -2, max: 2 });

function column<T>(count: number, item: fc.Arbitrary<T>): fc.Arbitrary<(T | null | undefined)[]> {
  const place = fc.oneof(item, fc.constantFrom(null, undefined));
  return fc.array(place, { minLength: count, maxLength: count });
}

const batch: fc.Arbitrary<RecordBatch> = ids.chain((chosen) => {
  const count = chosen.length;
  const values = fc.array(coordinate, {
    minLength: count * DIMENSION,
    maxLength: count * DIMENSION,
  });
  const patch = fc
    .array(fc.tuple(key, fc.option(value)), { maxLength: 2 })
    .map((entries) => new Map(entries));
  return fc.record(
    {
      ids: fc.constant(chosen),
      embeddings: values.map((numbers) => Float32Array.from(numbers)),
      dimension: fc.constant(DIMENSION),
      hasEmbedding: fc.option(fc.uint8Array({ minLength: count, maxLength: count, max: 1 }), {
        nil: undefined,
        freq: 3,
      }),
      documents: column(count, word),
      uris: column(count, word),
      metadatas: column(count, patch),
      payloads: column(count, word),
      provenances: column(count, fc.record({ author: word, timeMs: fc.nat() })),
    },
    { requiredKeys: ['ids', 'embeddings', 'dimension'] },
  );
});

const where: fc.Arbitrary<Where> = fc.oneof(
  fc.record({ kind: fc.constantFrom('equal', 'notEqual'), key, value: fc.constantFrom(1n, 'x') }),
  fc.record({ kind: fc.constantFrom('greater', 'lessOrEqual'), key, value: fc.constant(1.5) }),
  fc.record({ kind: fc.constant('contains'), key, value: fc.constantFrom(2n, 'z') }),
);

const selection: fc.Arbitrary<Selection> = fc.record(
  {
    ids: fc.array(fc.oneof(id, fc.constant('nobody')), { maxLength: 4 }),
    where,
    whereDocument: fc.record({
      kind: fc.constantFrom('documentContains', 'documentNotContains'),
      text: fc.constantFrom('apple', 'red', 'e '),
    }),
  },
  { requiredKeys: [] },
);

const query = fc
  .array(coordinate, { minLength: DIMENSION, maxLength: DIMENSION })
  .map((numbers) => Float32Array.from(numbers));

const write = fc.oneof(
  fc.record({ kind: fc.constantFrom('add', 'addMissing', 'update', 'upsert', 'upsert'), batch }),
  fc.record({ kind: fc.constant('delete'), selection, limit: fc.option(fc.nat(3)) }),
);
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get'), selection }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('query'),
      selection,
      queries: fc.array(query, { minLength: 1, maxLength: 2 }),
      limit: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('compact', 'compactBehind', 'work', 'settled') }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Makes a write in the collection and in the model; both must say the same. */
async function applyWrite(
  collection: OpenedCollection,
  model: NaiveCollection,
  change: Write,
): Promise<void> {
  if (change.kind === 'delete') {
    const request = { ...change.selection, limit: change.limit ?? undefined } as Selection;
    expect(await collection.delete(request)).toBe(model.delete(request));
    return;
  }
  const given = { ...change.batch };
  // Only a change may leave embeddings out.
  if (change.kind === 'add' || change.kind === 'addMissing') delete given.hasEmbedding;
  const onExisting = change.kind === 'add' ? 'refuse' : 'ignore';
  switch (change.kind) {
    case 'add':
    case 'addMissing': {
      const expected = model.add(given, onExisting);
      const added = collection.add(given, { onExisting });
      if (expected !== undefined) expect(await added).toBe(expected);
      else await expect(added).rejects.toMatchObject({ code: 'ID_EXISTS' });
      return;
    }
    case 'update':
      expect(await collection.update(given)).toBe(model.update(given));
      return;
    default: {
      const expected = model.upsert(given);
      const added = collection.upsert(given);
      if (expected !== undefined) expect(await added).toBe(expected);
      else await expect(added).rejects.toMatchObject({ code: 'VECTOR_ARGUMENT_INVALID' });
    }
  }
}

function expectSameContents(collection: OpenedCollection, model: NaiveCollection): void {
  expect(collection.count()).toBe(model.records.size);
  expect([...collection.ids()]).toEqual([...model.records.keys()]);
  expect(collection.get()).toEqual([...model.records.values()].map(({ record }) => record));
  for (const each of [...IDS, 'nobody']) {
    const known = model.records.get(each);
    expect(collection.has(each)).toBe(known !== undefined);
    expect(collection.record(each)).toEqual(known?.record);
    expect(collection.embedding(each)).toEqual(known && Float32Array.from(known.embedding));
  }
}

type QueryStep = Extract<Step, { kind: 'query' }>;

async function expectSameHits(
  collection: OpenedCollection,
  model: NaiveCollection,
  { selection: chosen, queries, limit }: QueryStep,
  isExact: boolean,
): Promise<void> {
  const embeddings = Float32Array.from(queries.flatMap((each) => [...each]));
  const results = await collection.query({ ...chosen, embeddings, dimension: DIMENSION, limit });
  expect(results.length).toBe(queries.length);
  results.forEach((hits, index) => {
    const expected = model.distances(queries[index]!, chosen);
    expect(hits.length).toBe(Math.min(limit, expected.length));
    const found = new Set(hits.map(({ record }) => record.id));
    expect(found.size).toBe(hits.length);
    hits.forEach(({ record, distance }, rank) => {
      expect(record).toEqual(model.records.get(record.id)?.record);
      expect(distance).toBeCloseTo(model.distance(queries[index]!, record.id), 5);
      if (isExact) expect(distance).toBeCloseTo(expected[rank]!.distance, 5);
    });
    const distances = hits.map(({ distance }) => distance);
    expect(distances).toEqual(distances.toSorted((left, right) => left - right));
  });
}

async function run(metric: Metric, mode: SearchMode, steps: readonly Step[]): Promise<void> {
  const disk = new MemoryVectorDisk();
  const definition = definitionOf({ metric, mode, maxNeighbors: 4, efConstruction: 20 });
  const model = new NaiveCollection(metric);
  let collection = await opened(disk, definition);
  const compactions: Promise<void>[] = [];
  for (const each of steps) {
    switch (each.kind) {
      case 'get':
        expect(collection.get(each.selection)).toEqual(model.select(each.selection));
        break;
      case 'query':
        await expectSameHits(collection, model, each, mode !== 'binary');
        break;
      case 'reopen':
        await collection.end();
        collection = await opened(disk, definition);
        break;
      case 'compact':
        await collection.compact();
        break;
      case 'compactBehind':
        compactions.push(collection.compact().catch(expectClosed));
        break;
      case 'settled':
        await collection.settled();
        break;
      case 'work':
        while (collection.hasWork()) collection.work();
        break;
      default:
        await applyWrite(collection, model, each);
    }
    expectSameContents(collection, model);
  }
  await Promise.all(compactions);
  await collection.end();
  const again = await opened(disk, definition);
  expectSameContents(again, model);
  await again.end();
}

/** A compaction that has not begun when the collection is closed is left out. */
function expectClosed(error: unknown): void {
  expect(error).toMatchObject({ code: 'DATABASE_CLOSED' });
}

const metric = fc.constantFrom<Metric>('l2', 'ip', 'cosine');
const mode = fc.constantFrom<SearchMode>('exact', 'auto', 'hnsw', 'binary');

describe('a collection', () => {
  it('agrees with a naive one over random calls, restarts and compactions', async () => {
    await fc.assert(
      fc.asyncProperty(metric, mode, fc.array(step, { maxLength: 40, size: 'max' }), run),
      runs(150),
    );
  });
});
