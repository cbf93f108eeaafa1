import { seededRandom } from '@lucerna/base';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import {
  type Collection,
  type CreateCollection,
  DEFAULT_DATABASE,
  type VectorDatabase,
} from '../collection-api.ts';
import type { VectorDatabaseOptions } from '../database.ts';
import type { Metric } from '../metric.ts';
import type { RecordBatch } from '../record.ts';
import { NaiveRecords, randomBatch, randomValues, recall } from './naive-records.ts';

/** Where a database is: it can be opened again and again. */
export type DatabasePlace = {
  /** Opens it over the ports of the platform: its folder, its clock, its threads if it has some. */
  readonly open: (
    access: 'write' | 'read',
    options?: VectorDatabaseOptions,
  ) => Promise<VectorDatabase>;
};

/** What the suite needs to know about a platform. */
export type DatabaseComplianceOptions = {
  /** True: nothing outlives the database, and nothing is opened again. */
  readonly isVolatile?: boolean;
};

type MakePlace = () => Promise<DatabasePlace> | DatabasePlace;

/**
 * Registers the tests that a vector database passes on every platform.
 *
 * @param makePlace a new one each time, in which there is nothing
 */
export function databaseCompliance(
  name: string,
  makePlace: MakePlace,
  options: DatabaseComplianceOptions = {},
): void {
  describe(`${name} holds a vector database`, () => {
    names(makePlace);
    records(makePlace);
    searches(makePlace);
    lifeCycle(makePlace);
    if (options.isVolatile === true) return;
    persistence(makePlace);
    readers(makePlace);
    space(makePlace);
  });
}

/** Runs `test` with a new database, and closes it. */
async function using(
  makePlace: MakePlace,
  test: (database: VectorDatabase, place: DatabasePlace) => Promise<void>,
): Promise<void> {
  const place = await makePlace();
  const database = await place.open('write');
  try {
    await test(database, place);
  } finally {
    await database.close();
  }
}

/** The same with a new collection. */
async function usingCollection(
  makePlace: MakePlace,
  options: Partial<CreateCollection>,
  test: (collection: Collection, database: VectorDatabase) => Promise<void>,
): Promise<void> {
  await using(makePlace, async (database) => {
    const collection = await database.createCollection(DEFAULT_DATABASE, {
      name: 'things',
      ...options,
    });
    await test(collection, database);
  });
}

function found(database: VectorDatabase, name: string = 'things'): Collection {
  const collection = database.findCollection(DEFAULT_DATABASE, name);
  if (collection === undefined) throw new Error(`there is no collection ${name}`);
  return collection;
}

function names(makePlace: MakePlace): void {
  it('has the default tenant and database, and no collection', async () => {
    await using(makePlace, async (database) => {
      expect(database.access).toBe('write');
      expect(database.tenants()).toEqual([DEFAULT_DATABASE.tenant]);
      expect(database.findDatabase(DEFAULT_DATABASE)).toMatchObject(DEFAULT_DATABASE);
      expect(database.collections(DEFAULT_DATABASE)).toEqual([]);
    });
  });

  it('keeps names apart by tenant and database', async () => {
    await using(makePlace, async (database) => {
      const other = { tenant: 'other', database: 'archive' };
      await database.createTenant('other');
      await database.createDatabase(other);
      const here = await database.createCollection(DEFAULT_DATABASE, { name: 'same' });
      const there = await database.createCollection(other, { name: 'same' });
      expect(here.id).not.toBe(there.id);
      expect(database.findCollection(other, 'same')?.id).toBe(there.id);
      const taken = database.createCollection(other, { name: 'same' });
      await expect(taken).rejects.toMatchObject({ code: 'COLLECTION_EXISTS' });
      await expect(database.createTenant('other')).rejects.toMatchObject({ code: 'TENANT_EXISTS' });
      await database.deleteDatabase(other);
      expect(database.collectionById(there.id)).toBeUndefined();
      expect(database.collectionById(here.id)?.name).toBe('same');
      await expect(there.add(batch(['a'], 1))).rejects.toMatchObject({
        code: 'COLLECTION_UNKNOWN',
      });
    });
  });

  it('renames and deletes collections', async () => {
    await usingCollection(
      makePlace,
      { metadata: new Map([['a', 1n]]) },
      async (things, database) => {
        await things.add(batch(['a'], 1, 2));
        await database.modifyCollection(things.id, {
          name: 'others',
          efSearch: 99,
          metadata: null,
        });
        expect(things).toMatchObject({ name: 'others', index: { efSearch: 99 } });
        expect(things.metadata).toBeUndefined();
        expect(database.findCollection(DEFAULT_DATABASE, 'things')).toBeUndefined();
        await database.deleteCollection(things.id);
        expect(database.collections(DEFAULT_DATABASE)).toEqual([]);
        const unknown = database.deleteCollection(things.id);
        await expect(unknown).rejects.toMatchObject({ code: 'COLLECTION_UNKNOWN' });
      },
    );
  });
}

function batch(ids: readonly string[], ...values: number[]): RecordBatch {
  return batchOf(ids, Float32Array.from(values));
}

/** As an array: a browser's worker has no room on its stack for so many arguments. */
function batchOf(ids: readonly string[], embeddings: Float32Array): RecordBatch {
  return { ids, embeddings, dimension: embeddings.length / ids.length };
}

function records(makePlace: MakePlace): void {
  it('keeps records as they were given', async () => {
    await usingCollection(makePlace, {}, async (things) => {
      const metadata = new Map<string, bigint | number | boolean | readonly string[]>([
        ['large', 2n ** 63n - 1n],
        ['float', 1.5],
        ['flag', false],
        ['list', ['ä', '\u0000', '😀']],
      ]);
      const record = {
        id: 'ä/😀',
        metadata,
        document: 'a text\nof two lines',
        uri: 'file:///a',
        payload: '{"a": 1.0}',
        provenance: { author: 'me', source: 'https://a', timeMs: 1_700_000_000_000 },
      };
      await things.add({
        ...batch([record.id], 0.1, -2, 3e-40),
        metadatas: [metadata],
        documents: [record.document],
        uris: [record.uri],
        payloads: [record.payload],
        provenances: [record.provenance],
      });
      expect(things.record(record.id)).toEqual(record);
      expect(things.embedding(record.id)).toEqual(Float32Array.of(0.1, -2, 3e-40));
    });
  });

  it('makes a call as a whole or not at all', async () => {
    await usingCollection(makePlace, {}, async (things) => {
      await things.add(batch(['a', 'b'], 1, 2, 3, 4));
      const before = things.get();
      const refused: [string, Promise<unknown>][] = [
        ['ID_EXISTS', things.add(batch(['c', 'a'], 1, 2, 3, 4))],
        ['ID_DUPLICATE', things.upsert(batch(['c', 'c'], 1, 2, 3, 4))],
        ['DIMENSION_MISMATCH', things.upsert(batch(['c'], 1, 2, 3))],
        ['EMBEDDING_NOT_FINITE', things.upsert(batch(['c', 'a'], 1, 2, Number.NaN, 4))],
        ['COLUMN_LENGTH_MISMATCH', things.upsert({ ...batch(['c'], 1, 2), documents: [] })],
      ];
      for (const [code, call] of refused) await expect(call).rejects.toMatchObject({ code });
      expect(things.get()).toEqual(before);
    });
  });

  it('finds by metadata and documents', async () => {
    await usingCollection(makePlace, {}, async (things) => {
      const ids = Array.from({ length: 60 }, (_, index) => `id-${index}`);
      await things.add({
        ...batchOf(ids, randomValues(120, 5)),
        metadatas: ids.map((_, index) => new Map([['n', BigInt(index)]])),
        documents: ids.map((_, index) => (index % 3 === 0 ? `number ${index}` : undefined)),
      });
      const where = { kind: 'greaterOrEqual', key: 'n', value: 29.5 } as const;
      const whereDocument = { kind: 'documentMatches', pattern: 'r [3-4]\\d$' } as const;
      const matching = ['id-30', 'id-33', 'id-36', 'id-39', 'id-42', 'id-45', 'id-48'];
      expect(things.get({ where, whereDocument }).map(({ id }) => id)).toEqual(matching);
      const query = { embeddings: Float32Array.of(1, 1), limit: 10, where, whereDocument };
      const [hits = []] = await things.query(query);
      expect(hits.map(({ record }) => record.id).sort()).toEqual(matching);
      expect(await things.delete({ where, whereDocument, limit: 3 })).toBe(3);
      expect(things.get({ where, whereDocument }).map(({ id }) => id)).toEqual(matching.slice(3));
    });
  });

  it('agrees with a map over random calls', async () => {
    await usingCollection(makePlace, { index: { metric: 'l2', mode: 'exact' } }, randomCalls);
  });
}

async function randomCalls(things: Collection): Promise<void> {
  const random = seededRandom(21);
  const model = new NaiveRecords('l2');
  for (let round = 0; round < 60; round += 1) {
    const change = randomBatch(random, 6);
    switch (random.below(4)) {
      case 0:
        expect(await things.add(change, { onExisting: 'ignore' })).toBe(model.add(change));
        break;
      case 1: {
        const ids = change.ids.slice(0, 2);
        expect(await things.delete({ ids })).toBe(model.delete(ids));
        break;
      }
      default:
        expect(await things.upsert(change)).toBe(model.upsert(change));
    }
    expectSame(things, model);
  }
}

function expectSame(things: Collection, model: NaiveRecords): void {
  expect([...things.ids()]).toEqual(model.ids());
  for (const id of model.ids()) {
    expect(things.embedding(id)).toEqual(model.embedding(id));
    expect(things.record(id)?.document).toBe(model.document(id));
  }
}

function searches(makePlace: MakePlace): void {
  it.each<Metric>(['cosine', 'l2', 'ip'])('finds exactly the nearest by %s', async (metric) => {
    await usingCollection(makePlace, { index: { metric, mode: 'exact' } }, async (things) => {
      const model = await filled(things, metric, 1_500, 24);
      const queries = randomValues(20 * 24, 8);
      const limit = 10;
      const results = await things.query({ embeddings: queries, limit });
      results.forEach((hits, index) => {
        const query = queries.subarray(index * 24, (index + 1) * 24);
        const expected = model.nearest(query, limit);
        expect(hits.map(({ record }) => record.id)).toEqual(expected.map(({ id }) => id));
        hits.forEach(({ distance }, rank) => {
          expect(distance).toBeCloseTo(expected[rank]?.distance ?? Number.NaN, 4);
        });
      });
    });
  });

  it.each(['hnsw', 'auto', 'binary'] as const)('finds nearly all by %s', async (mode) => {
    const index = { metric: 'cosine', mode, efSearch: 100 } as const;
    await usingCollection(makePlace, { index }, async (things) => {
      const model = await filled(things, 'cosine', 1_500, 24);
      await things.settled();
      const queries = randomValues(20 * 24, 8);
      const results = await things.query({ embeddings: queries, limit: 10 });
      const expected = results.map((_, place) =>
        model.nearest(queries.subarray(place * 24, (place + 1) * 24), 10).map(({ id }) => id),
      );
      const got = results.map((hits) => hits.map(({ record }) => record.id));
      // Random embeddings of so few values are the worst case for signs alone.
      expect(recall(got, expected)).toBeGreaterThan(mode === 'binary' ? 0.5 : 0.95);
      expect(got.every((ids) => ids.length === 10)).toBe(true);
    });
  });

  it('answers many queries at once as one after the other', async () => {
    await usingCollection(makePlace, { index: { mode: 'exact' } }, async (things) => {
      await filled(things, 'cosine', 1_000, 24);
      const queries = randomValues(40 * 24, 8);
      const request = { embeddings: queries, limit: 5 };
      const together = await things.query(request);
      const single = await Promise.all(
        together.map((_, index) => {
          const embeddings = queries.slice(index * 24, (index + 1) * 24);
          return things.query({ embeddings, limit: 5 });
        }),
      );
      expect(single.flat()).toEqual(together);
    });
  });
}

/** Fills a collection with random records, of which a part is replaced and deleted again. */
async function filled(
  things: Collection,
  metric: Metric,
  count: number,
  dimension: number,
): Promise<NaiveRecords> {
  const model = new NaiveRecords(metric);
  const randomly = (ids: readonly string[], seed: number): RecordBatch =>
    batchOf(ids, randomValues(ids.length * dimension, seed));
  const ids = Array.from({ length: count }, (_, index) => `id-${index}`);
  const first = randomly(ids, 1);
  const second = randomly(ids.slice(0, count / 5), 2);
  const gone = ids.slice(count - count / 10);
  await things.add(first);
  await things.upsert(second);
  await things.delete({ ids: gone });
  model.add(first);
  model.upsert(second);
  model.delete(gone);
  return model;
}

function lifeCycle(makePlace: MakePlace): void {
  it('ends with everything that was asked for before', async () => {
    const database = await (await makePlace()).open('write');
    const things = await database.createCollection(DEFAULT_DATABASE, { name: 'things' });
    const added = things.add(batch(['a'], 1, 2));
    await database.close();
    await database.close();
    expect(await added).toBe(1);
    const closed = { code: 'DATABASE_CLOSED' };
    await expect(things.add(batch(['b'], 1, 2))).rejects.toMatchObject(closed);
    await expect(database.persist()).rejects.toMatchObject(closed);
    expect(() => database.tenants()).toThrow(expect.objectContaining(closed));
  });

  it('is as new after a reset', async () => {
    await usingCollection(makePlace, {}, async (things, database) => {
      await database.createTenant('other');
      await things.add(batch(['a'], 1, 2));
      await database.reset();
      expect(database.tenants()).toEqual([DEFAULT_DATABASE.tenant]);
      expect(database.collections(DEFAULT_DATABASE)).toEqual([]);
      const again = await database.createCollection(DEFAULT_DATABASE, { name: 'things' });
      expect(await again.add(batch(['a'], 1, 2, 3))).toBe(1);
    });
  });
}

function persistence(makePlace: MakePlace): void {
  it.each(['process', 'power'] as const)('keeps what was written at level %s', async (level) => {
    const place = await makePlace();
    const random = seededRandom(4);
    const model = new NaiveRecords('cosine');
    let database = await place.open('write', { durability: level });
    await database.createCollection(DEFAULT_DATABASE, { name: 'things', attributes: '{"a":1}' });
    for (let round = 0; round < 12; round += 1) {
      const things = found(database);
      for (let call = 0; call < 4; call += 1) {
        const change = randomBatch(random, 6);
        expect(await things.upsert(change)).toBe(model.upsert(change));
        const ids = change.ids.slice(0, 1);
        if (random.below(2) === 0) expect(await things.delete({ ids })).toBe(model.delete(ids));
      }
      if (round % 3 === 0) await things.compact();
      if (round % 4 === 0) await database.persist();
      await database.close();
      database = await place.open('write', { durability: level });
      expectSame(found(database), model);
      expect(found(database).attributes).toBe('{"a":1}');
    }
    await database.close();
  });

  it('keeps graph and dimension', async () => {
    const place = await makePlace();
    let database = await place.open('write');
    const index = { metric: 'l2', mode: 'hnsw', efSearch: 80 } as const;
    await database.createCollection(DEFAULT_DATABASE, { name: 'things', index });
    const model = await filled(found(database), 'l2', 600, 16);
    await found(database).settled();
    await found(database).compact();
    const queries = randomValues(10 * 16, 3);
    await database.close();
    database = await place.open('write');
    const things = found(database);
    expect(things.index).toMatchObject(index);
    expect(things.identity.dimension).toBe(16);
    expect(things.statistics()).toMatchObject({ records: 540, indexed: 540, waiting: 0, dead: 0 });
    const results = await things.query({ embeddings: queries, limit: 10 });
    const got = results.map((hits) => hits.map(({ record }) => record.id));
    const expected = got.map((_, place) =>
      model.nearest(queries.subarray(place * 16, (place + 1) * 16), 10).map(({ id }) => id),
    );
    expect(recall(got, expected)).toBeGreaterThan(0.95);
    await database.close();
  });

  it('has one writer', async () => {
    await using(makePlace, async (_, place) => {
      await expect(place.open('write')).rejects.toMatchObject({ code: 'VECTOR_FOLDER_IN_USE' });
    });
  });
}

function readers(makePlace: MakePlace): void {
  it('shows readers what was written when they look', async () => {
    await using(makePlace, async (database, place) => {
      const things = await database.createCollection(DEFAULT_DATABASE, { name: 'things' });
      await things.add(batch(['a', 'b'], 1, 2, 3, 4));
      const reader = await place.open('read');
      try {
        expect([...found(reader).ids()]).toEqual(['a', 'b']);
        await expect(found(reader).delete({})).rejects.toMatchObject({
          code: 'DATABASE_READ_ONLY',
        });
        await things.delete({ ids: ['a'] });
        await things.compact();
        await things.add(batch(['c'], 5, 6));
        await database.createCollection(DEFAULT_DATABASE, { name: 'later' });
        await reader.refresh();
        expect(found(reader).get()).toEqual(things.get());
        expect(found(reader).embedding('c')).toEqual(Float32Array.of(5, 6));
        expect(found(reader, 'later').count()).toBe(0);
        await database.deleteCollection(things.id);
        await reader.refresh();
        expect(reader.collections(DEFAULT_DATABASE).map(({ name }) => name)).toEqual(['later']);
      } finally {
        await reader.close();
      }
    });
  });
}

function space(makePlace: MakePlace): void {
  it('gives back what deleted records have taken', async () => {
    await usingCollection(
      makePlace,
      { index: { mode: 'hnsw', efConstruction: 40 } },
      async (things) => {
        const dimension = 64;
        const ids = Array.from({ length: 1_200 }, (_, index) => `id-${index}`);
        let most = 0;
        for (let round = 0; round < 6; round += 1) {
          await things.add(batchOf(ids, randomValues(ids.length * dimension, round)));
          const { memoryBytes } = things.statistics();
          if (round === 1) most = memoryBytes;
          if (round > 1) expect(memoryBytes).toBeLessThanOrEqual(most);
          await things.delete({});
          await things.settled();
        }
        expect(things.statistics()).toMatchObject({ records: 0, dead: 0, waiting: 0 });
        await things.compact();
        const { logBytes, snapshotBytes } = things.statistics();
        expect(logBytes + snapshotBytes).toBeLessThan(4_096);
      },
    );
  });
}
