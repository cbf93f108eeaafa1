import { apiLimits } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { effectiveTip } from '@lucerna/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './support/client.ts';
import { createFakeNode, type FakeNode, GWEI, signed, transfer } from './support/fake-node.ts';

let node: FakeNode;
let client: Client;

beforeEach(async () => {
  node = await createFakeNode();
  client = createClient(node);
});

const quantity = (value: bigint): string => `0x${value.toString(16)}`;

describe('prices', () => {
  it('are the next base fee and the tip', async () => {
    expect(await client.result('eth_maxPriorityFeePerGas')).toBe(quantity(GWEI));
    expect(await client.result('eth_gasPrice')).toBe(quantity(node.nextBaseFee() + GWEI));
  });
});

describe('eth_feeHistory', () => {
  it('has one base fee more than blocks, the last one being the next', async () => {
    const history = await client.result('eth_feeHistory', '0x2', 'latest');
    expect(history).toEqual({
      oldestBlock: '0x2',
      baseFeePerGas: [
        quantity(node.header(2)!.header.baseFeePerGas),
        quantity(node.header(3)!.header.baseFeePerGas),
        quantity(node.nextBaseFee()),
      ],
      gasUsedRatio: [Number(node.header(2)!.header.gasUsed) / 30_000_000, 0],
    });
  });

  it('takes the next base fee of the past from the next block', async () => {
    const history = await client.result('eth_feeHistory', 1, '0x1', []);
    expect(history.baseFeePerGas).toEqual([
      quantity(node.header(1)!.header.baseFeePerGas),
      quantity(node.header(2)!.header.baseFeePerGas),
    ]);
    expect(history).not.toHaveProperty('reward');
  });

  it('ends at the first block there is, and is 4444 below it', async () => {
    node.first = 2;
    const history = await client.result('eth_feeHistory', 5, 'latest', [50]);
    expect(history.oldestBlock).toBe('0x2');
    expect(history.reward).toHaveLength(2);
    expect(await client.result('eth_feeHistory', 5, 'earliest')).toMatchObject({
      oldestBlock: '0x2',
      gasUsedRatio: [expect.any(Number)],
    });
    expect(await client.error('eth_feeHistory', 1, '0x1')).toEqual({
      code: 4444,
      message: 'pruned history unavailable',
    });
  });

  it('ends at the genesis and at its limit', async () => {
    for (const count of ['0x400', '0xffffffffffffffff', '1024', 1024, 5]) {
      const history = await client.result('eth_feeHistory', count, 'latest', null);
      expect(history.oldestBlock).toBe('0x0');
      expect(history.gasUsedRatio).toHaveLength(4);
    }
    const max = apiLimits.values.feeHistoryBlocks;
    for (let blocks = 4; blocks < max + 10; blocks += 1) await node.mine({});
    const history = await client.result('eth_feeHistory', '0xffff', 'latest', [50]);
    expect(history.gasUsedRatio).toHaveLength(max);
    expect(history.baseFeePerGas).toHaveLength(max + 1);
    expect(history.reward).toHaveLength(max);
  });

  it('never mixes two chains: it says that it was overtaken', async () => {
    const other = await createFakeNode();
    await other.mine({ timestamp: 1_800_000_000 });
    await node.mine({});
    for (const replacement of [await other.block(4), undefined]) {
      const block = node.block.bind(node);
      node.block = async (height) => (height === 4 ? replacement : block(height));
      expect(await client.error('eth_feeHistory', 3, 'latest', [50])).toEqual({
        code: -32000,
        message: 'the chain was reorganised while the query ran',
      });
      expect(await client.result('eth_feeHistory', 3, 'latest')).toBeDefined();
      node.block = block;
    }
    expect(await client.result('eth_feeHistory', 3, 'latest', [50])).toBeDefined();
  });

  it('of a range beyond the head is -32000', async () => {
    const error = await client.error('eth_feeHistory', '0x1', '0x4', []);
    expect(error.code).toBe(-32000);
    expect(error.message).toContain('request beyond head block');
  });

  it('weighs tips by gas', async () => {
    const big = { nonce: 3n, gasLimit: 400_000n, maxPriorityFeePerGas: 2n * GWEI };
    const data = new Uint8Array(4_000).fill(1);
    await node.sendRaw(signed(0, transfer({ ...big, data })).raw);
    await node.sendRaw(signed(1, transfer({ nonce: 2n, maxPriorityFeePerGas: 5n * GWEI })).raw);
    await node.mine({});
    const { block } = (await node.block(4))!;
    const tips = block.transactions.map(({ transaction }) =>
      effectiveTip(transaction, block.header.baseFeePerGas),
    );
    expect(tips).toEqual([GWEI, 2n * GWEI, 5n * GWEI]);
    // 21,000 + 85,000 + 21,000 gas: the shares end at 16.5 %, 83.5 % and 100 %.
    const percentiles = [0, 16, 17, 50, 83, 84, 100];
    const { reward } = await client.result('eth_feeHistory', '0x2', 'latest', percentiles);
    const expected = [1n, 1n, 2n, 2n, 2n, 5n, 5n].map((tip) => quantity(tip * GWEI));
    expect(reward).toEqual([percentiles.map(() => '0x0'), expected]);
  });

  it('agrees with the transactions of a block about its tips', async () => {
    const { reward } = await client.result('eth_feeHistory', '0x3', '0x2', [0, 100]);
    expect(reward[0]).toEqual(['0x0', '0x0']);
    const { transactions, baseFeePerGas } = await client.result(
      'eth_getBlockByNumber',
      '0x1',
      true,
    );
    const tips = transactions
      .map((each: { gasPrice: string }) => BigInt(each.gasPrice) - BigInt(baseFeePerGas))
      .sort((left: bigint, right: bigint) => Number(left - right));
    expect(reward[1]).toEqual([quantity(tips[0]), quantity(tips.at(-1))]);
    expect(toHex(node.header(1)!.hash)).toMatch(/^0x/);
  });
});
