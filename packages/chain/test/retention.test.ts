import { AssertionError, bytesToBigInt, toHexKey } from '@lucerna/base';
import { encodeBlock } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore, KEYSPACES, type KvStore } from '@lucerna/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import { chainLimits } from '../src/limits.ts';
import { branchOn, follow } from './support/branches.ts';
import {
  ADDRESSES,
  grow,
  makeScript,
  memoryDisk,
  openMemoryChain,
  openOn,
  testGenesis,
} from './support/ledger.ts';

const BLOCKS = 12;
const STATE_PRUNED = expect.objectContaining({ code: 'STATE_PRUNED' });

let blocks: readonly Uint8Array[];
/** What a chain that keeps everything has. */
let full: KvStore;
let keeper: Chain;

beforeAll(async () => {
  blocks = await branchOn([], BLOCKS, 21);
  ({ chain: keeper, store: full } = await follow(blocks));
  await keeper.flush();
  expect([...full.range(KEYSPACES.storageHistory)].length).toBeGreaterThan(5);
});

/** The history rows of the blocks above `height`. */
function historyAbove(store: KvStore, height: number): readonly string[] {
  return [KEYSPACES.accountHistory, KEYSPACES.storageHistory].flatMap((keyspace) =>
    [...store.range(keyspace)]
      .filter(([key]) => bytesToBigInt(key.subarray(-8)) > BigInt(height))
      .map(([key, value]) => `${keyspace.name} ${toHexKey(key)} ${toHexKey(value)}`),
  );
}

function expectStates(chain: Chain, from: number): void {
  const { height: head } = chain.head().header;
  for (let height = 0; height < from; height += 1) {
    expect(() => chain.state(height)).toThrow(STATE_PRUNED);
  }
  for (let height = from; height <= head; height += 1) {
    for (const address of ADDRESSES) {
      expect(chain.state(height).account(address)).toEqual(keeper.state(height).account(address));
    }
  }
}

describe('a history', () => {
  it.each([0, 1, 3, BLOCKS - 1, BLOCKS, 100])(
    'of %d blocks is there behind every head, and no row of an older one',
    async (history) => {
      const file = createMemoryFile();
      const store = createMemoryStore();
      const chain = await openOn(memoryDisk(file, store), { genesis: testGenesis(), history });
      for (const [index, block] of blocks.entries()) {
        await chain.import(block);
        await chain.flush();
        const height = index + 1;
        const from = Math.max(0, height - history);
        expectStates(chain, from);
        const expected = historyAbove(full, from).filter((row) => heightOfRow(row) <= height);
        expect(historyAbove(store, 0)).toEqual(expected);
      }
      await chain.close();
      // The same rows when the store is made again from the log, in groups of any size.
      for (const flushBlocks of [1, 5, 100]) {
        const other = createMemoryStore();
        const rebuilt = await openOn(memoryDisk(file, other), {
          history,
          writeBehind: { flushBlocks },
        });
        expectStates(rebuilt, Math.max(0, BLOCKS - history));
        await rebuilt.close();
        for (const keyspace of Object.values(KEYSPACES)) {
          expect([...other.range(keyspace)]).toEqual([...store.range(keyspace)]);
        }
      }
    },
  );

  it('that is too long by now goes a few blocks at a time, and all of it', async () => {
    const { prunedBlocks } = chainLimits.values;
    for (const history of [0, 2]) {
      const script = await makeScript(2 * prunedBlocks + 3);
      const store = createMemoryStore();
      const disk = memoryDisk(createMemoryFile(), store);
      const first = await openOn(disk, { genesis: script.genesis });
      for (const executed of script.blocks) await first.commit(executed);
      await first.close();
      const chain = await openOn(disk, { history });
      const height = 2 * prunedBlocks + 3;
      expect(chain.state(0)).toBeDefined();
      await grow(chain, []);
      await chain.flush();
      const left = historyAbove(store, 0).map(heightOfRow);
      expect(Math.min(...left)).toBe(prunedBlocks + 1);
      const from = history === 0 ? height + 1 : prunedBlocks;
      expect(() => chain.state(from - 1)).toThrow(STATE_PRUNED);
      expect(chain.state(from)).toBeDefined();
      for (let made = 0; made < 3; made += 1) await grow(chain, []);
      await chain.flush();
      expect(historyAbove(store, 0)).toEqual(historyAbove(store, height + 4 - history));
      expect(() => chain.state(height + 3 - history)).toThrow(STATE_PRUNED);
      expect(chain.state(height + 4 - history)).toBeDefined();
      await chain.close();
    }
  });

  it('that was off for a while leaves no row from before', async () => {
    const store = createMemoryStore();
    const disk = memoryDisk(createMemoryFile(), store);
    let done = 0;
    for (const [history, until] of [
      [100, 4],
      [0, 6],
      [5, 9],
      [1, BLOCKS],
    ] as const) {
      const chain = await openOn(disk, { genesis: testGenesis(), history });
      for (const block of blocks.slice(done, until)) await chain.import(block);
      done = until;
      await chain.close();
    }
    const chain = await openOn(disk, { history: 1 });
    expectStates(chain, BLOCKS - 1);
    expect(historyAbove(store, 0)).toEqual(historyAbove(full, BLOCKS - 1));
    await chain.verify();
  });

  it('is written for the blocks of a reorganisation too, and goes with those that went', async () => {
    const losing = await branchOn(blocks.slice(0, 6), 4, 22);
    for (const history of [0, 2, 4, 8]) {
      const { chain, store } = await follow([...blocks.slice(0, 6), ...losing], { history });
      await chain.reorganise(blocks.slice(6));
      await chain.flush();
      // The lower branch had let go of what lies below its own head.
      const from = Math.max(0, Math.min(BLOCKS - history, BLOCKS));
      expectStates(chain, from);
      expect(historyAbove(store, 0)).toEqual(historyAbove(full, from));
      await chain.verify();
    }
  });

  it('is a natural number of blocks, or all', async () => {
    for (const history of [-1, 0.5, Number.NaN]) {
      await expect(openMemoryChain({ history })).rejects.toThrow(AssertionError);
    }
  });
});

function heightOfRow(row: string): number {
  return Number.parseInt((row.split(' ')[1] as string).slice(-16), 16);
}

describe('a damaged record of a block whose history is to go', () => {
  it('stops the chain, which is damaged, and changes nothing', async () => {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const first = await openOn(memoryDisk(file, store), { genesis: testGenesis(), history: 3 });
    for (const block of blocks) await first.import(block);
    await first.close();
    const bytes = await file.read(0, file.size());
    // Block 11 is the one that the next block but one pushes out.
    const eleventh = encodeBlock((await keeper.block(11))!.block);
    const at = Buffer.from(bytes).indexOf(Buffer.from(eleventh)) + 40;
    bytes[at] = (bytes[at] as number) ^ 1;
    const damaged = createMemoryFile();
    await damaged.append(bytes);
    const chain = await openOn(memoryDisk(damaged, store), { history: 3 });
    const head = await grow(chain, []);
    await expect(grow(chain, [])).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect(chain.head().hash).toEqual(head.block.hash);
  });
});
