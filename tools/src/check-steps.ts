import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LicensedPackage, licenceProblems } from './licences.ts';
import type { LockEntry, Lockfile } from './lock/lockfile.ts';
import { lockProblems, type Manifest } from './lock/problems.ts';
import { formatFinding } from './tidy/finding.ts';
import { readTree } from './tidy/read-tree.ts';
import { tidy } from './tidy/tidy.ts';

export type StepResult = {
  /** Empty when the step passes. */
  readonly failures: readonly string[];
  /** Worth knowing, no reason to fail. */
  readonly notes: readonly string[];
};

export type Step = {
  readonly name: string;
  readonly run: () => StepResult | Promise<StepResult>;
};

/** Runs every step even after a failure; true when all passed. */
export async function runSteps(
  steps: readonly Step[],
  print: (line: string) => void,
): Promise<boolean> {
  let passed = true;
  for (const { name, run } of steps) {
    const startedMs = performance.now();
    const { failures, notes } = await run();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    if (failures.length > 0) passed = false;
    print(`${failures.length > 0 ? 'FAILED' : 'ok    '} ${seconds.padStart(5)} s  ${name}`);
    for (const line of [...failures, ...notes]) print(`  ${line}`);
  }
  return passed;
}

/** A program in Node; what it prints counts as failures when it exits with anything but 0. */
export function commandStep(name: string, cwd: string, args: readonly string[]): Step {
  const run = async (): Promise<StepResult> => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const [code] = await once(child, 'close');
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    return { failures: code === 0 ? [] : [...lines, `exit code ${code}`], notes: [] };
  };
  return { name, run };
}

export function tidyStep(root: string): Step {
  const run = (): StepResult => {
    const findings = tidy(readTree(root));
    const lines = (severity: string): readonly string[] =>
      findings.filter((finding) => finding.severity === severity).map(formatFinding);
    return { failures: lines('error'), notes: lines('warning').map((line) => `note: ${line}`) };
  };
  return { name: 'structure', run };
}

export function lockStep(root: string): Step {
  const run = (): StepResult => {
    const manifests = new Map<string, Manifest>(
      manifestFolders(root).map((folder) => [folder, readJson(join(root, folder, 'package.json'))]),
    );
    return {
      failures: [...lockProblems(readLock(root), manifests), ...commandProblems(root)],
      notes: [],
    };
  };
  return { name: 'lock file', run };
}

export function licencesStep(root: string): Step {
  const run = (): StepResult => {
    const entries = Object.entries(readLock(root).packages)
      .filter(([path]) => path.includes('node_modules/'))
      .filter(([, { link }]) => link !== true)
      .map(([path, entry]) => toLicensed(root, path, entry));
    // A package for another platform is neither installed nor always described by the lock.
    const unknown = entries.filter(({ licence }) => licence === undefined);
    const known = entries.filter(({ licence }) => licence !== undefined);
    const notes =
      unknown.length === 0
        ? []
        : [`note: ${unknown.length} packages for other platforms name no licence here`];
    return { failures: licenceProblems(known), notes };
  };
  return { name: 'licences', run };
}

function toLicensed(root: string, path: string, entry: LockEntry): LicensedPackage {
  const manifest = join(root, path, 'package.json');
  const installed = existsSync(manifest)
    ? readJson<{ license?: string }>(manifest).license
    : undefined;
  return { path, licence: installed ?? entry.license, dev: entry.dev === true };
}

/** npm makes commands executable at install: a file that is not would show up as changed. */
function commandProblems(root: string): readonly string[] {
  if (process.platform === 'win32') return [];
  return manifestFolders(root).flatMap((folder) => {
    const { bin = {} } = readJson<{ bin?: Readonly<Record<string, string>> }>(
      join(root, folder, 'package.json'),
    );
    return Object.values(bin)
      .map((target) => join(folder, target))
      .filter((path) => !isExecutable(join(root, path)))
      .map((path) => `${path}: is a command and not an executable file: chmod 755`);
  });
}

function isExecutable(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) % 2 === 1;
}

function manifestFolders(root: string): readonly string[] {
  const workspaces = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return ['', ...workspaces].filter((folder) => existsSync(join(root, folder, 'package.json')));
}

function readLock(root: string): Lockfile {
  return readJson(join(root, 'package-lock.json'));
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
