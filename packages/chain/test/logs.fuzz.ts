import { EMPTY_BYTES, equalBytes } from '@lucerna/base';
import type { Log, LogFilter, LogView } from '@lucerna/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import type { Chain } from '../src/chain.ts';
import { ADDRESSES, memoryDisk, openOn, testGenesis, transfer } from './support/ledger.ts';
import { growWithLogs } from './support/staged-block.ts';

// A few of each, so that filters meet logs often, and also values that no log has.
const CONTRACTS = [1, 2, 3, 4].map((byte) => new Uint8Array(20).fill(byte));
const TOPICS = [1, 2, 3, 4, 5].map((byte) => new Uint8Array(32).fill(byte));

const arbitraryLog: fc.Arbitrary<Log> = fc.record({
  address: fc.constantFrom(...CONTRACTS.slice(1)),
  topics: fc.array(fc.constantFrom(...TOPICS.slice(1)), { maxLength: 4 }),
  data: fc.constant(EMPTY_BYTES),
});
const blockLogs = fc.array(fc.array(arbitraryLog, { maxLength: 3 }), { maxLength: 3 });

const BLOCKS = 80;
let chain: Chain;

beforeAll(async () => {
  const disk = memoryDisk();
  chain = await openOn(disk, { genesis: testGenesis() });
  let nonce = 0;
  for (const logs of fc.sample(blockLogs, { numRuns: BLOCKS, seed: 7 })) {
    const transactions = logs.map(() => {
      nonce += 1;
      return transfer(0, nonce - 1, ADDRESSES[1]!, 1n);
    });
    await growWithLogs(chain, transactions, logs);
  }
  // Reopened, so that no block is in memory yet.
  await chain.close();
  chain = await openOn(disk);
});

afterAll(() => chain.close());

const noTurns = async (): Promise<void> => undefined;

async function collect(filter: LogFilter): Promise<readonly LogView[]> {
  const found: LogView[] = [];
  for await (const view of chain.logs(filter, noTurns)) found.push(view);
  return found;
}

/** What the filter means, log by log over all receipts. */
async function naiveScan(filter: LogFilter): Promise<readonly LogView[]> {
  const found: LogView[] = [];
  for (let height = filter.fromHeight; height <= filter.toHeight; height += 1) {
    const { block, receipts } = (await chain.block(height))!;
    const all = receipts.flatMap(({ logs }, transactionIndex) =>
      logs.map((log) => ({ log, transactionIndex })),
    );
    for (const [logIndex, { log, transactionIndex }] of all.entries()) {
      if (!isWanted(log, filter)) continue;
      found.push({
        log,
        blockHash: block.hash,
        height,
        timestamp: block.header.timestamp,
        transactionHash: block.transactions[transactionIndex]!.hash,
        transactionIndex,
        logIndex,
      });
    }
  }
  return found;
}

function isWanted(log: Log, { addresses, topics }: LogFilter): boolean {
  const isAmong = (wanted: readonly Uint8Array[], entry: Uint8Array | undefined): boolean =>
    entry !== undefined &&
    (wanted.length === 0 || wanted.some((choice) => equalBytes(choice, entry)));
  return (
    isAmong(addresses, log.address) &&
    topics.every((wanted, position) => isAmong(wanted, log.topics[position]))
  );
}

const arbitraryFilter: fc.Arbitrary<LogFilter> = fc
  .record({
    ends: fc.tuple(fc.nat(BLOCKS), fc.nat(BLOCKS)),
    addresses: fc.array(fc.constantFrom(...CONTRACTS), { maxLength: 3 }),
    topics: fc.array(fc.array(fc.constantFrom(...TOPICS), { maxLength: 2 }), { maxLength: 4 }),
  })
  .map(({ ends, ...wanted }) => {
    return { fromHeight: Math.min(...ends), toHeight: Math.max(...ends), ...wanted };
  });

describe('logs', () => {
  it('are those of a naive scan of all receipts', async () => {
    let matches = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryFilter, async (filter) => {
        const found = await collect(filter);
        matches += found.length;
        expect(found).toEqual(await naiveScan(filter));
      }),
      runs(200),
    );
    expect(matches).toBeGreaterThan(0);
  });

  it('are all of them when nothing is asked of them', async () => {
    const all = { fromHeight: 0, toHeight: BLOCKS, addresses: [], topics: [] };
    const found = await collect(all);
    expect(found).toEqual(await naiveScan(all));
    expect(found.length).toBeGreaterThan(BLOCKS);
  });
});
