// Feeds LUCERNA_MUTATIONS mutants (a million) of contracts and scripts, checksums repaired, to the
// decoder, the verifier and the machine, and writes what came of it into docs/reliability.md.
// `npm test` runs the same test with fewer.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MutationResult } from './src/reliability.ts';
import { appendRows, mutationRow, parseResults } from './src/reliability.ts';
import {
  describeCommand,
  describeConditions,
  refuseArguments,
  runTestFile,
} from './src/reliability-run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/reliability.md';
const ordinaryMutations = '1000000';
const settings = ['LUCERNA_MUTATIONS', 'LUCERNA_SEED'] as const;

async function main(): Promise<number> {
  const refusal = refuseArguments('fuzz', process.argv.slice(2), settings);
  if (refusal !== undefined) {
    console.error(refusal);
    return 2;
  }
  const conditions = describeConditions(root, page, describeCommand('fuzz', settings));
  const folder = mkdtempSync(join(tmpdir(), 'lucerna-fuzz-'));
  try {
    const results = join(folder, 'results');
    writeFileSync(results, '');
    const code = await runTestFile(root, 'tests/contracts/mutations.fuzz.ts', {
      LUCERNA_MUTATIONS: process.env['LUCERNA_MUTATIONS'] ?? ordinaryMutations,
      LUCERNA_FUZZ_RESULTS: results,
    });
    if (code !== 0) {
      console.error(`the run failed: ${page} is as it was`);
      return code;
    }
    const found = parseResults<MutationResult>(readFileSync(results, 'utf8'));
    const path = join(root, page);
    const rows = found.map((result) => mutationRow(result, conditions));
    writeFileSync(path, appendRows(readFileSync(path, 'utf8'), 'Mutants', rows));
    console.log(`rows written into ${page}: ${found.length}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = await main();
