// Lets records come and go in a collection of embeddings for LUCERNA_CHURN_SECONDS (3,600), and writes
// what came of it into docs/reliability.md. `npm test` runs the same test for some seconds.
import { churnRow } from './src/reliability.ts';
import { runLong } from './src/reliability-run.ts';

process.exitCode = await runLong({
  script: 'churn',
  testFile: 'tests/vector/churn.e2e.test.ts',
  rounds: ['LUCERNA_CHURN_SECONDS', '3600'],
  resultsVariable: 'LUCERNA_CHURN_RESULTS',
  section: 'Churn',
  row: churnRow,
});
