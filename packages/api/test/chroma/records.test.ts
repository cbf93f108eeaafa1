import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type MemoryApi, openMemoryApi } from './support/memory-api.ts';

let chroma: MemoryApi;
let path: string;
beforeEach(async () => {
  chroma = await openMemoryApi();
  path = await chroma.collection();
});
afterEach(async () => {
  await chroma.close();
});

const send = (operation: string, body: unknown): Promise<Answer> =>
  chroma.send('POST', `${path}/${operation}`, body);

const base64 = (...values: readonly number[]): string =>
  Buffer.from(Float32Array.from(values).buffer).toString('base64');

const manyKeys = {
  keys: Array.from({ length: 1_025 }, (_, index) => `key-${index}`),
  aggregate: { $min_k: { keys: ['#score'], k: 1 } },
};
const manyMembers = Object.fromEntries(manyKeys.keys.map((key) => [key, 1]));

describe('records', () => {
  it('keep integers of 64 bits and tell them from floats', async () => {
    const metadata =
      '{"max":9223372036854775807,"min":-9223372036854775808,"one":1,"float":1.0,"exponent":1e2,"beyond":9223372036854775808,"list":[1,9007199254740993],"mixed":[1,2.5]}';
    const text = `{"ids":["a"],"embeddings":[[1,2]],"metadatas":[${metadata}]}`;
    expect(await send('add', text)).toMatchObject({ status: 201, text: '{}' });
    const { text: answer } = await send('get', {});
    expect(answer).toContain(
      '"metadatas":[{"max":9223372036854775807,"min":-9223372036854775808,"one":1,"float":1.0,"exponent":100.0,"beyond":9223372036854776000.0,"list":[1,9007199254740993],"mixed":[1.0,2.5]}]',
    );
    const exact = '{"where":{"max":{"$gt":9223372036854775806}},"include":[]}';
    expect((await send('get', exact)).json['ids']).toEqual(['a']);
    const none = '{"where":{"max":9223372036854775806},"include":[]}';
    expect((await send('get', none)).json['ids']).toEqual([]);
  });

  it('take embeddings as numbers and as base64', async () => {
    await send('add', { ids: ['a', 'b'], embeddings: [base64(0.1, -2), base64(3, 4)] });
    await send('add', { ids: ['c'], embeddings: [[0.1, 1e-10]] });
    await send('update', { ids: ['a', 'b'], embeddings: [null, base64(5, 6)] });
    const { json } = await send('get', { include: ['embeddings'] });
    expect(json['embeddings']).toEqual([
      [0.1, -2],
      [5, 6],
      [0.1, 1e-10],
    ]);
    const found = await send('query', { query_embeddings: [base64(5, 6)], n_results: 1 });
    expect(found.json['ids']).toEqual([['b']]);
  });

  it('whose ids are given twice count once', async () => {
    const twice = {
      ids: ['a', 'a'],
      embeddings: [
        [1, 2],
        [3, 4],
      ],
    };
    expect((await send('add', { ...twice, documents: ['one', 'two'] })).status).toBe(201);
    const add = await send('get', { include: ['embeddings', 'documents'] });
    expect([add.json['embeddings'], add.json['documents']]).toEqual([[[1, 2]], ['one']]);
    const metadatas = [
      { a: 1, b: 1 },
      { b: null, c: 2 },
    ];
    await send('upsert', { ...twice, metadatas, documents: [null, 'three'] });
    const { json } = await send('get', { include: ['embeddings', 'documents', 'metadatas'] });
    expect([json['embeddings'], json['documents'], json['metadatas']]).toEqual([
      [[3, 4]],
      ['three'],
      [{ a: 1, c: 2 }],
    ]);
  });

  it('are merged by updates; null takes a key away', async () => {
    await send('add', {
      ids: ['a'],
      embeddings: [[1, 2]],
      metadatas: [{ x: 1, y: 2 }],
      documents: ['d'],
    });
    await send('update', { ids: ['a'], metadatas: [{ x: null, z: 3 }], documents: [null] });
    const { json } = await send('get', {});
    expect([json['metadatas'], json['documents']]).toEqual([[{ y: 2, z: 3 }], ['d']]);
    await send('upsert', { ids: ['a'], embeddings: [[1, 2]], metadatas: [{ y: null, z: null }] });
    expect((await send('get', {})).json['metadatas']).toEqual([null]);
  });

  it.each([
    ['add', {}, 422],
    ['add', { ids: ['a'] }, 422],
    ['add', { ids: ['a'], embeddings: null }, 422],
    ['add', { ids: [1], embeddings: [[1]] }, 422],
    ['add', { ids: 'a', embeddings: [[1]] }, 422],
    ['add', { ids: ['a'], embeddings: [['x']] }, 422],
    ['add', { ids: ['a'], embeddings: [[null]] }, 422],
    ['add', { ids: ['a'], embeddings: [null] }, 422],
    ['add', { ids: ['a'], embeddings: [{}] }, 422],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: ['x'] }, 422],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: [{ a: null }] }, 422],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: [{ a: [1, 'x'] }] }, 422],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: [{ a: { b: 1 } }] }, 422],
    ['add', { ids: ['a'], embeddings: [[1]], documents: [1] }, 422],
    ['add', { ids: ['a'], embeddings: [[]] }, 400],
    ['add', { ids: ['a'], embeddings: [''] }, 400],
    ['add', { ids: ['a'], embeddings: ['AACA'] }, 400],
    ['add', { ids: ['a'], embeddings: ['AACAPw=='.slice(1)] }, 400],
    ['add', { ids: ['a'], embeddings: ['!!!!!!!!'] }, 400],
    ['add', { ids: ['a'], embeddings: ['AADAfw=='] }, 400],
    ['add', '{"ids":["a"],"embeddings":[[1e39]]}', 400],
    ['add', '{"ids":["a"],"embeddings":[[1e400]]}', 400],
    ['add', { ids: ['a', 'b'], embeddings: [[1], [1, 2]] }, 400],
    ['add', { ids: ['a', 'b'], embeddings: [[1]] }, 400],
    ['add', { ids: ['a'], embeddings: [[1]], documents: ['x', 'y'] }, 400],
    ['add', { ids: [''], embeddings: [[1]] }, 400],
    ['add', { ids: ['x'.repeat(5_000)], embeddings: [[1]] }, 400],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: [{ '': 1 }] }, 400],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: [{ '#a': 1 }] }, 400],
    ['add', { ids: ['a'], embeddings: [[1]], metadatas: [{ a: [] }] }, 400],
    ['add', { ids: ['a'], embeddings: [Array.from({ length: 5_000 }, () => 0)] }, 400],
    ['upsert', { ids: ['a'] }, 422],
    ['upsert', { ids: ['a'], embeddings: [null] }, 422],
    ['update', { ids: ['a'], embeddings: [[1, 'x']] }, 422],
    ['update', {}, 422],
    ['get', { limit: -1 }, 422],
    ['get', { limit: 1.5 }, 422],
    ['get', { limit: 'x' }, 422],
    ['get', { include: ['data'] }, 422],
    ['get', { include: null }, 422],
    ['get', null, 422],
    ['get', [], 422],
    ['get', '', 400],
    ['get', '{"ids":["a"]', 400],
    ['get', { where: {} }, 400],
    ['get', { where: { a: 1, b: 2 } }, 400],
    ['get', { where: { a: { $foo: 1 } } }, 400],
    ['get', { where_document: { $regex: '(?=a)' } }, 400],
    ['query', {}, 422],
    ['query', { query_embeddings: [[1], [1, 2]] }, 400],
    ['query', { query_embeddings: [[1]], n_results: -1 }, 422],
    ['delete', { ids: [] }, 400],
    ['delete', { limit: 1 }, 400],
    ['delete', { ids: ['a'], limit: 1 }, 400],
    ['search', {}, 422],
    ['search', { searches: [{ rank: { $foo: 1 } }] }, 422],
    ['search', { searches: [{ rank: { $val: 1 } }] }, 400],
    ['search', { searches: [{ limit: { limit: -1 } }] }, 422],
    ['search', { searches: Array.from({ length: 65 }, () => ({})) }, 400],
    ['search', { searches: [{ select: { keys: Array(1_025).fill('a') } }] }, 400],
    ['search', { searches: [{ rank: { $knn: { query: [1, 2] } }, group_by: manyKeys }] }, 400],
    ['add', { ids: ['x'], embeddings: [[1, 2]], metadatas: [manyMembers] }, 400],
  ])('%s %j is refused (%i), and nothing is written', async (operation, body, status) => {
    const answer = await send(operation, body);
    expect(answer.status, answer.text).toBe(status);
    expect(answer.json).toEqual({ error: expect.any(String), message: expect.any(String) });
    expect((await chroma.send('GET', `${path}/count`)).text).toBe('0');
  });

  it('of another dimension are refused in words that clients know', async () => {
    await send('add', { ids: ['a'], embeddings: [[1, 2, 3]] });
    const message = 'Collection expecting embedding with dimension of 3, got 2';
    for (const [operation, body] of [
      ['add', { ids: ['b'], embeddings: [[1, 2]] }],
      ['upsert', { ids: ['a'], embeddings: [[1, 2]] }],
      ['update', { ids: ['a'], embeddings: [[1, 2]] }],
      ['query', { query_embeddings: [[1, 2]] }],
    ] as const) {
      expect(await send(operation, body)).toMatchObject({ status: 400, json: { message } });
    }
  });

  it('are deleted, and counted as they were', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    await send('add', {
      ids,
      embeddings: ids.map(() => [1]),
      metadatas: ids.map((id) => ({ id })),
    });
    const deleted = async (body: object): Promise<unknown> =>
      (await send('delete', body)).json['deleted'];
    expect(await deleted({})).toBe(0);
    expect(await deleted({ ids: ['a', 'unknown', 'a'] })).toBe(1);
    expect(await deleted({ ids: ['b'], where: { id: 'c' } })).toBe(0);
    expect(await deleted({ where: { id: { $ne: 'x' } }, limit: 1 })).toBe(1);
    expect((await send('get', {})).json['ids']).toEqual(['c', 'd']);
  });
});

describe('reads', () => {
  it('answer the columns that were asked for, and null for the others', async () => {
    await send('add', { ids: ['a'], embeddings: [[1, 0]], uris: ['u'] });
    expect((await send('get', { include: ['uris'] })).text).toBe(
      '{"ids":["a"],"embeddings":null,"documents":null,"uris":["u"],"metadatas":null,"include":["uris"]}',
    );
    expect((await send('query', { query_embeddings: [[1, 1]], include: ['distances'] })).text).toBe(
      '{"ids":[["a"]],"embeddings":null,"documents":null,"uris":null,"metadatas":null,"distances":[[1.0]],"include":["distances"]}',
    );
  });

  it('find nothing in a collection that is empty', async () => {
    expect((await send('query', { query_embeddings: [[1], [2]] })).text).toBe(
      '{"ids":[[],[]],"embeddings":null,"documents":[[],[]],"uris":null,"metadatas":[[],[]],"distances":[[],[]],"include":["documents","metadatas","distances"]}',
    );
    expect((await send('query', { query_embeddings: [] })).json['ids']).toEqual([]);
  });

  it('overlook ids that there are not', async () => {
    await send('add', { ids: ['a', 'b'], embeddings: [[1], [2]] });
    const query = { query_embeddings: [[1]], ids: ['b', 'unknown'], include: [] };
    expect((await send('query', query)).json['ids']).toEqual([['b']]);
    expect((await send('get', { ids: ['unknown'] })).json['ids']).toEqual([]);
    expect((await send('get', { ids: [] })).json['ids']).toEqual([]);
  });

  it('tell how fresh they may be, which they always are', async () => {
    const count = (level: string): Promise<Answer> =>
      chroma.send('GET', `${path}/count?read_level=${level}`);
    expect((await count('index_only')).text).toBe('0');
    expect((await count('bad')).status).toBe(400);
  });

  it('have no more queries, results or embeddings than are bearable', async () => {
    await send('add', { ids: ['a'], embeddings: [[1]] });
    const queries = Array.from({ length: 10_001 }, () => [1]);
    expect((await send('query', { query_embeddings: queries })).status).toBe(400);
    expect((await send('query', { query_embeddings: [[1]], n_results: 4e9 })).status).toBe(200);
    const ids = Array.from({ length: 12_000 }, (_, index) => `id-${index}`);
    const zero = base64(...new Float32Array(4_096));
    const wide = await chroma.collection();
    for (let start = 0; start < ids.length; start += 1_000) {
      const part = ids.slice(start, start + 1_000);
      const body = { ids: part, embeddings: part.map(() => zero) };
      expect((await chroma.send('POST', `${wide}/add`, body)).status).toBe(201);
    }
    const get = { include: ['embeddings'] };
    const answer = await chroma.send('POST', `${wide}/get`, get);
    expect([answer.status, answer.json['error']]).toEqual([400, 'InvalidArgumentError']);
    const few = await chroma.send('POST', `${wide}/get`, { ...get, limit: 10 });
    expect(few.json['embeddings']).toHaveLength(10);
    const hits = { query_embeddings: Array(101).fill(zero), n_results: 10_000, include: [] };
    const refused = await chroma.send('POST', `${wide}/query`, hits);
    expect([refused.status, refused.json['error']]).toEqual([400, 'InvalidArgumentError']);
    const many = { query_embeddings: [zero], n_results: 10_001 };
    expect((await chroma.send('POST', `${wide}/query`, many)).status).toBe(400);
  });

  it('have no body of more values or members than are bearable', async () => {
    const members = `{"where":{${'"a":1,'.repeat(70_000)}"a":1}}`;
    const values = `{"unknown":[${'[],'.repeat(4_200_000)}[]]}`;
    for (const body of [members, values]) {
      const { status, json } = await send('get', body);
      expect([status, json['error']]).toEqual([400, 'InvalidArgumentError']);
    }
  });

  it('hold no more at a time than is bearable', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `id-${index}`);
    await send('add', { ids, embeddings: ids.map((_, index) => [index]) });
    const body = { query_embeddings: Array(100).fill([1]), n_results: 10_000, include: [] };
    const atOnce = Array.from({ length: 5 }, () => send('query', body));
    const statuses = (await Promise.all(atOnce)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.at(-1)).toBe(429);
    expect((await send('query', body)).status).toBe(200);
  });
});

describe('calls in the same process', () => {
  it('take and answer values, with whole numbers as integers', async () => {
    const { api } = chroma;
    const call = (operation: string, body: object): Promise<unknown> =>
      api.call('POST', `${path}/${operation}`, body);
    await call('add', {
      ids: ['a'],
      embeddings: [Float32Array.of(0.5, 1)],
      metadatas: [{ whole: 1, big: 2n ** 62n, half: 0.5 }],
    });
    const { text } = await send('get', { include: ['embeddings', 'metadatas'] });
    expect(text).toContain('"embeddings":[[0.5,1.0]]');
    expect(text).toContain('"metadatas":[{"whole":1,"big":4611686018427387904,"half":0.5}]');
    const found = await call('query', { query_embeddings: [[0, 0]], where: { whole: 1 } });
    expect(found).toMatchObject({ ids: [['a']], distances: [Float32Array.of(1.25)] });
    await expect(call('add', {})).rejects.toMatchObject({ code: 'CHROMA_BODY_INVALID' });
  });
});
