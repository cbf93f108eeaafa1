import { type Durability, equalBytes, LucernaError } from '@lucerna/base';
import type { AppendFile } from '@lucerna/storage';
import {
  type CrashKind,
  type FailureMode,
  type FaultPlan,
  FaultyDisk,
} from '@lucerna/storage/faulty';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import { readStoredGenesis } from '../src/genesis.ts';
import { type Disk, faultyDisk, makeScript, openOn, type Script } from './support/ledger.ts';

const FLUSH_OFTEN = { flushBlocks: 3 };

let script: Script;

beforeAll(async () => {
  script = await makeScript(6);
});

/** What a run could rely on when it ended. */
type Acknowledged = {
  /** Height of the last block whose commit resolved. */
  committed: number;
  /** Height of the last block before a flush that resolved. */
  flushed: number;
};

/** Opens, commits all blocks with a flush after the fourth, closes; goes on after every failure. */
async function work(disk: Disk, durability: Durability, closes: boolean): Promise<Acknowledged> {
  const acknowledged = { committed: 0, flushed: 0 };
  let chain: Chain;
  try {
    chain = await openOn(disk, { genesis: script.genesis, durability, writeBehind: FLUSH_OFTEN });
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
    return acknowledged;
  }
  for (const executed of script.blocks) {
    const { height } = executed.block.header;
    // A second attempt after a failure is what a sealer makes.
    for (let attempt = 0; attempt < 2 && chain.head().header.height < height; attempt += 1) {
      try {
        await chain.commit(executed);
        acknowledged.committed = height;
        expect(chain.head().hash).toEqual(executed.block.hash);
      } catch (error) {
        expect(error).toBeInstanceOf(LucernaError);
        expect(chain.head().header.height).toBe(acknowledged.committed);
        expect(chain.heightOf(executed.block.hash)).toBeUndefined();
      }
    }
    if (height !== 4) continue;
    try {
      await chain.flush();
      acknowledged.flushed = acknowledged.committed;
    } catch (error) {
      expect(error).toBeInstanceOf(LucernaError);
    }
  }
  if (closes) await chain.close();
  return acknowledged;
}

/** What a restart must find, and that it can go on to the end of the script. */
async function checkRestart(
  disk: Disk,
  durability: Durability,
  crash: CrashKind,
  acknowledged: Acknowledged,
): Promise<void> {
  const chain = await openOn(disk, { genesis: script.genesis, durability });
  const { height } = chain.head().header;
  const survives = durability === 'power' || crash === 'process';
  expect(height).toBeGreaterThanOrEqual(survives ? acknowledged.committed : acknowledged.flushed);
  // A block whose commit failed while the process died may be there; nothing beyond it.
  expect(height).toBeLessThanOrEqual(acknowledged.committed + 1);
  if (height > 0) expect(chain.head().hash).toEqual(script.blocks[height - 1]!.block.hash);
  expect(await chain.verify()).toMatchObject({ height });
  for (const executed of script.blocks.slice(height)) await chain.commit(executed);
  await chain.close();
  const again = await openOn(disk);
  expect(again.head().hash).toEqual(script.blocks.at(-1)!.block.hash);
  await again.close();
}

const DURABILITIES: readonly Durability[] = ['process', 'power'];
const CRASHES: readonly CrashKind[] = ['process', 'power'];
const MODES: readonly FailureMode[] = ['once', 'forever'];
/** What a power loss leaves of unsynced writes: first ones in their order, or any sectors. */
const POWER_LOSSES: readonly NonNullable<FaultPlan['powerLoss']>[] = ['prefix', 'sectors'];

describe.each(POWER_LOSSES)(
  'a failure of the n-th operation, for every n (a power loss keeps %s)',
  (powerLoss) => {
    for (const durability of DURABILITIES) {
      for (const crash of CRASHES) {
        it(`at level ${durability}, then a ${crash} crash`, async () => {
          const untroubled = new FaultyDisk();
          await work(faultyDisk(untroubled), durability, true);
          const { operations } = untroubled;
          for (let failAt = 1; failAt <= operations; failAt += 1) {
            for (const mode of MODES) {
              for (const closes of [false, true]) {
                const faulty = new FaultyDisk({ seed: failAt, failAt, mode, powerLoss });
                const disk = faultyDisk(faulty);
                const acknowledged = await work(disk, durability, closes);
                await faulty.crash(crash);
                await checkRestart(disk, durability, crash, acknowledged);
              }
            }
          }
          // Seven appends, a sync and a commit for each of three flushes, at least.
          expect(operations).toBeGreaterThanOrEqual(13);
        });
      }
    }

    it('while a restart replays, then another crash', async () => {
      /** A disk after a power loss at level power: all blocks are in the log, the store lags behind. */
      const afterPowerLoss = async (seed: number): Promise<FaultyDisk> => {
        const faulty = new FaultyDisk({ seed, powerLoss });
        const disk = faultyDisk(faulty);
        const first = await openOn(disk, { genesis: script.genesis, durability: 'power' });
        for (const executed of script.blocks) await first.commit(executed);
        await faulty.crash('power');
        return faulty;
      };
      const restart = async (faulty: FaultyDisk): Promise<void> => {
        const options = { durability: 'power', writeBehind: FLUSH_OFTEN } as const;
        const chain = await openOn(faultyDisk(faulty), options);
        expect(chain.head().header.height).toBe(6);
        await chain.close();
      };
      for (const crash of CRASHES) {
        const untroubled = await afterPowerLoss(0);
        const before = untroubled.operations;
        await restart(untroubled);
        const operations = untroubled.operations - before;
        // Seven records, each read in two parts, and the flushes.
        expect(operations).toBeGreaterThan(14);
        for (let failAt = 1; failAt <= operations; failAt += 1) {
          for (const mode of MODES) {
            const faulty = await afterPowerLoss(failAt);
            faulty.failAt(before + failAt, mode);
            await restart(faulty).catch((error: unknown) => {
              expect(error).toBeInstanceOf(LucernaError);
            });
            await faulty.crash(crash);
            await checkRestart(faultyDisk(faulty), 'power', crash, { committed: 6, flushed: 6 });
          }
        }
      }
    });
  },
);

describe.each(POWER_LOSSES)(
  'a power loss without any failure before (a power loss keeps %s)',
  (powerLoss) => {
    it('takes at most a suffix at level process, and nothing at level power', async () => {
      const lost = new Map<Durability, number>();
      for (const durability of DURABILITIES) {
        for (let seed = 0; seed < 40; seed += 1) {
          const faulty = new FaultyDisk({ seed, powerLoss });
          const disk = faultyDisk(faulty);
          const acknowledged = await work(disk, durability, false);
          expect(acknowledged).toEqual({ committed: 6, flushed: 4 });
          await faulty.crash('power');
          const chain = await openOn(disk, { genesis: script.genesis });
          lost.set(durability, (lost.get(durability) ?? 0) + 6 - chain.head().header.height);
          await faulty.crash('process');
          await checkRestart(disk, durability, 'power', acknowledged);
        }
      }
      expect(lost.get('power')).toBe(0);
      // Else the disk has not modelled a power loss at all.
      expect(lost.get('process')).toBeGreaterThan(0);
    });
  },
);

describe.each(POWER_LOSSES)('what a start shows (a power loss keeps %s)', (powerLoss) => {
  it('outlives a power loss at level power, also blocks that an earlier run left unsynced', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const faulty = new FaultyDisk({ seed, powerLoss });
      const disk = faultyDisk(faulty);
      const chain = await openOn(disk, { genesis: script.genesis });
      for (const executed of script.blocks) await chain.commit(executed);
      await faulty.crash('process');
      const head = (await openOn(disk, { durability: 'power' })).head();
      expect(head.header.height).toBe(6);
      await faulty.crash('power');
      expect((await openOn(disk)).head()).toEqual(head);
    }
  });

  it('includes which chain it is, from the first moment', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const faulty = new FaultyDisk({ seed, powerLoss });
      await openOn(faultyDisk(faulty), { genesis: script.genesis });
      await faulty.crash('power');
      expect(await readStoredGenesis(faulty.openFile('log'))).toEqual(script.genesis);
    }
  });
});

describe.each(POWER_LOSSES)(
  'the barrier between log and store (a power loss keeps %s)',
  (powerLoss) => {
    /** The store commits at level power, as a database that syncs whatever it is asked. */
    const eagerStore = (disk: Disk): Disk => ({
      ...disk,
      store: () => {
        const store = disk.store();
        return {
          get: (keyspace, key) => store.get(keyspace, key),
          range: (keyspace, range) => store.range(keyspace, range),
          snapshot: () => store.snapshot(),
          commit: (batch) => store.commit(batch, 'power'),
          close: () => store.close(),
        };
      },
    });

    const withoutSync = (disk: Disk): Disk => ({
      ...disk,
      log: () => {
        const file = disk.log();
        const unsynced: AppendFile = {
          size: () => file.size(),
          append: (bytes) => file.append(bytes),
          read: (offset, length) => file.read(offset, length),
          sync: async () => undefined,
          truncate: (size) => file.truncate(size),
          close: () => file.close(),
        };
        return unsynced;
      },
    });

    /** Codes with which a restart ends, by seed. */
    async function restartCodes(wrap: (disk: Disk) => Disk): Promise<Set<string>> {
      const codes = new Set<string>();
      for (let seed = 0; seed < 40; seed += 1) {
        const faulty = new FaultyDisk({ seed, powerLoss });
        const plain = faultyDisk(faulty);
        await work(wrap(plain), 'process', false);
        await faulty.crash('power');
        try {
          const chain = await openOn(plain, { genesis: script.genesis });
          await chain.verify();
          codes.add('opened');
        } catch (error) {
          codes.add(error instanceof LucernaError ? error.code : String(error));
        }
      }
      return codes;
    }

    it('keeps the durable store from being ahead of the durable log', async () => {
      expect(await restartCodes(eagerStore)).toEqual(new Set(['opened']));
    });

    it('is missed when it is not there', async () => {
      const codes = await restartCodes((disk) => eagerStore(withoutSync(disk)));
      expect(codes).toContain('CHAIN_STORE_AHEAD');
    });
  },
);

describe('a write of the log that was torn', () => {
  it('at any byte leaves the blocks before it, and the chain goes on', async () => {
    const faulty = new FaultyDisk();
    const disk = faultyDisk(faulty);
    const chain = await openOn(disk, { genesis: script.genesis });
    const ends: number[] = [disk.log().size()];
    for (const executed of script.blocks) {
      await chain.commit(executed);
      ends.push(disk.log().size());
    }
    const file = disk.log();
    const whole = await file.read(0, file.size());
    // The store is new, so that everything comes from the log.
    for (let length = ends[5]!; length <= whole.length; length += 1) {
      const torn = new FaultyDisk();
      await torn.openFile('log').append(whole.slice(0, length));
      const reopened = await openOn(faultyDisk(torn));
      const complete = ends.filter((end) => end <= length).length - 1;
      expect(reopened.head().header.height).toBe(complete);
      const next = script.blocks[complete];
      if (next !== undefined) await reopened.commit(next);
      if (length % 97 === 0) await reopened.verify();
    }
  });

  it('at any byte of the genesis leaves an empty log, which can be begun again', async () => {
    const faulty = new FaultyDisk();
    const disk = faultyDisk(faulty);
    await openOn(disk, { genesis: script.genesis });
    const file = disk.log();
    const whole = await file.read(0, file.size());
    for (let length = 0; length < whole.length; length += 1) {
      const torn = new FaultyDisk();
      await torn.openFile('log').append(whole.slice(0, length));
      const begun = await openOn(faultyDisk(torn), { genesis: script.genesis });
      expect(begun.head().header.height).toBe(0);
      const again = torn.openFile('log');
      expect(equalBytes(await again.read(0, again.size()), whole)).toBe(true);
    }
  });
});

describe('a flipped bit in the log', () => {
  it('is found at the start behind the flushed position, else on reading and by verify', async () => {
    for (const closes of [false, true]) {
      const faulty = new FaultyDisk();
      const disk = faultyDisk(faulty);
      const chain = await openOn(disk, {
        genesis: script.genesis,
        writeBehind: { flushBlocks: 100 },
      });
      const starts: number[] = [];
      for (const executed of script.blocks) {
        starts.push(disk.log().size());
        await chain.commit(executed);
      }
      if (closes) await chain.close();
      else await chain.flush();
      const file = disk.log();
      const whole = await file.read(0, file.size());
      for (let offset = 0; offset < whole.length; offset += 37) {
        const damaged = whole.slice();
        damaged[offset] = (damaged[offset] as number) ^ (1 << (offset % 8));
        const copy: Disk = {
          log: () => {
            const medium = new FaultyDisk().openFile('log');
            void medium.append(damaged);
            return medium;
          },
          store: () => ({ ...withoutClose(disk.store()) }),
        };
        const height = starts.filter((start) => start <= offset).length;
        const isChecked = height === 0 || height === 6;
        if (isChecked) {
          await expect(openOn(copy)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
          continue;
        }
        const opened = await openOn(copy);
        await expect(opened.verify()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
        await expect(opened.block(height)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
        expect((await opened.block(height === 1 ? 2 : 1))?.receipts).toBeDefined();
      }
    }
  });
});

function withoutClose(store: ReturnType<Disk['store']>): ReturnType<Disk['store']> {
  return {
    get: (keyspace, key) => store.get(keyspace, key),
    range: (keyspace, range) => store.range(keyspace, range),
    snapshot: () => store.snapshot(),
    commit: (batch, level) => store.commit(batch, level),
    close: async () => undefined,
  };
}
