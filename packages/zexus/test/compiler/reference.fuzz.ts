import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { programs } from '../support/programs.ts';
import { comparePrograms, tally } from '../support/reference/compare.ts';
import { tapes } from '../support/tape.ts';

afterAll(() => {
  const { programs: count, calls, success, revert, failure, skipped } = tally;
  console.log(
    `${count} programs, ${calls} calls: ${success} successes, ${revert} reverts, ${failure} failures; ` +
      `${skipped} not compared`,
  );
});

const { numRuns } = runs(300);

test('programs do what a walk over their tree does', { timeout: 60_000 + numRuns * 200 }, () => {
  fc.assert(
    fc.property(programs(), tapes(600), (program, bytes) => {
      comparePrograms(program, bytes);
    }),
    { numRuns },
  );
  expect(tally.skipped).toBeLessThan(tally.calls / 100);
  expect(tally.success).toBeGreaterThan(tally.calls / 4);
  expect(tally.revert).toBeGreaterThan(0);
});
