import { keccak256 } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CastOutcome, findCast, runCast } from '../support/cast.ts';
import { type ClientStage, openClientStage } from '../support/client-stage.ts';
import { DEV_BALANCE, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import { recomputeAllHashes } from '../support/recompute-hashes.ts';
import { countSchemaChecked } from '../support/rpc-conformance.ts';
import type { RpcBlock, RpcReceipt } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const binary = findCast();
if (binary === undefined) {
  process.stdout.write(
    `cast: no binary for ${process.platform}-${process.arch}, its tests are skipped\n`,
  );
}

const sender = devAccount(0).address;
const key = ['--private-key', privateKeyOf(devAccount(0))] as const;
const recipient = '0x00000000000000000000000000000000000A11cE';

const home = makeTemporaryDirectory();
let stage: ClientStage;

function startStage(args: readonly string[]): void {
  beforeAll(async () => {
    stage = await openClientStage(args);
  });
  afterEach(() => {
    expect(stage.findings()).toEqual([]);
  });
  afterAll(() => stage.close());
}

afterAll(() => home.remove());

/** Runs a cast command against the node, however it ends. */
function tryCast(...args: readonly string[]): Promise<CastOutcome> {
  return runCast(binary ?? '', home.path, [...args, '--rpc-url', stage.url]);
}

/** What a cast command that succeeds prints. */
async function cast(...args: readonly string[]): Promise<string> {
  const outcome = await tryCast(...args);
  expect(outcome).toMatchObject({ failed: false });
  return outcome.stdout;
}

async function castJson<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await cast(...args, '--json'));
}

describe.skipIf(binary === undefined)('a node that mines at once', () => {
  startStage([]);

  test('reads a new chain', async () => {
    expect(await cast('chain-id')).toBe('31337');
    expect(await cast('client')).toMatch(/^anvil-compatible-lucerna\/v/);
    expect(await cast('block-number')).toBe('0');
    expect(await cast('balance', sender)).toBe(String(DEV_BALANCE));
    expect(await cast('nonce', sender)).toBe('0');
    expect(await cast('code', sender)).toBe('0x');
    expect(await cast('storage', sender, '0')).toBe(`0x${'00'.repeat(32)}`);
    expect(await cast('base-fee', '0')).toBe('1000000000');
    expect(Number(await cast('gas-price'))).toBeGreaterThan(0);
    const genesis = await castJson<RpcBlock>('block', '0');
    expect(await castJson('block', genesis.hash)).toEqual(genesis);
    expect(await castJson('block', 'latest', '--full')).toEqual(genesis);
  });

  test('estimates and calls', async () => {
    expect(await cast('estimate', recipient, '--value', '1', '--from', sender)).toBe('21000');
    expect(await cast('call', recipient, '--data', '0x', '--from', sender)).toBe('0x');
  });

  test.each([
    ['0x0', ['--legacy']],
    [
      '0x1',
      ['--legacy', '--access-list', JSON.stringify([{ address: recipient, storageKeys: [] }])],
    ],
    ['0x2', []],
  ] as const)('sends a transfer of type %s', async (type, options) => {
    const before = BigInt(await cast('balance', recipient));
    const args = ['send', recipient, '--value', '1.5ether', ...key, ...options];
    const receipt = await castJson<RpcReceipt>(...args);
    expect(receipt).toMatchObject({ status: '0x1', type, from: sender.toLowerCase() });
    expect(BigInt(await cast('balance', recipient)) - before).toBe(1_500_000_000_000_000_000n);
    expect(await castJson('receipt', receipt.transactionHash)).toEqual(receipt);
    const transaction = await castJson('tx', receipt.transactionHash);
    expect(transaction).toMatchObject({ type, blockHash: receipt.blockHash });
  });

  test('decodes what was mined to the bytes that were signed', async () => {
    const raw = await cast('mktx', recipient, '--value', '9', ...key);
    const receipt = JSON.parse(await cast('publish', raw)) as RpcReceipt;
    expect(receipt.transactionHash).toBe(keccak256(raw as `0x${string}`));
    expect(await cast('tx', receipt.transactionHash, '--raw')).toBe(raw);
    const block = await castJson<RpcBlock>('block', receipt.blockHash);
    expect(keccak256((await cast('block', receipt.blockHash, '--raw')) as `0x${string}`)).toBe(
      block.hash,
    );
  });

  test('sends from an account that the node signs for', async () => {
    const from = devAccount(4).address;
    const args = ['send', recipient, '--value', '7', '--unlocked', '--from', from];
    expect(await castJson(...args)).toMatchObject({ status: '0x1', from: from.toLowerCase() });
    expect(await cast('nonce', from)).toBe('1');
  });

  test('does the same over WebSocket', async () => {
    const overSocket = async (...args: readonly string[]): Promise<string> => {
      const options = [...args, '--rpc-url', stage.webSocketUrl];
      const outcome = await runCast(binary ?? '', home.path, options);
      expect(outcome).toMatchObject({ failed: false });
      return outcome.stdout;
    };
    expect(await overSocket('chain-id')).toBe('31337');
    const sent = await overSocket('send', recipient, '--value', '3', ...key, '--json');
    const receipt: RpcReceipt = JSON.parse(sent);
    expect(receipt).toMatchObject({ status: '0x1', from: sender.toLowerCase() });
    const read = await overSocket('receipt', receipt.transactionHash, '--json');
    expect(JSON.parse(read)).toEqual(receipt);
    expect(await overSocket('block', '0', '--json')).toBe(await cast('block', '0', '--json'));
  });

  test('says what is wrong with a transaction', async () => {
    const transfer = ['send', recipient, '--value', '1', '--gas-limit', '21000'] as const;
    expect((await tryCast(...transfer, ...key, '--nonce', '0')).stderr).toContain('nonce too low');
    const broke = ['--private-key', privateKeyOf(devAccount(20))] as const;
    expect((await tryCast(...transfer, ...broke)).stderr).toContain('insufficient funds');
  });

  test('has hashes, roots and senders that @ethereumjs computes too', async () => {
    expect(await recomputeAllHashes(stage.node.endpoint)).toMatchObject({ transactions: 6 });
    expect(countSchemaChecked(stage.exchanges()) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(50);
  });
});

describe.skipIf(binary === undefined)('a node that mines when told to', () => {
  startStage(['--no-mining']);

  test('replaces a pending transaction', async () => {
    const transfer = [
      'send',
      recipient,
      '--value',
      '3',
      '--nonce',
      '0',
      '--async',
      ...key,
    ] as const;
    const price = (gwei: number): readonly string[] => [
      ...['--gas-price', `${gwei}gwei`, '--priority-gas-price', '1gwei'],
    ];
    const first = await cast(...transfer, ...price(10));
    expect(await castJson('tx', first)).toMatchObject({ hash: first, blockNumber: null });
    expect(await cast('nonce', sender, '--block', 'pending')).toBe('1');
    expect((await tryCast(...transfer, ...price(10.5))).stderr).toContain(
      'replacement transaction underpriced',
    );
    const args = ['--gas-price', '20gwei', '--priority-gas-price', '2gwei'];
    const second = await cast(...transfer, ...args);
    await cast('rpc', 'evm_mine');
    expect(await castJson('receipt', second)).toMatchObject({ status: '0x1', blockNumber: '0x1' });
    expect((await tryCast('receipt', first, '--async')).failed).toBe(true);
    expect(await cast('nonce', sender)).toBe('1');
  });
});

describe.skipIf(binary === undefined)('a node that mines every second', () => {
  startStage(['--block-time', '1']);

  test('is waited for', async () => {
    const args = ['send', recipient, '--value', '3', ...key];
    expect(await castJson(...args)).toMatchObject({ status: '0x1', transactionIndex: '0x0' });
  });
});
