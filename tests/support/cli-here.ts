import type { EventEmitter } from 'node:events';
import { runCli } from '../../apps/cli/src/cli.ts';

/** What a command left behind. */
export type EndedHere = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * Runs `lucerna` in this process, where starting one for each of many commands would take minutes. One
 * at a time; what it writes is kept from the test's own output. Words with spaces are in single quotes.
 */
export async function runHere(line: string): Promise<EndedHere> {
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  );
  const forget = rememberListeners();
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  try {
    const code = await runCli(args);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
    forget();
  }
}

/** A command listens for signals and for readers that have gone until its process ends. */
function rememberListeners(): () => void {
  const before = LISTENED.map(([emitter, name]) => new Set(emitter.listeners(name)));
  return () => {
    for (const [index, [emitter, name]] of LISTENED.entries()) {
      for (const listener of emitter.listeners(name)) {
        if (before[index]?.has(listener) === false) emitter.off(name, listener as () => void);
      }
    }
  };
}

const LISTENED: readonly (readonly [EventEmitter, string])[] = [
  [process, 'SIGINT'],
  [process, 'SIGTERM'],
  [process, 'SIGHUP'],
  [process.stdout, 'error'],
  [process.stderr, 'error'],
];

function capture(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const parts: string[] = [];
  const write = stream.write;
  stream.write = ((part: string | Uint8Array, ...rest: unknown[]): boolean => {
    parts.push(typeof part === 'string' ? part : new TextDecoder().decode(part));
    const done = rest.findLast((item) => typeof item === 'function');
    if (done !== undefined) (done as () => void)();
    return true;
  }) as typeof stream.write;
  return {
    text: () => parts.join(''),
    restore: () => {
      stream.write = write;
    },
  };
}
