import { type Caller, createJsonRpc, type JsonRpc, type NodeApi } from '@lucerna/api';
import { type Fields, type Log, SILENT_LOG } from '@lucerna/base';

/** A JSON value whose structure a test asserts. */
// biome-ignore lint/suspicious/noExplicitAny: answers are checked by what the tests expect of them
export type Answer = any;

/** A JSON-RPC engine with a shorter way to use it. */
export type Client = {
  readonly rpc: JsonRpc;
  /** The parsed response to one call. */
  readonly call: (method: string, params?: unknown, caller?: Caller) => Promise<Answer>;
  /** The result of one call that must succeed. */
  readonly result: (method: string, ...params: readonly unknown[]) => Promise<Answer>;
  /** The error of one call that must fail. */
  readonly error: (method: string, ...params: readonly unknown[]) => Promise<Answer>;
  /** The parsed response to a body; undefined when there is none. */
  readonly send: (body: string | Uint8Array, caller?: Caller) => Promise<Answer>;
  /** Lines that went to the log. */
  readonly lines: { readonly message: string; readonly fields: Fields }[];
};

export function createClient(node: NodeApi): Client {
  const lines: { message: string; fields: Fields }[] = [];
  const error: Log['error'] = (message, fields = {}) => lines.push({ message, fields });
  return clientOf(createJsonRpc(node, { log: { ...SILENT_LOG, error } }), lines);
}

/** The same for an engine that a test has made; its log is the test's. */
export function clientOf(rpc: JsonRpc, lines: Client['lines'] = []): Client {
  const send: Client['send'] = async (body, caller = {}) => {
    const text = await rpc.handle(body, caller);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const call: Client['call'] = (method, params, caller) =>
    send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), caller);
  return {
    rpc,
    call,
    send,
    lines,
    result: async (method, ...params): Promise<Answer> => {
      const response = await call(method, params);
      if (!('result' in response)) throw new Error(`${method}: ${JSON.stringify(response.error)}`);
      return response.result;
    },
    error: async (method, ...params): Promise<Answer> => {
      const response = await call(method, params);
      if (!('error' in response)) throw new Error(`${method} succeeded: ${response.result}`);
      return response.error;
    },
  };
}
