import { type Clock, type Log, turnTaker } from '@lucerna/base';
import type { JsonValue } from '@lucerna/protocol';
import { type Caller, isMethodAllowed } from '../access.ts';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { NodeApi } from '../node-api.ts';
import { type Entry, type Envelope, parseEnvelope } from './envelope.ts';
import { errorText, toRpcError } from './errors.ts';
import { parseParams } from './params.ts';
import { METHODS } from './table.ts';

/** How a JSON-RPC engine is to be. */
export type JsonRpcOptions = {
  /** Takes what went wrong inside and may not be told to the caller. */
  readonly log: Log;
  /** With it a long batch lets the rest of the process go first from time to time. */
  readonly clock?: Clock;
};

/** A node's JSON-RPC interface without a transport. */
export type JsonRpc = {
  /**
   * Answers one request body: the text of the response, or undefined when there is none to send
   * (notifications only). Never rejects: what goes wrong is in the response.
   */
  readonly handle: (body: string | Uint8Array, caller: Caller) => Promise<string | undefined>;
  /**
   * Calls one method for a caller in the same process (EIP-1193).
   *
   * @throws RpcError
   */
  readonly request: (method: string, params?: unknown) => Promise<unknown>;
};

type Context = JsonRpcOptions & { readonly node: NodeApi };

/** The JSON-RPC interface of `node`. */
export function createJsonRpc(node: NodeApi, options: JsonRpcOptions): JsonRpc {
  const { log } = options;
  const context: Context = { ...options, node };
  return {
    handle: (body, caller) => handle(context, body, caller),
    request: async (method, params): Promise<unknown> => {
      try {
        return await call(context, method, params, {});
      } catch (error) {
        throw toRpcError(error, method, log);
      }
    },
  };
}

async function handle(
  context: Context,
  body: string | Uint8Array,
  caller: Caller,
): Promise<string | undefined> {
  let envelope: Envelope;
  try {
    envelope = parseEnvelope(body);
  } catch (error) {
    return errorText('null', toRpcError(error, '', context.log));
  }
  if (envelope.kind === 'single') return answer(context, envelope.entry, caller);
  return answerBatch(context, envelope.entries, caller);
}

/** The answers in the order of the requests; each request runs after the one before it has ended. */
async function answerBatch(
  context: Context,
  entries: readonly Entry[],
  caller: Caller,
): Promise<string | undefined> {
  const answers: string[] = [];
  let chars = 0;
  // Most methods answer without waiting for anything: nobody else would be served meanwhile.
  const takeTurn = turnTaker(context.clock, apiLimits.values.batchTurnMs);
  for (const entry of entries) {
    await takeTurn();
    const isFull = chars > apiLimits.values.batchAnswerChars;
    const text =
      isFull && entry.id !== undefined
        ? errorText(entry.id, toRpcError(apiErrors.create('RPC_ANSWER_TOO_LARGE'), '', context.log))
        : await answer(context, entry, caller);
    if (text === undefined) continue;
    chars += text.length;
    answers.push(text);
  }
  return answers.length === 0 ? undefined : `[${answers.join(',')}]`;
}

/** The answer to one entry; undefined for a notification. */
async function answer(context: Context, entry: Entry, caller: Caller): Promise<string | undefined> {
  if (entry.kind === 'invalid') {
    return errorText(entry.id, toRpcError(entry.error, '', context.log));
  }
  try {
    const result = await call(context, entry.method, entry.params, caller);
    if (entry.id === undefined) return undefined;
    return `{"jsonrpc":"2.0","id":${entry.id},"result":${JSON.stringify(result)}}`;
  } catch (error) {
    const rpcError = toRpcError(error, entry.method, context.log);
    return entry.id === undefined ? undefined : errorText(entry.id, rpcError);
  }
}

/** Runs one method. The only place where methods are run, whatever the transport. */
async function call(
  { node }: Context,
  name: string,
  params: unknown,
  caller: Caller,
): Promise<JsonValue> {
  if (!isMethodAllowed(name, caller)) {
    const fields = { method: name, origin: caller.origin };
    throw apiErrors.create('RPC_ORIGIN_REFUSED', undefined, fields);
  }
  const method = METHODS.get(name);
  if (method === undefined) throw apiErrors.create('RPC_METHOD_UNKNOWN', name, { method: name });
  return method.handler(node, parseParams(method.params, params));
}
