import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, median } from '../../harness.ts';
import { Connection, prepareRequest } from './connection.ts';
import { type RunningNode, startOurs } from './nodes.ts';
import { besideAnvil } from './read-cases.ts';
import { balanceOfCall, deployToken, devAddress } from './stage.ts';

const MEGABYTE = 1_000_000;

const BLOCKS = 10_000;
const QUICK_BLOCKS = 200;

const STREAM_SECONDS = Number(process.env['LUCERNA_BENCH_STREAM_SECONDS'] ?? 60);
const QUICK_STREAM_SECONDS = 2;
const STREAM_CONNECTIONS = 8;
const SAMPLE_MS = 200;
const GROWTH_LIMIT_MB = 32;

/** Resident memory once there are 10,000 blocks with a transfer each. */
const memoryAfterBlocks: Case = {
  id: 'memory-10k-blocks',
  unit: 'MB',
  better: 'lower',
  target: undefined,
  rounds: 1,
  level: 'process',
  prepare: async (quick) =>
    besideAnvil(await startOurs(), async (node) => async () => {
      await makeBlocks(node, quick ? QUICK_BLOCKS : BLOCKS);
      return { value: node.residentBytes() / MEGABYTE };
    }),
};

async function makeBlocks(node: RunningNode, blocks: number): Promise<void> {
  const connection = await Connection.open(node.endpoint);
  const transfer = { from: devAddress(0), to: devAddress(1), value: '0x1', gas: '0x5208' };
  for (let made = 0; made < blocks; made += 1) {
    const hash = await connection.call<string>('eth_sendTransaction', transfer);
    await connection.waitForReceipt(hash);
  }
  connection.close();
}

/** By how much memory grows from the second quarter to the last one of a stream of all sorts of requests. */
const memoryOfStream: Case = {
  id: 'memory-stream',
  unit: 'MB',
  better: 'lower',
  target: 1,
  rounds: 1,
  level: 'process',
  note: 'LUCERNA_BENCH_STREAM_SECONDS says for how long: what is being warmed up still grows.',
  prepare: async (quick) => {
    const node = await startOurs();
    return {
      ours: async () => {
        const growth = await growthUnderStream(node, quick ? QUICK_STREAM_SECONDS : STREAM_SECONDS);
        // What has shrunk has not grown.
        return { value: Math.max(1, growth / MEGABYTE) };
      },
      peer: { kind: 'figure', name: `limit:${GROWTH_LIMIT_MB}MB`, value: GROWTH_LIMIT_MB },
      close: node.close,
    };
  },
};

async function growthUnderStream(node: RunningNode, seconds: number): Promise<number> {
  const requests = await streamRequests(node);
  const end = performance.now() + seconds * 1_000;
  const samples: number[] = [];
  const sampling = (async (): Promise<void> => {
    while (performance.now() < end) {
      samples.push(node.privateBytes());
      await sleep(SAMPLE_MS);
    }
  })();
  await Promise.all(
    Array.from({ length: STREAM_CONNECTIONS }, (_, first) => stream(node, requests, first, end)),
  );
  await sampling;
  const quarter = Math.ceil(samples.length / 4);
  return median(samples.slice(-quarter)) - median(samples.slice(quarter, 2 * quarter));
}

/** One of each sort, a transfer among them: the chain grows meanwhile. */
async function streamRequests(node: RunningNode): Promise<readonly Buffer[]> {
  const [holder, other] = [devAddress(0), devAddress(1)];
  const transfer = { from: holder, to: other, value: '0x1', gas: '0x5208' };
  const token = await deployToken(node);
  const requests: readonly (readonly [string, readonly unknown[]])[] = [
    ['eth_blockNumber', []],
    ['eth_getBalance', [holder, 'latest']],
    ['eth_call', balanceOfCall(token)],
    ['eth_estimateGas', [transfer]],
    ['eth_getBlockByNumber', ['latest', true]],
    ['eth_feeHistory', ['0x5', 'latest', [25, 75]]],
    ['eth_getLogs', [{ address: token, fromBlock: '0x0', toBlock: '0x1' }]],
    ['eth_newBlockFilter', []],
    ['eth_getProof', [holder, [], 'latest']],
    ['eth_sendTransaction', [transfer]],
  ];
  return requests.map(([method, params]) => prepareRequest(method, params));
}

async function stream(
  node: RunningNode,
  requests: readonly Buffer[],
  first: number,
  end: number,
): Promise<void> {
  const connection = await Connection.open(node.endpoint);
  for (let index = first; performance.now() < end; index += 1) {
    // A refusal, such as of one filter too many, is an answer as well.
    await connection.exchange(requests[index % requests.length] as Buffer);
  }
  connection.close();
}

/** What a node holds on to. */
export const memoryCases: readonly Case[] = [memoryAfterBlocks, memoryOfStream];
