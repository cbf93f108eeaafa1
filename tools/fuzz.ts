// Feeds LUCERNA_MUTATIONS mutants (a million) of contracts and scripts, checksums repaired, to the
// decoder, the verifier and the machine, and writes what came of it into docs/reliability.md.
// `npm test` runs the same test with fewer.
import { mutationRow } from './src/reliability.ts';
import { runLong } from './src/reliability-run.ts';

process.exitCode = await runLong({
  script: 'fuzz',
  testFile: 'tests/contracts/mutations.fuzz.ts',
  rounds: ['LUCERNA_MUTATIONS', '1000000'],
  resultsVariable: 'LUCERNA_FUZZ_RESULTS',
  section: 'Mutants',
  row: mutationRow,
});
