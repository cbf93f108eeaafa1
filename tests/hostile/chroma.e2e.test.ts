import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { apiLimits } from '@lucerna/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  closing,
  dropAll,
  expectFlatMemory,
  expectServing,
  type HostileNode,
  openSocket,
  postRaw,
  startHostileNode,
} from './hostile-node.ts';

let node: HostileNode;
let collections: string;
let notes: string;

beforeAll(async () => {
  node = await startHostileNode();
  collections = `${node.endpoint}/api/v2/tenants/default_tenant/databases/default_database/collections`;
  const made = await postRaw(collections, '{"name":"notes"}');
  notes = `${collections}/${JSON.parse(made.body).id}`;
  const ids = ['a', 'b', 'c'];
  const embeddings = ids.map((_, index) => [index, 1]);
  const body = JSON.stringify({ ids, embeddings, documents: ids });
  expect((await postRaw(`${notes}/add`, body)).status).toBe(201);
});
afterAll(async () => {
  await node.close();
});

/** The records are those of the beginning, and the chain goes on. */
async function expectUnharmed(): Promise<void> {
  const answer = await postRaw(`${notes}/get`, '{"include":["embeddings"]}');
  expect(JSON.parse(answer.body)).toMatchObject({
    ids: ['a', 'b', 'c'],
    embeddings: [
      [0, 1],
      [1, 1],
      [2, 1],
    ],
  });
  await expectServing(node);
}

/** An answer in the protocol's form that says that the caller is wrong. */
function expectRefusal({ status, body }: { readonly status: number; readonly body: string }): void {
  expect(status, body.slice(0, 200)).toBeGreaterThanOrEqual(400);
  expect(status, body.slice(0, 200)).toBeLessThan(500);
  expect(JSON.parse(body)).toEqual({ error: expect.any(String), message: expect.any(String) });
}

describe('bodies that nobody should send', () => {
  it('JSON that is nested half a million levels deep', async () => {
    const depth = 500_000;
    const bodies = [
      '['.repeat(depth),
      `{"where":${'{"$and":['.repeat(depth)}`,
      `{"where":${'{"$and":['.repeat(60_000)}${']}'.repeat(60_000)}}`,
      `{"ids":["x"],"embeddings":${'['.repeat(depth)}${']'.repeat(depth)}}`,
      `{"x":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    ];
    await expectFlatMemory(node, 4, async () => {
      for (const body of bodies) {
        for (const operation of ['get', 'add', 'search']) {
          expectRefusal(await postRaw(`${notes}/${operation}`, body));
        }
      }
    });
    await expectUnharmed();
  });

  it('a body of 100 MB, announced and not', async () => {
    const body = Buffer.alloc(100_000_000, ' ');
    await expectFlatMemory(node, 2, async () => {
      expect([0, 413]).toContain((await postRaw(`${notes}/add`, body)).status);
      const headers = { 'transfer-encoding': 'chunked' };
      expect([0, 413]).toContain((await postRaw(`${notes}/add`, body, headers)).status);
    });
    await expectUnharmed();
  });

  it('JSON that breaks off at every place', async () => {
    const whole = JSON.stringify({
      ids: ['x\u00e9\\'],
      embeddings: [[1.5, -2e3]],
      metadatas: [{ key: ['a', 'b'], flag: true, none: 1 }],
      documents: ['text'],
    });
    for (let end = 0; end < whole.length; end += 1) {
      expectRefusal(await postRaw(`${notes}/add`, whole.slice(0, end)));
    }
    await expectUnharmed();
  });

  it('bytes that are not UTF-8, and noise', async () => {
    for (let round = 0; round < 50; round += 1) {
      expectRefusal(await postRaw(`${notes}/add`, randomBytes(200)));
    }
    const invalid = Buffer.concat([
      Buffer.from('{"ids":["'),
      Buffer.from([0xff]),
      Buffer.from('"]}'),
    ]);
    expectRefusal(await postRaw(`${notes}/get`, invalid));
    await expectUnharmed();
  });

  it('values of every wrong type in every place', async () => {
    const values = [
      null,
      true,
      -1,
      1.5,
      1e308,
      'x',
      [],
      [[]],
      {},
      [null],
      [{}],
      'x'.repeat(10_000),
    ];
    const members: Readonly<Record<string, readonly string[]>> = {
      add: ['ids', 'embeddings', 'documents', 'uris', 'metadatas'],
      update: ['ids', 'embeddings', 'metadatas'],
      upsert: ['ids', 'embeddings', 'metadatas'],
      get: ['ids', 'where', 'where_document', 'limit', 'offset', 'include'],
      query: ['query_embeddings', 'n_results', 'ids', 'where', 'where_document', 'include'],
      delete: ['ids', 'where', 'where_document', 'limit'],
      search: ['searches', 'read_level'],
      fork: ['new_name'],
    };
    for (const [operation, names] of Object.entries(members)) {
      for (const name of names) {
        for (const value of values) {
          // What is left alone may be enough to be a request; it must not be one that deletes.
          const body = { ids: ['unknown'], embeddings: [[1, 2]], [name]: value, limit: undefined };
          const { status, body: text } = await postRaw(
            `${notes}/${operation}`,
            JSON.stringify(body),
          );
          expect(
            status === 501 || status < 500,
            `${operation} ${JSON.stringify(body)}: ${text}`,
          ).toBe(true);
        }
      }
    }
    const found = await postRaw(`${notes}/get`, '{"include":[]}');
    expect(JSON.parse(found.body).ids.slice(0, 3)).toEqual(['a', 'b', 'c']);
    await postRaw(`${notes}/delete`, '{"where":{"#id":{"$nin":["a","b","c"]}}}');
    await expectUnharmed();
  });

  it('names of members that objects have by themselves', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) {
      const metadata = `{"${name}":1}`;
      const add = `{"ids":["${name}"],"embeddings":[[1,2]],"metadatas":[${metadata}]}`;
      expect((await postRaw(`${notes}/add`, add)).status).toBe(201);
      const get = `{"ids":["${name}"],"where":{"${name}":1}}`;
      const { body } = await postRaw(`${notes}/get`, get);
      expect(body).toContain(`"metadatas":[${metadata}]`);
      expectRefusal(await postRaw(`${notes}/get`, `{"where":{"a":{"${name}":1}}}`));
      expect((await postRaw(`${collections}/${name}`, '{}')).status).toBe(405);
    }
    await postRaw(`${notes}/delete`, JSON.stringify({ ids: names }));
    await expectUnharmed();
  });

  it('filters that would take for ever', async () => {
    const wide = { $or: Array.from({ length: 100_000 }, (_, index) => ({ n: index })) };
    expectRefusal(await postRaw(`${notes}/get`, JSON.stringify({ where: wide })));
    const patterns = [
      '(a+)+$',
      '(x|x|x)*y',
      `${'a?'.repeat(100)}${'a'.repeat(100)}`,
      '((a{1,50}){1,50}){1,50}',
    ];
    for (const pattern of patterns) {
      const body = JSON.stringify({ where_document: { $regex: pattern } });
      const { status } = await postRaw(`${notes}/get`, body);
      expect([200, 400]).toContain(status);
    }
    await expectUnharmed();
  });

  it('many queries and large answers at a time', async () => {
    const queries = Array.from({ length: 1_000 }, () => [1, 2]);
    const body = JSON.stringify({
      query_embeddings: queries,
      include: ['embeddings', 'documents'],
    });
    await expectFlatMemory(node, 3, async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => postRaw(`${notes}/query`, body)),
      );
      for (const { status } of answers) expect([200, 429, 503]).toContain(status);
    });
    await expectUnharmed();
  });
});

describe('requests that nobody should send', () => {
  it('paths of every kind', async () => {
    const paths = [
      '/api/v2/../../etc/passwd',
      '/api/v2/%2e%2e/%2e%2e/etc/passwd',
      '/api/v2/tenants/%00',
      '/api/v2/tenants/%ff',
      `/api/v2/tenants/${'x'.repeat(8_000)}`,
      `/api/v2${'/x'.repeat(4_000)}`,
      '/api/v2//tenants',
      '/api/v2/tenants/a/databases/b/collections/c/d/e/f',
      '/api/v2?'.padEnd(8_000, 'a=b&'),
    ];
    const { hostname, port } = new URL(node.endpoint);
    for (const path of paths) {
      for (const method of ['GET', 'PUT', 'DELETE', 'TRACE', 'PROPFIND']) {
        const status = await new Promise<number>((resolve, reject) => {
          const sent = request({ host: hostname, port, path, method }, (response) => {
            response.resume();
            response.on('end', () => resolve(response.statusCode ?? 0));
          });
          sent.on('error', reject);
          sent.end();
        });
        expect([200, 400, 404, 405], `${method} ${path.slice(0, 60)}`).toContain(status);
      }
    }
    await expectUnharmed();
  });

  it('pages of others, who may not even look', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      const answer = await postRaw(`${notes}/delete`, '{"ids":["a"]}', { origin });
      expect(answer.status).toBe(403);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    await expectUnharmed();
  });

  it('connections that say half of what they announce', async () => {
    const { pathname } = new URL(`${notes}/add`);
    await expectFlatMemory(node, 2, async () => {
      const sockets = await Promise.all(
        Array.from({ length: 50 }, () => openSocket(node.endpoint)),
      );
      for (const socket of sockets) {
        const length = apiLimits.values.chromaBodyBytes;
        socket.write(
          `POST ${pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n{"ids":["`,
        );
      }
      await dropAll(sockets);
    });
    const socket = await openSocket(node.endpoint);
    const closed = closing(socket);
    socket.write(`POST ${pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n`);
    socket.resume();
    await closed;
    await expectUnharmed();
  });
});
