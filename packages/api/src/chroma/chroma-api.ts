import { type Clock, isLucernaError, type Log, turnTaker } from '@lucerna/base';
import { parseExactJson, type VectorDatabase } from '@lucerna/vector';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import { answerText } from './answer-text.ts';
import type { ChromaContext } from './context.ts';
import { type ChromaFailure, toChromaFailure } from './errors.ts';
import { openApiDocument } from './openapi.ts';
import { type Match, matchRoute, methodRefused, queryValues } from './route-match.ts';
import type { AnswerValue } from './values.ts';

/** How the protocol is to be served. */
export type ChromaOptions = {
  readonly clock: Clock;
  /** Takes what went wrong inside and may not be told to the caller. */
  readonly log: Log;
  /** Whether clients may delete everything by one request. Default: false. */
  readonly allowReset?: boolean | undefined;
  /** How many records of one request clients are told to send. Default: Chroma's own number. */
  readonly maxBatchRecords?: number | undefined;
};

/** One request, without a transport. */
export type ChromaRequest = {
  readonly method: string;
  /** Path with the query string, as it was received. */
  readonly target: string;
  /** Undefined or empty: there is none. */
  readonly body: Uint8Array | undefined;
};

/** The answer to it: JSON. */
export type ChromaResponse = {
  readonly status: number;
  readonly body: string;
  /** With status 405: the methods that the path takes, as the header `Allow` lists them. */
  readonly allow?: string;
};

/** A vector database that Chroma's clients can use, without a transport. */
export type ChromaApi = {
  /** Answers a request. Never rejects: what goes wrong is in the response. */
  readonly handle: (request: ChromaRequest) => Promise<ChromaResponse>;
  /**
   * Runs one operation for a caller in the same process: `body` and the answer are values, not JSON.
   * Numbers of the body that are safe integers are integers, as they are in the JSON of programs that
   * cannot tell them from floats.
   *
   * @throws coded errors, which {@link ChromaApi.failure} says in Chroma's words
   */
  readonly call: (method: string, target: string, body?: unknown) => Promise<AnswerValue>;
  /** What a client is told of an error. */
  readonly failure: (error: unknown) => ChromaFailure;
};

/** What a piece of an answer's text, after which others get a turn, counts as. */
const TURN_RESULTS = 512;

const BODY_RULES = {
  /** Members that hold long lists of numbers whose kind does not matter. */
  plainMembers: ['embeddings', 'query_embeddings'],
  maxValues: apiLimits.values.chromaJsonValues,
  maxMembers: apiLimits.values.chromaJsonMembers,
};

/** Serves `database` by Chroma's protocol, version 2 of its HTTP interface. */
export function createChromaApi(database: VectorDatabase, options: ChromaOptions): ChromaApi {
  const { clock, log } = options;
  const context: ChromaContext = {
    database,
    clock,
    allowReset: options.allowReset ?? false,
    maxBatchRecords: options.maxBatchRecords ?? apiLimits.values.chromaBatchRecords,
  };
  const load = { inFlight: 0, results: 0 };
  let openApi: string | undefined;
  const failure = (error: unknown): ChromaFailure => toChromaFailure(error, log);
  return {
    failure,
    call: (method, target, body) => {
      const { match, query } = locate(method, target);
      return counted(load, (reserve) =>
        run(match, { ...context, query, body, numbers: 'plain', reserve }),
      );
    },
    handle: async ({ method, target, body }): Promise<ChromaResponse> => {
      try {
        if (target.split('?', 1)[0] === '/openapi.json') {
          if (method !== 'GET' && method !== 'HEAD') throw methodRefused(['GET']);
          openApi ??= openApiDocument();
          return { status: 200, body: openApi };
        }
        const { match, query } = locate(method, target);
        return await counted(load, async (reserve) => {
          const value = readBody(match, body);
          const answer = await run(match, {
            ...context,
            query,
            body: value,
            numbers: 'exact',
            reserve,
          });
          const takeTurn = turnTaker(clock, apiLimits.values.batchTurnMs);
          return {
            status: match.operation.status ?? 200,
            body: await answerText(answer, async () => {
              reserve(TURN_RESULTS);
              await takeTurn();
            }),
          };
        });
      } catch (error) {
        const { status, ...words } = failure(error);
        const refused = { status, body: JSON.stringify(words) };
        if (!isLucernaError(error, 'CHROMA_METHOD_REFUSED')) return refused;
        return { ...refused, allow: String(error.fields['allow']) };
      }
    },
  };
}

function locate(
  method: string,
  target: string,
): { readonly match: Match; readonly query: Readonly<Record<string, string>> } {
  const [path = '', ...query] = target.split('?');
  return { match: matchRoute(method, path), query: queryValues(query.join('?')) };
}

async function run(
  { operation, path }: Match,
  call: Omit<Parameters<Match['operation']['run']>[0], 'path'>,
): Promise<AnswerValue> {
  return operation.run({ ...call, path });
}

/** What the requests that are not answered yet hold. */
type Load = { inFlight: number; results: number };

/** Runs a task that holds what it reserves until its end. @throws `RPC_SERVER_BUSY` */
async function counted<T>(
  load: Load,
  task: (reserve: (results: number) => void) => Promise<T>,
): Promise<T> {
  const { chromaRequests, chromaResults } = apiLimits.values;
  if (load.inFlight >= chromaRequests) throw apiErrors.create('RPC_SERVER_BUSY');
  load.inFlight += 1;
  let own = 0;
  try {
    return await task((results) => {
      if (load.results + results > chromaResults) throw apiErrors.create('RPC_SERVER_BUSY');
      load.results += results;
      own += results;
    });
  } finally {
    load.inFlight -= 1;
    load.results -= own;
  }
}

/** The body as JSON. An operation without one overlooks what is sent. */
function readBody({ operation }: Match, body: Uint8Array | undefined): unknown {
  if (operation.body === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      body ?? new Uint8Array(),
    );
  } catch (error) {
    throw apiErrors.create('CHROMA_BODY_MALFORMED', 'invalid unicode code point', {}, error);
  }
  return parseExactJson(text, BODY_RULES);
}
