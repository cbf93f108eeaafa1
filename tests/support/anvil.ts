import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A running `anvil`. */
export type AnvilProcess = {
  readonly endpoint: string;
  readonly close: () => Promise<void>;
};

// A test that fails half-way must not leave nodes behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The `anvil` binary of this platform's package; undefined where there is none. */
export function findAnvil(): string | undefined {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const binary = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/package.json`);
    return join(dirname(manifest), 'bin', binary);
  } catch {
    return undefined;
  }
}

/** Starts `anvil --hardfork paris` on a free port and waits until it listens. */
export async function startAnvil(
  binary: string,
  args: readonly string[] = [],
): Promise<AnvilProcess> {
  const child = spawn(binary, ['--hardfork', 'paris', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = once(child, 'close').then(() => {
    running.delete(child);
  });
  // `close` does not follow where there was no process to start.
  const failed = once(child, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => running.delete(child));
  const endpoint = await Promise.race([listening(child), failed]);
  return {
    endpoint,
    close: async (): Promise<void> => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The address that it says it listens on. It is read on to the end: a full pipe would stop it. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let isFound = false;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (isFound) return;
      text += chunk;
      const address = /Listening on (\S+)\n/.exec(text)?.[1];
      if (address === undefined) return;
      isFound = true;
      resolve(`http://${address}`);
    });
    child.once('close', () => reject(new Error(`anvil ended without listening: ${text}`)));
  });
}
