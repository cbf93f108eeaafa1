import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { type CliProcess, startCli } from '../support/cli-process.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { rpcClient } from '../support/json-rpc.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// Every command of the guide works, in the order in which it stands there: each `lucerna dev` ends the
// one before it, and the other commands ask the one that runs.

const curlFile = fileURLToPath(new URL('../support/curl.ts', import.meta.url));
const guideFile = fileURLToPath(new URL('../../docs/guides/dev-node.md', import.meta.url));
const DEFAULT_ENDPOINT = 'http://127.0.0.1:8545';

const directory = makeTemporaryDirectory();
let node: CliProcess | undefined;
let endpoint = '';
let functions = '';

afterAll(async () => {
  await node?.kill('SIGKILL');
  directory.remove();
});

function commandsOf(guide: string): readonly string[] {
  return [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

async function restart(line: string): Promise<void> {
  await stop();
  const [, ...args] = line.split(' ');
  node = startCli([...args, '--port', '0'], { directory: directory.path });
  const last = await node.line((text) => text.startsWith('Listening on '));
  endpoint = last.replace('Listening on ', '');
}

async function stop(): Promise<void> {
  const ended = await node?.kill('SIGINT');
  if (ended !== undefined) expect(ended).toMatchObject({ code: 0, signal: null });
}

/** Runs a line of the guide. @returns stdout */
async function shell(line: string): Promise<string> {
  const commands = `${functions}\n${line}`.replaceAll(DEFAULT_ENDPOINT, endpoint);
  // Not every machine has curl, and the pinned Node is there.
  const script = `curl() { '${process.execPath}' '${curlFile}' "$@"; }\n${commands}`;
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script], { cwd: directory.path });
  return stdout;
}

/** What must have come of a command, beyond that it has succeeded. */
const outcomes: Readonly<Record<string, unknown>> = {
  'rpc eth_chainId': '0x539',
  'rpc evm_snapshot': '0x0',
  'rpc evm_revert \'"0x0"\'': true,
};

test('the commands of the guide', async () => {
  const commands = commandsOf(readFileSync(guideFile, 'utf8'));
  expect(commands.length).toBeGreaterThan(25);
  const answers: string[] = [];
  for (const line of commands) {
    if (line.startsWith('lucerna dev')) {
      await restart(line);
    } else if (line.startsWith('rpc() {')) {
      functions = line;
    } else if (/^(rpc|curl) /.test(line)) {
      const answer = JSON.parse(await shell(line));
      expect(answer, line).not.toHaveProperty('error');
      if (line in outcomes) expect(answer.result, line).toEqual(outcomes[line]);
      answers.push(line);
    } else {
      await shell(line);
    }
  }
  expect(answers).toEqual(expect.arrayContaining(Object.keys(outcomes)));
  await stop();
  expect(existsSync(join(directory.path, 'chain-of-tuesday'))).toBe(true);
}, 120_000);

test('what the guide says of state files and mnemonics is so', async () => {
  await restart('lucerna dev --in-memory --load-state first.state');
  const rpc = rpcClient(endpoint);
  expect(await rpc.call('eth_blockNumber')).toBe('0x1');
  await restart('lucerna dev --in-memory --mnemonic-file words');
  const accounts = await rpcClient(endpoint).call<readonly string[]>('eth_accounts');
  const words = readFileSync(join(directory.path, 'words'), 'utf8');
  const expected = accounts.map((_, index) => devAccount(index, words).address.toLowerCase());
  expect(accounts.map((address) => address.toLowerCase())).toEqual(expected);
  expect(accounts).toHaveLength(10);
});
