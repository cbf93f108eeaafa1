// Measures ours against its peers: `npm run bench -- SUITE`.
import { type Row, runCase, type Suite } from './harness.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { describeConditions, formatRow } from './report.ts';
import { rpcSuite } from './suites/rpc.ts';

const suites: readonly Suite[] = [rpcSuite];

async function* measure({ suite, caseId, quick }: BenchOptions): AsyncGenerator<Row> {
  const conditions = describeConditions(quick);
  for (const { name, cases } of suites) {
    if (suite !== undefined && suite !== name) continue;
    for (const subject of cases) {
      if (caseId !== undefined && caseId !== subject.id) continue;
      yield await runCase(name, subject, { quick, conditions });
    }
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
  let rows = 0;
  if (!options.json) console.log(describeConditions(options.quick));
  for await (const row of measure(options)) {
    rows += 1;
    console.log(options.json ? JSON.stringify(row) : formatRow(row));
  }
  if (rows > 0) return 0;
  const names = suites.flatMap(({ name, cases }) => cases.map(({ id }) => `${name} --case ${id}`));
  console.error(`no such case; there are:\n${names.join('\n')}`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
