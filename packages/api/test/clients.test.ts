import { toHex } from '@lucerna/base';
import {
  createPublicClient,
  custom,
  decodeErrorResult,
  encodeErrorResult,
  type Hex,
  type PublicClient,
  parseAbi,
} from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClient } from './support/client.ts';
import { ALICE, createFakeNode, type FakeNode, GWEI, REVERTER } from './support/fake-node.ts';

// viem as an independent reader of the answers, over the in-process interface that EIP-1193 needs.
let node: FakeNode;
let viem: PublicClient;

beforeEach(async () => {
  node = await createFakeNode();
  const { rpc } = createClient(node);
  const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> =>
    rpc.request(method, params);
  viem = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) });
});

describe('viem', () => {
  it('reads blocks, transactions and receipts', async () => {
    const block = await viem.getBlock({ blockNumber: 1n, includeTransactions: true });
    const { header } = (await node.block(1))!.block;
    expect(block).toMatchObject({
      number: 1n,
      gasLimit: 30_000_000n,
      gasUsed: header.gasUsed,
      baseFeePerGas: header.baseFeePerGas,
      timestamp: BigInt(header.timestamp),
    });
    expect(block.transactions.map(({ type }) => type)).toEqual(['legacy', 'eip2930', 'eip1559']);
    for (const transaction of block.transactions) {
      const { hash } = transaction;
      expect(await viem.getTransaction({ hash })).toEqual(transaction);
      expect(await viem.getTransactionReceipt({ hash })).toMatchObject({
        status: 'success',
        effectiveGasPrice: transaction.gasPrice,
      });
    }
  });

  it('reads fees and nonces', async () => {
    const address = toHex(ALICE);
    expect(await viem.getTransactionCount({ address, blockTag: 'pending' })).toBe(3);
    expect(await viem.estimateMaxPriorityFeePerGas()).toBe(GWEI);
    const history = await viem.getFeeHistory({ blockCount: 3, rewardPercentiles: [50] });
    expect(history.baseFeePerGas).toHaveLength(4);
    expect(history.reward).toHaveLength(3);
  });

  it('decodes the reason of a revert', async () => {
    const abi = parseAbi(['error Broke(uint256 have)', 'function pay()']);
    const data = encodeErrorResult({ abi, errorName: 'Broke', args: [7n] });
    const failure = await viem.call({ to: toHex(REVERTER), data }).then(
      () => undefined,
      (error: { walk: (test: (inner: unknown) => boolean) => { data?: Hex } | null }) =>
        error.walk((inner) => (inner as { code?: number }).code === 3),
    );
    const raw = failure?.data as Hex;
    expect(decodeErrorResult({ abi, data: raw })).toMatchObject({ errorName: 'Broke', args: [7n] });
  });
});
