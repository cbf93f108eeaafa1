/** An answer as it came over the wire. */
export type RpcAnswer = {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
};

/** One request of a batch. */
export type RpcRequest = { readonly method: string; readonly params?: readonly unknown[] };

/** A JSON-RPC client that hides nothing: the node's answers as they are. */
export type RpcClient = {
  /** The result. @throws an Error with the code and the wording when the node answers an error */
  readonly call: <T>(method: string, ...params: readonly unknown[]) => Promise<T>;
  /** The whole answer. */
  readonly ask: (method: string, ...params: readonly unknown[]) => Promise<RpcAnswer>;
  /** The answers in the order of the requests. */
  readonly batch: (requests: readonly RpcRequest[]) => Promise<readonly RpcAnswer[]>;
  /** The HTTP response to any body. */
  readonly post: (body: string, headers?: Readonly<Record<string, string>>) => Promise<HttpAnswer>;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

export function rpcClient(endpoint: string): RpcClient {
  let lastId = 0;
  const nextId = (): number => {
    lastId += 1;
    return lastId;
  };
  const post: RpcClient['post'] = async (body, headers = {}) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const ask: RpcClient['ask'] = async (method, ...params) => {
    const { text } = await post(JSON.stringify({ jsonrpc: '2.0', id: nextId(), method, params }));
    return JSON.parse(text);
  };
  return {
    post,
    ask,
    call: async <T>(method: string, ...params: readonly unknown[]): Promise<T> =>
      resultOf<T>(await ask(method, ...params), method),
    batch: async (requests) => {
      if (requests.length === 0) return [];
      const body = requests.map(({ method, params = [] }) => {
        return { jsonrpc: '2.0', id: nextId(), method, params };
      });
      const { text } = await post(JSON.stringify(body));
      const answers: readonly RpcAnswer[] = JSON.parse(text);
      const byId = new Map(answers.map((answer) => [answer.id, answer]));
      return body.map(({ id }) => byId.get(id) ?? {});
    },
  };
}

/** The result in `answer`. @throws when it is an error */
export function resultOf<T>(answer: RpcAnswer, what: string): T {
  if (answer.error !== undefined || !('result' in answer)) {
    throw new Error(`${what}: ${JSON.stringify(answer)}`);
  }
  return answer.result as T;
}
