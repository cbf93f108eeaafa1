import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RpcAnswer } from './json-rpc.ts';

/** One request of a client and what the node answered. */
export type Exchange = {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly answer: RpcAnswer;
};

/** Stands between a client and a node, changes nothing and remembers everything. */
export type RecordingProxy = {
  readonly url: string;
  /** Everything so far, in the order of the answers. */
  readonly exchanges: () => readonly Exchange[];
  readonly close: () => Promise<void>;
};

type WireRequest = { readonly id?: unknown; readonly method: string; readonly params?: unknown[] };

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const answer = await fetch(target, {
      method: request.method ?? 'POST',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body,
    });
    const text = await answer.text();
    exchanges.push(...pairUp(JSON.parse(body), JSON.parse(text)));
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
    });
    response.end(text);
  };
  const server = createServer((request, response) => {
    forward(request, response).catch((error: unknown) => {
      // The client sees a broken connection, as it would from a node that died.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges: () => exchanges,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function pairUp(
  requested: WireRequest | readonly WireRequest[],
  answered: RpcAnswer | readonly RpcAnswer[],
): readonly Exchange[] {
  const requests = Array.isArray(requested) ? requested : [requested as WireRequest];
  const answers = Array.isArray(answered) ? answered : [answered as RpcAnswer];
  return requests.map(({ id, method, params }: WireRequest) => {
    // A member that is missing shows up as an answer without result and without error.
    const answer = answers.find((one: RpcAnswer) => one.id === id) ?? {};
    return { method, params: params ?? [], answer };
  });
}
