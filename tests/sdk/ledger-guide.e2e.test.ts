import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLedger } from '@lucerna/sdk';
import { BrowserProvider, Wallet } from 'ethers';
import { afterAll, expect, test } from 'vitest';
import { followGuide } from '../support/follow-guide.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const folder = fileURLToPath(new URL('../../examples/ledger', import.meta.url));
const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

test('the guide of the ledger does what it says', async () => {
  const counts = await followGuide('ledger.md', directory.path, {
    // Bundlers are for whoever has one: tests/sdk/browser.e2e.test.ts does what it shows.
    program: (text) => text,
  });
  expect(counts).toMatchObject({ ts: 4, text: 4 });
});

test('the example prints what its README says, as often as one likes', async () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const [, printed] = /^```text\n(.*?)^```$/ms.exec(readme) ?? [];
  expect(printed).toBeDefined();
  for (const _ of ['first', 'second']) {
    const args = [join(folder, 'ledger.ts'), join(directory.path, 'demo')];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stderr).toBe('');
    expect(stdout).toBe(printed);
  }
});

test('ethers uses a ledger through its provider, and signs messages as it does', async () => {
  await using ledger = await openLedger({ memory: true });
  const key = `0x${'42'.repeat(32)}`;
  const account = await ledger.account(key);
  await ledger.send({ from: 'alice', to: account, value: 10n ** 18n });
  const wallet = new Wallet(key, new BrowserProvider(ledger.provider));
  const to = (await ledger.account('zoe')).address;
  const sent = await wallet.sendTransaction({ to, value: 5n });
  expect((await sent.wait())?.status).toBe(1);
  expect(ledger.balance('zoe')).toBe(5n);
  for (const message of ['hello', '', 'grüezi', Uint8Array.of(0, 255)]) {
    expect(account.signMessage(message)).toBe(await wallet.signMessage(message));
  }
});
