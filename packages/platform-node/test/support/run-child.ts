import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that runs a script of this folder, and the lines that it writes. */
export type Child = {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The next line of its standard output; undefined when it has ended instead. */
  readonly line: () => Promise<string | undefined>;
  /** What it has written on standard error; all of it once it has ended. */
  readonly errors: () => string;
  readonly send: (text: string) => void;
  /** Sends the signal, if any, and waits for the end. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
};

/** Starts `script`; with `shell`, a line of shell that ends in `exec "$@"` prepares it. */
export function startChild(script: string, args: readonly string[], shell?: string): Child {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const command = [process.execPath, path, ...args];
  const [program, ...rest] =
    shell === undefined ? command : ['bash', '-c', shell, 'bash', ...command];
  const child = spawn(program as string, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  // Whoever talks to a process that was killed meanwhile has lost nothing.
  child.stdin.on('error', () => undefined);
  const lines = linesOf(child);
  const ended = once(child, 'exit');
  return {
    process: child,
    pid: child.pid as number,
    line: async (): Promise<string | undefined> => {
      const next = await lines.next();
      if (next.done !== true) return next.value;
      if (child.signalCode === null && errors !== '') throw new Error(errors);
      return undefined;
    },
    errors: () => errors,
    send: (text) => void child.stdin.write(text),
    end: async (signal): Promise<void> => {
      if (signal !== undefined) child.kill(signal);
      else child.stdin.end();
      await ended;
    },
  };
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() as string;
    yield* parts;
  }
}
