// Kills nodes in the middle of transfers, and writers of a vector database in the middle of writes,
// LUCERNA_CRASH_CYCLES times (200), and writes what came of it into docs/reliability.md. `npm test` runs
// the same tests with 20 cycles.
import { crashRow, vectorCrashRow } from './src/reliability.ts';
import { runLong } from './src/reliability-run.ts';

const cycles = { script: 'crash', rounds: ['LUCERNA_CRASH_CYCLES', '200'] } as const;

const vectorCode = await runLong({
  ...cycles,
  testFile: 'tests/crash/vector-kill.e2e.test.ts',
  resultsVariable: 'LUCERNA_VECTOR_CRASH_RESULTS',
  section: 'Kills of a vector database',
  row: vectorCrashRow,
});
process.exitCode =
  vectorCode === 0
    ? await runLong({
        ...cycles,
        testFile: 'tests/crash/kill.e2e.test.ts',
        resultsVariable: 'LUCERNA_CRASH_RESULTS',
        section: 'Kills',
        row: crashRow,
      })
    : vectorCode;
