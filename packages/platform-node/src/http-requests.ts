import type { IncomingMessage } from 'node:http';
import {
  apiErrors,
  apiLimits,
  type Caller,
  Departure,
  errorText,
  isChromaPath,
  tokenRefusal,
  toRpcError,
} from '@lucerna/api';
import type { LucernaError } from '@lucerna/base';
import { serveChroma } from './http-chroma.ts';
import {
  type Exchange,
  type HttpService,
  jsonHeaders,
  pathOf,
  preflightHeaders,
  type Shared,
  saysJson,
  send,
  textHeaders,
} from './http-exchange.ts';
import { type ReceivedBody, receiveBody } from './request-body.ts';

const GREETING =
  'Lucerna serves JSON-RPC here: send POST requests with a JSON body, or connect over WebSocket.\n';
const CHROMA_GREETING =
  'Lucerna serves the Chroma protocol here, below /api/v2: point a Chroma client at this port.\n';
type Rpc = NonNullable<HttpService['rpc']>;

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

/** Answers one HTTP request. */
export function serveRequest(exchange: Exchange): void {
  const { access, policy, connections, request } = exchange;
  const { host, origin, authorization } = request.headers;
  const path = pathOf(request) ?? '';
  if (exchange.chroma !== undefined && isChromaPath(path)) {
    serveChroma(exchange, exchange.chroma);
    return;
  }
  const decision = access.decide(host, origin);
  if (!decision.allowed) {
    refuse(exchange, 403, decision.error);
    return;
  }
  if (path === '/healthz') {
    serveHealth(exchange);
    return;
  }
  if (decision.corsOrigin !== undefined) {
    exchange.headers.push('Access-Control-Allow-Origin', decision.corsOrigin);
    if (decision.corsOrigin !== '*') exchange.headers.push('Vary', 'Origin');
  }
  if (request.method === 'OPTIONS') {
    send(exchange, 204, preflightHeaders(request, 'POST, GET, OPTIONS'));
    return;
  }
  const refusal = tokenRefusal(authorization, policy);
  if (refusal !== undefined) {
    exchange.headers.push('WWW-Authenticate', 'Bearer');
    refuse(exchange, 401, refusal);
  } else if (connections.isClosing) {
    refuse(exchange, 503, apiErrors.create('RPC_SERVER_CLOSING'));
  } else if (path === '/' && exchange.rpc !== undefined) {
    serveRpc(exchange, exchange.rpc, decision.caller);
  } else if (path === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
    send(exchange, 200, textHeaders, CHROMA_GREETING);
  } else {
    send(exchange, 404, textHeaders, notFoundText(exchange));
  }
}

function notFoundText({ rpc, chroma }: HttpService): string {
  const places = [
    ...(rpc === undefined ? [] : ['JSON-RPC is served at /']),
    ...(chroma === undefined ? [] : ['the Chroma protocol below /api/v2']),
    'the health of the node at /healthz',
  ];
  return `Not found: ${places.join(', ')}.\n`;
}

function serveRpc(exchange: Exchange, rpc: Rpc, caller: Caller): void {
  switch (exchange.request.method) {
    case 'POST':
      void servePost(exchange, rpc, caller);
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

async function servePost(exchange: Exchange, rpc: Rpc, caller: Caller): Promise<void> {
  const { request, bodies } = exchange;
  if (!saysJson(request)) {
    refuse(exchange, 415, apiErrors.create('RPC_CONTENT_TYPE'));
    return;
  }
  const maxBytes = apiLimits.values.bodyBytes;
  const announced = Number(request.headers['content-length'] ?? 0);
  const body: ReceivedBody =
    announced > maxBytes ? { kind: 'too-large' } : await receiveBody(request, maxBytes, bodies);
  switch (body.kind) {
    case 'whole':
      await answer(exchange, rpc, { body: body.bytes, caller });
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
async function answer(
  exchange: Exchange,
  rpc: Rpc,
  { body, caller }: { readonly body: Uint8Array; readonly caller: Caller },
): Promise<void> {
  const { connections, request, response } = exchange;
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
