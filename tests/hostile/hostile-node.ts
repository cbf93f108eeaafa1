import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { expect } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { type RpcClient, rpcClient } from '../support/json-rpc.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const MEGABYTE = 1_000_000;

/** What an attack may leave in the process: garbage that is not collected yet. What leaks is far more. */
const LEFTOVER_BYTES: number = 120 * MEGABYTE;

/** A node in a process of its own that is mistreated. */
export type HostileNode = {
  readonly endpoint: string;
  readonly rpc: RpcClient;
  readonly process: NodeProcess;
  readonly close: () => Promise<void>;
};

export async function startHostileNode(args: readonly string[] = []): Promise<HostileNode> {
  const directory = makeTemporaryDirectory();
  const node = await startNode(directory.path, args);
  return {
    endpoint: node.endpoint,
    rpc: rpcClient(node.endpoint),
    process: node,
    close: async (): Promise<void> => {
      const { code, stderr } = await node.kill('SIGTERM');
      directory.remove();
      expect(stderr).toBe('');
      expect(code).toBe(0);
    },
  };
}

/** It reads and it writes: a transfer gets its receipt. */
export async function expectServing({ rpc }: HostileNode): Promise<void> {
  const transfer = { from: devAccount(0).address, to: devAccount(1).address, value: '0x1' };
  const hash = await rpc.call<string>('eth_sendTransaction', transfer);
  const receipt = await rpc.call('eth_getTransactionReceipt', hash);
  expect(receipt).toMatchObject({ transactionHash: hash, status: '0x1' });
}

/**
 * Runs `attack` so many times, so that the heap is as large as it has to be for it, and then as many
 * times more, after which the process has about the memory that it had, and serves.
 */
export async function expectFlatMemory(
  node: HostileNode,
  rounds: number,
  attack: () => Promise<void>,
): Promise<void> {
  const repeat = async (): Promise<number> => {
    for (let round = 0; round < rounds; round += 1) await attack();
    await expectServing(node);
    return residentBytes(node.process.pid);
  };
  const before = await repeat();
  const after = await repeat();
  expect(after - before).toBeLessThan(LEFTOVER_BYTES);
}

function residentBytes(pid: number): number {
  if (process.platform === 'linux') {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1_024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }
  if (process.platform === 'win32') {
    const list = ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'];
    const text = execFileSync('tasklist', list, { encoding: 'utf8' });
    return 1_024 * Number(text.split('","').at(-1)?.replace(/\D/g, ''));
  }
  return (
    1_024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
  );
}

/** The answer to a request; status 0 when the connection was closed without one. */
export type RawAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Posts what `fetch` would refuse to send. */
export async function postRaw(
  endpoint: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const post = request(endpoint, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const answered = new Promise<IncomingMessage | undefined>((resolve) => {
    post.once('response', resolve);
    // A node that has refused a body may close the connection before it has read all of it.
    post.once('error', () => resolve(undefined));
  });
  post.on('error', () => undefined);
  post.end(body);
  const response = await answered;
  if (response === undefined) return { status: 0, headers: {}, body: '' };
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

/** A connection on which the test writes what it likes. Nothing is read unless the test reads. */
export async function openSocket(endpoint: string): Promise<Socket> {
  const { hostname, port } = new URL(endpoint);
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the connection is gone, in whatever way. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Ends connections and waits until they are gone on this side. */
export async function dropAll(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map(async (socket) => {
      if (socket.closed) return;
      const closed = closing(socket);
      socket.destroy();
      await closed;
    }),
  );
}
