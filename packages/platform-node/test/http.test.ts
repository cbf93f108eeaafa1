import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { type AccessPolicy, apiLimits, createJsonRpc, type JsonRpc } from '@lucerna/api';
import { SILENT_LOG } from '@lucerna/base';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpOptions, type HttpServer, serveHttp } from '../src/http.ts';
import { fakeNode, health } from './support/fake-node.ts';

const EVIL = 'https://evil.example';
const TOKEN = 'a-token.of~some+length/in_base64=';
const policy: AccessPolicy = { allowedHosts: [], allowedOrigins: [] };

type Harness = HttpServer & {
  /** How many blocks were asked for. */
  readonly mined: () => number;
  /** Holds back the answers of evm_mine until it is called. */
  readonly release: () => void;
  /** Resolves when evm_mine has been entered. */
  readonly entered: Promise<void>;
  /** Resolves when a client has gone, or has its answer. */
  readonly left: Promise<void>;
};

const servers: Harness[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
  options: Partial<HttpOptions> & { readonly hold?: boolean } = {},
): Promise<Harness> {
  let mined = 0;
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  if (!options.hold) gate.resolve();
  const mine = async (): Promise<void> => {
    mined += 1;
    entered.resolve();
    await gate.promise;
  };
  const left = Promise.withResolvers<void>();
  const engine = createJsonRpc(fakeNode({ mine }), { log: SILENT_LOG });
  const handle: JsonRpc['handle'] = (body, caller, departure) => {
    departure?.onGone(left.resolve);
    return engine.handle(body, caller, departure);
  };
  const rpc = { ...engine, handle };
  const defaults = { host: '127.0.0.1', port: 0, rpc, health, policy, log: SILENT_LOG };
  const server = await serveHttp({ ...defaults, ...options });
  const harness = {
    ...server,
    mined: () => mined,
    release: gate.resolve,
    entered: entered.promise,
    left: left.promise,
  };
  servers.push(harness);
  return harness;
}

const CHAIN_ID = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
const MINE = '{"jsonrpc":"2.0","id":2,"method":"evm_mine"}';
const CHAIN_ID_ANSWER = '{"jsonrpc":"2.0","id":1,"result":"0x7a69"}';

type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Sends one request with exactly these headers. */
function send(
  { port }: HttpServer,
  body: string | Uint8Array | undefined,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly agent?: Agent;
  } = {},
): Promise<Reply> {
  const { method = 'POST', path = '/', agent } = options;
  const headers = { 'content-type': 'application/json', ...options.headers };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, ...(agent ? { agent } : {}) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** An open socket, and everything that it has received when the server ends it. */
async function open({ port }: HttpServer): Promise<{ socket: Socket; ended: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(text));
  });
  await once(socket, 'connect');
  return { socket, ended };
}

/** A request as bytes. */
function raw(body: string, headers: readonly string[] = []): string {
  return [
    'POST / HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

const codeIn = (reply: Reply): number | undefined => JSON.parse(reply.body).error?.code;

const codeOf = (reply: Reply): number => JSON.parse(reply.body).error.code;

describe('requests', () => {
  it('are answered as JSON with a length', async () => {
    const reply = await send(await start(), CHAIN_ID);
    expect(reply).toMatchObject({ status: 200, body: CHAIN_ID_ANSWER });
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.headers['content-length']).toBe(String(CHAIN_ID_ANSWER.length));
  });

  it('are answered in UTF-8, whose bytes count', async () => {
    const request = '{"jsonrpc":"2.0","id":"\u00e9 \u20ac","method":"eth_chainId"}';
    const reply = await send(await start(), request);
    expect(reply.body).toBe('{"jsonrpc":"2.0","id":"\u00e9 \u20ac","result":"0x7a69"}');
    expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(reply.body)));
  });

  it('are let in each by its own headers, whoever was let in before', async () => {
    const server = await start({ policy: { ...policy, otherOrigins: 'listed' } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const good = { host: 'localhost' };
    const statuses: number[] = [];
    for (const headers of [
      good,
      { host: 'evil.example' },
      good,
      { ...good, origin: EVIL },
      { ...good, origin: 'http://localhost:1' },
      good,
    ]) {
      const reply = await send(server, CHAIN_ID, { headers, agent });
      statuses.push(reply.status);
      expect(reply.headers['access-control-allow-origin']).toBe(
        reply.status === 200 ? (headers as { origin?: string }).origin : undefined,
      );
    }
    agent.destroy();
    expect(statuses).toEqual([200, 403, 200, 403, 200, 200]);
  });

  it('may be batches; notifications alone are 204 without a body', async () => {
    const server = await start();
    const batch = await send(server, `[${CHAIN_ID},${CHAIN_ID}]`);
    expect(batch.body).toBe(`[${CHAIN_ID_ANSWER},${CHAIN_ID_ANSWER}]`);
    const notification = await send(server, '{"jsonrpc":"2.0","method":"evm_mine"}');
    expect(notification).toMatchObject({ status: 204, body: '' });
    expect(server.mined()).toBe(1);
  });

  it.each([
    ['{"jsonrpc":"2.0","id":1', -32700],
    ['', -32700],
    ['[]', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"eth_nothing"}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[1]}', -32602],
  ])('that JSON-RPC refuses have status 200 all the same: %s', async (body, code) => {
    const reply = await send(await start(), body);
    expect(reply.status).toBe(200);
    expect(codeOf(reply)).toBe(code);
  });

  it('may come in chunks', async () => {
    const { port } = await start();
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    for (const character of CHAIN_ID) request.write(character);
    request.end();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, 'end');
  });

  it('to other methods and paths say what is served here', async () => {
    const server = await start();
    const get = await send(server, undefined, { method: 'GET' });
    expect(get.status).toBe(200);
    expect(get.headers['content-type']).toContain('text/plain');
    expect(await send(server, undefined, { method: 'HEAD' })).toMatchObject({
      status: 200,
      body: '',
    });
    expect((await send(server, CHAIN_ID, { path: '/other' })).status).toBe(404);
    expect((await send(server, CHAIN_ID, { path: '/?key=1' })).body).toBe(CHAIN_ID_ANSWER);
    const put = await send(server, MINE, { method: 'PUT' });
    expect(put.status).toBe(405);
    expect(put.headers.allow).toContain('POST');
    expect(server.mined()).toBe(0);
  });

  it('share a connection, also when they are sent ahead', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await send(server, CHAIN_ID, { agent });
    const [socket] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
    await send(server, CHAIN_ID, { agent });
    expect(Object.values(agent.freeSockets).flat()).toEqual([socket]);
    agent.destroy();
    const pipelined = await open(server);
    const last = raw(CHAIN_ID, ['Connection: close']);
    pipelined.socket.write(raw(MINE) + raw(CHAIN_ID) + last);
    const text = await pipelined.ended;
    expect(text.split('HTTP/1.1 200 OK')).toHaveLength(4);
    expect(text.indexOf('"id":2')).toBeLessThan(text.indexOf('"id":1'));
  });

  it('of clients that go are not run further', async () => {
    const server = await start({ hold: true });
    const { socket } = await open(server);
    socket.write(raw(`[${MINE},${MINE},${MINE}]`));
    await server.entered;
    socket.destroy();
    await server.left;
    server.release();
    expect(await send(server, CHAIN_ID)).toMatchObject({ body: CHAIN_ID_ANSWER });
    await server.close();
    expect(server.mined()).toBe(1);
  });

  it('that break off do no harm', async () => {
    const server = await start();
    const { socket, ended } = await open(server);
    socket.write(raw(MINE).slice(0, -10));
    socket.destroy();
    await ended;
    expect((await send(server, CHAIN_ID)).body).toBe(CHAIN_ID_ANSWER);
    expect(server.mined()).toBe(0);
  });
});

describe('/healthz', () => {
  it('says how the node is, to everybody but pages', async () => {
    const server = await start({ policy: { ...policy, token: TOKEN } });
    const headers = { origin: EVIL };
    const reply = await send(server, undefined, { method: 'GET', path: '/healthz', headers });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual(health());
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    const head = await send(server, undefined, { method: 'HEAD', path: '/healthz' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect((await send(server, CHAIN_ID, { path: '/healthz' })).status).toBe(405);
  });

  it('is not reached under another name', async () => {
    const headers = { host: 'evil.example' };
    const options = { method: 'GET', path: '/healthz', headers };
    expect((await send(await start(), undefined, options)).status).toBe(403);
  });

  it('is 503 when the node cannot tell', async () => {
    const server = await start({
      health: () => {
        throw new Error('the disk has gone');
      },
    });
    const reply = await send(server, undefined, { method: 'GET', path: '/healthz' });
    expect(reply).toMatchObject({ status: 503, body: '{"status":"failing"}' });
  });
});

describe('a token', () => {
  const guarded = { policy: { ...policy, token: TOKEN } };

  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `Bearer  ${TOKEN} `])(
    'lets a request in that shows it: "%s"',
    async (authorization) => {
      const reply = await send(await start(guarded), CHAIN_ID, { headers: { authorization } });
      expect(reply).toMatchObject({ status: 200, body: CHAIN_ID_ANSWER });
    },
  );

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN} ${TOKEN}`,
  ])('keeps everybody else out: "%s"', async (authorization) => {
    const server = await start(guarded);
    const headers = authorization === undefined ? {} : { authorization };
    for (const [method, path] of [
      ['POST', '/'],
      ['GET', '/'],
      ['GET', '/other'],
    ] as const) {
      const reply = await send(server, method === 'POST' ? MINE : undefined, {
        method,
        path,
        headers,
      });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Bearer');
      expect(codeOf(reply)).toBe(-32600);
    }
    expect(server.mined()).toBe(0);
  });

  it('may be announced by a page, which may read that it is missing', async () => {
    const server = await start(guarded);
    const headers = { origin: EVIL, 'access-control-request-method': 'POST' };
    const preflight = await send(server, undefined, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    // The wildcard does not stand for this header (Fetch, CORS-preflight fetch).
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
    const refused = await send(server, CHAIN_ID, { headers: { origin: EVIL } });
    expect(refused.headers['access-control-allow-origin']).toBe('*');
  });
});

describe('requests that ask for another protocol', () => {
  it.each(['h2c', 'TLS/1.0', 'websocket'])('but may not, or not here: %s', async (upgrade) => {
    const server = await start();
    const { socket, ended } = await open(server);
    const text = raw(CHAIN_ID, [`Upgrade: ${upgrade}`, 'Connection: Upgrade, close']);
    socket.write(upgrade === 'websocket' ? text.replace('POST / ', 'POST /other ') : text);
    const answer = upgrade === 'websocket' ? '404' : CHAIN_ID_ANSWER;
    expect(await ended).toContain(answer);
  });
});

describe('the content type', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/json-rpc',
    'application/jsonrequest',
    'application/vnd.api+json',
  ])('may be %s', async (type) => {
    const reply = await send(await start(), CHAIN_ID, { headers: { 'content-type': type } });
    expect(reply.body).toBe(CHAIN_ID_ANSWER);
  });

  it.each([
    '',
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/jsonx',
    'text/plain; application/json',
  ])('may not be one that a page can send without asking: "%s"', async (type) => {
    const server = await start();
    const reply = await send(server, MINE, { headers: { 'content-type': type } });
    expect(reply.status).toBe(415);
    expect(codeOf(reply)).toBe(-32600);
    expect(server.mined()).toBe(0);
  });

  it('is refused with an encoding', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await send(await start(), CHAIN_ID, { headers })).status).toBe(415);
  });
});

describe('pages', () => {
  it('get an answer to the preflight of a cross-origin request', async () => {
    const reply = await send(await start(), undefined, {
      method: 'OPTIONS',
      headers: {
        origin: EVIL,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
        'access-control-request-private-network': 'true',
      },
    });
    expect(reply.status).toBe(204);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringContaining('content-type'),
      'access-control-allow-private-network': 'true',
    });
  });

  it('may read answers and errors', async () => {
    const server = await start();
    for (const body of [CHAIN_ID, '{', 'x'.repeat(100)]) {
      const reply = await send(server, body, { headers: { origin: EVIL } });
      expect(reply.headers['access-control-allow-origin']).toBe('*');
    }
  });

  it('of other origins may not control the node, alone or in a batch', async () => {
    const server = await start();
    const headers = { origin: EVIL };
    expect(codeOf(await send(server, MINE, { headers }))).toBe(-32000);
    const batch = JSON.parse((await send(server, `[${CHAIN_ID},${MINE}]`, { headers })).body);
    expect(batch[0].result).toBe('0x7a69');
    expect(batch[1].error.code).toBe(-32000);
    expect((await send(server, MINE, { headers: { origin: 'null' } })).status).toBe(200);
    expect(server.mined()).toBe(0);
  });

  it('of this machine and of listed origins may', async () => {
    const server = await start({ policy: { ...policy, allowedOrigins: [EVIL] } });
    for (const origin of ['http://localhost:3000', EVIL]) {
      await send(server, MINE, { headers: { origin } });
    }
    await send(server, MINE);
    expect(server.mined()).toBe(3);
  });

  it('that reach us under another name are refused', async () => {
    const server = await start();
    for (const method of ['POST', 'GET', 'OPTIONS']) {
      const headers = { host: 'evil.example:8545', origin: 'http://evil.example:8545' };
      const reply = await send(server, method === 'POST' ? MINE : undefined, { method, headers });
      expect(reply.status).toBe(403);
      expect(codeOf(reply)).toBe(-32600);
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect(server.mined()).toBe(0);
  });

  it('need to be listed where the policy says so', async () => {
    const server = await start({ policy: { ...policy, otherOrigins: 'listed' } });
    expect((await send(server, CHAIN_ID, { headers: { origin: EVIL } })).status).toBe(403);
    const own = await send(server, CHAIN_ID, { headers: { origin: 'http://localhost:1' } });
    expect(own.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:1',
      vary: 'Origin',
    });
  });
});

describe('bodies that are too large', () => {
  const limit = apiLimits.values.bodyBytes;

  it('are 413 with a JSON-RPC error, whether they say so or not', async () => {
    const server = await start();
    const body = Buffer.alloc(limit + 1, 0x20);
    for (const headers of [undefined, { 'transfer-encoding': 'chunked' }]) {
      const reply = await send(server, body, headers === undefined ? {} : { headers });
      expect(reply.status).toBe(413);
      expect(codeOf(reply)).toBe(-32600);
    }
    const fitting = Buffer.alloc(limit, 0x20);
    fitting.write(CHAIN_ID);
    expect((await send(server, fitting)).body).toBe(CHAIN_ID_ANSWER);
  });

  it('are refused before they are sent', async () => {
    const { socket, ended } = await open(
      await start({ limits: { headersMs: 50, requestMs: 50, checkMs: 10 } }),
    );
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${2 ** 40}\r\n\r\n`,
    );
    const [first] = await once(socket, 'data');
    expect(first).toContain('413');
    await ended;
  });
});

describe('bodies that are too large together', () => {
  const limits = { bodiesBytes: 100 };

  it('are 503 with a JSON-RPC error until others are answered', async () => {
    const server = await start({ limits, hold: true });
    const body = MINE.padEnd(60);
    const first = await open(server);
    first.socket.write(raw(body, ['Connection: close']));
    await server.entered;
    const reply = await send(server, body);
    expect(reply.status).toBe(503);
    expect(codeOf(reply)).toBe(-32005);
    expect((await send(server, '{}')).status).toBe(200);
    server.release();
    expect(await first.ended).toContain('"result":"0x0"');
    expect((await send(server, body)).status).toBe(200);
    expect(server.mined()).toBe(2);
  });

  it('include those that are not here whole yet, and those of clients that go', async () => {
    const server = await start({ limits });
    const body = CHAIN_ID.padEnd(80);
    const slow = await open(server);
    slow.socket.write(raw(body).slice(0, -1));
    // The server has seen the slow client's bytes when it refuses another one for them.
    let reply = await send(server, body);
    while (reply.status === 200) reply = await send(server, body);
    expect(reply.status).toBe(503);
    slow.socket.destroy();
    await slow.ended;
    while (reply.status === 503) reply = await send(server, body);
    expect(reply.body).toBe(CHAIN_ID_ANSWER);
  });

  it('count no longer when they have been refused', async () => {
    const server = await start({ limits });
    const large = await send(server, ' '.repeat(1_000));
    expect(large.status).toBe(503);
    expect((await send(server, CHAIN_ID.padEnd(100))).body).toBe(CHAIN_ID_ANSWER);
  });
});

describe('too many requests', () => {
  it('are answered with an error of JSON-RPC', async () => {
    const { requestsInFlight } = apiLimits.values;
    const server = await start({ hold: true });
    const { socket, ended } = await open(server);
    const last = raw(CHAIN_ID.replace('1,', '"last",'), ['Connection: close']);
    socket.write(raw(MINE).repeat(requestsInFlight) + last);
    await server.entered;
    let reply = await send(server, CHAIN_ID);
    while (codeIn(reply) === undefined) reply = await send(server, CHAIN_ID);
    expect(reply).toMatchObject({ status: 200 });
    expect(JSON.parse(reply.body)).toMatchObject({ id: 1, error: { code: -32005 } });
    server.release();
    expect(await ended).toContain('"id":"last"');
    expect(server.mined()).toBe(requestsInFlight);
    expect((await send(server, CHAIN_ID)).body).toBe(CHAIN_ID_ANSWER);
  });
});

describe('clients that do not read', () => {
  it('are cut off when what they leave is too much together', async () => {
    const size = 2_000_000;
    const rpc = createJsonRpc(fakeNode({ mine: async () => undefined }), { log: SILENT_LOG });
    const server = await start({
      rpc: { ...rpc, handle: async () => 'x'.repeat(size) },
      limits: { unsentBytes: 3 * size },
    });
    const slow = await Promise.all(Array.from({ length: 5 }, () => open(server)));
    for (const { socket } of slow) {
      socket.pause();
      socket.write(raw(CHAIN_ID).repeat(3));
    }
    // The last of them is answered, whatever the others have left.
    expect((await send(server, CHAIN_ID)).body).toHaveLength(size);
    for (const { socket } of slow) socket.resume();
    const dropped = await Promise.any(slow.map(({ ended }) => ended));
    expect(dropped.length).toBeLessThan(3 * size);
  });
});

describe('slow clients', () => {
  const limits = { headersMs: 50, requestMs: 100, checkMs: 10, keepAliveMs: 50 };

  it.each([
    ['says nothing', ''],
    ['does not end its headers', 'POST / HTTP/1.1\r\nHost: localhost\r\nX: '],
    ['does not end its body', raw(MINE).slice(0, -1)],
    ['has been answered and says nothing more', raw(CHAIN_ID)],
  ])('a client that %s is dropped', async (_what, text) => {
    const server = await start({ limits });
    const { socket, ended } = await open(server);
    socket.write(text);
    await ended;
    expect(server.mined()).toBe(0);
  });
});

describe('listening', () => {
  it('names a taken port and what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      code: 'HTTP_PORT_IN_USE',
      remedy: expect.stringContaining('--port'),
      fields: { port },
    });
    blocker.close();
  });

  it('names an address that is not ours', async () => {
    await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'HTTP_LISTEN_FAILED',
    });
  });

  it('says where it can be reached', async () => {
    const server = await start();
    expect(server.endpoint).toBe(`http://127.0.0.1:${server.port}`);
    const reply = await fetch(server.endpoint, {
      method: 'POST',
      body: CHAIN_ID,
      headers: { 'content-type': 'application/json' },
    });
    expect(await reply.text()).toBe(CHAIN_ID_ANSWER);
    const everywhere = await start({ host: '0.0.0.0' });
    expect(everywhere.endpoint).toBe(`http://127.0.0.1:${everywhere.port}`);
  });

  it('takes no more connections than its limit', async () => {
    const server = await start({ limits: { connections: 1 } });
    const first = await open(server);
    const second = await open(server);
    expect(await second.ended).toBe('');
    first.socket.destroy();
  });
});

describe('close', () => {
  it('drops idle and half-open connections and accepts no more', async () => {
    const server = await start();
    const idle = await open(server);
    idle.socket.write(raw(CHAIN_ID));
    await once(idle.socket, 'data');
    const silent = await open(server);
    const half = await open(server);
    half.socket.write(raw(MINE).slice(0, -1));
    await server.close();
    await Promise.all([idle.ended, silent.ended, half.ended]);
    await expect(send(server, CHAIN_ID)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(server.mined()).toBe(0);
  });

  it('answers what is running, then ends', async () => {
    const server = await start({ hold: true });
    const { socket, ended } = await open(server);
    socket.write(raw(MINE));
    await server.entered;
    const closed = server.close();
    expect(server.close()).toBe(closed);
    server.release();
    await closed;
    const text = await ended;
    expect(text).toContain('"result":"0x0"');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  it('says meanwhile that the node is stopping', async () => {
    const server = await start({ hold: true });
    const { socket, ended } = await open(server);
    socket.write(raw(MINE));
    await server.entered;
    const closed = server.close();
    const status = await send(server, undefined, { method: 'GET', path: '/healthz' });
    expect(status).toMatchObject({ status: 503, body: '{"status":"closing"}' });
    const refused = await send(server, MINE);
    expect(refused.status).toBe(503);
    expect(codeOf(refused)).toBe(-32000);
    server.release();
    await Promise.all([closed, ended]);
    await expect(send(server, CHAIN_ID)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(server.mined()).toBe(1);
  });

  it('does not wait for ever for what is running', async () => {
    const server = await start({ hold: true, limits: { closeGraceMs: 20 } });
    const { socket, ended } = await open(server);
    socket.write(raw(MINE));
    await server.entered;
    await server.close();
    expect(await ended).toBe('');
    server.release();
  });
});
