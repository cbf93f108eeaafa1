import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_DATABASE } from '../../src/collection-api.ts';
import type { Metric } from '../../src/metric.ts';
import type { StoreOptions } from '../../src/store/store-options.ts';
import type { VectorStore } from '../../src/store/vector-store.ts';
import { MemoryVectorDisk, openStore, randomRows } from './store-support.ts';

const opened: VectorStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

async function open(
  options?: StoreOptions,
  disk?: MemoryVectorDisk,
  access?: 'write' | 'read',
): Promise<VectorStore> {
  const store = await openStore(options, disk, access);
  opened.push(store);
  return store;
}

async function close(store: VectorStore): Promise<void> {
  opened.splice(opened.indexOf(store), 1);
  await store.close();
}

const three = [
  [1, 0],
  [0, 1],
  [-1, 0],
];

describe('the calls of SvDB', () => {
  it('are there', async () => {
    const store = await open();
    expect(await store.add(['a', 'b', 'c'], three, ['{"n":1}', '{ "n": 2 }', '{"n":3}'])).toBe(3);
    expect(await store.search([2, 0], 2)).toEqual([
      ['a', 1],
      ['b', 0.5],
    ]);
    expect(store.get('b')).toEqual({ n: 2 });
    expect(store.getJson('b')).toBe('{ "n": 2 }');
    expect(store.has('b')).toBe(true);
    expect(store.count()).toBe(3);
    expect(await store.delete(['b', 'unknown', 'b'])).toBe(1);
    expect(await store.delete([])).toBe(0);
    expect(store.getAllIds()).toEqual(['a', 'c']);
    expect(String(store)).toBe('VectorStore(vectors, 2 records)');
    await store.persist();
  });

  it('answer batches query by query, however the queries are given', async () => {
    const store = await open();
    await store.add(['a', 'b', 'c'], three);
    const expected = [[['a', 1]], [['b', 1]]];
    for (const queries of [
      [
        [1, 0],
        [0, 2],
      ],
      [1, 0, 0, 2],
      Float32Array.of(1, 0, 0, 2),
    ]) {
      expect(await store.searchBatch(queries, 1)).toEqual(expected);
    }
    expect(await store.searchBatch([], 5)).toEqual([]);
    expect(await store.search(Float32Array.of(1, 0), 1)).toEqual([['a', 1]]);
  });

  it('know nothing before there is something', async () => {
    const store = await open();
    expect(await store.search([1, 2, 3], 10)).toEqual([]);
    expect(await store.searchBatch([[1], [2]], 10)).toEqual([[], []]);
    expect(store.info()).toMatchObject({ count: 0, dimension: undefined });
    expect(await store.add([], [], [])).toBe(0);
    expect(() => store.get('a')).toThrow(expect.objectContaining({ code: 'RECORD_UNKNOWN' }));
    expect(() => store.getJson('a')).toThrow(expect.objectContaining({ code: 'RECORD_UNKNOWN' }));
  });

  it.each<[Metric, readonly number[]]>([
    // (1 + cosine) / 2, 1 / (1 + squared distance), dot product.
    ['cosine', [1, 0.5, 0]],
    ['l2', [0.5, 1 / 6, 0.1]],
    ['ip', [2, 0, -2]],
  ])('score by %s', async (metric, scores) => {
    const store = await open({ metric });
    await store.add(['a', 'b', 'c'], three);
    const found = new Map(await store.search([2, 0], 3));
    expect(found.get('a')).toBeCloseTo(scores[0] ?? Number.NaN, 6);
    expect(found.get('b')).toBeCloseTo(scores[1] ?? Number.NaN, 6);
    expect(found.get('c')).toBeCloseTo(scores[2] ?? Number.NaN, 6);
    const ordered = await store.search([2, 0], 3);
    expect(ordered.map(([, score]) => score)).toEqual(
      ordered.map(([, score]) => score).sort((one, other) => other - one),
    );
  });

  it('take embeddings in every form', async () => {
    const store = await open();
    await store.add(['rows'], [[1, 2]]);
    await store.add(['flat', 'flat 2'], [1, 2, 3, 4]);
    await store.add(['typed', 'typed 2'], Float32Array.of(1, 2, 3, 4));
    await store.add(['typed rows'], [Float64Array.of(1, 2)]);
    expect(store.count()).toBe(6);
    expect(store.collection.embedding('typed 2')).toEqual(Float32Array.of(3, 4));
    expect(store.info()).toMatchObject({ count: 6, dimension: 2, metric: 'cosine', mode: 'auto' });
  });
});

describe('what is refused', () => {
  const good = {
    ids: ['x', 'y'],
    rows: [
      [1, 2],
      [3, 4],
    ],
    texts: ['{}', '{}'],
  };

  it.each<[string, readonly unknown[], string]>([
    ['an id that is there', [['x', 'a'], good.rows, good.texts], 'ID_EXISTS'],
    ['an id twice', [['x', 'x'], good.rows, good.texts], 'ID_DUPLICATE'],
    ['fewer embeddings', [good.ids, [[1, 2]], good.texts], 'COLUMN_LENGTH_MISMATCH'],
    ['fewer metadata', [good.ids, good.rows, ['{}']], 'COLUMN_LENGTH_MISMATCH'],
    [
      'fewer documents',
      [good.ids, good.rows, good.texts, { documents: ['d'] }],
      'COLUMN_LENGTH_MISMATCH',
    ],
    [
      'another dimension',
      [
        good.ids,
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        good.texts,
      ],
      'DIMENSION_MISMATCH',
    ],
    [
      'another dimension said',
      [good.ids, good.rows, good.texts, { dimension: 3 }],
      'DIMENSION_MISMATCH',
    ],
    ['two dimensions', [good.ids, [[1, 2], [1]], good.texts], 'DIMENSION_MISMATCH'],
    [
      'not a number',
      [
        good.ids,
        [
          [1, 2],
          [3, Number.NaN],
        ],
        good.texts,
      ],
      'EMBEDDING_NOT_FINITE',
    ],
    [
      'infinite',
      [
        good.ids,
        [
          [1, 2],
          [3, Number.NEGATIVE_INFINITY],
        ],
        good.texts,
      ],
      'EMBEDDING_NOT_FINITE',
    ],
    [
      'beyond 32 bits',
      [
        good.ids,
        [
          [1, 2],
          [3, 1e39],
        ],
        good.texts,
      ],
      'EMBEDDING_NOT_FINITE',
    ],
    [
      'a text for a number',
      [
        good.ids,
        [
          [1, 2],
          [3, '4'],
        ],
        good.texts,
      ],
      'VECTOR_ARGUMENT_INVALID',
    ],
    ['a text for the ids', ['xy', good.rows, good.texts], 'VECTOR_ARGUMENT_INVALID'],
    ['invalid JSON', [good.ids, good.rows, ['{}', '{oops}']], 'JSON_INVALID'],
    ['JSON of no object', [good.ids, good.rows, ['{}', '7']], 'METADATA_INVALID'],
    [
      'another model',
      [good.ids, good.rows, good.texts, { model: 'other' }],
      'EMBEDDING_MODEL_MISMATCH',
    ],
  ])('is %s, and nothing is added', async (_, args, code) => {
    const store = await open({ model: 'one' });
    await store.add(['a'], [[1, 0]], ['{"kept": true}']);
    for (const call of ['add', 'upsert'] as const) {
      if (call === 'upsert' && code === 'ID_EXISTS') continue;
      const refused = store[call](...(args as Parameters<VectorStore['add']>));
      await expect(refused).rejects.toMatchObject({ code });
      expect(store.getAllIds()).toEqual(['a']);
      expect(store.getJson('a')).toBe('{"kept": true}');
    }
  });

  it.each<[string, readonly unknown[], string]>([
    ['another dimension', [[1, 2, 3], 1], 'DIMENSION_MISMATCH'],
    ['not a number', [[1, Number.NaN], 1], 'EMBEDDING_NOT_FINITE'],
    ['another model', [[1, 2], 1, { model: 'other' }], 'EMBEDDING_MODEL_MISMATCH'],
    ['a wrong filter', [[1, 2], 1, { where: { $nand: [] } }], 'FILTER_INVALID'],
    [
      'a wrong filter of documents',
      [[1, 2], 1, { whereDocument: { $like: 'a' } }],
      'FILTER_INVALID',
    ],
    ['no results', [[1, 2], 0], 'VECTOR_ARGUMENT_INVALID'],
    ['half a result', [[1, 2], 1.5], 'VECTOR_ARGUMENT_INVALID'],
    ['no query', [undefined, 1], 'VECTOR_ARGUMENT_INVALID'],
  ])('is a search for %s', async (_, args, code) => {
    const store = await open({ model: 'one' });
    await store.add(['a'], [[1, 0]]);
    const refused = store.search(...(args as Parameters<VectorStore['search']>));
    await expect(refused).rejects.toMatchObject({ code });
  });

  it('is every call once it is closed', async () => {
    const store = await open();
    await store.add(['a'], [[1]]);
    await close(store);
    await expect(store.search([1], 1)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    await expect(store.add(['b'], [[1]])).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    await expect(store.delete(['a'])).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
    expect(() => store.count()).toThrow(expect.objectContaining({ code: 'DATABASE_CLOSED' }));
    await store.close();
  });

  it('are embeddings that have not length 1, where that is asked for', async () => {
    const store = await open({ isNormalised: true });
    await store.add(['a'], [[0.6, 0.8]]);
    const refused = store.add(['b'], [[1, 1]]);
    await expect(refused).rejects.toMatchObject({ code: 'EMBEDDING_NOT_NORMALISED' });
  });
});

describe('a filter', () => {
  it('gives k results when k match', async () => {
    const store = await open();
    const rows = randomRows(300, 8, 3);
    const ids = rows.map((_, index) => `r${index}`);
    const years = rows.map((_, index) => ({ year: 1_900 + index, deep: { kept: index } }));
    await store.add(ids, rows, years, { documents: ids.map((id) => `text of ${id}`) });
    const query = rows[0] ?? [];
    const late = await store.search(query, 5, { where: { year: { $gte: 2_190 } } });
    expect(late).toHaveLength(5);
    for (const [id] of late) expect(store.get(id)['year']).toBeGreaterThanOrEqual(2_190);
    const documents = await store.search(query, 50, { whereDocument: { $contains: 'r29' } });
    expect(documents.map(([id]) => id).sort()).toEqual(
      ids.filter((id) => id.startsWith('r29')).sort(),
    );
    expect(await store.search(query, 5, { where: { year: 1 } })).toEqual([]);
  });
});

describe('an upsert', () => {
  it('adds what is new and replaces what is there', async () => {
    const store = await open();
    await store.add(
      ['a', 'b'],
      [
        [1, 0],
        [0, 1],
      ],
      ['{"old": 1, "both": 1}', '{"b": 1}'],
    );
    expect(
      await store.upsert(
        ['a', 'c'],
        [
          [0, 1],
          [1, 1],
        ],
        [{ both: 2 }, '{"c": 1}'],
      ),
    ).toBe(1);
    expect(store.get('a')).toEqual({ both: 2 });
    expect(store.collection.record('a')?.metadata).toEqual(new Map([['both', 2n]]));
    expect(store.collection.embedding('a')).toEqual(Float32Array.of(0, 1));
    expect(store.getAllIds()).toEqual(['a', 'b', 'c']);
    await store.upsert(['a'], [[1, 0]], [{}]);
    expect(store.get('a')).toEqual({});
    await store.upsert(['b'], [[1, 0]]);
    expect(store.getJson('b')).toBe('{"b": 1}');
  });

  it('sees what was written before it, awaited or not', async () => {
    const store = await open();
    await Promise.all([
      store.add(['a'], [[1]], ['{"first": 1}']),
      store.upsert(['a'], [[2]], ['{"second": 1}']),
      store.upsert(['a'], [[3]], ['{"third": 1}']),
    ]);
    expect(store.getJson('a')).toBe('{"third": 1}');
    expect(store.collection.record('a')?.metadata).toEqual(new Map([['third', 1n]]));
  });
});

describe('opening again', () => {
  it('brings back everything', async () => {
    const disk = new MemoryVectorDisk();
    const first = await open({ metric: 'l2', model: 'm', dimension: 2, mode: 'exact' }, disk);
    await first.add(
      ['a', 'b'],
      [
        [1, 0],
        [0, 1],
      ],
      ['{ "a" : 1 }', { b: [1, { c: 2 }] }],
    );
    const results = await first.search([1, 0.5], 2);
    await close(first);
    const second = await open({}, disk);
    expect(second.info()).toMatchObject({
      count: 2,
      dimension: 2,
      metric: 'l2',
      model: 'm',
      mode: 'exact',
    });
    expect(second.getJson('a')).toBe('{ "a" : 1 }');
    expect(second.get('b')).toEqual({ b: [1, { c: 2 }] });
    expect(await second.search([1, 0.5], 2)).toEqual(results);
    await expect(second.add(['a'], [[1, 0]])).rejects.toMatchObject({ code: 'ID_EXISTS' });
  });

  it.each<[StoreOptions, string]>([
    [{ dimension: 3 }, 'DIMENSION_MISMATCH'],
    [{ model: 'other' }, 'EMBEDDING_MODEL_MISMATCH'],
    [{ metric: 'ip' }, 'STORE_OPTION_DIFFERS'],
    [{ mode: 'hnsw' }, 'STORE_OPTION_DIFFERS'],
    [{ isNormalised: true }, 'STORE_OPTION_DIFFERS'],
    [{ maxNeighbors: 8 }, 'STORE_OPTION_DIFFERS'],
    [{ efConstruction: 8 }, 'STORE_OPTION_DIFFERS'],
  ])('with %j is refused', async (options, code) => {
    const disk = new MemoryVectorDisk();
    const first = await open({ model: 'm' }, disk);
    await first.add(['a'], [[1, 0]]);
    await close(first);
    await expect(open(options, disk)).rejects.toMatchObject({ code });
    const again = await open({ model: 'm', dimension: 2, metric: 'cosine', efSearch: 99 }, disk);
    expect(again.info()).toMatchObject({ count: 1, efSearch: 99 });
  });

  it('gives readers what there is, and what is written after', async () => {
    const disk = new MemoryVectorDisk();
    await expect(open({}, disk, 'read')).rejects.toMatchObject({ code: 'COLLECTION_UNKNOWN' });
    const writer = await open({}, disk);
    await writer.add(['a'], [[1, 0]]);
    const reader = await open({}, disk, 'read');
    expect(reader.getAllIds()).toEqual(['a']);
    await expect(reader.add(['b'], [[1, 0]])).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' });
    await writer.add(['b'], [[0, 1]]);
    await reader.refresh();
    expect(reader.getAllIds()).toEqual(['a', 'b']);
  });

  it('keeps several collections apart', async () => {
    const disk = new MemoryVectorDisk();
    const one = await open({ collection: 'one' }, disk);
    await one.add(['a'], [[1]]);
    await close(one);
    const two = await open({ collection: 'two' }, disk);
    await two.add(['a'], [[1, 2]]);
    expect(two.count()).toBe(1);
    await close(two);
    expect((await open({ collection: 'one' }, disk)).info().dimension).toBe(1);
  });
});

it('shows a client of Chroma what it has, and takes in what that one changes', async () => {
  const store = await open({ collection: 'shared' });
  await store.add(['a'], [[1, 0]], ['{"n": 1, "deep": {"x": 1}}']);
  expect(store.collection).toMatchObject({ ...DEFAULT_DATABASE, name: 'shared' });
  await store.collection.update({ ids: ['a'], metadatas: [new Map([['n', 2n]])] });
  expect(store.get('a')).toEqual({ deep: { x: 1 }, n: 2 });
});
