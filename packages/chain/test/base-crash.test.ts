import { type Durability, LucernaError, toHexKey } from '@lucerna/base';
import { createMemoryStore } from '@lucerna/storage';
import { type CrashKind, type FailureMode, FaultyDisk } from '@lucerna/storage/faulty';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import { diskWith, pairAt, trunk } from './support/archives.ts';
import { rowsWithoutLog } from './support/branches.ts';
import { type Disk, faultyDisk, openOn } from './support/ledger.ts';

const FIRST = 3;
const LAST = 6;
const FLUSH_EVERY = { flushBlocks: 1 };

let blocks: readonly Uint8Array[];
let snapshot: Uint8Array;
/** Head and rows at every height from the base on. */
const stages: { head: string; rows: ReadonlyMap<string, readonly string[]> }[] = [];

beforeAll(async () => {
  blocks = (await trunk()).slice(0, LAST);
  snapshot = (await pairAt(FIRST, blocks)).snapshot;
  const store = createMemoryStore();
  const chain = await openOn(await diskWith(snapshot, store));
  for (let height = FIRST; height <= LAST; height += 1) {
    if (height > FIRST) await chain.import(blocks[height - 1]!);
    await chain.flush();
    stages[height] = { head: toHexKey(chain.head().hash), rows: rowsWithoutLog(store) };
  }
});

/** A disk with the snapshot in the place of the log, as an import leaves it. */
async function placed(faulty: FaultyDisk): Promise<Disk> {
  const file = faulty.openFile('log');
  await file.append(snapshot);
  await file.sync();
  return faultyDisk(faulty);
}

/** Opens and imports the blocks. @returns the height that could be relied on at the end */
async function play(disk: Disk, durability: Durability): Promise<number> {
  let chain: Chain;
  try {
    chain = await openOn(disk, { durability, writeBehind: FLUSH_EVERY });
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
    return FIRST;
  }
  let acknowledged = FIRST;
  try {
    for (const block of blocks.slice(FIRST)) {
      await chain.import(block);
      acknowledged += 1;
    }
    await chain.flush();
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
  }
  await chain.close().catch(() => undefined);
  return acknowledged;
}

async function checkRestart(disk: Disk, least: number, most: number): Promise<void> {
  const chain = await openOn(disk);
  const { height } = chain.head().header;
  expect(height).toBeGreaterThanOrEqual(least);
  expect(height).toBeLessThanOrEqual(most);
  expect(toHexKey(chain.head().hash)).toBe(stages[height]!.head);
  await chain.verify();
  await chain.flush();
  expect(rowsWithoutLog(disk.store())).toEqual(stages[height]!.rows);
  for (const block of blocks.slice(height)) await chain.import(block);
  await chain.close();
  expect(rowsWithoutLog(disk.store())).toEqual(stages[LAST]!.rows);
}

const DURABILITIES: readonly Durability[] = ['process', 'power'];
const CRASHES: readonly CrashKind[] = ['process', 'power'];
const MODES: readonly FailureMode[] = ['once', 'forever'];

describe('a failure of the n-th operation behind an import of a snapshot, for every n', () => {
  for (const durability of DURABILITIES) {
    for (const crash of CRASHES) {
      it(`at level ${durability}, then a ${crash} crash, never leaves a mix`, async () => {
        const untroubled = new FaultyDisk();
        const disk = await placed(untroubled);
        const before = untroubled.operations;
        await play(disk, durability);
        const operations = untroubled.operations - before;
        // Each record of the snapshot is read in two parts; three appends, some commits.
        expect(operations).toBeGreaterThan(20);
        for (let failAt = 1; failAt <= operations; failAt += 1) {
          for (const mode of MODES) {
            const powerLoss = failAt % 2 === 0 ? 'sectors' : 'prefix';
            const faulty = new FaultyDisk({ seed: failAt, powerLoss });
            const troubled = await placed(faulty);
            faulty.failAt(faulty.operations + failAt, mode);
            const acknowledged = await play(troubled, durability);
            await faulty.crash(crash);
            const survives = durability === 'power' || crash === 'process';
            await checkRestart(
              troubled,
              survives ? acknowledged : FIRST,
              Math.min(LAST, acknowledged + 1),
            );
          }
        }
      });
    }
  }
});
