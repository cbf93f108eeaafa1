import { type Log, SILENT_LOG } from '@lucerna/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASE, type MemoryApi, openMemoryApi } from './support/memory-api.ts';

let chroma: MemoryApi;
beforeEach(async () => {
  chroma = await openMemoryApi();
});
afterEach(async () => {
  await chroma.close();
});

const COLLECTIONS = `${DATABASE}/collections`;
const UNKNOWN = '7b4f9c68-7b5c-4ea6-8ab7-3a0d1a5f9b0e';

describe('the system', () => {
  it('says what clients ask first', async () => {
    const { send } = chroma;
    for (const path of ['/api/v2', '/api/v2/heartbeat']) {
      expect((await send('GET', path)).text).toMatch(/^\{"nanosecond heartbeat":\d{19}\}$/);
    }
    expect((await send('GET', '/api/v2/version')).text).toBe('"1.0.0"');
    expect((await send('GET', '/api/v2/healthcheck')).json).toEqual({
      is_executor_ready: true,
      is_log_client_ready: true,
    });
    expect((await send('GET', '/api/v2/pre-flight-checks')).json).toEqual({
      max_batch_size: 5_461,
      supports_base64_encoding: true,
    });
  });

  it('is reset only where that is allowed', async () => {
    const path = await chroma.collection();
    expect((await chroma.send('GET', `${path}/count`)).status).toBe(200);
    expect((await chroma.send('POST', '/api/v2/reset')).text).toBe('true');
    expect((await chroma.send('GET', `${path}/count`)).status).toBe(404);
    const guarded = await openMemoryApi({ allowReset: false });
    expect(await guarded.send('POST', '/api/v2/reset')).toMatchObject({
      status: 403,
      json: { error: 'ChromaError', message: 'Reset is disabled by config' },
    });
    await guarded.close();
  });

  it('describes itself', async () => {
    expect((await chroma.send('DELETE', '/openapi.json')).status).toBe(405);
    const { status, json } = await chroma.send('GET', '/openapi.json');
    expect([status, json['openapi']]).toEqual([200, '3.1.0']);
    const paths = json['paths'] ?? {};
    expect(Object.keys(paths)).toContain(
      `${COLLECTIONS.replace('default_tenant', '{tenant}').replace('default_database', '{database}')}/{collection}/query`,
    );
    expect(JSON.stringify(paths)).toContain('query_embeddings');
  });

  it('does not tell what went wrong inside', async () => {
    const logged: string[] = [];
    const log: Log = { ...SILENT_LOG, error: (message) => void logged.push(message) };
    const broken = await openMemoryApi({ log });
    const database = broken.database as { tenants: () => readonly string[]; hasTenant: unknown };
    database.hasTenant = () => {
      throw new Error('a secret');
    };
    expect(await broken.send('GET', '/api/v2/tenants/x')).toMatchObject({
      status: 500,
      json: { error: 'InternalError', message: 'internal error' },
    });
    expect(logged).toEqual(['chroma request failed']);
    await broken.close();
  });
});

describe('tenants and databases', () => {
  it('are created and found', async () => {
    const { send } = chroma;
    expect((await send('POST', '/api/v2/tenants', { name: 'birds' })).text).toBe('{}');
    expect(await send('POST', '/api/v2/tenants', { name: 'birds' })).toMatchObject({
      status: 409,
      json: { error: 'ChromaError', message: 'Tenant [birds] already exists' },
    });
    expect((await send('GET', '/api/v2/tenants/birds')).json).toEqual({
      name: 'birds',
      resource_name: null,
    });
    await send('PATCH', '/api/v2/tenants/birds', { resource_name: 'feathers' });
    expect((await send('GET', '/api/v2/tenants/birds')).json['resource_name']).toBe('feathers');
    await send('POST', '/api/v2/tenants/birds/databases', { name: 'sea' });
    await send('POST', '/api/v2/tenants/birds/databases/sea/collections', { name: 'gulls' });
    const path = '/api/v2/tenants/birds/databases/sea/collections';
    await send('POST', path, { name: 'gulls' });
    expect((await send('GET', '/api/v2/collections/feathers:sea:gulls')).json['name']).toBe(
      'gulls',
    );
    expect((await send('DELETE', '/api/v2/tenants/birds/databases/sea')).text).toBe('{}');
    expect((await send('GET', '/api/v2/collections/feathers:sea:gulls')).status).toBe(404);
    expect((await send('GET', path)).text).toBe('[]');
    expect((await send('GET', `${path}_count`)).text).toBe('0');
  });

  it('need no tenant to be in, as in Chroma', async () => {
    const { send } = chroma;
    expect((await send('POST', '/api/v2/tenants/nobody/databases', { name: 'own' })).status).toBe(
      200,
    );
    expect((await send('GET', '/api/v2/tenants/nobody')).status).toBe(404);
    const { json } = await send('GET', '/api/v2/tenants/nobody/databases');
    expect(json).toMatchObject([{ name: 'own', tenant: 'nobody' }]);
  });

  it.each([
    ['POST', '/api/v2/tenants', { name: 'ab' }, 400, 'InvalidArgumentError'],
    ['POST', '/api/v2/tenants', {}, 422, 'ChromaError'],
    ['POST', '/api/v2/tenants', { name: 1 }, 422, 'ChromaError'],
    ['PATCH', '/api/v2/tenants/none', { resource_name: 'x' }, 404, 'NotFoundError'],
    ['POST', '/api/v2/tenants/t/databases', { name: 'a b' }, 400, 'InvalidArgumentError'],
    ['POST', '/api/v2/tenants/t/databases', { name: '' }, 400, 'InvalidArgumentError'],
    ['GET', '/api/v2/tenants/t/databases/none', undefined, 404, 'NotFoundError'],
    ['DELETE', '/api/v2/tenants/t/databases/none', undefined, 404, 'NotFoundError'],
    ['GET', '/api/v2/collections/a:b', undefined, 400, 'InvalidArgumentError'],
    ['GET', '/api/v2/collections/a:b:c', undefined, 404, 'NotFoundError'],
    ['GET', `${COLLECTIONS}?limit=x`, undefined, 400, 'InvalidArgumentError'],
    ['GET', `${COLLECTIONS}?offset=-1`, undefined, 400, 'InvalidArgumentError'],
    ['GET', `${COLLECTIONS}?limit=9999999999`, undefined, 400, 'InvalidArgumentError'],
  ])('%s %s %j is %i %s', async (method, target, body, status, error) => {
    expect(await chroma.send(method, target, body)).toMatchObject({ status, json: { error } });
  });
});

describe('collections', () => {
  it('are described as Chroma describes them', async () => {
    const { json } = await chroma.send('POST', COLLECTIONS, { name: 'notes' });
    const { id } = json;
    expect(id).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    const hnsw = {
      space: 'l2',
      ef_construction: 100,
      ef_search: 100,
      max_neighbors: 16,
      resize_factor: 1.2,
      sync_threshold: 1_000,
    };
    expect(json).toMatchObject({
      name: 'notes',
      configuration_json: { hnsw, spann: null, embedding_function: null },
      metadata: null,
      dimension: null,
      tenant: 'default_tenant',
      database: 'default_database',
      log_position: 0,
      version: 0,
    });
    expect(json['schema']?.['keys']?.['#embedding']).toMatchObject({
      float_list: { vector_index: { enabled: true, config: { source_key: '#document' } } },
    });
    const path = `${COLLECTIONS}/${id}`;
    await chroma.send('POST', `${path}/add`, { ids: ['a'], embeddings: [[1, 2, 3]] });
    expect((await chroma.send('GET', `${COLLECTIONS}/notes`)).json['dimension']).toBe(3);
  });

  it('keep the words of their schema and embedding function, with the kinds of their numbers', async () => {
    const text = `{"name":"notes","configuration":{"hnsw":{"resize_factor":2},"embedding_function":{"type":"known","name":"x","config":{"float":1.0,"int":1,"big":9223372036854775807}}},"schema":{"defaults":{},"keys":{"tag":{"string":{"string_inverted_index":{"enabled":false,"config":{}}}}}}}`;
    const made = await chroma.send('POST', COLLECTIONS, text);
    expect(made.text).toContain('"config":{"float":1.0,"int":1,"big":9223372036854775807}');
    expect(made.text).toContain('"resize_factor":2.0');
    expect(made.json['schema']?.['keys']?.['tag']).toEqual({
      string: { string_inverted_index: { enabled: false, config: {} } },
    });
    expect((await chroma.send('GET', `${COLLECTIONS}/notes`)).text).toBe(made.text);
  });

  it('that others have made are described by their index', async () => {
    const name = { tenant: 'default_tenant', database: 'default_database' };
    const index = { metric: 'ip', efSearch: 77, maxNeighbors: 8, efConstruction: 99 } as const;
    await chroma.database.createCollection(name, { name: 'own', index });
    const { json } = await chroma.send('GET', `${COLLECTIONS}/own`);
    expect(json['configuration_json']?.['hnsw']).toMatchObject({
      space: 'ip',
      ef_search: 77,
      max_neighbors: 8,
      ef_construction: 99,
    });
  });

  it('search as they are told to, within what the engine takes', async () => {
    const name = { tenant: 'default_tenant', database: 'default_database' };
    const configuration = {
      hnsw: { space: 'cosine', ef_search: 0, ef_construction: 10_000_000, max_neighbors: 1 },
    };
    await chroma.send('POST', COLLECTIONS, { name: 'extreme', configuration });
    const found = chroma.database.findCollection(name, 'extreme');
    expect(found?.index).toMatchObject({ metric: 'cosine', efSearch: 1, maxNeighbors: 2 });
    const { json } = await chroma.send('GET', `${COLLECTIONS}/extreme`);
    expect(json['configuration_json']?.['hnsw']).toMatchObject({ ef_search: 0, max_neighbors: 1 });
    await chroma.send('PUT', `${COLLECTIONS}/${found?.id}`, {
      new_configuration: { hnsw: { ef_search: 123 } },
    });
    expect(chroma.database.findCollection(name, 'extreme')?.index.efSearch).toBe(123);
  });

  it('are created once by many at a time', async () => {
    const request = { name: 'notes', get_or_create: true };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => chroma.send('POST', COLLECTIONS, request)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
  });

  it('replace their metadata, and lose them when all values are null', async () => {
    const path = await chroma.collection({ metadata: { a: 1, b: 2 } });
    const metadataAfter = async (new_metadata: unknown): Promise<unknown> => {
      expect((await chroma.send('PUT', path, { new_metadata })).text).toBe('{}');
      const { json } = await chroma.send('GET', path.replace('collections/', 'collections/by-id/'));
      return json['metadata'];
    };
    expect(await metadataAfter({ c: 3 })).toEqual({ c: 3 });
    expect(await metadataAfter(null)).toEqual({ c: 3 });
    expect(await metadataAfter({ c: null })).toBeNull();
  });

  it.each([
    [{ name: '' }, 400],
    [{ name: 'ab' }, 400],
    [{ name: 'a..b' }, 400],
    [{ name: '-ab' }, 400],
    [{ name: '1.2.3.4' }, 400],
    [{ name: 'a b' }, 400],
    [{ name: 'a'.repeat(513) }, 400],
    [{}, 422],
    [{ name: 5 }, 422],
    [{ name: 'notes', get_or_create: 'x' }, 422],
    [{ name: 'notes', metadata: {} }, 400],
    [{ name: 'notes', metadata: { '': 1 } }, 400],
    [{ name: 'notes', metadata: { '#a': 1 } }, 400],
    [{ name: 'notes', metadata: { a: null } }, 422],
    [{ name: 'notes', metadata: { a: {} } }, 422],
    [{ name: 'notes', metadata: [] }, 422],
    [{ name: 'notes', metadata: { 'hnsw:space': 'bad' } }, 400],
    [{ name: 'notes', metadata: { 'hnsw:foo': 1 } }, 400],
    [{ name: 'notes', metadata: { 'hnsw:sync_threshold': 1 } }, 400],
    [{ name: 'notes', configuration: { hnsw: {}, spann: {} } }, 400],
    [{ name: 'notes', configuration: { hnsw: { space: 'bad' } } }, 422],
    [{ name: 'notes', configuration: { hnsw: { foo: 1 } } }, 422],
    [{ name: 'notes', configuration: { hnsw: { ef_search: -1 } } }, 422],
    [{ name: 'notes', configuration: { hnsw: { ef_search: 1.5 } } }, 422],
    [{ name: 'notes', configuration: { embedding_function: { type: 'bad' } } }, 422],
    [{ name: 'notes', configuration: { embedding_function: { type: 'known' } } }, 422],
    [{ name: 'notes', schema: {} }, 422],
    [{ name: 'notes', schema: 'x' }, 422],
    [{ name: 'notes', schema: { defaults: {}, keys: { '#bad': {} } } }, 400],
    [{ name: 'notes', schema: { defaults: {}, keys: { a: { foo: 1 } } } }, 422],
  ])('cannot be made of %j (%i)', async (request, status) => {
    expect((await chroma.send('POST', COLLECTIONS, request)).status).toBe(status);
    expect((await chroma.send('GET', `${DATABASE}/collections_count`)).text).toBe('0');
  });

  it('cannot be made by configuration and schema at once, nor in a database that is not there', async () => {
    const vector_index = { enabled: true, config: { space: 'cosine' } };
    const schema = { defaults: {}, keys: { '#embedding': { float_list: { vector_index } } } };
    const both = { name: 'notes', schema, configuration: { hnsw: { space: 'ip' } } };
    expect((await chroma.send('POST', COLLECTIONS, both)).status).toBe(400);
    const path = '/api/v2/tenants/default_tenant/databases/none/collections';
    expect((await chroma.send('POST', path, { name: 'notes' })).status).toBe(400);
  });

  it.each([
    ['GET', `${COLLECTIONS}/none`, undefined, 404],
    ['DELETE', `${COLLECTIONS}/none`, undefined, 404],
    ['GET', `${COLLECTIONS}/by-id/none`, undefined, 400],
    ['GET', `${COLLECTIONS}/by-id/${UNKNOWN}`, undefined, 404],
    ['PUT', `${COLLECTIONS}/none`, {}, 400],
    ['PUT', `${COLLECTIONS}/${UNKNOWN}`, {}, 404],
    ['GET', `${COLLECTIONS}/${UNKNOWN}/count`, undefined, 404],
    ['GET', `${COLLECTIONS}/none/count`, undefined, 400],
    ['POST', `${COLLECTIONS}/${UNKNOWN}/get`, {}, 404],
  ])('%s %s is an error', async (method, target, body, status) => {
    expect((await chroma.send(method, target, body)).status).toBe(status);
  });

  it('of which clusters know more answer as the single server of Chroma does', async () => {
    const path = await chroma.collection();
    const status = async (method: string, operation: string, body?: unknown): Promise<unknown> => {
      const answer = await chroma.send(method, `${path}/${operation}`, body);
      return [answer.status, answer.json['error']];
    };
    const unsupported = [501, 'ChromaError'];
    expect(await status('POST', 'fork', { new_name: 'x' })).toEqual(unsupported);
    expect(await status('POST', 'fork', {})).toEqual([422, 'ChromaError']);
    expect(await status('GET', 'fork_count')).toEqual(unsupported);
    const transactions = [501, 'TransactionsNotSupported'];
    expect(await status('POST', 'conditional/get', {})).toEqual(transactions);
    expect(await status('POST', 'conditional/commit', {})).toEqual(transactions);
    expect(await status('POST', 'functions/attach', {})).toEqual([422, 'ChromaError']);
    const attach = { name: 'a', function_id: 'b', output_collection: 'c' };
    expect(await status('POST', 'functions/attach', attach)).toEqual(unsupported);
    expect(await status('GET', 'functions/a')).toEqual([404, 'NotFoundError']);
    expect(await status('POST', 'attached_functions/a/detach', {})).toEqual(unsupported);
  });
});
