// Kills nodes in the middle of transfers, LUCERNA_CRASH_CYCLES times for each database (200), and
// writes what came of it into docs/reliability.md. `npm test` runs the same test with 20 cycles.
import { crashRow } from './src/reliability.ts';
import { runLong } from './src/reliability-run.ts';

process.exitCode = await runLong({
  script: 'crash',
  testFile: 'tests/crash/kill.e2e.test.ts',
  rounds: ['LUCERNA_CRASH_CYCLES', '200'],
  resultsVariable: 'LUCERNA_CRASH_RESULTS',
  section: 'Kills',
  row: crashRow,
});
