import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

const script = fileURLToPath(new URL('../../examples/quickstart/quickstart.ts', import.meta.url));
const [alice, bob] = [devAccount(0).address, devAccount(1).address];

let directory: TemporaryDirectory;
let node: NodeProcess;

beforeAll(async () => {
  directory = makeTemporaryDirectory();
  node = await startNode(directory.path);
});

afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
});

/** What the script prints, line by line. */
async function runScript(): Promise<readonly string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, node.endpoint]);
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

test('the quickstart deploys the token and uses it, as often as one likes', async () => {
  const addresses = new Set<string>();
  for (const _ of ['first', 'second']) {
    const [deployed, named, transferred, ...rest] = await runScript();
    expect(deployed).toMatch(/^Token is deployed at 0x[0-9a-f]{40}$/);
    addresses.add(deployed ?? '');
    expect(named).toBe('It calls itself Lucerna Quickstart, LQS');
    expect(transferred).toMatch(/^Transfer 0x[0-9a-f]{64}: success, \d+ gas$/);
    expect(rest).toEqual([
      `${alice} has 999987.5 LQS`,
      `${bob} has 12.5 LQS`,
      `Log: 1000000 from 0x${'0'.repeat(40)} to ${alice}`,
      `Log: 12.5 from ${alice} to ${bob}`,
    ]);
  }
  expect(addresses.size).toBe(2);
});

test('the script is short enough to be read', () => {
  expect(readFileSync(script, 'utf8').trimEnd().split('\n').length).toBeLessThan(40);
});
