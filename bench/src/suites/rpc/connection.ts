import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const RECEIPT_LIMIT_MS = 10_000;

/** A request that can be sent any number of times. */
export type PreparedRequest = Buffer;

/** What an answer holds, once it is here whole. */
type Waiting = {
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: Error) => void;
};

/**
 * A kept-alive HTTP connection on which one request at a time is under way. It reads only what such a
 * client must: the usual ones use up more of the processor than the nodes that are to be measured.
 */
export class Connection {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  /** Bytes of the whole answer; undefined until its head is here. */
  #answerBytes: number | undefined;
  #bodyStart = 0;

  static async open(endpoint: string): Promise<Connection> {
    const { hostname, port } = new URL(endpoint);
    const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the node has closed the connection')));
  }

  /** Sends `request` and resolves to the body of the answer. */
  exchange(request: PreparedRequest): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  /** @throws when the node answers an error */
  async call<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    return resultOf<T>(await this.exchange(prepareRequest(method, params)));
  }

  /** Anvil answers before the transaction is in a block, and the next one could get into the same. */
  async waitForReceipt(hash: string): Promise<void> {
    const question = prepareRequest('eth_getTransactionReceipt', [hash]);
    const end = performance.now() + RECEIPT_LIMIT_MS;
    let answer = await this.exchange(question);
    while (answer.indexOf('"result":null') >= 0) {
      if (performance.now() > end) throw new Error(`no receipt of ${hash}`);
      answer = await this.exchange(question);
    }
    if (answer.indexOf('"status":"0x1"') < 0) throw new Error(`no receipt: ${answer.toString()}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    if (this.#answerBytes === undefined) this.#readHead();
    if (this.#answerBytes === undefined || this.#receivedBytes < this.#answerBytes) return;
    const all = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
    const body = all.subarray(this.#bodyStart, this.#answerBytes);
    this.#received = [];
    this.#receivedBytes = 0;
    this.#answerBytes = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(body);
  }

  #readHead(): void {
    const [first] = this.#received;
    const all = this.#received.length === 1 && first ? first : Buffer.concat(this.#received);
    this.#received = [all];
    const end = all.indexOf(HEAD_END);
    if (end < 0) return;
    const head = all.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) {
      this.#socket.destroy(new Error(`unexpected answer: ${head}`));
      return;
    }
    this.#bodyStart = end + HEAD_END.length;
    this.#answerBytes = this.#bodyStart + Number(length);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

export function prepareRequest(method: string, params: readonly unknown[]): PreparedRequest {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const head = [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(head.join('\r\n') + HEAD_END + body);
}

export function resultOf<T>(answer: Buffer): T {
  const { result, error }: { result?: T; error?: unknown } = JSON.parse(answer.toString());
  if (error !== undefined || result === undefined) {
    throw new Error(`the node answers ${answer.toString().slice(0, 300)}`);
  }
  return result;
}

/**
 * Answers per second while `connections` clients ask the same again and again, each as soon as it has
 * its answer.
 */
export async function answersPerSecond(
  endpoint: string,
  request: PreparedRequest,
  load: { readonly connections: number; readonly durationMs: number },
): Promise<number> {
  const all = await Promise.all(
    Array.from({ length: load.connections }, () => Connection.open(endpoint)),
  );
  try {
    const started = performance.now();
    const end = started + load.durationMs;
    const counts = await Promise.all(all.map((connection) => askUntil(connection, request, end)));
    const seconds = (performance.now() - started) / 1_000;
    return counts.reduce((sum, count) => sum + count, 0) / seconds;
  } finally {
    for (const connection of all) connection.close();
  }
}

/** How many answers there were until `end`, none of them an error. */
async function askUntil(
  connection: Connection,
  request: PreparedRequest,
  end: number,
): Promise<number> {
  let count = 0;
  for (; performance.now() < end; count += 1) {
    const body = await connection.exchange(request);
    // Both nodes begin their answers alike; errors have no result.
    if (body.indexOf('"result":') < 0) throw new Error(`the node answers ${body.toString()}`);
  }
  return count;
}
