import { type Clock, type Log, type LucernaError, turnTaker } from '@lucerna/base';
import type { JsonValue } from '@lucerna/protocol';
import { type Caller, isMethodAllowed } from '../access.ts';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { NodeApi } from '../node-api.ts';
import { Departure } from './departure.ts';
import { type Entry, type Envelope, parseEnvelope } from './envelope.ts';
import { errorText, toRpcError } from './errors.ts';
import { createFilters, type Filters } from './filters.ts';
import { identifiers } from './identifiers.ts';
import { parseParams } from './params.ts';
import {
  createSubscriptionHub,
  type SubscriptionHub,
  type SubscriptionScope,
} from './subscriptions.ts';
import { METHODS } from './table.ts';

/** How a JSON-RPC engine is to be. */
export type JsonRpcOptions = {
  /** Takes what went wrong inside and may not be told to the caller. */
  readonly log: Log;
  /**
   * With it a long batch lets the rest of the process go first from time to time, filters that nobody
   * asks for are forgotten, and waiting for a block comes to an end.
   */
  readonly clock?: Clock;
  /** Where filters are kept; their owner may dump and restore them. Default: its own. */
  readonly filters?: Filters;
};

/** One connection on which the node may speak of itself. */
export type RpcSession = {
  /**
   * Answers one request body like {@link JsonRpc.handle}. Undefined also when the answer has been sent
   * already, because notifications had to follow it.
   */
  readonly handle: (body: string | Uint8Array) => Promise<string | undefined>;
  /** The connection is gone: ends its subscriptions. */
  readonly close: () => void;
};

/** A node's JSON-RPC interface without a transport. */
export type JsonRpc = {
  /**
   * Answers one request body: the text of the response, or undefined when there is none to send
   * (notifications only). Never rejects: what goes wrong is in the response. When the caller goes
   * meanwhile, as `departure` tells, the rest of a batch is not run, and nothing is answered.
   */
  readonly handle: (
    body: string | Uint8Array,
    caller: Caller,
    departure?: Departure,
  ) => Promise<string | undefined>;
  /**
   * Answers `error` to every request of a body that its transport does not let in; undefined when there
   * is none to answer. Nothing is run.
   */
  readonly refuse: (body: string | Uint8Array, error: LucernaError) => string | undefined;
  /**
   * Begins a connection with subscriptions. `send` takes whole messages and must not throw; a
   * connection that is too slow for them is its owner's to close.
   */
  readonly openSession: (caller: Caller, send: (text: string) => void) => RpcSession;
  /**
   * Calls one method for a caller in the same process (EIP-1193).
   *
   * @throws RpcError
   */
  readonly request: (method: string, params?: unknown) => Promise<unknown>;
};

type Load = {
  /** How many methods run now. */
  inFlight: number;
  /** Characters of the answers to batches that are not answered whole. */
  batchChars: number;
};

type Context = JsonRpcOptions & {
  readonly node: NodeApi;
  readonly filters: Filters;
  readonly load: Load;
};

/** Who asks, and how to tell it more than the answer. */
type Peer = {
  readonly caller: Caller;
  readonly subscriptions?: SubscriptionScope | undefined;
  readonly departure?: Departure | undefined;
};

/** The JSON-RPC interface of `node`. */
export function createJsonRpc(node: NodeApi, options: JsonRpcOptions): JsonRpc {
  const { log } = options;
  const filters = options.filters ?? createFilters({ node, clock: options.clock });
  const context: Context = { ...options, node, filters, load: { inFlight: 0, batchChars: 0 } };
  let hub: SubscriptionHub | undefined;
  return {
    handle: (body, caller, departure) => handle(context, body, { caller, departure }),
    refuse: (body, error) => refuse(context, body, error),
    openSession: (caller, send): RpcSession => {
      hub ??= createSubscriptionHub(node, identifiers(node, options.clock?.nowMs() ?? 0));
      return openSession(context, hub, caller, send);
    },
    request: async (method, params): Promise<unknown> => {
      try {
        return await call(context, method, params, { caller: {} });
      } catch (error) {
        throw toRpcError(error, method, log);
      }
    },
  };
}

function openSession(
  context: Context,
  hub: SubscriptionHub,
  caller: Caller,
  send: (text: string) => void,
): RpcSession {
  const session = hub.open(send);
  const departure = new Departure();
  return {
    handle: async (body): Promise<string | undefined> => {
      const subscriptions = session.scope();
      const text = await handle(context, body, { caller, subscriptions, departure });
      if (!subscriptions.isHolding()) return text;
      if (text !== undefined) send(text);
      subscriptions.release();
      return undefined;
    },
    close: (): void => {
      session.close();
      departure.announce();
    },
  };
}

function handle(
  context: Context,
  body: string | Uint8Array,
  peer: Peer,
): Promise<string | undefined> {
  let envelope: Envelope;
  try {
    envelope = parseEnvelope(body);
  } catch (error) {
    return Promise.resolve(errorText('null', toRpcError(error, '', context.log)));
  }
  if (envelope.kind === 'single') return answer(context, envelope.entry, peer);
  return answerBatch(context, envelope.entries, peer);
}

function refuse(
  { log }: Context,
  body: string | Uint8Array,
  error: LucernaError,
): string | undefined {
  const refused = toRpcError(error, '', log);
  let envelope: Envelope;
  try {
    envelope = parseEnvelope(body);
  } catch (cause) {
    return errorText('null', toRpcError(cause, '', log));
  }
  const entries = envelope.kind === 'single' ? [envelope.entry] : envelope.entries;
  const answers = entries.flatMap(({ id }) => (id === undefined ? [] : [errorText(id, refused)]));
  if (envelope.kind === 'single') return answers[0];
  return answers.length === 0 ? undefined : `[${answers.join(',')}]`;
}

/** The answers in the order of the requests; each request runs after the one before it has ended. */
async function answerBatch(
  context: Context,
  entries: readonly Entry[],
  peer: Peer,
): Promise<string | undefined> {
  const { load, clock } = context;
  const answers: string[] = [];
  let chars = 0;
  // Most methods answer without waiting for anything: nobody else would be served meanwhile.
  const takeTurn = turnTaker(clock, apiLimits.values.batchTurnMs);
  try {
    for (const entry of entries) {
      await takeTurn();
      if (peer.departure?.isGone) return undefined;
      const error = batchRefusal(load, chars);
      const text =
        error !== undefined && entry.id !== undefined
          ? errorText(entry.id, toRpcError(error, '', context.log))
          : await answer(context, entry, peer);
      if (text === undefined) continue;
      chars += text.length;
      load.batchChars += text.length;
      answers.push(text);
    }
  } finally {
    load.batchChars -= chars;
  }
  return answers.length === 0 ? undefined : `[${answers.join(',')}]`;
}

/** Why the next entry of a batch with so long an answer is not run. */
function batchRefusal({ batchChars }: Load, chars: number): LucernaError | undefined {
  const { batchAnswerChars, batchesAnswerChars } = apiLimits.values;
  if (chars > batchAnswerChars) return apiErrors.create('RPC_ANSWER_TOO_LARGE');
  return batchChars > batchesAnswerChars ? apiErrors.create('RPC_SERVER_BUSY') : undefined;
}

/** The answer to one entry; undefined for a notification. */
async function answer(context: Context, entry: Entry, peer: Peer): Promise<string | undefined> {
  if (entry.kind === 'invalid') {
    return errorText(entry.id, toRpcError(entry.error, '', context.log));
  }
  try {
    const result = await call(context, entry.method, entry.params, peer);
    if (entry.id === undefined) return undefined;
    return `{"jsonrpc":"2.0","id":${entry.id},"result":${JSON.stringify(result)}}`;
  } catch (error) {
    const rpcError = toRpcError(error, entry.method, context.log);
    return entry.id === undefined ? undefined : errorText(entry.id, rpcError);
  }
}

/** Runs one method. The only place where methods are run, whatever the transport. */
async function call(
  context: Context,
  name: string,
  params: unknown,
  { caller, subscriptions, departure }: Peer,
): Promise<JsonValue> {
  const { node, filters, clock, load } = context;
  if (!isMethodAllowed(name, caller)) {
    const fields = { method: name, origin: caller.origin };
    throw apiErrors.create('RPC_ORIGIN_REFUSED', undefined, fields);
  }
  const method = METHODS.get(name);
  if (method === undefined) throw apiErrors.create('RPC_METHOD_UNKNOWN', name, { method: name });
  const args = parseParams(method.params, params);
  if (load.inFlight >= apiLimits.values.requestsInFlight) throw apiErrors.create('RPC_SERVER_BUSY');
  load.inFlight += 1;
  try {
    return await method.handler({ node, filters, clock, subscriptions, departure }, args);
  } finally {
    load.inFlight -= 1;
  }
}
