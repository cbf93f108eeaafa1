// Kills nodes in the middle of transfers, LUCERNA_CRASH_CYCLES times for each database (200), and
// writes what came of it into docs/reliability.md. `npm test` runs the same test with 20 cycles.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appendRows, crashRow, parseCrashResults } from './src/reliability.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/reliability.md';
const ordinaryCycles = '200';
const settings = ['LUCERNA_CRASH_CYCLES', 'LUCERNA_SEED'] as const;

/** What somebody types to have the same run again. */
function describeCommand(): string {
  const given = settings.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return [...given, 'npm run crash'].join(' ');
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

/** Runs the test, whose results go into the file at `results`; its exit code. */
async function runTest(results: string): Promise<number> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', 'tests/crash/kill.e2e.test.ts'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LUCERNA_CRASH_CYCLES: process.env['LUCERNA_CRASH_CYCLES'] ?? ordinaryCycles,
      LUCERNA_CRASH_RESULTS: results,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'close');
  return code ?? 1;
}

async function main(): Promise<number> {
  const conditions = {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    machine: describeMachine(),
    command: describeCommand(),
  };
  const folder = mkdtempSync(join(tmpdir(), 'lucerna-crash-'));
  try {
    const results = join(folder, 'results');
    writeFileSync(results, '');
    const code = await runTest(results);
    if (code !== 0) {
      console.error(`the run failed: ${page} is as it was`);
      return code;
    }
    const found = parseCrashResults(readFileSync(results, 'utf8'));
    const path = join(root, page);
    const rows = found.map((result) => crashRow(result, conditions));
    writeFileSync(path, appendRows(readFileSync(path, 'utf8'), 'Kills', rows));
    console.log(`wrote ${found.length} rows into ${page}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = await main();
