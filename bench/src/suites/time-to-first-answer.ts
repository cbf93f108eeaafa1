import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type Program, stop } from './programs.ts';

const startLimitMs = 30_000;
const pollMs = 3;

/**
 * Milliseconds from starting a node with an empty data directory to the first answered
 * `eth_chainId`. The node is stopped, and its data removed, before this resolves.
 */
export async function timeToFirstAnswer(
  programFor: (args: readonly string[]) => Program,
): Promise<number> {
  const port = await freePort();
  const dataFolder = await mkdtemp(join(tmpdir(), 'lucerna-bench-'));
  const program = programFor(['--port', String(port), '--data-dir', dataFolder]);
  try {
    return await timeStart(program, port);
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function timeStart(program: Program, port: number): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput += text;
  });
  try {
    while (!(await answersChainId(port))) {
      if (hasEnded(child)) throw new Error(`the node ended before it answered:\n${errorOutput}`);
      if (performance.now() - startedMs > startLimitMs) throw new Error('the node did not answer');
      await sleep(pollMs);
    }
    return performance.now() - startedMs;
  } finally {
    await stop(child);
  }
}

function answersChainId(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const post = request(
    {
      host: '127.0.0.1',
      port,
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json' },
    },
    (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body.includes('"result":"0x')));
    },
  );
  post.on('error', () => resolve(false));
  post.end('{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}');
  return promise;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
