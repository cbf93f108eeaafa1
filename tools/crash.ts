// Kills nodes in the middle of transfers, LUCERNA_CRASH_CYCLES times for each database (200), and
// writes what came of it into docs/reliability.md. `npm test` runs the same test with 20 cycles.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appendRows, type CrashResult, crashRow, parseResults } from './src/reliability.ts';
import {
  describeCommand,
  describeConditions,
  refuseArguments,
  runTestFile,
} from './src/reliability-run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/reliability.md';
const ordinaryCycles = '200';
const settings = ['LUCERNA_CRASH_CYCLES', 'LUCERNA_SEED'] as const;

async function main(): Promise<number> {
  const refusal = refuseArguments('crash', process.argv.slice(2), settings);
  if (refusal !== undefined) {
    console.error(refusal);
    return 2;
  }
  const conditions = describeConditions(root, page, describeCommand('crash', settings));
  const folder = mkdtempSync(join(tmpdir(), 'lucerna-crash-'));
  try {
    const results = join(folder, 'results');
    writeFileSync(results, '');
    const code = await runTestFile(root, 'tests/crash/kill.e2e.test.ts', {
      LUCERNA_CRASH_CYCLES: process.env['LUCERNA_CRASH_CYCLES'] ?? ordinaryCycles,
      LUCERNA_CRASH_RESULTS: results,
    });
    if (code !== 0) {
      console.error(`the run failed: ${page} is as it was`);
      return code;
    }
    const found = parseResults<CrashResult>(readFileSync(results, 'utf8'));
    const path = join(root, page);
    const rows = found.map((result) => crashRow(result, conditions));
    writeFileSync(path, appendRows(readFileSync(path, 'utf8'), 'Kills', rows));
    console.log(`rows written into ${page}: ${found.length}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = await main();
