import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type AccessPolicy,
  apiErrors,
  apiLimits,
  type Caller,
  decideAccess,
  errorText,
  type JsonRpc,
  toRpcError,
} from '@lucerna/api';
import type { Log, LucernaError } from '@lucerna/base';
import { httpErrors } from './errors.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { BodyBudget, type ReceivedBody, receiveBody } from './request-body.ts';

/** What is served, where and to whom. */
export type HttpOptions = {
  /** Address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly rpc: Pick<JsonRpc, 'handle'>;
  readonly policy: AccessPolicy;
  readonly log: Log;
  /** Tighter bounds than the documented ones. */
  readonly limits?: Partial<HttpLimits>;
};

/** A listening server. */
export type HttpServer = {
  /** URL for programs on this machine, with the port that was taken. */
  readonly endpoint: string;
  readonly port: number;
  /**
   * Accepts no more, answers what it is working on, drops idle connections. Calling it again gives
   * the same promise.
   */
  readonly close: () => Promise<void>;
};

const GREETING = 'Lucerna serves JSON-RPC here: send POST requests with a JSON body.\n';
const JSON_TYPE = /^application\/(?:json|json-rpc|jsonrequest|[\w.-]+\+json)\s*(?:;|$)/i;

/**
 * Serves JSON-RPC over HTTP at `/`. JSON-RPC errors have status 200, because wallets take other
 * statuses for a dead node; a body that is not JSON by its content type is never run, so a page
 * cannot avoid the CORS preflight with a form or `text/plain`.
 *
 * @throws `HTTP_PORT_IN_USE`, `HTTP_LISTEN_FAILED`
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const connections = new Connections();
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const bodies = new BodyBudget(limits.bodiesBytes);
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: limits.keepAliveMs,
    },
    (request, response) => serveRequest({ options, connections, bodies, request, response }),
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.stalledMs;
  server.on('connection', (socket) => connections.add(socket));
  const port = await listen(server, options);
  let closed: Promise<void> | undefined;
  return {
    endpoint: endpointOf(options.host, port),
    port,
    close: (): Promise<void> => {
      closed ??= closeServer(server, connections, limits.closeGraceMs);
      return closed;
    },
  };
}

/** The open sockets, and how many requests each of them is waiting for an answer to. */
class Connections {
  readonly #running = new Map<Socket, number>();
  #isClosing = false;

  get isClosing(): boolean {
    return this.#isClosing;
  }

  add(socket: Socket): void {
    this.#running.set(socket, 0);
    socket.once('close', () => this.#running.delete(socket));
  }

  /** A request of `socket` has arrived whole; what is returned is to be called when it is answered. */
  begin(socket: Socket): () => void {
    this.#running.set(socket, (this.#running.get(socket) ?? 0) + 1);
    return () => {
      const left = (this.#running.get(socket) ?? 1) - 1;
      if (!socket.destroyed) this.#running.set(socket, left);
      if (this.#isClosing && left === 0) socket.destroySoon();
    };
  }

  /** From now on sockets go as soon as they have nothing to answer. */
  closeIdle(): void {
    this.#isClosing = true;
    for (const [socket, running] of this.#running) if (running === 0) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#running.keys()) socket.destroy();
  }
}

function listen(server: Server, { host, port }: HttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'HTTP_PORT_IN_USE' : 'HTTP_LISTEN_FAILED';
      reject(httpErrors.create(code, `${host}:${port}`, { host, port, reason: error.code }, error));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function endpointOf(host: string, port: number): string {
  // The wildcard addresses are for listening only.
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

async function closeServer(
  server: Server,
  connections: Connections,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.closeIdle();
  const grace = setTimeout(() => connections.destroyAll(), graceMs);
  await closed;
  clearTimeout(grace);
}

type Exchange = {
  readonly options: HttpOptions;
  readonly connections: Connections;
  readonly bodies: BodyBudget;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

function serveRequest(exchange: Exchange): void {
  const { options, request, response } = exchange;
  const { host, origin } = request.headers;
  const decision = decideAccess({ host, origin }, options.policy);
  if (!decision.allowed) {
    refuse(exchange, 403, decision.error);
    return;
  }
  if (decision.corsOrigin !== undefined) {
    response.setHeader('Access-Control-Allow-Origin', decision.corsOrigin);
    if (decision.corsOrigin !== '*') response.setHeader('Vary', 'Origin');
  }
  if (request.method === 'OPTIONS') {
    send(exchange, 204, preflightHeaders(request));
    return;
  }
  if (request.url?.split('?', 1)[0] !== '/') {
    send(exchange, 404, textHeaders, 'Not found: JSON-RPC is served at /.\n');
    return;
  }
  switch (request.method) {
    case 'POST':
      void servePost(exchange, decision.caller);
      return;
    case 'GET':
    case 'HEAD':
      send(exchange, 200, textHeaders, GREETING);
      return;
    default:
      send(exchange, 405, { ...textHeaders, Allow: 'POST, GET, HEAD, OPTIONS' }, GREETING);
  }
}

const textHeaders: OutgoingHttpHeaders = { 'Content-Type': 'text/plain; charset=utf-8' };
const jsonHeaders: OutgoingHttpHeaders = { 'Content-Type': 'application/json' };

function preflightHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  return {
    'Access-Control-Allow-Methods': 'POST, GET, OPTIONS',
    'Access-Control-Allow-Headers': 'content-type, *',
    'Access-Control-Max-Age': String(HTTP_LIMITS.preflightSeconds),
    // A page on the internet that asks this machine (Private Network Access).
    ...(request.headers['access-control-request-private-network'] === 'true'
      ? { 'Access-Control-Allow-Private-Network': 'true' }
      : {}),
  };
}

async function servePost(exchange: Exchange, caller: Caller): Promise<void> {
  const { request, bodies } = exchange;
  const type = request.headers['content-type'] ?? '';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (!JSON_TYPE.test(type) || encoding !== 'identity') {
    refuse(exchange, 415, apiErrors.create('RPC_CONTENT_TYPE'));
    return;
  }
  const maxBytes = apiLimits.values.bodyBytes;
  const announced = Number(request.headers['content-length'] ?? 0);
  const body: ReceivedBody =
    announced > maxBytes ? { kind: 'too-large' } : await receiveBody(request, maxBytes, bodies);
  switch (body.kind) {
    case 'whole':
      await answer(exchange, body.bytes, caller);
      body.release();
      return;
    case 'too-large': {
      const detail = `the body is longer than ${maxBytes} bytes`;
      refuse(exchange, 413, apiErrors.create('RPC_REQUEST_TOO_LARGE', detail));
      return;
    }
    case 'no-room':
      refuse(exchange, 503, apiErrors.create('RPC_SERVER_BUSY'));
      return;
    case 'broken-off':
      // A client that goes away in the middle of its request gets no answer.
      return;
  }
}

/** Never rejects. */
async function answer(exchange: Exchange, body: Uint8Array, caller: Caller): Promise<void> {
  const { options, connections, request, response } = exchange;
  response.once('close', connections.begin(request.socket));
  try {
    const text = await options.rpc.handle(body, caller);
    if (text === undefined) send(exchange, 204, {});
    else send(exchange, 200, jsonHeaders, text);
  } catch (error) {
    refuse(exchange, 500, error);
  }
}

/** An HTTP error whose body is a JSON-RPC error, for clients that look at nothing else. */
function refuse(exchange: Exchange, status: number, error: unknown): void {
  const { log } = exchange.options;
  const code = (error as Partial<LucernaError>).code;
  log.debug('http request refused', { status, code });
  send(exchange, status, jsonHeaders, errorText('null', toRpcError(error, '', log)));
}

function send(
  { connections, response }: Exchange,
  status: number,
  headers: OutgoingHttpHeaders,
  body?: string,
): void {
  if (response.destroyed) return;
  if (connections.isClosing) response.setHeader('Connection', 'close');
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'Content-Length': bytes }).end(body);
}
