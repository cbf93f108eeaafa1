import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AccessDecision,
  type AccessPolicy,
  apiErrors,
  apiLimits,
  type Caller,
  Departure,
  decideAccess,
  errorText,
  type Health,
  type JsonRpc,
  tokenRefusal,
  toRpcError,
} from '@lucerna/api';
import type { Log, LucernaError } from '@lucerna/base';
import type { Connections } from './connections.ts';
import { HTTP_LIMITS } from './limits.ts';
import { type BodyBudget, type ReceivedBody, receiveBody } from './request-body.ts';
import type { UnsentBytes } from './unsent-bytes.ts';

/** What is served, and to whom. */
export type HttpService = {
  readonly rpc: Pick<JsonRpc, 'handle' | 'openSession' | 'refuse'>;
  /** What `/healthz` answers; what it throws is that the node is not well. */
  readonly health: () => Health;
  readonly policy: AccessPolicy;
  readonly log: Log;
};

/** What the requests of a server share. */
type Shared = {
  readonly access: Access;
  readonly connections: Connections;
  readonly bodies: BodyBudget;
  readonly unsent: UnsentBytes;
};

const GREETING =
  'Lucerna serves JSON-RPC here: send POST requests with a JSON body, or connect over WebSocket.\n';
const NOT_FOUND = 'Not found: JSON-RPC is served at /, the health of the node at /healthz.\n';
const JSON_TYPE = /^application\/(?:json|json-rpc|jsonrequest|[\w.-]+\+json)\s*(?:;|$)/i;

/** One request and its answer. */
export type Exchange = HttpService &
  Shared & {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    /** Names and values of what every answer to it has. */
    readonly headers: string[];
  };

/** Who asks to go on over WebSocket and may; undefined: the request is answered over HTTP. */
export function upgradeCaller(
  {
    policy,
    access,
    connections,
  }: Pick<HttpService, 'policy'> & Pick<Shared, 'access' | 'connections'>,
  request: IncomingMessage,
): Caller | undefined {
  const { host, origin, upgrade, authorization } = request.headers;
  if (upgrade?.toLowerCase() !== 'websocket' || pathOf(request) !== '/') return undefined;
  if (connections.isClosing || tokenRefusal(authorization, policy) !== undefined) return undefined;
  const decision = access.decide(host, origin);
  return decision.allowed ? decision.caller : undefined;
}

function pathOf({ url }: IncomingMessage): string | undefined {
  return url === '/' ? url : url?.split('?', 1)[0];
}

/**
 * {@link decideAccess}, which remembers whom it let in last: clients say the same in all their requests.
 */
export class Access {
  readonly #policy: AccessPolicy;
  #host: string | undefined;
  #origin: string | undefined;
  #last: AccessDecision | undefined;

  constructor(policy: AccessPolicy) {
    this.#policy = policy;
  }

  decide(host: string | undefined, origin: string | undefined): AccessDecision {
    if (this.#last !== undefined && host === this.#host && origin === this.#origin) {
      return this.#last;
    }
    const decision = decideAccess({ host, origin }, this.#policy);
    if (decision.allowed) {
      this.#host = host;
      this.#origin = origin;
      this.#last = decision;
    }
    return decision;
  }
}

/** Answers one HTTP request. */
export function serveRequest(exchange: Exchange): void {
  const { access, policy, connections, request } = exchange;
  const { host, origin, authorization } = request.headers;
  const decision = access.decide(host, origin);
  if (!decision.allowed) {
    refuse(exchange, 403, decision.error);
    return;
  }
  const path = pathOf(request);
  if (path === '/healthz') {
    serveHealth(exchange);
    return;
  }
  if (decision.corsOrigin !== undefined) {
    exchange.headers.push('Access-Control-Allow-Origin', decision.corsOrigin);
    if (decision.corsOrigin !== '*') exchange.headers.push('Vary', 'Origin');
  }
  if (request.method === 'OPTIONS') {
    send(exchange, 204, preflightHeaders(request));
    return;
  }
  const refusal = tokenRefusal(authorization, policy);
  if (refusal !== undefined) {
    exchange.headers.push('WWW-Authenticate', 'Bearer');
    refuse(exchange, 401, refusal);
  } else if (connections.isClosing) {
    refuse(exchange, 503, apiErrors.create('RPC_SERVER_CLOSING'));
  } else if (path === '/') {
    serveRpc(exchange, decision.caller);
  } else {
    send(exchange, 404, textHeaders, NOT_FOUND);
  }
}

function serveRpc(exchange: Exchange, caller: Caller): void {
  switch (exchange.request.method) {
    case 'POST':
      void servePost(exchange, caller);
      return;
    case 'GET':
    case 'HEAD':
      send(exchange, 200, textHeaders, GREETING);
      return;
    default:
      send(exchange, 405, [...textHeaders, 'Allow', 'POST, GET, HEAD, OPTIONS'], GREETING);
  }
}

/** For programs that watch over nodes: it needs no token, and pages cannot read it. */
function serveHealth(exchange: Exchange): void {
  const { connections, health, log, request } = exchange;
  const headers = [...jsonHeaders, 'Cache-Control', 'no-store'];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(exchange, 405, [...headers, 'Allow', 'GET, HEAD']);
    return;
  }
  if (connections.isClosing) {
    send(exchange, 503, headers, '{"status":"closing"}');
    return;
  }
  let text: string;
  try {
    text = JSON.stringify(health());
  } catch (error) {
    log.error('health check failed', { reason: String(error) });
    send(exchange, 503, headers, '{"status":"failing"}');
    return;
  }
  send(exchange, 200, headers, text);
}

/** Names and values in turn, which is the form that is written without another one on the way. */
type Headers = readonly string[];

const textHeaders: Headers = ['Content-Type', 'text/plain; charset=utf-8'];
const jsonHeaders: Headers = ['Content-Type', 'application/json'];

function preflightHeaders(request: IncomingMessage): Headers {
  return [
    'Access-Control-Allow-Methods',
    'POST, GET, OPTIONS',
    'Access-Control-Allow-Headers',
    'content-type, authorization, *',
    'Access-Control-Max-Age',
    String(HTTP_LIMITS.preflightSeconds),
    // A page on the internet that asks this machine (Private Network Access).
    ...(request.headers['access-control-request-private-network'] === 'true'
      ? ['Access-Control-Allow-Private-Network', 'true']
      : []),
  ];
}

async function servePost(exchange: Exchange, caller: Caller): Promise<void> {
  const { request, bodies } = exchange;
  const type = request.headers['content-type'] ?? '';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const isJson = type === 'application/json' || JSON_TYPE.test(type);
  if (!isJson || encoding !== 'identity') {
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
  const { rpc, connections, request, response } = exchange;
  const departure = new Departure();
  const done = connections.begin(request.socket);
  response.on('close', () => {
    departure.announce();
    done();
  });
  try {
    const text = await rpc.handle(body, caller, departure);
    if (text === undefined) send(exchange, 204, []);
    else send(exchange, 200, jsonHeaders, text);
  } catch (error) {
    refuse(exchange, 500, error);
  }
}

/** An HTTP error whose body is a JSON-RPC error, for clients that look at nothing else. */
function refuse(exchange: Exchange, status: number, error: unknown): void {
  const { log } = exchange;
  const code = (error as Partial<LucernaError>).code;
  log.debug('http request refused', { status, code });
  send(exchange, status, jsonHeaders, errorText('null', toRpcError(error, '', log)));
}

function send(
  { connections, unsent, request, response, headers }: Exchange,
  status: number,
  more: Headers,
  body?: string,
): void {
  if (response.destroyed) return;
  headers.push(...more);
  if (connections.isClosing) headers.push('Connection', 'close');
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = Buffer.byteLength(body);
  headers.push('Content-Length', String(bytes));
  // Nearly all answers are ASCII, which goes out as it is.
  response.writeHead(status, headers).end(body, bytes === body.length ? 'latin1' : 'utf8');
  // Mostly the system has taken all of it by now.
  if (response.writableLength > 0) response.on('close', unsent.add(request.socket, bytes));
}
