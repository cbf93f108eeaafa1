// What long runs have in common: what is said about them, and how their test is started.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appendRows, parseResults, type RunConditions } from './reliability.ts';

/** A long run: a test with more rounds than `npm test` gives it, and a table that tells of it. */
export type LongRun<Result> = {
  /** What somebody types behind `npm run`. */
  readonly script: string;
  readonly testFile: string;
  /** The variable of the environment that says how many rounds, and its value unless it is given. */
  readonly rounds: readonly [name: string, ordinary: string];
  /** The variable that tells the test where to put its results. */
  readonly resultsVariable: string;
  /** The table's heading in the page. */
  readonly section: string;
  readonly row: (result: Result, conditions: RunConditions) => readonly string[];
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = 'docs/reliability.md';

/** Runs the test and writes a row for each result into docs/reliability.md; the exit code. */
export async function runLong<Result>(run: LongRun<Result>): Promise<number> {
  const { script, testFile, resultsVariable, section, row } = run;
  const [rounds, ordinary] = run.rounds;
  const settings = [rounds, 'LUCERNA_SEED'];
  const refusal = refuseArguments(script, process.argv.slice(2), settings);
  if (refusal !== undefined) {
    console.error(refusal);
    return 2;
  }
  const conditions = describeConditions(describeCommand(script, settings));
  const folder = mkdtempSync(join(tmpdir(), `lucerna-${script}-`));
  try {
    const results = join(folder, 'results');
    writeFileSync(results, '');
    const code = await runTestFile(testFile, {
      [rounds]: process.env[rounds] ?? ordinary,
      [resultsVariable]: results,
    });
    if (code !== 0) {
      console.error(`the run failed: ${page} is as it was`);
      return code;
    }
    const found = parseResults<Result>(readFileSync(results, 'utf8'));
    const path = join(root, page);
    const rows = found.map((result) => row(result, conditions));
    writeFileSync(path, appendRows(readFileSync(path, 'utf8'), section, rows));
    console.log(`rows written into ${page}: ${found.length}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What somebody types to have the same run again: the settings that were given, and the script. */
export function describeCommand(script: string, settings: readonly string[]): string {
  const given = settings.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return [...given, `npm run ${script}`].join(' ');
}

/** What to say when arguments were given: a run takes none, and takes long. */
export function refuseArguments(
  script: string,
  given: readonly string[],
  settings: readonly string[],
): string | undefined {
  if (given.length === 0) return undefined;
  return `npm run ${script} takes no arguments; set ${settings.join(' or ')} in the environment`;
}

/** The date, the commit and the machine of a run. */
function describeConditions(command: string): RunConditions {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    machine: describeMachine(),
    command,
  };
}

/** The commit, and whether the tree differs from it; the page itself may. */
function describeCommit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const changes = git('status', '--porcelain', '--', '.', `:!${page}`);
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changes === '' ? '' : ' and changes'}`;
  } catch {
    return 'unknown';
  }
}

function describeMachine(): string {
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const system = `${process.platform}, Node ${process.versions.node}`;
  return `${availableParallelism()} × ${processor}, ${memory}, ${system}`;
}

/** Runs a test file with these settings beside those of the environment; its exit code. */
async function runTestFile(
  file: string,
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'close');
  return code ?? 1;
}
