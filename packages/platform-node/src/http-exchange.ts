import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AccessDecision,
  type AccessPolicy,
  type ChromaApi,
  decideAccess,
  type Health,
  type JsonRpc,
  type VectorHealth,
} from '@lucerna/api';
import type { Log } from '@lucerna/base';
import type { Connections } from './connections.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { BodyBudget } from './request-body.ts';
import type { UnsentBytes } from './unsent-bytes.ts';

/** What is served, and to whom. */
export type HttpService = {
  /** Answers JSON-RPC. Without it there is none. */
  readonly rpc?: Pick<JsonRpc, 'handle' | 'openSession' | 'refuse'> | undefined;
  /** Answers Chroma's protocol. Without it there is none. */
  readonly chroma?: Pick<ChromaApi, 'handle'> | undefined;
  /** What `/healthz` answers; what it throws is that the node is not well. */
  readonly health: () => Health | VectorHealth;
  readonly policy: AccessPolicy;
  readonly log: Log;
};

/** What the requests of a server share. */
export type Shared = {
  readonly access: Access;
  /** Who may use the vector database: no pages but those that are listed. */
  readonly chromaAccess: Access;
  readonly connections: Connections;
  readonly bodies: BodyBudget;
  readonly unsent: UnsentBytes;
};

/** Content types of JSON. */
const JSON_TYPE = /^application\/(?:json|json-rpc|jsonrequest|[\w.-]+\+json)\s*(?:;|$)/i;

/** Whether the body of `request` is JSON by its headers, and not encoded. */
export function saysJson({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'] ?? '';
  return (type === 'application/json' || JSON_TYPE.test(type)) && !isEncoded(headers);
}

/** Whether a body has to be decoded first. */
export function isEncoded(headers: IncomingMessage['headers']): boolean {
  return (headers['content-encoding'] ?? 'identity') !== 'identity';
}

/** One request and its answer. */
export type Exchange = HttpService &
  Shared & {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    /** Names and values of what every answer to it has. */
    readonly headers: string[];
  };

/** The path without the query string. */
export function pathOf({ url }: IncomingMessage): string | undefined {
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

/** Names and values in turn, which is the form that is written without another one on the way. */
export type Headers = readonly string[];

/** Headers of an answer that is text. */
export const textHeaders: Headers = ['Content-Type', 'text/plain; charset=utf-8'];
/** Headers of an answer that is JSON. */
export const jsonHeaders: Headers = ['Content-Type', 'application/json'];

/** Answers the question of a browser what a page may send: `methods`, with any headers. */
export function preflightHeaders(request: IncomingMessage, methods: string): Headers {
  return [
    'Access-Control-Allow-Methods',
    methods,
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

/** Sends an answer; nothing where the client has gone. */
export function send(
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
