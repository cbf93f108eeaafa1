import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AccessPolicy, apiLimits, type ChromaRequest, createJsonRpc } from '@lucerna/api';
import { SILENT_LOG } from '@lucerna/base';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpOptions, type HttpServer, serveHttp } from '../src/http.ts';
import { fakeNode, health } from './support/fake-node.ts';

const EVIL = 'https://evil.example';
const APP = 'https://app.example';
const TOKEN = 'a-token.of~some+length/in_base64=';
const POLICY: AccessPolicy = { allowedHosts: [], allowedOrigins: [] };
const PATH = '/api/v2/heartbeat';

type Harness = HttpServer & {
  /** What has reached the protocol. */
  readonly requests: ChromaRequest[];
};

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A server whose protocol answers what it was asked. */
async function start(options: Partial<HttpOptions> = {}): Promise<Harness> {
  const requests: ChromaRequest[] = [];
  const chroma: HttpOptions['chroma'] = {
    handle: async (request) => {
      requests.push(request);
      return { status: 201, body: `"${request.method} ${request.target} é"` };
    },
  };
  const defaults = { host: '127.0.0.1', port: 0, chroma, health, policy: POLICY, log: SILENT_LOG };
  const server = await serveHttp({ ...defaults, ...options });
  servers.push(server);
  return { ...server, requests };
}

type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

function send(
  { port }: HttpServer,
  method: string,
  options: {
    readonly path?: string;
    readonly body?: string | Uint8Array;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Reply> {
  const { path = PATH, body, headers = {} } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const errorIn = ({ body }: Reply): string => JSON.parse(body).error;

describe('the Chroma protocol', () => {
  it('gets method, target and body, and its answer is JSON in UTF-8', async () => {
    const server = await start();
    const body = '{"ids":["é"]}';
    const reply = await send(server, 'POST', { path: '/api/v2/x?limit=1', body });
    expect(reply).toMatchObject({ status: 201, body: '"POST /api/v2/x?limit=1 é"' });
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(reply.body)));
    const [request] = server.requests;
    expect(new TextDecoder().decode(request?.body)).toBe(body);
  });

  it('has no body with methods that have none', async () => {
    const server = await start();
    for (const method of ['GET', 'DELETE']) {
      expect((await send(server, method)).status).toBe(201);
    }
    const head = await send(server, 'HEAD');
    expect([head.status, head.body]).toEqual([201, '']);
    expect(server.requests.map(({ body }) => body)).toEqual([undefined, undefined, undefined]);
  });

  it('is served beside JSON-RPC, each at its own paths', async () => {
    const rpc = createJsonRpc(fakeNode({ mine: async () => undefined }), { log: SILENT_LOG });
    const server = await start({ rpc });
    const headers = { 'content-type': 'application/json' };
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    const answer = await send(server, 'POST', { path: '/', body, headers });
    expect(answer.body).toBe('{"jsonrpc":"2.0","id":1,"result":"0x7a69"}');
    for (const path of ['/api/v2', '/api/v1/collections', '/openapi.json']) {
      expect((await send(server, 'GET', { path })).status).toBe(201);
    }
    const missing = await send(server, 'GET', { path: '/api/v3' });
    expect(missing.status).toBe(404);
    expect(missing.body).toContain('/api/v2');
    expect((await send(server, 'GET', { path: '/healthz' })).status).toBe(200);
  });

  it('is not there where it is not given', async () => {
    const rpc = createJsonRpc(fakeNode({ mine: async () => undefined }), { log: SILENT_LOG });
    const server = await start({ rpc, chroma: undefined });
    const reply = await send(server, 'GET');
    expect(reply.status).toBe(404);
    expect(reply.body).not.toContain('/api/v2');
  });

  it('says which methods a path takes, where another is refused', async () => {
    const refused = { status: 405, body: '{}', allow: 'GET, HEAD' };
    const server = await start({ chroma: { handle: async () => refused } });
    const reply = await send(server, 'DELETE');
    expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('may be all that is served', async () => {
    const server = await start();
    const greeting = await send(server, 'GET', { path: '/' });
    expect([greeting.status, greeting.body]).toEqual([200, expect.stringContaining('/api/v2')]);
    expect((await send(server, 'POST', { path: '/', body: '{}' })).status).toBe(404);
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    expect((await send(server, 'GET', { path: '/', headers: upgrade })).status).toBe(200);
  });
});

describe('who may use it', () => {
  it('programs and pages of this machine', async () => {
    const server = await start();
    expect((await send(server, 'GET')).headers['access-control-allow-origin']).toBeUndefined();
    const own = 'http://localhost:3000';
    const reply = await send(server, 'GET', { headers: { origin: own } });
    expect(reply.status).toBe(201);
    expect(reply.headers['access-control-allow-origin']).toBe(own);
    expect(reply.headers['vary']).toBe('Origin');
  });

  it('no other pages, whatever a dev chain allows them', async () => {
    const server = await start({ policy: { ...POLICY, otherOrigins: 'any' } });
    for (const origin of [EVIL, 'null', 'http://127.0.0.1.evil.example']) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const reply = await send(server, method, { headers: { origin } });
        expect([reply.status, errorIn(reply)], `${method} ${origin}`).toEqual([403, 'ChromaError']);
        expect(reply.headers['access-control-allow-origin']).toBeUndefined();
      }
    }
    expect(server.requests).toEqual([]);
  });

  it('pages that are listed', async () => {
    const server = await start({ policy: { ...POLICY, allowedOrigins: [APP] } });
    const preflight = await send(server, 'OPTIONS', {
      headers: { origin: APP, 'access-control-request-method': 'PUT' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(APP);
    expect(preflight.headers['access-control-allow-methods']).toContain('PUT');
    expect((await send(server, 'GET', { headers: { origin: APP } })).status).toBe(201);
    expect((await send(server, 'GET', { headers: { origin: EVIL } })).status).toBe(403);
    expect(server.requests).toHaveLength(1);
  });

  it('nobody by a name that is not listed', async () => {
    const server = await start();
    const headers = { host: 'evil.example' };
    expect(errorIn(await send(server, 'GET', { headers }))).toBe('ChromaError');
    expect(server.requests).toEqual([]);
  });

  it('only who shows the token, in either header', async () => {
    const server = await start({ policy: { ...POLICY, token: TOKEN } });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    const own = { 'x-chroma-token': TOKEN };
    for (const headers of [bearer, own]) {
      expect((await send(server, 'GET', { headers })).status).toBe(201);
    }
    for (const headers of [{}, { 'x-chroma-token': 'x' }, { ...own, authorization: 'Bearer x' }]) {
      const reply = await send(server, 'GET', { headers });
      expect([reply.status, errorIn(reply)]).toEqual([401, 'AuthError']);
      expect(reply.headers['www-authenticate']).toBe('Bearer');
    }
  });
});

describe('bodies', () => {
  it.each([
    [{}, 201],
    [{ 'content-type': 'application/json' }, 201],
    [{ 'content-type': 'application/json; charset=utf-8' }, 201],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
  ])('with headers %j are answered %i', async (headers, status) => {
    const server = await start();
    const reply = await send(server, 'POST', { body: '{}', headers });
    expect(reply.status).toBe(status);
    expect(server.requests).toHaveLength(status === 201 ? 1 : 0);
  });

  it('of more than 40 MiB are refused, announced and not', async () => {
    const server = await start();
    const body = Buffer.alloc(apiLimits.values.chromaBodyBytes + 1, 0x20);
    const announced = await send(server, 'POST', { body });
    expect([announced.status, errorIn(announced)]).toEqual([413, 'ChromaError']);
    const headers = { 'transfer-encoding': 'chunked' };
    const chunked = await send(server, 'POST', { body, headers });
    expect([chunked.status, errorIn(chunked)]).toEqual([413, 'ChromaError']);
    expect(server.requests).toEqual([]);
    expect((await send(server, 'POST', { body: body.subarray(1) })).status).toBe(201);
  });

  it('wait for no more memory than there is', async () => {
    const server = await start({ limits: { bodiesBytes: 10 } });
    const reply = await send(server, 'POST', { body: '{"ids":["a"]}' });
    expect([reply.status, errorIn(reply)]).toEqual([429, 'RateLimitError']);
    expect((await send(server, 'POST', { body: '{}' })).status).toBe(201);
  });
});

describe('a closing server', () => {
  it('answers what it is working on and refuses the rest', async () => {
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const server = await start({
      chroma: {
        handle: async () => {
          entered.resolve();
          await gate.promise;
          return { status: 200, body: '{}' };
        },
      },
    });
    const working = send(server, 'POST', { body: '{}' });
    await entered.promise;
    const closed = server.close();
    const refused = await send(server, 'GET');
    expect([refused.status, errorIn(refused)]).toEqual([503, 'ChromaError']);
    gate.resolve();
    expect((await working).status).toBe(200);
    await closed;
  });

  it('says so when the protocol itself fails', async () => {
    const server = await start({
      chroma: {
        handle: async () => {
          throw new Error('a secret');
        },
      },
    });
    const reply = await send(server, 'GET');
    expect([reply.status, errorIn(reply)]).toEqual([500, 'InternalError']);
    expect(reply.body).not.toContain('secret');
  });
});
