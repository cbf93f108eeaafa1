import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SeededRandom, seededRandom } from '@lucerna/base';
import type { ChainFigures } from '@lucerna/chain';
import type { Database } from '@lucerna/platform-node/directory';
import type { Hex } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { recordCrashResult } from '../../tools/src/reliability.ts';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { databasesHere } from '../support/databases.ts';
import { DEV_ACCOUNT_COUNT, DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import { type RpcClient, resultOf, rpcClient } from '../support/json-rpc.ts';
import type { RpcBlock, RpcReceipt } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { withChain } from '../support/with-chain.ts';
import {
  plainTransfers,
  readReceipts,
  STREAM_RECIPIENTS,
  type StreamRecord,
  TransferStream,
} from './transfer-stream.ts';

// `kill -9` in the middle of a stream of transfers, again and again on the same data directory. What
// a client has seen must be there after the restart, and everything must fit together. Once for each
// database.

const cycles = Number(process.env['LUCERNA_CRASH_CYCLES'] ?? 20);
const seed = Number(process.env['LUCERNA_SEED'] ?? 1);

/** Then a new data directory: what is checked after each kill grows with the chain. */
const KILLS_PER_DIRECTORY = 50;
const SENDERS = 6;
const PROPOSER: Hex = `0x${'00'.repeat(20)}`;
const GENESIS_SUPPLY = BigInt(DEV_ACCOUNT_COUNT) * DEV_BALANCE;
const BLOCKS_PER_BATCH = 250;

/** How a cycle makes blocks, and when it ends. */
type Mode = {
  readonly name: 'automine' | 'interval';
  readonly args: readonly string[];
  readonly killAfterMs: (random: SeededRandom) => number;
};

/** What the cycles on one data directory have shown. */
type Outcome = { readonly cyclesInFlight: number; readonly receiptsKept: number };

const MODES: readonly Mode[] = [
  { name: 'automine', args: [], killAfterMs: (random) => 100 + random.below(600) },
  // Long enough for a block or two, short enough to be before the first one now and then.
  {
    name: 'interval',
    args: ['--block-time', '1'],
    killAfterMs: (random) => 500 + random.below(1_900),
  },
];

const directory = makeTemporaryDirectory();
let node: NodeProcess | undefined;

afterAll(async () => {
  await node?.kill('SIGKILL');
  directory.remove();
});

const modeOf = (cycle: number): Mode => MODES[cycle % MODES.length] as Mode;

/** A stream of transfers that ends with the node's death; what was in flight has no answer. */
async function streamUntilKilled(
  victim: NodeProcess,
  cycle: number,
  killAfterMs: number,
): Promise<StreamRecord> {
  const stream = new TransferStream({
    rpc: rpcClient(victim.endpoint),
    senders: SENDERS,
    draft: plainTransfers(BigInt(cycle + 1)),
  });
  await delay(killAfterMs);
  stream.stop();
  const finished = await victim.kill('SIGKILL');
  expect(finished).toMatchObject({ signal: 'SIGKILL' });
  return stream.record();
}

/** Opens a copy of what a dead process left and checks all of it: log, indexes, state, supply. */
async function verifyCopy(copy: string): Promise<ChainFigures> {
  try {
    return await withChain(copy, (chain) => chain.verify());
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** What a promise that has settled gave. @throws what it failed with */
function settledValue<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** What a client saw is there, and says the same. */
function expectKept(
  record: Pick<StreamRecord, 'receipts'>,
  found: ReadonlyMap<Hex, RpcReceipt>,
): void {
  for (const [hash, receipt] of record.receipts) expect(found.get(hash)).toEqual(receipt);
}

/** Σ balances + Σ base fees, from what the node answers to anybody. */
async function readSupply(rpc: RpcClient): Promise<bigint> {
  const accounts = Array.from(
    { length: DEV_ACCOUNT_COUNT },
    (_, index) => devAccount(index).address,
  );
  const head = await rpc.call<Hex>('eth_blockNumber');
  let supply = 0n;
  for (const address of [...accounts, ...STREAM_RECIPIENTS, PROPOSER]) {
    supply += BigInt(await rpc.call<Hex>('eth_getBalance', address, head));
  }
  const heights = Array.from({ length: Number(head) + 1 }, (_, height) => height);
  let parentHash: Hex | undefined;
  for (let start = 0; start < heights.length; start += BLOCKS_PER_BATCH) {
    const part = heights.slice(start, start + BLOCKS_PER_BATCH);
    const answers = await rpc.batch(
      part.map((height) => ({
        method: 'eth_getBlockByNumber',
        params: [`0x${height.toString(16)}`, false],
      })),
    );
    for (const answer of answers) {
      const block = resultOf<RpcBlock>(answer, 'block');
      if (parentHash !== undefined) expect(block.parentHash).toBe(parentHash);
      parentHash = block.hash;
      supply += BigInt(block.gasUsed) * BigInt(block.baseFeePerGas);
    }
  }
  return supply;
}

/** The cycles from `first` up to `end`, on a data directory of their own. */
async function killAgainAndAgain(
  database: Database,
  [first, end]: readonly [number, number],
  random: SeededRandom,
): Promise<Outcome> {
  const dataPath = join(directory.path, `${database}-${first}`);
  const everything = new Map<Hex, RpcReceipt>();
  let cyclesInFlight = 0;
  node = await startNode(dataPath, ['--db', database, ...modeOf(first).args]);
  for (let cycle = first; cycle < end; cycle += 1) {
    const mode = modeOf(cycle);
    const killAfterMs = mode.killAfterMs(random);
    const record = await streamUntilKilled(node, cycle, killAfterMs);
    const { sent, acknowledged, receipts } = record;
    const settled = mode.name === 'automine' ? acknowledged.size : receipts.size;
    if (sent.size > settled) cyclesInFlight += 1;

    const copy = `${dataPath}-copy-${cycle}`;
    await cp(dataPath, copy, { recursive: true });
    const starting = startNode(dataPath, modeOf(cycle + 1).args);
    // Whatever the copy shows, the node that has started meanwhile is one that `afterAll` ends.
    const [verified, started] = await Promise.allSettled([verifyCopy(copy), starting]);
    if (started.status === 'fulfilled') node = started.value;
    const figures = settledValue(verified);
    expect(figures.totalBalance + figures.burned).toBe(GENESIS_SUPPLY);
    node = settledValue(started);
    const found = await readReceipts(rpcClient(node.endpoint), sent);
    process.stdout.write(
      `crash cycle ${cycle + 1}: ${mode.name}, killed after ${killAfterMs} ms, ` +
        `sent ${sent.size}, acknowledged ${acknowledged.size}, receipts ${receipts.size}, ` +
        `found ${found.size}, height ${figures.height}\n`,
    );
    expectKept(record, found);
    if (mode.name === 'automine') {
      expect([...acknowledged].filter((hash) => !found.has(hash))).toEqual([]);
    }
    for (const [hash, receipt] of receipts) everything.set(hash, receipt);
  }
  const rpc = rpcClient(node.endpoint);
  expectKept({ receipts: everything }, await readReceipts(rpc, everything.keys()));
  expect(await readSupply(rpc)).toBe(GENESIS_SUPPLY);
  await node.kill('SIGINT');
  await rm(dataPath, { recursive: true });
  return { cyclesInFlight, receiptsKept: everything.size };
}

test.each(databasesHere())(
  `${cycles} deaths in the middle of transfers lose nothing that was answered, with %s`,
  async (database) => {
    process.stdout.write(
      `crash: ${database}, LUCERNA_CRASH_CYCLES=${cycles} LUCERNA_SEED=${seed}\n`,
    );
    const random = seededRandom(seed);
    let [cyclesInFlight, receiptsKept] = [0, 0];
    for (let first = 0; first < cycles; first += KILLS_PER_DIRECTORY) {
      const end = Math.min(first + KILLS_PER_DIRECTORY, cycles);
      const outcome = await killAgainAndAgain(database, [first, end], random);
      cyclesInFlight += outcome.cyclesInFlight;
      receiptsKept += outcome.receiptsKept;
    }
    process.stdout.write(
      `crash: ${cyclesInFlight} of ${cycles} cycles died with transfers in flight, ` +
        `${receiptsKept} receipts kept\n`,
    );
    expect(receiptsKept).toBeGreaterThan(0);
    expect(cyclesInFlight).toBeGreaterThanOrEqual(Math.ceil((cycles * 3) / 4));
    recordCrashResult({ database, cycles, cyclesInFlight, receiptsKept });
  },
  60_000 + cycles * 15_000,
);
