import { join } from 'node:path';
import { SILENT_LOG } from '@lucerna/base';
import { type Chain, openChain } from '@lucerna/chain';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import { openDataDirectory, openDirectoryStore } from '@lucerna/platform-node/directory';
import { openFile } from '@lucerna/platform-node/files';
import { createDevNode } from '@lucerna/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCli } from '../support/cli-process.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// `lucerna db` with a chain whose state was changed by hand, behind its head too.

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const pathOf = (name: string): string => join(directory.path, name);
const STRANGER = new Uint8Array(20).fill(0x5a);
const COIN = 10n ** 18n;

type Place = { readonly hash: Uint8Array; readonly stateRoot: Uint8Array; readonly point: unknown };

/** The chain of the directory while `task` has it. @returns where it is then */
async function withChain(
  name: string,
  task: (chain: Chain) => Promise<void> = async () => undefined,
): Promise<Place> {
  const place = await openDataDirectory(pathOf(name), { create: false });
  const chain = await openChain(
    {
      log: await openFile(place.blockLogPath),
      store: await openDirectoryStore(place),
      signatures: await loadSignatureEngine(SILENT_LOG),
      sink: SILENT_LOG,
    },
    { durability: 'process', history: Number.POSITIVE_INFINITY, cheats: 'allowed' },
  );
  await task(chain);
  const found = { hash: chain.head().hash, stateRoot: chain.stateRoot(), point: chain.point() };
  await chain.close();
  await place.close();
  return found;
}

async function result<T>(name: string, ...args: readonly string[]): Promise<T> {
  const { finished } = startCli(['db', ...args, '--data-dir', pathOf(name), '--json']);
  const { code, stdout, stderr } = await finished;
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

let before: Place;

beforeAll(async () => {
  const node = await createDevNode({ dataDirectory: pathOf('patched') });
  const [from, to] = [devAccount(0).address, devAccount(1).address];
  for (let value = 1; value <= 3; value += 1) {
    await node.rpc.request('eth_sendTransaction', [{ from, to, value: `0x${value}` }]);
  }
  await node.close();
  before = await withChain('patched', async (chain) => {
    await chain.patch((journal) => journal.setBalance(STRANGER, 7n * COIN), []);
    await chain.patch((journal) => journal.setBalance(STRANGER, 5n * COIN), []);
  });
  expect(before.point).toEqual({ height: 3, ordinal: 2 });
});

test('verify counts what was set by hand', async () => {
  const verified = await result<Record<string, string>>('patched', 'verify');
  expect(verified).toMatchObject({ minted: `${7n * COIN}`, destroyed: `${2n * COIN}` });
  const { genesisSupply, totalBalance, burned } = verified;
  expect(BigInt(totalBalance!) + BigInt(burned!)).toBe(BigInt(genesisSupply!) + 5n * COIN);
  const { finished } = startCli(['db', 'verify', '--data-dir', pathOf('patched')]);
  expect((await finished).stdout).toContain('set by hand');
});

test('stats and compact keep it', async () => {
  await result('patched', 'stats');
  await result('patched', 'compact');
  await result('patched', 'compact', '--history', 'all');
  expect(await withChain('patched')).toEqual(before);
});

test('export and import make the same chain', async () => {
  const file = pathOf('blocks.archive');
  await result('patched', 'export', file);
  expect(await result('copied', 'import', file)).toMatchObject({ imported: 3 });
  expect(await withChain('copied')).toEqual(before);
  expect(await result('copied', 'import', file)).toMatchObject({ imported: 0, known: 3 });
});

test('a snapshot has the patched state', async () => {
  const file = pathOf('state.archive');
  await result('patched', 'snapshot', file);
  expect(await result('late', 'import', file)).toMatchObject({
    patches: 2,
    stateRoot: `0x${Buffer.from(before.stateRoot).toString('hex')}`,
  });
  expect(await withChain('late')).toEqual(before);
  await result('late', 'verify');
  expect(await result('late', 'import', file)).toMatchObject({ wasThere: true });
  // The state of the same block after other patches is another one.
  await withChain('copied', (chain) => chain.rewind({ height: 3, ordinal: 1 }));
  const other = pathOf('other.archive');
  await result('copied', 'snapshot', other);
  const { finished } = startCli(['db', 'import', other, '--data-dir', pathOf('late')]);
  expect((await finished).stderr).toContain('CHAIN_EXISTS');
});
