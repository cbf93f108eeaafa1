import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** How to start a program. */
export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

const stopLimitMs = 10_000;

/** The Node that the lock file pins, or the one that runs this where there is none. */
export function pinnedNode(root: string): string {
  const linked = join(root, 'node_modules/.bin/node');
  return existsSync(linked) ? linked : process.execPath;
}

/**
 * The environment of a fresh shell: without what npm and the launcher add for the programs below
 * them, so that a start from here is the start that a person sees.
 */
export function userEnvironment(root: string): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || isAddedByTools(name) ? [] : [[name, value] as const],
  );
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(root) && !folder.includes('node-gyp-bin'));
  return { ...Object.fromEntries(entries), PATH: path.join(delimiter) };
}

function isAddedByTools(name: string): boolean {
  return /^npm_(?!config_(?:cache|registry|userconfig)$)|^(?:NODE_COMPILE_CACHE|NODE_ENV|NODE_OPTIONS|VITEST\w*)$/i.test(
    name,
  );
}

/** A program that runs, and what it said when it was ready. */
export type StartedProgram = {
  readonly child: ChildProcess;
  /** The first group of the pattern that it was waited for by. */
  readonly found: string;
  readonly close: () => Promise<void>;
};

/** Starts a program, and waits until it prints a line that fits `ready`. */
export async function startProgram(program: Program, ready: RegExp): Promise<StartedProgram> {
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return { child, found: await addressOf(child, ready), close: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** What the program says it listens on. It is read on to the end: a full pipe would stop it. */
function addressOf(child: ChildProcess, address: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let found: string | undefined;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (found !== undefined) return;
      text += chunk;
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      found = address.exec(whole)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`the node ended before it listened: ${text}`)));
  });
}

/** Ends a program that was started here. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await ended;
  clearTimeout(forced);
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port to be had');
  return address.port;
}
