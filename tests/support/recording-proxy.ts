import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { RpcAnswer } from './json-rpc.ts';

/** One request of a client and what the node answered. */
export type Exchange = {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly answer: RpcAnswer;
};

/** What the node has told a client without being asked: the whole message, and what it is about. */
export type Notice = {
  /** What was asked for with `eth_subscribe`; undefined: it belongs to no subscription. */
  readonly topic: string | undefined;
  readonly message: unknown;
};

/** Stands between clients and a node, changes nothing and remembers everything. */
export type RecordingProxy = {
  readonly url: string;
  /** For WebSocket clients; the same port. */
  readonly webSocketUrl: string;
  /** Everything so far, in the order of the answers. */
  readonly exchanges: () => readonly Exchange[];
  /** Everything so far, in the order in which it came. */
  readonly notices: () => readonly Notice[];
  readonly close: () => Promise<void>;
};

type WireRequest = { readonly id?: unknown; readonly method: string; readonly params?: unknown[] };

type Records = { readonly exchanges: Exchange[]; readonly notices: Notice[] };

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const records: Records = { exchanges: [], notices: [] };
  const server = createServer((request, response) => {
    forwardRequest(target, request, response, records).catch((error: unknown) => {
      // The client sees a broken connection, as it would from a node that died.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  const sockets = acceptWebSockets(server, target, records);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    webSocketUrl: `ws://127.0.0.1:${port}`,
    exchanges: () => records.exchanges,
    notices: () => records.notices,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forwardRequest(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  { exchanges }: Records,
): Promise<void> {
  const body = await readBody(request);
  const answer = await fetch(target, {
    method: request.method ?? 'POST',
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    body,
  });
  const text = await answer.text();
  exchanges.push(...pairUp(JSON.parse(body), JSON.parse(text)));
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? '',
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function pairUp(
  requested: WireRequest | readonly WireRequest[],
  answered: RpcAnswer | readonly RpcAnswer[],
): readonly Exchange[] {
  const answers = listOf<RpcAnswer>(answered);
  return listOf<WireRequest>(requested).map(({ id, method, params }) => {
    // A member that is missing shows up as an answer without result and without error.
    const answer = answers.find((one) => one.id === id) ?? {};
    return { method, params: params ?? [], answer };
  });
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function acceptWebSockets(server: Server, target: string, records: Records): WebSocketServer {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client) => {
    const node = new WebSocket(target.replace(/^http/, 'ws'));
    const recorder = recordConnection(records);
    // A client may speak before the connection to the node is there.
    const opened = once(node, 'open');
    opened.catch(() => client.terminate());
    client.on('message', (data, isBinary) => {
      const forward = (): void => {
        recorder.asked(String(data));
        node.send(data, { binary: isBinary });
      };
      opened.then(forward, () => client.terminate());
    });
    node.on('message', (data, isBinary) => {
      recorder.told(String(data));
      client.send(data, { binary: isBinary });
    });
    // A connection that one side has lost is lost to the other one as well.
    for (const [one, other] of [
      [client, node],
      [node, client],
    ] as const) {
      one.on('close', () => other.terminate());
      one.on('error', () => other.terminate());
    }
  });
  return sockets;
}

type ConnectionRecorder = {
  readonly asked: (text: string) => void;
  readonly told: (text: string) => void;
};

type WireNotice = { readonly params?: { readonly subscription?: unknown } };

/** Pairs the messages of one connection, where answers come in any order and notices in between. */
function recordConnection({ exchanges, notices }: Records): ConnectionRecorder {
  const open = new Map<unknown, WireRequest>();
  const topics = new Map<unknown, string>();
  const tell = (message: RpcAnswer & WireNotice): void => {
    const request = open.get(message.id);
    if (request === undefined) {
      notices.push({ topic: topics.get(message.params?.subscription), message });
      return;
    }
    open.delete(message.id);
    const { method, params = [] } = request;
    exchanges.push({ method, params, answer: message });
    if (method === 'eth_subscribe') topics.set(message.result, topicOf(params));
  };
  return {
    asked: (text) => {
      for (const request of listOf<WireRequest>(JSON.parse(text))) open.set(request.id, request);
    },
    told: (text) => {
      for (const message of listOf<RpcAnswer & WireNotice>(JSON.parse(text))) tell(message);
    },
  };
}

/** Whole transactions are something else than their hashes. */
function topicOf([name, detail]: readonly unknown[]): string {
  return detail === true ? `${name}, whole` : String(name);
}
