import { type Durability, isLucernaError, LucernaError } from '@lucerna/base';
import {
  type CrashKind,
  type FailureMode,
  type FaultPlan,
  FaultyDisk,
} from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { vectorFolderCompliance } from '../../src/compliance/vector-folder-compliance.ts';
import { type Acknowledged, checkContents, checkRestart, NUMBERS, work } from './crash-run.ts';
import { FaultyPlace } from './faulty-place.ts';
import { ModelStore } from './model-store.ts';

vectorFolderCompliance('a folder on a faulty disk', () => new FaultyPlace(new FaultyDisk()));

const LEVELS: readonly Durability[] = ['process', 'power'];
const CRASHES: readonly CrashKind[] = ['process', 'power'];
const MODES: readonly FailureMode[] = ['once', 'forever'];
const POWER_LOSSES: readonly NonNullable<FaultPlan['powerLoss']>[] = ['prefix', 'sectors'];
const SEEDS = 3;

describe.each(POWER_LOSSES)('a power loss keeps %s', (powerLoss) => {
  for (const level of LEVELS) {
    for (const crash of CRASHES) {
      it(`the n-th operation fails at level ${level}, then the ${crash} does`, async () => {
        const untroubled = new FaultyPlace(new FaultyDisk());
        const { added } = await work(untroubled, level);
        expect(added).toHaveLength(NUMBERS);
        const { operations } = untroubled.disk;
        expect(operations).toBeGreaterThan(40);
        for (let failAt = 1; failAt <= operations; failAt += 1) {
          for (const mode of MODES) {
            for (let seed = 0; seed < SEEDS; seed += 1) {
              const plan = { seed: failAt + 1_000 * seed, failAt, mode, powerLoss };
              const place = new FaultyPlace(new FaultyDisk(plan));
              const known = await work(place, level);
              await place.crash(crash);
              await checkRestart(place, level, crash, known);
            }
          }
        }
      });
    }
  }

  it('the n-th operation of a restart fails, then there is another crash', async () => {
    /** What an interrupted compaction and a torn entry leave. */
    const crashed = async (
      failAt: number,
    ): Promise<{ place: FaultyPlace; known: Acknowledged }> => {
      const place = new FaultyPlace(
        new FaultyDisk({ seed: failAt, failAt, mode: 'forever', powerLoss }),
      );
      const known = await work(place, 'power');
      await place.crash('power');
      return { place, known };
    };
    for (let first = 10; first <= 60; first += 5) {
      const { place: untroubled } = await crashed(first);
      const before = untroubled.disk.operations;
      await (await ModelStore.open(await untroubled.open('write'))).log.close();
      const operations = untroubled.disk.operations - before;
      for (let failAt = 1; failAt <= operations; failAt += 1) {
        for (const mode of MODES) {
          const { place, known } = await crashed(first);
          place.disk.failAt(before + failAt, mode);
          const folder = await place.open('write');
          await ModelStore.open(folder).catch((error: unknown) => {
            expect(error).toBeInstanceOf(LucernaError);
            expect(isLucernaError(error, 'VECTOR_LOG_CORRUPT')).toBe(false);
          });
          await place.crash('power');
          await checkRestart(place, 'power', 'power', known);
        }
      }
    }
  });
});

describe.each(LEVELS)('at level %s', (level) => {
  it('a process that is killed at any place, and then the power in the next one', async () => {
    /** A disk after a process that died in this operation. */
    const killed = async (diedAt: number): Promise<{ place: FaultyPlace; known: Acknowledged }> => {
      const plan = { seed: diedAt, failAt: diedAt, mode: 'forever', powerLoss: 'sectors' } as const;
      const place = new FaultyPlace(new FaultyDisk(plan));
      const known = await work(place, level);
      await place.crash('process');
      return { place, known };
    };
    const untroubled = new FaultyPlace(new FaultyDisk());
    await work(untroubled, level);
    for (let diedAt = 1; diedAt <= untroubled.disk.operations; diedAt += 1) {
      for (let later = 1; later < 30; later += 4) {
        const { place, known } = await killed(diedAt);
        place.disk.failAt(place.disk.operations + later, 'forever');
        await work(place, level, known);
        await place.crash('power');
        await checkRestart(place, level, 'power', known);
      }
    }
  });
});

it('a disk that is full refuses entries and compactions, and loses nothing', async () => {
  for (let capacityBytes = 200; capacityBytes < 12_000; capacityBytes += 487) {
    const place = new FaultyPlace(new FaultyDisk({ capacityBytes }));
    const known = await work(place, 'process');
    await place.crash('process');
    const folder = await place.open('read');
    checkContents((await ModelStore.open(folder)).numbers, known, known.added.length);
  }
});
