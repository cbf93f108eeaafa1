import type { Durability } from '@lucerna/base';
import { type CrashKind, type FailureMode, FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { faultyDisk, openOn } from './support/ledger.ts';
import {
  CHAIN,
  checkRestartOfReorgs,
  makePatchScript,
  makeReorgScript,
  playReorgs,
  type ReorgScript,
} from './support/reorg-script.ts';

const DURABILITIES: readonly Durability[] = ['process', 'power'];
const CRASHES: readonly CrashKind[] = ['process', 'power'];
const MODES: readonly FailureMode[] = ['once', 'forever'];

/** A script, and what of its log is torn: stage 0 ends behind the genesis, each step is a stage. */
type Subject = {
  readonly what: string;
  readonly makeScript: (history: number) => Promise<ReorgScript>;
  readonly torn: { readonly from: number; readonly to: number; readonly stepBytes: number };
};

const SUBJECTS: readonly Subject[] = [
  // The fifth step is a reorganisation, the sixth a rewind.
  {
    what: 'reorganisations',
    makeScript: makeReorgScript,
    torn: { from: 4, to: 6, stepBytes: 43 },
  },
  // The steps 3 to 6 are notes, two patches and a way back.
  { what: 'patches', makeScript: makePatchScript, torn: { from: 2, to: 6, stepBytes: 17 } },
];

describe.each(SUBJECTS)(
  'a failure of the n-th operation among $what, for every n',
  ({ makeScript }) => {
    /** With all history, and with so little that every step takes some away. */
    const scripts = Promise.all([Number.POSITIVE_INFINITY, 1].map(makeScript));

    for (const durability of DURABILITIES) {
      for (const crash of CRASHES) {
        it(`at level ${durability}, then a ${crash} crash, leaves the old or the new state`, async () => {
          const survives = durability === 'power' || crash === 'process';
          for (const script of await scripts) {
            const untroubled = new FaultyDisk();
            await playReorgs(script, faultyDisk(untroubled), durability);
            const { operations } = untroubled;
            // Nine appends at least, reads for what went, and some flushes.
            expect(operations).toBeGreaterThan(20);
            for (let failAt = 1; failAt <= operations; failAt += 1) {
              for (const mode of MODES) {
                const powerLoss = failAt % 2 === 0 ? 'sectors' : 'prefix';
                const faulty = new FaultyDisk({ seed: failAt, failAt, mode, powerLoss });
                const disk = faultyDisk(faulty);
                const { acknowledged, flushed, attempted } = await playReorgs(
                  script,
                  disk,
                  durability,
                );
                await faulty.crash(crash);
                const least = survives ? acknowledged : flushed;
                await checkRestartOfReorgs(script, disk, durability, { least, most: attempted });
              }
            }
          }
        });
      }
    }

    it('while a restart applies them again, then another crash', async () => {
      for (const script of await scripts) {
        const { log } = await logOf(script);
        /** A disk that has everything in the log and nothing in the store. */
        const behind = async (seed: number): Promise<FaultyDisk> => {
          const faulty = new FaultyDisk({ seed });
          const file = faulty.openFile('log');
          await file.append(log);
          await file.sync();
          return faulty;
        };
        const last = script.steps.length;
        const restart = async (faulty: FaultyDisk): Promise<void> => {
          const options = { durability: 'power', writeBehind: { flushBlocks: 1 } } as const;
          const { history } = script;
          await (await openOn(faultyDisk(faulty), { ...options, ...CHAIN, history })).close();
        };
        const untroubled = await behind(0);
        const before = untroubled.operations;
        await restart(untroubled);
        const operations = untroubled.operations - before;
        // Nine records at least, each read in two parts, and some flushes.
        expect(operations).toBeGreaterThan(20);
        for (let failAt = 1; failAt <= operations; failAt += 1) {
          for (const crash of CRASHES) {
            const faulty = await behind(failAt);
            faulty.failAt(faulty.operations + failAt, 'forever');
            await restart(faulty).catch(() => undefined);
            await faulty.crash(crash);
            const range = { least: last, most: last };
            await checkRestartOfReorgs(script, faultyDisk(faulty), 'power', range);
          }
        }
      }
    });
  },
);

describe.each(SUBJECTS)('the record of $what that was torn', ({ makeScript, torn: place }) => {
  it('at any byte leaves what was before it', async () => {
    const script = await makeScript(Number.POSITIVE_INFINITY);
    const { log, ends } = await logOf(script);
    for (let length = ends[place.from]!; length <= ends[place.to]!; length += place.stepBytes) {
      const torn = new FaultyDisk();
      await torn.openFile('log').append(log.slice(0, length));
      const stage = ends.filter((end) => end <= length).length - 1;
      const range = { least: stage, most: stage };
      await checkRestartOfReorgs(script, faultyDisk(torn), 'process', range);
    }
  });
});

/** The log of a run without any failure, and where it ends after each stage. */
async function logOf(
  script: ReorgScript,
): Promise<{ readonly log: Uint8Array; readonly ends: readonly number[] }> {
  const disk = faultyDisk(new FaultyDisk());
  const sizes: number[] = [];
  await playReorgs(script, disk, 'process', { beforeStep: () => sizes.push(disk.log().size()) });
  const file = disk.log();
  const log = await file.read(0, file.size());
  return { log, ends: [...new Set([...sizes, log.length])].slice(1) };
}
