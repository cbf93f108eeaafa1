import { afterEach, describe, expect, it } from 'vitest';
import {
  type Collection,
  type CreateCollection,
  DEFAULT_DATABASE,
  type VectorDatabase,
} from '../src/collection-api.ts';
import { randomValues, recall } from '../src/compliance/naive-records.ts';
import { openVectorDatabase } from '../src/database.ts';
import { MemoryVectorDisk } from '../src/memory-folder.ts';
import type { SearchMode } from '../src/metric.ts';
import type { VectorFolder } from '../src/ports.ts';
import { openStoreParts } from '../src/store/store-options.ts';
import { VectorStore } from '../src/store/vector-store.ts';
import { batchOf, one } from './collection/batches.ts';
import { exactIds, portsOver } from './collection/support.ts';

// What went wrong in an earlier database of the same purpose, SvDB, by the numbers of a review of it: one
// test for each that would have found it.

const DIMENSION = 24;
const MODES: readonly SearchMode[] = ['exact', 'hnsw', 'auto', 'binary'];

let opened: VectorDatabase[] = [];

afterEach(async () => {
  for (const database of opened) await database.close();
  opened = [];
});

async function openDatabase(
  disk: MemoryVectorDisk = new MemoryVectorDisk(),
  change: (folder: VectorFolder) => VectorFolder = (folder) => folder,
): Promise<VectorDatabase> {
  const database = await openVectorDatabase(portsOver(change(disk.open('write'))));
  opened.push(database);
  return database;
}

async function reopen(database: VectorDatabase, disk: MemoryVectorDisk): Promise<Collection> {
  await database.close();
  const again = await openDatabase(disk);
  return again.findCollection(DEFAULT_DATABASE, 'things')!;
}

async function newCollection(
  index: CreateCollection['index'] = {},
  database?: VectorDatabase,
): Promise<Collection> {
  const owner = database ?? (await openDatabase());
  return owner.createCollection(DEFAULT_DATABASE, { name: 'things', index });
}

async function idsOf(
  collection: Collection,
  queries: Float32Array,
  request: { readonly limit: number; readonly efSearch?: number },
): Promise<string[][]> {
  const results = await collection.query({ embeddings: queries, ...request });
  return results.map((hits) => hits.map(({ record }) => record.id));
}

describe('the defects of SvDB', () => {
  it.each(MODES)('0: the nearest are kept, not the farthest: %s', async (mode) => {
    const collection = await newCollection({ metric: 'l2', mode });
    const count = 200;
    const values = Float32Array.from({ length: count * 2 }, (_, index) => Math.floor(index / 2));
    await collection.add({ ...batchOf(count, 2), embeddings: values });
    for (const isSettled of [false, true]) {
      if (isSettled) await collection.settled();
      const embeddings = Float32Array.of(70.2, 70.2);
      const [hits = []] = await collection.query({ embeddings, limit: 3 });
      // Signs alone cannot tell them apart: then the best of those that are looked at.
      if (mode !== 'binary') expect(hits[0]?.record.id).toBe('id-70');
      const distances = hits.map(({ distance }) => distance);
      expect(distances).toEqual(distances.toSorted((left, right) => left - right));
      expect(hits.length).toBe(3);
    }
  });

  it('1: a graph keeps finding when it has seen many more rows than candidates', async () => {
    const collection = await newCollection({ mode: 'hnsw', efSearch: 40 });
    const batch = batchOf(3_000, DIMENSION);
    await collection.add(batch);
    await collection.settled();
    const queries = randomValues(30 * DIMENSION, 9);
    const found = await idsOf(collection, queries, { limit: 10 });
    expect(recall(found, exactIds('cosine', batch, queries, 10))).toBeGreaterThan(0.9);
  });

  it('2: a graph is built, from batches too', async () => {
    const collection = await newCollection({ mode: 'hnsw' });
    for (const prefix of ['a', 'b', 'c']) {
      await collection.add(batchOf(100, DIMENSION, { prefix }));
      await collection.settled();
      const { records, indexed, waiting } = collection.statistics();
      expect([indexed, waiting]).toEqual([records, 0]);
    }
  });

  it.each(MODES)(
    '3: what was just added is found, before and after a restart: %s',
    async (mode) => {
      const disk = new MemoryVectorDisk();
      const database = await openDatabase(disk);
      let collection = await newCollection({ mode }, database);
      const batch = batchOf(50, DIMENSION);
      await collection.add(batch);
      expect(await idsOf(collection, batch.embeddings, { limit: 1 })).toEqual(
        batch.ids.map((id) => [id]),
      );
      await database.persist();
      collection = await reopen(database, disk);
      expect(await idsOf(collection, batch.embeddings, { limit: 1 })).toEqual(
        batch.ids.map((id) => [id]),
      );
    },
  );

  it('4: rows that are added one by one get the neighbours that they have', async () => {
    const collection = await newCollection({ mode: 'hnsw', efSearch: 50 });
    const batch = batchOf(400, DIMENSION);
    for (const [index, id] of batch.ids.entries()) {
      const embeddings = batch.embeddings.slice(index * DIMENSION, (index + 1) * DIMENSION);
      await collection.add({ ids: [id], embeddings, dimension: DIMENSION });
      await collection.settled();
      if (index % 20 === 0) {
        const [hit] = (await collection.query({ embeddings, limit: 1 }))[0]!;
        expect(hit?.record.id).toBe(id);
        expect(hit?.distance).toBeCloseTo(0, 5);
      }
    }
    const queries = randomValues(20 * DIMENSION, 9);
    const found = await idsOf(collection, queries, { limit: 10 });
    expect(recall(found, exactIds('cosine', batch, queries, 10))).toBeGreaterThan(0.95);
  });

  it.each(MODES)('5: every mode takes records as soon as it is opened: %s', async (mode) => {
    const collection = await newCollection({ mode });
    expect(await collection.add(one('a', 1, 2, 3))).toBe(1);
    expect(collection.count()).toBe(1);
  });

  it.each(MODES)('6: a search is for its query, also after a restart: %s', async (mode) => {
    const disk = new MemoryVectorDisk();
    const database = await openDatabase(disk);
    const collection = await newCollection({ mode }, database);
    const batch = batchOf(300, DIMENSION);
    await collection.add(batch);
    await collection.settled();
    await collection.compact();
    const again = await reopen(database, disk);
    const found = await idsOf(again, batch.embeddings, { limit: 1 });
    expect(
      recall(
        found,
        batch.ids.map((id) => [id]),
      ),
    ).toBeGreaterThan(0.99);
  });

  it('7: ids outlive a restart, and are not taken twice after it', async () => {
    const disk = new MemoryVectorDisk();
    const database = await openDatabase(disk);
    await (await newCollection({}, database)).add(batchOf(20, DIMENSION));
    const again = await reopen(database, disk);
    expect(again.count()).toBe(20);
    expect([...again.ids()]).toEqual(batchOf(20).ids);
    const twice = again.add(batchOf(1, DIMENSION));
    await expect(twice).rejects.toMatchObject({ code: 'ID_EXISTS' });
  });

  it.each(MODES)('8: deleted records leave no gap and no bytes: %s', async (mode) => {
    const collection = await newCollection({ mode, efConstruction: 40 });
    const batch = batchOf(1_500, DIMENSION);
    await collection.add(batch);
    await collection.settled();
    const before = collection.statistics();
    const [query] = [batch.embeddings.slice(0, DIMENSION)];
    const nearest = await idsOf(collection, query, { limit: 600 });
    expect(await collection.delete({ ids: nearest[0]! })).toBe(600);
    expect(collection.count()).toBe(900);
    for (const isSettled of [false, true]) {
      if (isSettled) await collection.settled();
      const [found = []] = await idsOf(collection, query, { limit: 50 });
      expect(found.length).toBe(50);
      expect(found.filter((id) => nearest[0]!.includes(id))).toEqual([]);
    }
    expect(collection.statistics()).toMatchObject({ records: 900, dead: 0 });
    await collection.add(batchOf(600, DIMENSION, { prefix: 'new' }));
    expect(collection.statistics().memoryBytes).toBeLessThanOrEqual(before.memoryBytes);
    await collection.delete({});
    await collection.compact();
    const { logBytes, snapshotBytes } = collection.statistics();
    expect(logBytes + snapshotBytes).toBeLessThan(before.logBytes / 20);
  });

  it('9: an id twice in one call is refused', async () => {
    const collection = await newCollection();
    const batch = { ...batchOf(3, DIMENSION), ids: ['a', 'b', 'a'] };
    await expect(collection.add(batch)).rejects.toMatchObject({ code: 'ID_DUPLICATE' });
    await expect(collection.upsert(batch)).rejects.toMatchObject({ code: 'ID_DUPLICATE' });
    await expect(collection.update(batch)).rejects.toMatchObject({ code: 'ID_DUPLICATE' });
    expect(collection.count()).toBe(0);
  });

  it('10: metadata that are no JSON are refused, with the whole call', async () => {
    const store = new VectorStore(await openStoreParts(await openDatabase()));
    const embeddings = [
      [1, 2],
      [3, 4],
    ];
    const added = store.add(['a', 'b'], embeddings, ['{"good": 1}', '{"bad": ']);
    await expect(added).rejects.toMatchObject({ code: 'JSON_INVALID' });
    expect(store.count()).toBe(0);
  });

  it('11: a search writes nothing, and searches go side by side', async () => {
    let operations = 0;
    const counted = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, name) => {
          const value: unknown = Reflect.get(object, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            operations += 1;
            const result: unknown = Reflect.apply(value, object, args);
            if (name !== 'openLog') return result;
            return (result as Promise<object>).then(counted);
          };
        },
      });
    const database = await openDatabase(undefined, (folder) => ({
      ...counted(folder),
      access: 'write',
      blobs: counted(folder.blobs),
    }));
    const collection = await newCollection({ mode: 'exact' }, database);
    await collection.add(batchOf(500, DIMENSION));
    expect(operations).toBeGreaterThan(0);
    operations = 0;
    const running = new Set<number>();
    let most = 0;
    const queries = Array.from({ length: 20 }, async (_, index) => {
      running.add(index);
      most = Math.max(most, running.size);
      await collection.query({ embeddings: randomValues(DIMENSION, index), limit: 10 });
      running.delete(index);
    });
    await Promise.all(queries);
    expect(most).toBe(20);
    expect(operations).toBe(0);
  });

  it('12: a write that was cut off at any byte leaves all earlier records as they were', async () => {
    const first = batchOf(5, 4, { seed: 1 });
    const second = batchOf(5, 4, { prefix: 'new', seed: 2 });
    const sizes: number[] = [];
    const fill = async (disk: MemoryVectorDisk): Promise<string> => {
      const database = await openDatabase(disk);
      const collection = await newCollection({ mode: 'exact' }, database);
      await collection.add(first);
      sizes[0] = collection.statistics().logBytes;
      await collection.add(second);
      sizes[1] = collection.statistics().logBytes;
      await database.close();
      return collection.id;
    };
    await fill(new MemoryVectorDisk());
    const [start, end] = sizes as [number, number];
    for (let size = start; size <= end; size += 1) {
      // All bytes of its beginning and of its end, and some in between.
      if (size > start + 6 && size < end - 6 && size % 16 !== 5) continue;
      const disk = new MemoryVectorDisk();
      const id = await fill(disk);
      const folder = disk.open('write');
      const [name] = (await folder.logNames()).filter((each) => each.startsWith(id));
      const file = await folder.openLog(name!);
      await file.truncate(size);
      await folder.close();
      const database = await openDatabase(disk);
      const collection = database.findCollection(DEFAULT_DATABASE, 'things')!;
      const expected = size < end ? [first] : [first, second];
      expect([...collection.ids()]).toEqual(expected.flatMap(({ ids }) => ids));
      for (const { ids, embeddings } of expected) {
        for (const [index, each] of ids.entries()) {
          const values = embeddings.slice(index * 4, (index + 1) * 4);
          expect(collection.embedding(each)).toEqual(values);
        }
      }
      // Later ids are right too.
      await collection.add(batchOf(2, 4, { prefix: 'later', seed: 3 }));
      expect(collection.embedding('later-1')).toEqual(randomLater());
      await database.close();
    }
  });

  it('13: nonsense is answered by a coded error, and the database goes on', async () => {
    const collection = await newCollection();
    await collection.add(one('a', 1, 2));
    const nonsense: unknown[] = [
      undefined,
      null,
      0,
      'text',
      [],
      {},
      { ids: 'a' },
      { ids: [null] },
      { ids: ['b'], embeddings: 'x', dimension: 2 },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 'two' },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: -2 },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 2, documents: 'text' },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 2, documents: {} },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 2, metadatas: [[]] },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 2, metadatas: 7 },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 2, provenances: [7] },
      { ids: ['b'], embeddings: new Float32Array(2), dimension: 2, hasEmbedding: 'no' },
    ];
    for (const given of nonsense) {
      for (const call of ['add', 'upsert', 'update', 'query', 'delete', 'get'] as const) {
        const method = collection[call] as (given: unknown) => unknown;
        const made = Promise.resolve().then(() => method.call(collection, given));
        const code: unknown = await made.then(
          () => 'answered',
          (error: { code?: string }) => error.code,
        );
        expect(code, JSON.stringify(given)).toMatch(/^(answered|[A-Z_]+)$/);
      }
    }
    await collection.upsert(one('b', 3, 4));
    const [hits = []] = await collection.query({ embeddings: Float32Array.of(3, 4), limit: 1 });
    expect(hits[0]?.record.id).toBe('b');
  });

  it('14: the number of candidates can be changed, and counts', async () => {
    const database = await openDatabase();
    const index = { mode: 'hnsw', maxNeighbors: 4, efConstruction: 20, efSearch: 1 } as const;
    const collection = await newCollection(index, database);
    const batch = batchOf(2_000, DIMENSION);
    await collection.add(batch);
    await collection.settled();
    const queries = randomValues(30 * DIMENSION, 9);
    const expected = exactIds('cosine', batch, queries, 1);
    const before = recall(await idsOf(collection, queries, { limit: 1 }), expected);
    await database.modifyCollection(collection.id, { efSearch: 500 });
    const after = recall(await idsOf(collection, queries, { limit: 1 }), expected);
    const asked = recall(await idsOf(collection, queries, { limit: 1, efSearch: 1 }), expected);
    expect(before).toBeLessThan(0.9);
    expect(after).toBeGreaterThan(before);
    expect(after).toBeGreaterThan(0.9);
    expect(asked).toBe(before);
  });

  it('15: what is no finite number is refused, in records and in queries', async () => {
    const collection = await newCollection();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const code = { code: 'EMBEDDING_NOT_FINITE' };
      await expect(collection.add(one('a', 1, value))).rejects.toMatchObject(code);
      const query = { embeddings: Float32Array.of(value, 1), limit: 1 };
      await expect(collection.query(query)).rejects.toMatchObject(code);
    }
    expect(collection.count()).toBe(0);
  });

  it('16: opening what is there under other settings changes nothing of it', async () => {
    const database = await openDatabase();
    const store = new VectorStore(await openStoreParts(database, { mode: 'exact', dimension: 2 }));
    await store.add(['a'], [[1, 2]]);
    const others = [{ mode: 'binary' }, { metric: 'l2' }, { dimension: 3 }] as const;
    for (const options of others) {
      await expect(openStoreParts(database, options)).rejects.toMatchObject({
        code: 'dimension' in options ? 'DIMENSION_MISMATCH' : 'STORE_OPTION_DIFFERS',
      });
    }
    expect(store.count()).toBe(1);
    expect(store.collection.embedding('a')).toEqual(Float32Array.of(1, 2));
    const twice = newCollection({}, database).then(() => newCollection({}, database));
    await expect(twice).rejects.toMatchObject({ code: 'COLLECTION_EXISTS' });
  });

  it('17: the memory that is taken is told as it is', async () => {
    const collection = await newCollection({ mode: 'exact' });
    const [count, dimension] = [20_000, 256];
    await collection.add(batchOf(count, dimension));
    const { memoryBytes } = collection.statistics();
    // Float32 and codes of 8 bits: five bytes a value, a little for each row, and room to grow.
    expect(memoryBytes).toBeGreaterThan(count * dimension * 5);
    expect(memoryBytes).toBeLessThan(count * dimension * 5 * 1.5 + 8_000_000);
  });

  it('18: recall is which results are right, not how many there are', () => {
    expect(recall([['a', 'b']], [['c', 'd']])).toBe(0);
    expect(recall([['a', 'b']], [['b', 'c']])).toBe(0.5);
    expect(recall([['b', 'a']], [['a', 'b']])).toBe(1);
  });
});

function randomLater(): Float32Array {
  return batchOf(2, 4, { seed: 3 }).embeddings.slice(4);
}
