import { apiErrors, apiLimits, type ChromaApi, toChromaFailure, tokenRefusal } from '@lucerna/api';
import {
  type Exchange,
  isEncoded,
  jsonHeaders,
  preflightHeaders,
  saysJson,
  send,
} from './http-exchange.ts';
import { receiveBody } from './request-body.ts';

const METHODS = 'GET, POST, PUT, PATCH, DELETE, OPTIONS';
/** Methods whose body means something. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

type Chroma = Pick<ChromaApi, 'handle'>;

/**
 * Answers a request of Chroma's protocol. Pages may only use it when they are listed: what somebody
 * remembers is not for every page that knows the port.
 */
export function serveChroma(exchange: Exchange, chroma: Chroma): void {
  const { chromaAccess, policy, connections, request, headers } = exchange;
  const { host, origin, authorization } = request.headers;
  const decision = chromaAccess.decide(host, origin);
  if (!decision.allowed) {
    refuse(exchange, decision.error);
    return;
  }
  headers.push('Vary', 'Origin');
  if (decision.corsOrigin !== undefined) {
    headers.push('Access-Control-Allow-Origin', decision.corsOrigin);
  }
  if (request.method === 'OPTIONS') {
    send(exchange, 204, preflightHeaders(request, METHODS));
    return;
  }
  const token = request.headers['x-chroma-token'];
  const shown = authorization ?? (token === undefined ? undefined : `Bearer ${String(token)}`);
  const refusal = tokenRefusal(shown, policy);
  if (refusal !== undefined) {
    headers.push('WWW-Authenticate', 'Bearer');
    refuse(exchange, refusal);
  } else if (connections.isClosing) refuse(exchange, apiErrors.create('RPC_SERVER_CLOSING'));
  else void answer(exchange, chroma);
}

/** Never rejects. */
async function answer(exchange: Exchange, chroma: Chroma): Promise<void> {
  const { request, bodies } = exchange;
  const { method = 'GET' } = request;
  if (!WITH_BODY.has(method)) {
    request.resume();
    await run(exchange, chroma, undefined);
    return;
  }
  const { headers } = request;
  // Chroma takes a body without a content type for JSON. Pages, which could send one, are known by their
  // origin.
  if (isEncoded(headers) || (headers['content-type'] !== undefined && !saysJson(request))) {
    request.resume();
    refuse(exchange, apiErrors.create('CHROMA_CONTENT_TYPE'));
    return;
  }
  const maxBytes = apiLimits.values.chromaBodyBytes;
  const announced = Number(headers['content-length'] ?? 0);
  const body =
    announced > maxBytes
      ? ({ kind: 'too-large' } as const)
      : await receiveBody(request, maxBytes, bodies);
  switch (body.kind) {
    case 'whole':
      await run(exchange, chroma, body.bytes);
      body.release();
      return;
    case 'too-large':
      refuse(exchange, apiErrors.create('CHROMA_BODY_TOO_LARGE'));
      return;
    case 'no-room':
      refuse(exchange, apiErrors.create('RPC_SERVER_BUSY'));
      return;
    case 'broken-off':
      // A client that goes away in the middle of its request gets no answer.
      return;
  }
}

async function run(
  exchange: Exchange,
  chroma: Chroma,
  body: Uint8Array | undefined,
): Promise<void> {
  const { connections, headers, request, response } = exchange;
  const done = connections.begin(request.socket);
  response.on('close', done);
  try {
    const { method = 'GET', url: target = '' } = request;
    const answered = await chroma.handle({ method, target, body });
    if (answered.allow !== undefined) headers.push('Allow', `${answered.allow}, OPTIONS`);
    send(exchange, answered.status, jsonHeaders, answered.body);
  } catch (error) {
    refuse(exchange, error);
  }
}

function refuse(exchange: Exchange, error: unknown): void {
  const { status, ...words } = toChromaFailure(error, exchange.log);
  exchange.log.debug('chroma request refused', { status, error: words.error });
  send(exchange, status, jsonHeaders, JSON.stringify(words));
}
