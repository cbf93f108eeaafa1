import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerName } from '../../peers.ts';
import { type Program, pinnedNode, startProgram, userEnvironment } from '../programs.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** A node in a process of its own that answers requests. */
export type RunningNode = {
  readonly endpoint: string;
  /** Resident memory of the process, bytes. */
  readonly residentBytes: () => number;
  /** The same without pages of files, such as those of a database, which the system takes as it likes. */
  readonly privateBytes: () => number;
  readonly close: () => Promise<void>;
};

/** What is measured against what. */
export const ANVIL_NAME: string = peerName('@foundry-rs/anvil').replace('@foundry-rs/', '');

/** Such as `--cpu-prof --cpu-prof-dir=…`, which shows where our time goes. */
const nodeFlags = process.env['LUCERNA_BENCH_NODE_FLAGS']?.split(' ') ?? [];

/** `lucerna dev` without npm and the launcher in front of it. */
export function cliProgram(args: readonly string[]): Program {
  return {
    command: pinnedNode(root),
    args: [...nodeFlags, join(root, 'apps/cli/src/main.ts'), 'dev', ...args, '--quiet'],
    cwd: root,
    env: userEnvironment(root),
  };
}

/** `npm start` as a person types it. */
export function npmProgram(args: readonly string[]): Program {
  return { command: 'npm', args: ['start', '--', ...args], cwd: root, env: userEnvironment(root) };
}

/** `anvil --hardfork paris`; undefined where there is no binary for this platform. */
export function anvilProgram(args: readonly string[]): Program | undefined {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const binary = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  const name = `@foundry-rs/anvil-${process.platform}-${arch}/package.json`;
  try {
    const manifest = createRequire(import.meta.url).resolve(name);
    return {
      command: join(dirname(manifest), 'bin', binary),
      args: ['--hardfork', 'paris', ...args],
      cwd: root,
      env: userEnvironment(root),
    };
  } catch {
    return undefined;
  }
}

/** Ours, on a data directory that goes with it. */
export async function startOurs(durability: 'process' | 'power' = 'process'): Promise<RunningNode> {
  const parent = process.env['LUCERNA_BENCH_DIR'] ?? tmpdir();
  const folder = await mkdtemp(join(parent, 'lucerna-bench-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const args = ['--port', '0', '--data-dir', folder, '--durability', durability, '--json'];
  try {
    const node = await start(cliProgram(args), /"endpoint":"([^"]+)"/);
    return {
      ...node,
      close: async (): Promise<void> => {
        await node.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Undefined where there is no binary for this platform. */
export async function startAnvil(): Promise<RunningNode | undefined> {
  const program = anvilProgram(['--port', '0']);
  if (program === undefined) return undefined;
  const node = await start(program, /Listening on (\S+)/);
  return { ...node, endpoint: `http://${node.endpoint}` };
}

async function start(program: Program, address: RegExp): Promise<RunningNode> {
  const { child, found, close } = await startProgram(program, address);
  return {
    endpoint: found,
    residentBytes: () => residentBytesOf(child.pid as number, 'VmRSS'),
    privateBytes: () => residentBytesOf(child.pid as number, 'RssAnon'),
    close,
  };
}

/** Only Linux tells the two kinds apart. */
function residentBytesOf(pid: number, kind: 'VmRSS' | 'RssAnon'): number {
  if (process.platform === 'linux') {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1_024 * Number(new RegExp(`^${kind}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  }
  const text = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return 1_024 * Number(text);
}
