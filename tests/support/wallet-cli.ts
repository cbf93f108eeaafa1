import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runHere } from './cli-here.ts';
import type { Finished } from './cli-process.ts';
import { waitUntil } from './wait-until.ts';

const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

export type WalletRun = {
  /** What it gets on standard input; default: nothing, and then it runs in this process. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its output has secrets, since it was asked for them. */
  readonly isSecret?: boolean;
};

/** One question at a terminal, and what is typed there; `\u0003` is Ctrl-C. */
export type Exchange = readonly [question: string, answer: string];

/** `lucerna account` and `lucerna send` with a folder of their own, and a memory of all they print. */
export type WalletCli = {
  readonly run: (args: readonly string[], options?: WalletRun) => Promise<Finished>;
  /** The result on stdout of a command that must succeed, without its last line end. */
  readonly text: (args: readonly string[], options?: WalletRun) => Promise<string>;
  /** The code of a command that must fail, with nothing on stdout. */
  readonly failure: (args: readonly string[], options?: WalletRun) => Promise<string>;
  /** Runs it on a terminal, where it is asked and answered; stdout and stderr are both in `stdout`. */
  readonly onTerminal: (
    args: readonly string[],
    exchanges: readonly Exchange[],
    options?: WalletRun,
  ) => Promise<Finished>;
  /** All that was printed, but for what was asked for. */
  readonly printed: () => string;
};

/** Whether there is a program that gives others a terminal (that of util-linux). */
export const hasTerminal: boolean = process.platform === 'linux';

/** @param folder where keystores lie, and nothing of the machine's user */
export function walletCli(folder: string): WalletCli {
  let printed = '';
  const environment = (env: WalletRun['env']): NodeJS.ProcessEnv => {
    const { LUCERNA_PASSWORD: _, ...own } = process.env;
    return { ...own, LUCERNA_KEYSTORE: folder, ...env };
  };
  const finish = async (child: ChildProcess, isSecret = false): Promise<Finished> => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code, signal] = await once(child, 'close');
    printed += isSecret ? stderr : stdout + stderr;
    return { code, signal, stdout, stderr };
  };
  const inProcess = async (
    args: readonly string[],
    { env, isSecret = false }: WalletRun,
  ): Promise<Finished> => {
    const before = process.env;
    process.env = environment(env);
    try {
      const ended = await runHere(args.map((word) => `'${word}'`).join(' '));
      printed += isSecret ? ended.stderr : ended.stdout + ended.stderr;
      return { ...ended, signal: null };
    } finally {
      process.env = before;
    }
  };
  const run: WalletCli['run'] = (args, options = {}) => {
    const { input, env, isSecret } = options;
    const isPlain = input === undefined && args.every((word) => !word.includes("'"));
    if (isPlain) return inProcess(args, options);
    const child = spawn(process.execPath, [entryFile, ...args], { env: environment(env) });
    // A command that fails first does not read it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    return finish(child, isSecret);
  };
  return {
    run,
    printed: () => printed,
    text: async (args, options) => {
      const { code, stdout, stderr } = await run(args, options);
      if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}\n${stderr}`);
      return stdout.replace(/\n$/, '');
    },
    failure: async (args, options) => {
      const { code, stdout, stderr } = await run([...args, '--json'], options);
      const last = stderr.trimEnd().split('\n').at(-1) ?? '';
      if (code === 0 || stdout !== '' || !last.startsWith('{')) {
        throw new Error(`${args.join(' ')}: exit ${code}\n${stdout}\n${stderr}`);
      }
      return JSON.parse(last).error.code;
    },
    onTerminal: async (args, exchanges, { env, isSecret } = {}) => {
      const line = [process.execPath, entryFile, ...args].map((word) => `'${word}'`).join(' ');
      const child = spawn('script', ['-qec', line, '/dev/null'], {
        env: { ...environment(env), SHELL: '/bin/sh' },
      });
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
      });
      const finished = finish(child, isSecret);
      let seen = 0;
      for (const [question, answer] of exchanges) {
        seen = await waitUntil(`"${question}" in ${JSON.stringify(shown)}`, () => {
          const at = shown.indexOf(question, seen);
          return at < 0 ? undefined : at + question.length;
        });
        child.stdin.write(answer);
      }
      const ended = await finished;
      child.stdin.destroy();
      return ended;
    },
  };
}
