import { seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { NaiveRecords, randomValues, recall } from '../src/compliance/naive-records.ts';
import type { Metric } from '../src/metric.ts';
import type { RecordBatch } from '../src/record.ts';
import { definitionOf, exactIds, type OpenedCollection, opened } from './collection/support.ts';

const DIMENSION = 32;
const COUNT = 4_000;
const QUERIES = 40;

/** Around so many points, as embeddings of texts about as many subjects lie. */
const CLUSTERS = 40;

/** Embeddings that lie in clusters, with a tenth of the distance between those. */
function clusteredValues(count: number, seed: number): Float32Array {
  const centres = randomValues(CLUSTERS * DIMENSION, 77);
  const noise = randomValues(count * DIMENSION, seed);
  const random = seededRandom(seed);
  const values = new Float32Array(count * DIMENSION);
  for (let row = 0; row < count; row += 1) {
    const centre = random.below(CLUSTERS) * DIMENSION;
    for (let index = 0; index < DIMENSION; index += 1) {
      const place = row * DIMENSION + index;
      values[place] = centres[centre + index]! + noise[place]! / 10;
    }
  }
  return values;
}

type Data = 'random' | 'clustered';

function dataOf(data: Data, count: number, seed: number): Float32Array {
  return data === 'random' ? randomValues(count * DIMENSION, seed) : clusteredValues(count, seed);
}

/** Ids say the order: those with the same distance are compared by it. */
function batchOf(
  embeddings: Float32Array,
  prefix: string = 'id',
): RecordBatch & {
  readonly embeddings: Float32Array;
} {
  const dimension = DIMENSION;
  const ids = Array.from(
    { length: embeddings.length / dimension },
    (_, index) => `${prefix}-${String(index).padStart(5, '0')}`,
  );
  return {
    ids,
    embeddings,
    dimension,
    metadatas: ids.map((_, index) => new Map([['share', BigInt(index % 100)]])),
  };
}

async function idsOf(
  collection: OpenedCollection,
  embeddings: Float32Array,
  request: Omit<Parameters<OpenedCollection['query']>[0], 'embeddings'>,
): Promise<string[][]> {
  const results = await collection.query({ embeddings, ...request });
  return results.map((hits) => hits.map(({ record }) => record.id));
}

const metrics: readonly Metric[] = ['cosine', 'l2', 'ip'];
const both: readonly Data[] = ['random', 'clustered'];
const cases = metrics.flatMap((metric) => both.map((data) => ({ metric, data })));

describe.each(cases)('recall of $metric on $data embeddings', ({ metric, data }) => {
  const batch = batchOf(dataOf(data, COUNT, 1));
  const queries = dataOf(data, QUERIES, 2);

  it('is 1 in exact mode, with the nearest first', async () => {
    const collection = await opened(undefined, definitionOf({ metric, mode: 'exact' }));
    await collection.add(batch);
    const found = await idsOf(collection, queries, { limit: 10 });
    expect(found).toEqual(exactIds(metric, batch, queries, 10));
    await collection.end();
  });

  it('is high in a graph, grows with the candidates, and lives through changes', async () => {
    const collection = await opened(undefined, definitionOf({ metric, mode: 'hnsw' }));
    await collection.add(batch);
    await collection.settled();
    const expected = exactIds(metric, batch, queries, 10);
    const recalls: number[] = [];
    for (const efSearch of [10, 50, 200, 1_000]) {
      recalls.push(recall(await idsOf(collection, queries, { limit: 10, efSearch }), expected));
    }
    expect(recalls[1]).toBeGreaterThan(0.85);
    expect(recalls[2]).toBeGreaterThan(0.95);
    expect(recalls[3]).toBeGreaterThan(0.99);
    expect(recalls[0]).toBeLessThan(recalls[3]!);
    const f32 = { limit: 10, efSearch: 200, traversal: 'f32' } as const;
    expect(recall(await idsOf(collection, queries, f32), expected)).toBeGreaterThan(0.95);

    // A third is deleted, and another third gets new embeddings.
    const model = new NaiveRecords(metric);
    model.add(batch);
    const third = Math.floor(COUNT / 3);
    const gone = batch.ids.slice(0, third);
    const moved = { ...batchOf(dataOf(data, third, 3)), ids: batch.ids.slice(third, 2 * third) };
    await collection.delete({ ids: gone });
    await collection.upsert(moved);
    model.delete(gone);
    model.upsert(moved);
    const later = Array.from({ length: QUERIES }, (_, index) =>
      model
        .nearest(queries.subarray(index * DIMENSION, (index + 1) * DIMENSION), 10)
        .map(({ id }) => id),
    );
    for (const isSettled of [false, true]) {
      if (isSettled) await collection.settled();
      const found = await idsOf(collection, queries, { limit: 10, efSearch: 200 });
      expect(recall(found, later)).toBeGreaterThan(0.95);
    }
    await collection.end();
  });

  it.each([1, 10, 50])('is high, with all results, where %i of 100 match', async (share) => {
    const collection = await opened(undefined, definitionOf({ metric, mode: 'auto' }));
    await collection.add(batch);
    await collection.settled();
    const where = { kind: 'less', key: 'share', value: BigInt(share) } as const;
    const matching = batch.ids.filter((_, index) => index % 100 < share);
    const model = new NaiveRecords(metric);
    model.add(batch);
    model.delete(batch.ids.filter((_, index) => index % 100 >= share));
    const expected = Array.from({ length: QUERIES }, (_, index) =>
      model
        .nearest(queries.subarray(index * DIMENSION, (index + 1) * DIMENSION), 10)
        .map(({ id }) => id),
    );
    for (const mode of ['auto', 'hnsw', 'exact'] as const) {
      const found = await idsOf(collection, queries, { limit: 10, efSearch: 100, mode, where });
      expect(found.every((ids) => ids.length === 10)).toBe(true);
      expect(recall(found, expected)).toBeGreaterThan(mode === 'exact' ? 0.999 : 0.95);
    }
    // More than match are wanted: all that match come.
    const limit = matching.length + 5;
    for (const mode of ['auto', 'hnsw'] as const) {
      const [all = []] = await idsOf(collection, queries.subarray(0, DIMENSION), {
        limit,
        mode,
        where,
      });
      expect(all.toSorted()).toEqual(matching);
    }
    await collection.end();
  });
});

describe('exact mode', () => {
  it.each(metrics)('puts equal distances in the order of their rows: %s', async (metric) => {
    const collection = await opened(undefined, definitionOf({ metric, mode: 'exact' }));
    // Five embeddings, two hundred times each, mixed.
    const kinds = Float32Array.from({ length: 5 * DIMENSION }, (_, index) => (index * 7) % 5);
    const values = new Float32Array(1_000 * DIMENSION);
    for (let row = 0; row < 1_000; row += 1) {
      const kind = ((row * 3) % 5) * DIMENSION;
      values.set(kinds.subarray(kind, kind + DIMENSION), row * DIMENSION);
    }
    const batch = batchOf(values);
    await collection.add(batch);
    const query = kinds.slice(DIMENSION, 2 * DIMENSION);
    const [all = []] = await collection.query({ embeddings: query, limit: 1_000 });
    for (let rank = 1; rank < all.length; rank += 1) {
      const [before, after] = [all[rank - 1]!, all[rank]!];
      expect(before.distance).toBeLessThanOrEqual(after.distance);
      if (before.distance === after.distance) {
        expect(before.record.id < after.record.id).toBe(true);
      }
    }
    // The first of them are the same, wherever the cut falls.
    for (const limit of [1, 7, 199, 200, 201, 450]) {
      const [some = []] = await collection.query({ embeddings: query, limit });
      expect(some.map(({ record }) => record.id)).toEqual(
        all.slice(0, limit).map(({ record }) => record.id),
      );
    }
    await collection.end();
  });

  it.each(metrics)('tells apart what codes of 8 bits cannot: %s', async (metric) => {
    const collection = await opened(undefined, definitionOf({ metric, mode: 'exact' }));
    // One embedding, with one value moved by so little that all have the same code.
    const base = randomValues(DIMENSION, 5);
    const count = 2_000;
    const values = new Float32Array(count * DIMENSION);
    const random = seededRandom(6);
    for (let row = 0; row < count; row += 1) {
      values.set(base, row * DIMENSION);
      values[row * DIMENSION + (row % DIMENSION)]! += random.below(1_000) / 1e6;
    }
    const batch = batchOf(values);
    await collection.add(batch);
    const model = new NaiveRecords(metric);
    model.add(batch);
    const query = Float32Array.from(base, (value, index) => value + (index % 3) / 10);
    const [hits = []] = await collection.query({ embeddings: query, limit: 25 });
    const sorted = model.nearest(query, count);
    const worst = sorted[24]!.distance;
    const trueDistance = new Map(sorted.map(({ id, distance }) => [id, distance]));
    expect(hits.length).toBe(25);
    // Right but for the rounding of 32 bits, which is a thousandth of what the values differ by.
    const rounding = 4e-6;
    for (const { record, distance } of hits) {
      expect(Math.abs(distance - trueDistance.get(record.id)!)).toBeLessThan(rounding);
      expect(trueDistance.get(record.id)!).toBeLessThan(worst + rounding);
    }
    await collection.end();
  });

  it('finds an embedding of extreme size, and orders what overflows last', async () => {
    const collection = await opened(undefined, definitionOf({ metric: 'l2', mode: 'exact' }));
    const values = new Float32Array(4 * DIMENSION);
    values.fill(1e-30, DIMENSION, 2 * DIMENSION);
    values.fill(1e18, 2 * DIMENSION, 3 * DIMENSION);
    values.fill(3e38, 3 * DIMENSION);
    await collection.add(batchOf(values));
    const query = new Float32Array(DIMENSION).fill(1e18);
    const [hits = []] = await collection.query({ embeddings: query, limit: 4 });
    expect(hits.map(({ record }) => record.id)).toEqual([
      'id-00002',
      'id-00000',
      'id-00001',
      'id-00003',
    ]);
    expect(hits.map(({ distance }) => distance)).toEqual([
      0,
      expect.any(Number),
      expect.any(Number),
      Infinity,
    ]);
    await collection.end();
  });
});
