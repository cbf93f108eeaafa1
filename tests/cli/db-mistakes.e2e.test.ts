import { cpSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createDevNode } from '@lucerna/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finished, startCli } from '../support/cli-process.ts';
import { devAccount } from '../support/dev-accounts.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// What the commands say when they are given the wrong file, or a directory of which something is gone.

const BLOCKS = 20;

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const pathOf = (name: string): string => join(directory.path, name);

async function extend(name: string): Promise<void> {
  const node = await createDevNode({ dataDirectory: pathOf(name) });
  await node.mine(BLOCKS);
  await node.close();
}

function db(name: string, ...args: readonly string[]): Promise<Finished> {
  return startCli(['db', ...args, '--data-dir', pathOf(name), '--json']).finished;
}

async function result(name: string, ...args: readonly string[]): Promise<unknown> {
  const finished = await db(name, ...args);
  expect(finished).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(finished.stdout);
}

async function failure(name: string, ...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await db(name, ...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error;
}

beforeAll(async () => {
  await extend('chain');
  await result('chain', 'export', pathOf('later.blocks'), '--from', '11');
  await result('chain', 'snapshot', pathOf('head.state'));
});

describe('blocks that do not follow', () => {
  test('begin no chain', async () => {
    expect(await failure('gap', 'import', pathOf('later.blocks'))).toMatchObject({
      code: 'BLOCKS_MISSING',
      message: expect.stringContaining('block 11, there is no chain yet'),
      fields: { height: 11, head: null },
    });
    expect(existsSync(pathOf('gap'))).toBe(false);
  });

  test('of another branch are told apart from missing ones', async () => {
    // The same genesis, and nothing else.
    await result('chain', 'export', pathOf('genesis.blocks'), '--to', '0');
    await result('branch', 'import', pathOf('genesis.blocks'));
    const node = await createDevNode({ dataDirectory: pathOf('branch') });
    const [from, to] = [devAccount(0).address, devAccount(1).address];
    await node.rpc.request('eth_sendTransaction', [{ from, to, value: '0x1' }]);
    await node.mine(9);
    await node.close();
    expect(await failure('branch', 'import', pathOf('later.blocks'))).toMatchObject({
      code: 'BLOCKS_DIVERGE',
      fields: { height: 11, head: 10 },
    });
  });
});

describe('the block log of a node', () => {
  test('is no archive, wherever it begins', async () => {
    const fromGenesis = join(pathOf('chain'), 'blocks.log');
    expect(await failure('log', 'import', fromGenesis)).toMatchObject({ code: 'INPUT_IS_LOG' });
    await result('based', 'import', pathOf('head.state'));
    await extend('based');
    const fromBase = join(pathOf('based'), 'blocks.log');
    expect(await failure('log', 'import', fromBase)).toMatchObject({ code: 'INPUT_IS_LOG' });
  });
});

describe('a state whose import was killed', () => {
  test.each(['log', 'all'])('with %s in place is taken for done', async (what) => {
    const name = `killed-${what}`;
    const first = (await result(name, 'import', pathOf('head.state'))) as object;
    expect(first).not.toHaveProperty('wasThere');
    if (what === 'log') rmSync(join(pathOf(name), 'store'), { recursive: true });
    const again = await result(name, 'import', pathOf('head.state'), '--history', '0');
    expect(again).toEqual({ ...first, wasThere: true });
    expect(await result(name, 'verify')).toMatchObject({ height: BLOCKS });
  });
});

describe('a log that has lost its end', () => {
  test('is not made the truth by compact', async () => {
    cpSync(pathOf('chain'), pathOf('cut'), { recursive: true });
    const log = join(pathOf('cut'), 'blocks.log');
    const { length } = readFileSync(log);
    truncateSync(log, length - 1);
    const ahead = { code: 'CHAIN_STORE_AHEAD', fields: { storedHeight: BLOCKS } };
    expect(await failure('cut', 'compact', '--history', 'all')).toMatchObject(ahead);
    expect(await failure('cut', 'verify')).toMatchObject(ahead);
    // Whoever brings the log back has lost nothing.
    cpSync(join(pathOf('chain'), 'blocks.log'), log);
    await result('cut', 'compact', '--history', 'all');
    expect(await result('cut', 'verify')).toMatchObject({ height: BLOCKS });
  });
});
