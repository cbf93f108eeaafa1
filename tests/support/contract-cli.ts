import { fileURLToPath } from 'node:url';
import { type Finished, startCli } from './cli-process.ts';

/** What `lucerna contract … --json` says about a failure. */
export type CliFailure = {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
};

/** A transaction as `deploy` and `call` report it with `--json`. */
export type CliReport = {
  readonly contractAddress?: string;
  readonly transactionHash: `0x${string}`;
  readonly blockNumber: number;
  readonly status: 'failed' | 'success';
  readonly reason?: string;
  readonly gasUsed: number;
  readonly logs: readonly unknown[];
};

/** The path of a contract that tests of the command line use. */
export function contractFile(name: string): string {
  return fileURLToPath(new URL(`../cli/contracts/${name}`, import.meta.url));
}

/** The path of the token of the quickstart. */
export const tokenFile: string = fileURLToPath(
  new URL('../../examples/quickstart/token.zx', import.meta.url),
);

/** Runs `lucerna contract` to its end. */
export function runContract(...args: readonly string[]): Promise<Finished> {
  return startCli(['contract', ...args]).finished;
}

/** The result on stdout of a command that must succeed, without its last line end. */
export async function resultText(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runContract(...args);
  if (code !== 0) throw new Error(`contract ${args.join(' ')}: exit ${code}\n${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** The result with `--json`, parsed. */
export async function resultJson<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await resultText(...args, '--json'));
}

/** What a command says that must fail, with nothing on stdout. */
export async function failure(...args: readonly string[]): Promise<CliFailure> {
  const { code, stdout, stderr } = await runContract(...args, '--json');
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 1 || stdout !== '') {
    throw new Error(`contract ${args.join(' ')}: exit ${code}\n${stdout}\n${stderr}`);
  }
  return JSON.parse(last).error;
}
