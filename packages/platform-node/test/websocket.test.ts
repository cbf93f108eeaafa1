import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type AccessPolicy,
  apiLimits,
  createJsonRpc,
  type HeadNotice,
  type JsonRpc,
} from '@lucerna/api';
import { SILENT_LOG } from '@lucerna/base';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { type HttpOptions, type HttpServer, serveHttp } from '../src/http.ts';
import { fakeNode, health } from './support/fake-node.ts';

const EVIL = 'https://evil.example';
const policy: AccessPolicy = { allowedHosts: [], allowedOrigins: [] };
const CHAIN_ID = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
const CHAIN_ID_ANSWER = '{"jsonrpc":"2.0","id":1,"result":"0x7a69"}';
const MINE = '{"jsonrpc":"2.0","id":2,"method":"evm_mine"}';

type Harness = HttpServer & {
  readonly url: string;
  readonly rpc: JsonRpc;
  readonly mined: () => number;
  /** Answers evm_mine, which is held back until then. */
  readonly release: () => void;
  readonly entered: Promise<void>;
  /** How many listen to new heads. */
  readonly listeners: () => number;
};

const servers: Harness[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<HttpOptions> = {}): Promise<Harness> {
  let mined = 0;
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const listening = new Set<(notice: HeadNotice) => void>();
  const node = fakeNode({
    mine: async () => {
      mined += 1;
      entered.resolve();
      await gate.promise;
    },
    onHead: (listener) => {
      listening.add(listener);
      return () => listening.delete(listener);
    },
  });
  const rpc = createJsonRpc(node, { log: SILENT_LOG });
  const defaults = { host: '127.0.0.1', port: 0, rpc, health, policy, log: SILENT_LOG };
  const server = await serveHttp({ ...defaults, ...options });
  const harness = {
    ...server,
    url: server.endpoint.replace('http', 'ws'),
    rpc,
    mined: () => mined,
    release: gate.resolve,
    entered: entered.promise,
    listeners: () => listening.size,
  };
  servers.push(harness);
  return harness;
}

type Client = {
  readonly ws: WebSocket;
  /** The next message that has not been taken yet. */
  readonly next: () => Promise<string>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
};

async function open(
  { url }: { readonly url: string },
  options: ClientOptions = {},
): Promise<Client> {
  const ws = new WebSocket(url, options);
  clients.push(ws);
  const messages: string[] = [];
  ws.on('message', (data, isBinary) => {
    expect(isBinary).toBe(false);
    messages.push(String(data));
    ws.emit('arrived');
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(ws, 'open');
  ws.on('error', () => undefined);
  const next = async (): Promise<string> => {
    while (messages.length === 0) await once(ws, 'arrived');
    return messages.shift() ?? '';
  };
  return { ws, next, closed };
}

/** The HTTP status with which a connection is refused. */
async function refusal(server: Harness, options: ClientOptions, path = '/'): Promise<number> {
  const ws = new WebSocket(`${server.url}${path}`, options);
  const [, response] = await once(ws, 'unexpected-response');
  ws.on('error', () => undefined);
  ws.terminate();
  return response.statusCode;
}

async function ask(client: Client, text: string): Promise<string> {
  client.ws.send(text);
  return client.next();
}

describe('messages', () => {
  it('are request bodies; each is answered with one', async () => {
    const client = await open(await start());
    expect(await ask(client, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
    expect(await ask(client, `[${CHAIN_ID},${CHAIN_ID}]`)).toBe(
      `[${CHAIN_ID_ANSWER},${CHAIN_ID_ANSWER}]`,
    );
    client.ws.send('{"jsonrpc":"2.0","method":"eth_chainId"}');
    // A notification has no answer: the next message is that of the request behind it.
    expect(await ask(client, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });

  it.each([
    ['', -32700],
    ['{', -32700],
    ['[]', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"eth_nothing"}', -32601],
  ])('that JSON-RPC refuses leave the connection open: %s', async (text, code) => {
    const client = await open(await start());
    expect(JSON.parse(await ask(client, text)).error.code).toBe(code);
    expect(await ask(client, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });

  it('are answered as they are done, not in their order', async () => {
    const server = await start();
    const client = await open(server);
    client.ws.send(MINE);
    await server.entered;
    expect(await ask(client, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
    server.release();
    expect(JSON.parse(await client.next())).toMatchObject({ id: 2, result: '0x0' });
  });

  it('may come in fragments, but not in too many', async () => {
    const server = await start({ limits: { websocketFragments: 8 } });
    const client = await open(server);
    const [first, second] = [CHAIN_ID.slice(0, 9), CHAIN_ID.slice(9)];
    client.ws.send(first, { fin: false });
    client.ws.send(second);
    expect(await client.next()).toBe(CHAIN_ID_ANSWER);
    for (let count = 0; count < 9; count += 1) client.ws.send(' ', { fin: false });
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it.each([
    [
      'longer than a body',
      1009,
      (ws: WebSocket) => ws.send(' '.repeat(apiLimits.values.bodyBytes + 1)),
    ],
    ['not UTF-8', 1007, (ws: WebSocket) => ws.send(Buffer.of(0x22, 0xff, 0x22), { binary: false })],
  ])('that are %s end the connection', async (_what, code, send) => {
    const server = await start();
    const client = await open(server);
    send(client.ws);
    expect(await client.closed).toMatchObject({ code });
    expect(await ask(await open(server), CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });

  it('may be binary, as those of web3.py are; the answer is text', async () => {
    const client = await open(await start());
    client.ws.send(Buffer.from(CHAIN_ID), { binary: true });
    expect(await client.next()).toBe(CHAIN_ID_ANSWER);
    client.ws.send(Buffer.of(0x22, 0xff, 0x22), { binary: true });
    expect(JSON.parse(await client.next())).toMatchObject({ error: { code: -32700 } });
  });

  it('are not waited for when the engine takes no connection', async () => {
    const engine = (await start()).rpc;
    const openSession = (): never => {
      throw new Error('closed');
    };
    const server = await start({ rpc: { ...engine, openSession } });
    const ws = new WebSocket(server.url);
    ws.on('error', () => undefined);
    await once(ws, 'close');
    const response = await fetch(server.endpoint);
    expect(response.status).toBe(200);
  });

  it('may be as long as a body', async () => {
    const client = await open(await start());
    expect(await ask(client, CHAIN_ID.padEnd(apiLimits.values.bodyBytes))).toBe(CHAIN_ID_ANSWER);
  });
});

describe('who may connect', () => {
  it('is decided by Host and Origin as for HTTP', async () => {
    const listed = await start({ policy: { ...policy, otherOrigins: 'listed' } });
    expect(await refusal(listed, { headers: { host: 'evil.example' } })).toBe(403);
    expect(await refusal(listed, { origin: EVIL })).toBe(403);
    expect(await refusal(listed, {}, '/other')).toBe(404);
    const own = await open(listed, { origin: 'http://localhost:5173' });
    expect(await ask(own, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });

  it('and foreign pages do not control, whatever they have sent before', async () => {
    const server = await start();
    const page = await open(server, { origin: EVIL });
    expect(await ask(page, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
    expect(JSON.parse(await ask(page, MINE)).error.code).toBe(-32000);
    expect(JSON.parse(await ask(page, `[${CHAIN_ID},${MINE}]`))[1].error.code).toBe(-32000);
    expect(server.mined()).toBe(0);
  });

  it('and by the token', async () => {
    const server = await start({ policy: { ...policy, token: 'sixteen-or-more-chars' } });
    expect(await refusal(server, {})).toBe(401);
    const wrong = { headers: { authorization: 'Bearer sixteen-or-more-char' } };
    expect(await refusal(server, wrong)).toBe(401);
    const right = { headers: { authorization: 'Bearer sixteen-or-more-chars' } };
    expect(await ask(await open(server, right), CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });

  it('counts among the connections of the server', async () => {
    const server = await start({ limits: { connections: 1 } });
    const client = await open(server);
    await expect(open(server)).rejects.toThrow();
    client.ws.close();
    await client.closed;
  });
});

describe('the WebSocket of the platform', () => {
  it('controls the node like any program', async () => {
    const server = await start();
    server.release();
    const native = new globalThis.WebSocket(server.url);
    await once(native, 'open');
    native.send(MINE);
    const [event] = (await once(native, 'message')) as [MessageEvent];
    expect(JSON.parse(event.data)).toMatchObject({ id: 2, result: '0x0' });
    native.close();
  });
});

describe('subscriptions', () => {
  const SUBSCRIBE = '{"jsonrpc":"2.0","id":3,"method":"eth_subscribe","params":["newHeads"]}';

  it('end with their connection, however it ends', async () => {
    const server = await start();
    for (const end of ['close', 'terminate'] as const) {
      const client = await open(server);
      expect(JSON.parse(await ask(client, SUBSCRIBE)).result).toMatch(/^0x[0-9a-f]{32}$/);
      expect(server.listeners()).toBe(1);
      client.ws[end]();
      await client.closed;
      const other = await open(server);
      while (server.listeners() > 0) await ask(other, CHAIN_ID);
    }
  });
});

describe('too much at a time', () => {
  it('is refused with the id of the request', async () => {
    const server = await start({ limits: { websocketRequests: 2 } });
    const client = await open(server);
    client.ws.send(MINE);
    client.ws.send(MINE);
    const refused = JSON.parse(await ask(client, CHAIN_ID));
    expect(refused).toMatchObject({ id: 1, error: { code: -32005 } });
    const batch = JSON.parse(await ask(client, `[${CHAIN_ID},${CHAIN_ID}]`));
    expect(batch).toMatchObject([{ id: 1, error: { code: -32005 } }, { id: 1 }]);
    expect(await ask(await open(server), CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
    server.release();
    await client.next();
    await client.next();
    expect(await ask(client, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
    expect(server.mined()).toBe(2);
  });

  it('of bytes is refused, and given back when it is answered', async () => {
    const server = await start({ limits: { bodiesBytes: 200 } });
    const client = await open(server);
    client.ws.send(MINE.padEnd(120));
    await server.entered;
    const second = JSON.parse(await ask(client, CHAIN_ID.padEnd(70)));
    expect(second).toMatchObject({ result: '0x7a69' });
    const large = await open(server);
    large.ws.send(CHAIN_ID.padEnd(190));
    expect(await large.closed).toMatchObject({ code: 1006 });
    server.release();
    await client.next();
    for (let count = 0; count < 10; count += 1) {
      expect(await ask(client, CHAIN_ID.padEnd(190))).toBe(CHAIN_ID_ANSWER);
    }
  });

  it('and pings and pongs of a connection that says nothing else are no such thing', async () => {
    const server = await start({ limits: { bodiesBytes: 100, websocketPingMs: 5 } });
    const client = await open(server);
    for (let count = 0; count < 30; count += 1) {
      client.ws.ping('x'.repeat(20));
      await once(client.ws, 'pong');
    }
    await once(client.ws, 'ping');
    expect(await ask(client, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });
});

describe('clients that are gone or too slow', () => {
  it('are dropped when they do not answer pings', async () => {
    const server = await start({ limits: { websocketPingMs: 30 } });
    const silent = await open(server, { autoPong: false });
    const alive = await open(server);
    expect(await silent.closed).toMatchObject({ code: 1006 });
    expect(await ask(alive, CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });

  it('are dropped when they do not end a message', async () => {
    const server = await start({ limits: { websocketPingMs: 30, headersMs: 50, requestMs: 50 } });
    const slow = await open(server);
    slow.ws.send('{', { fin: false });
    expect(await slow.closed).toMatchObject({ code: 1006 });
  });

  it.each([
    ['answers', () => maskedText(`[${Array(1_000).fill(CHAIN_ID).join(',')}]`)],
    ['answers to pings', () => Buffer.concat(Array(1_000).fill(maskedPing()))],
  ])('are dropped when they do not read %s', async (_what, makeRequests) => {
    const server = await start({ limits: { websocketUnsentBytes: 1_000_000 } });
    const { port } = server;
    const socket = await upgraded(port);
    socket.pause();
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const long = makeRequests();
    // More than the buffers of the system take.
    for (let count = 0; count < 500 && !socket.destroyed; count += 1) {
      if (!socket.write(long)) await Promise.race([drained(socket), ended]);
    }
    socket.resume();
    await ended;
    expect(await ask(await open(server), CHAIN_ID)).toBe(CHAIN_ID_ANSWER);
  });
});

function drained(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('drain', resolve));
}

/** A socket after the handshake. */
async function upgraded(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    [
      'GET / HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain('101 Switching Protocols');
  return socket;
}

/** A text frame of a client whose mask is zero. */
function maskedText(text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(0x80 | 126, 1);
  head.writeUInt16BE(text.length, 2);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** A ping with the longest payload, masked likewise. */
function maskedPing(): Buffer {
  return Buffer.from([0x89, 0x80 | 125, ...Array(4 + 125).fill(0)]);
}

describe('close', () => {
  it('says so to idle connections at once', async () => {
    const server = await start();
    const client = await open(server);
    await server.close();
    expect(await client.closed).toMatchObject({ code: 1001 });
  });

  it('answers what is running first, and nothing new', async () => {
    const server = await start();
    const client = await open(server);
    client.ws.send(MINE);
    await server.entered;
    const closed = server.close();
    const refused = JSON.parse(await ask(client, CHAIN_ID));
    expect(refused).toMatchObject({ id: 1, error: { code: -32000 } });
    expect(await refusal(server, {})).toBe(503);
    server.release();
    expect(JSON.parse(await client.next())).toMatchObject({ id: 2, result: '0x0' });
    await closed;
    expect(await client.closed).toMatchObject({ code: 1001 });
  });

  it('does not wait for clients that do not answer', async () => {
    const server = await start({ limits: { websocketCloseMs: 20 } });
    const socket = await upgraded(server.port);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    socket.resume();
    await ended;
    const held = await start({ limits: { closeGraceMs: 20 } });
    const client = await open(held);
    client.ws.send(MINE);
    await held.entered;
    await held.close();
    expect(await client.closed).toMatchObject({ code: 1006 });
    held.release();
  });
});
