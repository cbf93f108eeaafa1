// Measures ours against its peers: `npm run bench -- SUITE`.
import { isLucernaError } from '@lucerna/base';
import { type Case, type Row, runCase, type Suite } from './harness.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { describeConditions, formatRow } from './report.ts';
import { mempoolSuite } from './suites/mempool.ts';
import { q64Suite } from './suites/q64/suite.ts';
import { rpcSuite } from './suites/rpc.ts';
import { sdkSuite } from './suites/sdk/suite.ts';
import { stateSuite } from './suites/state/suite.ts';
import { vectorSuite } from './suites/vector/suite.ts';
import { zexusSuite } from './suites/zexus/suite.ts';

const suites: readonly Suite[] = [
  mempoolSuite,
  q64Suite,
  rpcSuite,
  sdkSuite,
  stateSuite,
  vectorSuite,
  zexusSuite,
];

/** A case and its row, which is undefined where this platform lacks the part that is measured. */
type Measured = { readonly subject: Case; readonly row: Row | undefined };

async function* measure({ suite, caseId, quick }: BenchOptions): AsyncGenerator<Measured> {
  const conditions = describeConditions(quick);
  for (const { name, cases } of suites) {
    if (suite !== undefined && suite !== name) continue;
    for (const subject of cases) {
      if (caseId !== undefined && caseId !== subject.id) continue;
      yield { subject, row: await runIfAvailable(name, subject, { quick, conditions }) };
    }
  }
}

/** A database without a build for this platform is no reason not to measure the rest. */
async function runIfAvailable(
  suite: string,
  subject: Case,
  options: Parameters<typeof runCase>[2],
): Promise<Row | undefined> {
  try {
    return await runCase(suite, subject, options);
  } catch (error) {
    if (!isLucernaError(error, 'STORE_UNAVAILABLE')) throw error;
    console.error(`${suite}/${subject.id}: not measured: ${error.message}`);
    return undefined;
  }
}

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\nusage: ${usage}`);
    return 2;
  }
  let cases = 0;
  const shared = describeConditions(options.quick);
  if (!options.json) console.log(shared);
  for await (const { subject, row } of measure(options)) {
    cases += 1;
    if (row === undefined) continue;
    console.log(options.json ? JSON.stringify(row) : formatRow(row, subject.note, shared));
  }
  if (cases > 0) return 0;
  const names = suites.flatMap(({ name, cases }) => cases.map(({ id }) => `${name} --case ${id}`));
  console.error(`no such case; there are:\n${[...new Set(names)].join('\n')}`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
