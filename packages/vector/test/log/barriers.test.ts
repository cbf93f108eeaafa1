import type { Durability } from '@lucerna/base';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { type Acknowledged, checkRestart, nothingKnown, work } from './crash-run.ts';
import { FaultyPlace } from './faulty-place.ts';

// A sync is there because without it a power loss shows something wrong. So each one is made to lie,
// it alone, and a power loss must be found that shows it. Whoever leaves one out fails this.

/** How a run begins, and what happens in it. */
type Scenario = {
  readonly name: string;
  /** An earlier process has died in this operation. */
  readonly diedAt?: { readonly [level in Durability]: number };
  /** This append writes everything, and the disk says that it has failed. */
  readonly refuseAppend?: number;
  /** Syncs whose lie, alone, no power loss shows here; counted from the beginning of the run. */
  readonly unseen?: { readonly [level in Durability]: readonly number[] };
};

const SCENARIOS: readonly Scenario[] = [
  { name: 'on a new disk' },
  { name: 'with an entry that is taken back', refuseAppend: 3 },
  // That of the name of the log that is given up: nobody needs it.
  {
    name: 'with a rotation that is given up',
    refuseAppend: 5,
    unseen: { process: [3], power: [5] },
  },
  { name: 'after a torn append', diedAt: { process: 8, power: 10 } },
  { name: 'after a log that was not begun', diedAt: { process: 14, power: 16 } },
  { name: 'after a log whose header was not synced', diedAt: { process: 15, power: 17 } },
  { name: 'after a snapshot that was not synced', diedAt: { process: 17, power: 19 } },
];

/**
 * Seeds that are tried until one shows the lie; nearly all of them show at the first. The process dies in
 * any operation of the run.
 */
const SEEDS = 60;

/** Seeds of runs in which no sync lies. */
const TRUTHFUL_SEEDS = 10;

/** A disk on which a scenario has begun. */
async function begin(
  scenario: Scenario,
  level: Durability,
  plan: { readonly seed: number; readonly skipSync?: number },
): Promise<{ readonly place: FaultyPlace; readonly known: Acknowledged }> {
  const { diedAt, refuseAppend } = scenario;
  const failAt = diedAt?.[level];
  const crash = failAt === undefined ? {} : ({ failAt, mode: 'forever' } as const);
  const disk = new FaultyDisk({ ...plan, ...crash, powerLoss: 'sectors' });
  const place = new FaultyPlace(disk, refuseAppend);
  const known = nothingKnown();
  if (diedAt === undefined) return { place, known };
  await work(place, level, known);
  await place.crash('process');
  return { place, known };
}

/** Whether a power loss shows something wrong when the sync of that number lies; 0: none does. */
async function isShown(
  scenario: Scenario,
  level: Durability,
  skipSync: number,
  seeds: number,
): Promise<boolean> {
  const untroubled = await begin(scenario, level, { seed: 0 });
  const first = untroubled.place.disk.operations + 1;
  await work(untroubled.place, level, untroubled.known);
  const { operations } = untroubled.place.disk;
  for (let seed = 0; seed < seeds; seed += 1) {
    for (let death = first; death <= operations; death += 1) {
      const { place, known } = await begin(scenario, level, { seed, skipSync });
      place.disk.failAt(death, 'forever');
      await work(place, level, known);
      await place.crash('power');
      try {
        await checkRestart(place, level, 'power', known);
      } catch {
        return true;
      }
    }
  }
  return false;
}

describe.each(SCENARIOS)('$name', (scenario) => {
  it.each(['process', 'power'] as const)('at level %s, no sync can be left out', async (level) => {
    const { place, known } = await begin(scenario, level, { seed: 0 });
    const earlier = place.disk.syncs;
    await work(place, level, known);
    const { syncs } = place.disk;
    expect(syncs).toBeGreaterThan(earlier + 5);
    const unseen: number[] = [];
    for (let skipSync = earlier + 1; skipSync <= syncs; skipSync += 1) {
      if (!(await isShown(scenario, level, skipSync, SEEDS))) unseen.push(skipSync - earlier);
    }
    expect(unseen).toEqual(scenario.unseen?.[level] ?? []);
    expect(await isShown(scenario, level, 0, TRUTHFUL_SEEDS)).toBe(false);
  });
});
