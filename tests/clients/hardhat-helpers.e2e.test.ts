import { type Hex, numberToHex, pad, parseEther, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileFixture } from '../contracts/artifacts.ts';
import { type NodeProcess, startNode } from '../support/cli-process.ts';
import { DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import { type RpcClient, rpcClient } from '../support/json-rpc.ts';
import type { RpcBlock, RpcReceipt } from '../support/rpc-types.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// The requests of hardhat-network-helpers, in the forms in which it sends them: what a test suite
// that was written for hardhat asks of its node.

const directory = makeTemporaryDirectory();
const sender = devAccount(0).address;
const other = '0x00000000000000000000000000000000000a11ce';

let node: NodeProcess;
let rpc: RpcClient;

beforeAll(async () => {
  node = await startNode(directory.path);
  rpc = rpcClient(node.endpoint);
});
afterAll(async () => {
  await node.kill('SIGTERM');
  directory.remove();
});

const latest = (): Promise<RpcBlock> => rpc.call<RpcBlock>('eth_getBlockByNumber', 'latest', false);
const timeOf = async (): Promise<number> => Number((await latest()).timestamp);
const heightNow = async (): Promise<number> => Number(await rpc.call('eth_blockNumber'));

/** `time.increase`: the clock and a block. */
async function increase(seconds: Hex): Promise<void> {
  await rpc.call('evm_increaseTime', seconds);
  await rpc.call('evm_mine');
}

/** `time.increaseTo`. */
async function increaseTo(timestamp: Hex): Promise<void> {
  await rpc.call('evm_setNextBlockTimestamp', timestamp);
  await rpc.call('evm_mine');
}

describe('time', () => {
  test('is increased by and to', async () => {
    const before = await timeOf();
    await increase(toHex(3_600));
    const after = await timeOf();
    expect(after).toBeGreaterThanOrEqual(before + 3_600);
    await increaseTo(toHex(after + 777));
    expect(await timeOf()).toBe(after + 777);
    await rpc.call('evm_setNextBlockTimestamp', toHex(after + 800));
    expect(await timeOf()).toBe(after + 777);
    await rpc.call('hardhat_mine', toHex(1));
    expect(await timeOf()).toBe(after + 800);
  });

  test('does not go back', async () => {
    const past = toHex((await timeOf()) - 1);
    await expect(rpc.call('evm_setNextBlockTimestamp', past)).rejects.toThrow();
  });
});

describe('blocks', () => {
  test('are mined, with an interval, and up to a height', async () => {
    const [height, before] = [await heightNow(), await timeOf()];
    await rpc.call('hardhat_mine', toHex(100), toHex(60));
    expect(await heightNow()).toBe(height + 100);
    expect(await timeOf()).toBeGreaterThanOrEqual(before + 99 * 60);
    await rpc.call('hardhat_mine', toHex(7));
    expect(await heightNow()).toBe(height + 107);
    await rpc.call('hardhat_mine');
    expect(await heightNow()).toBe(height + 108);
  });

  test('have the values that were set', async () => {
    await rpc.call('hardhat_setNextBlockBaseFeePerGas', '0x77359400');
    await rpc.call('hardhat_setPrevRandao', pad('0x2a'));
    await rpc.call('hardhat_setCoinbase', other);
    const gasLimit = (await latest()).gasLimit;
    expect(await rpc.call('evm_setBlockGasLimit', '0x1000000')).toBe(true);
    await rpc.call('hardhat_mine', '0x1');
    expect(await latest()).toMatchObject({
      baseFeePerGas: '0x77359400',
      mixHash: pad('0x2a'),
      miner: other,
      gasLimit: '0x1000000',
    });
    await rpc.call('evm_setBlockGasLimit', gasLimit);
  });
});

describe('accounts', () => {
  test('are impersonated', async () => {
    await rpc.call('hardhat_impersonateAccount', other);
    await rpc.call('hardhat_setBalance', other, toHex(parseEther('1')));
    const transfer = { from: other, to: sender, value: '0x1' };
    const hash = await rpc.call<Hex>('eth_sendTransaction', transfer);
    const receipt = await rpc.call<RpcReceipt>('eth_getTransactionReceipt', hash);
    expect(receipt).toMatchObject({ status: '0x1', from: other });
    await rpc.call('hardhat_stopImpersonatingAccount', other);
    await expect(rpc.call('eth_sendTransaction', transfer)).rejects.toThrow('unknown account');
  });

  test('have the balance, nonce, code and storage that were set', async () => {
    const contract = '0x0000000000000000000000000000000000c0de00';
    await rpc.call('hardhat_setBalance', contract, '0x56bc75e2d63100000');
    await rpc.call('hardhat_setNonce', contract, '0x10');
    await rpc.call('hardhat_setCode', contract, compileFixture('failing').bytecode);
    // The helper takes leading zeros off the position and pads the value.
    await rpc.call('hardhat_setStorageAt', contract, '0x5', pad('0xff'));
    expect(await rpc.call('eth_getBalance', contract, 'latest')).toBe('0x56bc75e2d63100000');
    expect(await rpc.call('eth_getTransactionCount', contract, 'latest')).toBe('0x10');
    expect(await rpc.call('eth_getCode', contract)).toBe(compileFixture('failing').bytecode);
    expect(await rpc.call('eth_getStorageAt', contract, '0x5', 'latest')).toBe(pad('0xff'));
    const cell = numberToHex(5, { size: 32 });
    expect(await rpc.call('eth_getStorageAt', contract, cell)).toBe(pad('0xff'));
  });
});

describe('the pool', () => {
  test('loses a transaction', async () => {
    await rpc.call('evm_setAutomine', false);
    const hash = await rpc.call<Hex>('eth_sendTransaction', { from: sender, to: other });
    await rpc.call('hardhat_dropTransaction', hash);
    expect(await rpc.call('eth_getTransactionByHash', hash)).toBeNull();
    await rpc.call('evm_setAutomine', true);
  });
});

describe('fixtures', () => {
  /** `takeSnapshot` and `restore`, which takes a new one at once. */
  async function restore(id: Hex): Promise<Hex> {
    expect(await rpc.call('evm_revert', id)).toBe(true);
    return rpc.call<Hex>('evm_snapshot');
  }

  test('are loaded again and again', async () => {
    let id = await rpc.call<Hex>('evm_snapshot');
    const before = await latest();
    const balance = await rpc.call('eth_getBalance', other);
    for (let round = 0; round < 5; round += 1) {
      const transfer = { from: sender, to: other, value: '0x1' };
      await rpc.call('eth_sendTransaction', transfer);
      await rpc.call('hardhat_mine', '0x5', '0x3c');
      expect(await rpc.call('eth_getBalance', other)).not.toBe(balance);
      id = await restore(id);
      expect(await latest()).toEqual(before);
      expect(await rpc.call('eth_getBalance', other)).toBe(balance);
    }
  });

  test('are used up by going back, and so are later ones', async () => {
    const first = await rpc.call<Hex>('evm_snapshot');
    const second = await rpc.call<Hex>('evm_snapshot');
    expect(await rpc.call('evm_revert', first)).toBe(true);
    expect(await rpc.call('evm_revert', first)).toBe(false);
    expect(await rpc.call('evm_revert', second)).toBe(false);
  });

  test('begin from a network that is new', async () => {
    expect(await rpc.call('hardhat_metadata')).toMatchObject({
      chainId: 31_337,
      instanceId: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
    await rpc.call('hardhat_reset');
    expect(await heightNow()).toBe(0);
    expect(BigInt(await rpc.call<Hex>('eth_getBalance', sender))).toBe(DEV_BALANCE);
    expect(await rpc.call('eth_getTransactionCount', sender)).toBe('0x0');
  });
});

describe('numbers', () => {
  const setters = [
    ['anvil_setBalance', 'eth_getBalance'],
    ['hardhat_setNonce', 'eth_getTransactionCount'],
  ] as const;

  test.each(setters)('%s takes them as hex, as decimal text and as JSON', async (set, get) => {
    const address = '0x0000000000000000000000000000000000001234';
    for (const [given, value] of [
      ['0x11', '0x11'],
      ['18', '0x12'],
      [19, '0x13'],
    ] as const) {
      await rpc.call(set, address, given);
      expect(await rpc.call(get, address)).toBe(value);
    }
  });

  test('and so do the methods of time and mining', async () => {
    for (const step of ['0x10', '16', 16]) {
      const [height, time] = [await heightNow(), await timeOf()];
      await rpc.call('evm_increaseTime', step);
      await rpc.call('anvil_mine', step);
      expect(await heightNow()).toBe(height + 16);
      expect(await timeOf()).toBeGreaterThanOrEqual(time + 16);
      const target = (await timeOf()) + 1_000;
      const forms = { '0x10': toHex(target), '16': String(target) } as Record<string, unknown>;
      await rpc.call('evm_setNextBlockTimestamp', step === 16 ? target : forms[step]);
      await rpc.call('evm_mine');
      expect(await timeOf()).toBe(target);
    }
  });
});
