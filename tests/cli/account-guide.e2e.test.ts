import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decryptKeystoreJson } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { DEV_BALANCE, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { followGuide, runCommand } from '../support/follow-guide.ts';
import { rpcClient } from '../support/json-rpc.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// Every command of the guide, in its order, as a user with a home of their own; what it says that they print
// is what they print.

const directory = makeTemporaryDirectory();
const chain = makeTemporaryDirectory();
const at = (name: string): string => join(directory.path, name);
let node: NodeProcess;

beforeAll(async () => {
  node = await startNode(chain.path);
  for (const name of ['LUCERNA_PASSWORD', 'LUCERNA_KEYSTORE']) delete process.env[name];
  process.env['XDG_STATE_HOME'] = at('state');
});

afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
  chain.remove();
});

test('the guide', async () => {
  const sent: string[] = [];
  const counts = await followGuide('accounts.md', directory.path, {
    command: async (line) => {
      if (line === 'lucerna dev') return true;
      if (!line.startsWith('lucerna send')) return false;
      sent.push(await runCommand(`${line} --rpc ${node.endpoint}`, directory.path));
      return true;
    },
  });
  expect(counts['sh']).toBeGreaterThan(7);
  expect(counts['text']).toBeGreaterThan(2);
  expect(sent).toHaveLength(4);
  expect(sent[0]).toMatch(/^0x[0-9a-f]{64}\n$/);
  expect(sent[1]).toMatch(/^Status {7}success$/m);

  const [first, second] = [devAccount(0), devAccount(1)];
  const rpc = rpcClient(node.endpoint);
  const balance = BigInt(await rpc.call<string>('eth_getBalance', second.address, 'latest'));
  expect(balance).toBeLessThan(DEV_BALANCE - 10n ** 18n);
  expect(readFileSync(at('key'), 'utf8')).toBe(`${privateKeyOf(second)}\n`);
  expect(statSync(at('key')).mode & 0o777).toBe(0o600);
  const password = readFileSync(at('password'), 'utf8').trimEnd();
  const exported = await decryptKeystoreJson(
    readFileSync(at('for-another-wallet.json'), 'utf8'),
    password,
  );
  expect(exported.privateKey).toBe(privateKeyOf(second));
  const listed = await runCommand('lucerna account list', directory.path);
  expect(listed.trimEnd().split('\n')).toHaveLength(3);
  expect(listed).toContain(first.address);
}, 180_000);
