import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a process left behind. */
export type Finished = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A started `lucerna` whose output can be awaited line by line. */
export type CliProcess = {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** What it has printed so far. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** The first complete line on stdout that `wanted` accepts; fails when the process ends first. */
  readonly line: (wanted?: (line: string) => boolean) => Promise<string>;
  /** Reads nothing more of what it prints: its next line meets a broken pipe. */
  readonly stopReading: () => void;
  /** Sends a signal and waits for the end. */
  readonly kill: (signal: NodeJS.Signals) => Promise<Finished>;
};

/** What `lucerna dev --json` says first. */
export type DevReport = {
  readonly endpoint: string;
  readonly chainId: string;
  readonly dataDirectory: string;
  readonly mining: string;
  readonly accounts: readonly {
    readonly address: `0x${string}`;
    readonly privateKey: `0x${string}`;
  }[];
  readonly pid: number;
  readonly version: string;
};

/** A dev node in a process of its own that answers requests. */
export type NodeProcess = CliProcess & { readonly report: DevReport; readonly endpoint: string };

type SpawnOptions = {
  /** Where it runs; default: the repository. */
  readonly directory?: string;
  /** In addition to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
};

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

/** Where contracts that are compiled in these tests are kept, and nowhere else. */
const cacheDirectory = mkdtempSync(join(tmpdir(), 'lucerna-cache-'));

// A test that fails half-way must not leave nodes behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(cacheDirectory, { recursive: true, force: true });
});

/** Starts `lucerna` with `args`, on the Node that runs the tests. */
export function startCli(args: readonly string[], options: SpawnOptions = {}): CliProcess {
  const child = spawn(process.execPath, [entryFile, ...args], {
    cwd: options.directory ?? repositoryRoot,
    env: { ...process.env, LUCERNA_CACHE_DIR: cacheDirectory, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = once(child, 'close').then(([code, signal]): Finished => {
    running.delete(child);
    return { code, signal, stdout, stderr };
  });
  const findLine = (wanted: (line: string) => boolean): string | undefined =>
    stdout.split('\n').slice(0, -1).find(wanted);
  return {
    pid: child.pid ?? 0,
    finished,
    output: () => ({ stdout, stderr }),
    line: async (wanted = () => true): Promise<string> => {
      for (;;) {
        const found = findLine(wanted);
        if (found !== undefined) return found;
        const ended = await Promise.race([
          once(child.stdout, 'data').then(() => undefined),
          finished,
        ]);
        if (ended === undefined) continue;
        const last = findLine(wanted);
        if (last !== undefined) return last;
        throw new Error(`lucerna ended without the line: ${JSON.stringify(ended)}`);
      }
    },
    stopReading: (): void => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    kill: (signal): Promise<Finished> => {
      child.kill(signal);
      return finished;
    },
  };
}

/** Starts `lucerna dev --json` on a free port and waits until it answers. */
export async function startNode(
  dataDirectory: string,
  args: readonly string[] = [],
): Promise<NodeProcess> {
  const child = startCli([
    ...['dev', '--json', '--quiet', '--port', '0', '--data-dir', dataDirectory],
    ...args,
  ]);
  const report: DevReport = JSON.parse(await child.line());
  return { ...child, report, endpoint: report.endpoint };
}
