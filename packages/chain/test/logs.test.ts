import { EMPTY_BYTES, turnTaker } from '@lucerna/base';
import type { LogFilter } from '@lucerna/protocol';
import { type AppendFile, createMemoryFile } from '@lucerna/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import { chainLimits } from '../src/limits.ts';
import { ADDRESSES, grow, memoryDisk, openOn, testGenesis, transfer } from './support/ledger.ts';
import { growWithLogs } from './support/staged-block.ts';

const CONTRACT = new Uint8Array(20).fill(0x10);
const TOPIC = new Uint8Array(32).fill(1);
const LOG = { address: CONTRACT, topics: [TOPIC], data: EMPTY_BYTES };
const noTurns = async (): Promise<void> => undefined;

let chain: Chain;
let reads: number;

/** A file that counts the records that are read from it, once the chain is open. */
function countingFile(file: AppendFile): AppendFile {
  return {
    ...file,
    read: (offset, length) => {
      reads += 1;
      return file.read(offset, length);
    },
  };
}

beforeEach(async () => {
  const file = createMemoryFile();
  chain = await openOn(memoryDisk(countingFile(file)), { genesis: testGenesis() });
});

async function heightsOf(filter: Partial<LogFilter>): Promise<readonly number[]> {
  const toHeight = chain.head().header.height;
  const all = { fromHeight: 0, toHeight, addresses: [], topics: [], ...filter };
  const heights: number[] = [];
  for await (const { height } of chain.logs(all, noTurns)) heights.push(height);
  return heights;
}

describe('a scan for logs', () => {
  it('reads only the blocks whose bloom lets expect a match', async () => {
    const blocks = chainLimits.values.cachedBlocks + 10;
    for (let nonce = 0; nonce < blocks; nonce += 1) {
      const payment = transfer(0, nonce, ADDRESSES[1]!, 1n);
      await growWithLogs(chain, [payment], nonce === 3 ? [[LOG]] : []);
    }
    reads = 0;
    expect(await heightsOf({ addresses: [ADDRESSES[0]!] })).toEqual([]);
    expect(await heightsOf({ topics: [[TOPIC.slice().fill(9)]] })).toEqual([]);
    expect(reads).toBe(0);
    expect(await heightsOf({})).toEqual([4]);
    const readsOfOne = reads;
    expect(readsOfOne).toBeGreaterThan(0);
    // What a scan reads does not push the latest blocks out of memory, so it is read again.
    expect(await heightsOf({ topics: [[TOPIC]] })).toEqual([4]);
    expect(reads).toBe(2 * readsOfOne);
    await chain.block(blocks);
    expect(reads).toBe(2 * readsOfOne);
  });

  it('ends where it was asked to although blocks are added meanwhile', async () => {
    await growWithLogs(chain, [transfer(0, 0, ADDRESSES[1]!, 1n)], [[LOG, LOG]]);
    const filter = { fromHeight: 0, toHeight: 1, addresses: [], topics: [] };
    const found = [];
    for await (const view of chain.logs(filter, noTurns)) {
      found.push([view.height, view.logIndex]);
      await growWithLogs(chain, [transfer(0, found.length, ADDRESSES[1]!, 1n)], [[LOG]]);
    }
    expect(found).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('lets others go first by the clock', async () => {
    for (let nonce = 0; nonce < 10; nonce += 1) {
      await grow(chain, [transfer(0, nonce, ADDRESSES[1]!, 1n)]);
    }
    let nowMs = 0;
    let turns = 0;
    const clock = {
      // Every header takes 5 ms on this clock.
      nowMs: () => {
        nowMs += 5;
        return nowMs;
      },
      schedule: (_delayMs: number, task: () => void) => {
        turns += 1;
        queueMicrotask(task);
        return () => undefined;
      },
    };
    const filter = { fromHeight: 0, toHeight: 10, addresses: [], topics: [] };
    for await (const _ of chain.logs(filter, turnTaker(clock, 20))) throw new Error('no logs');
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(turns).toBeLessThan(10);
  });

  it('ends with an error when the chain is closed meanwhile', async () => {
    await grow(chain, []);
    const filter = { fromHeight: 0, toHeight: 1, addresses: [], topics: [] };
    const scan = chain.logs(filter, () => chain.close());
    await expect(scan.next()).rejects.toMatchObject({ code: 'CHAIN_CLOSED' });
  });
});
