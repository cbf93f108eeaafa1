// What long runs have in common: what is said about them, and how their test is started.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { RunConditions } from './reliability.ts';

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

/** The date, the commit and the machine of a run that `page` will tell about. */
export function describeConditions(root: string, page: string, command: string): RunConditions {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(root, page),
    machine: describeMachine(),
    command,
  };
}

/** The commit, and whether the tree differs from it; the page itself may. */
function describeCommit(root: string, page: string): string {
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
export async function runTestFile(
  root: string,
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
