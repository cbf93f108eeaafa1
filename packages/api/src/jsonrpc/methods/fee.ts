import { assert, equalBytes, present, toQuantity } from '@lucerna/base';
import { type BlockView, effectiveTip, type HeaderView, type JsonObject } from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import { apiLimits } from '../../limits.ts';
import type { NodeApi } from '../../node-api.ts';
import { blockNumber, headerAt, LATEST, resolveHeight } from '../block-parameter.ts';
import { gasUsedBy } from '../format.ts';
import { looseQuantity, percentiles, toSafeNumber } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { optional, paramError, required } from '../params.ts';

/** What gas costs. */
export const feeMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_gasPrice',
    summary: 'A gas price that gets a legacy transaction into the next block.',
    params: [],
    result: { name: 'gasPrice', summary: 'Wei per gas: next base fee and tip.' },
    handler: (node) => toQuantity(node.nextBaseFee() + node.priorityFee()),
  }),
  defineMethod({
    name: 'eth_maxPriorityFeePerGas',
    summary: 'A tip that gets a transaction into the next block.',
    params: [],
    result: { name: 'maxPriorityFeePerGas', summary: 'Wei per gas.' },
    handler: (node) => toQuantity(node.priorityFee()),
  }),
  defineMethod({
    name: 'eth_baseFee',
    summary: 'The base fee of the next block.',
    params: [],
    result: { name: 'baseFee', summary: 'Wei per gas.' },
    handler: (node) => toQuantity(node.nextBaseFee()),
  }),
  defineMethod({
    name: 'eth_feeHistory',
    summary: 'Base fees, fullness and tips of a range of blocks.',
    params: [
      required('blockCount', looseQuantity, 'Length of the range; the newest 1,024 at most.'),
      optional('newestBlock', blockNumber, LATEST, 'Last block of the range.'),
      optional('rewardPercentiles', percentiles, [], 'Which tips to report, by share of the gas.'),
    ],
    result: {
      name: 'feeHistory',
      summary: 'One base fee more than blocks: the last is the next one.',
    },
    handler: async (node, blockCount, newestBlock, wanted) => {
      if (blockCount === 0n) throw paramError('argument 0 (blockCount): at least 1');
      const newest = resolveHeight(node, newestBlock);
      if (newest === undefined) throw beyondHead(node);
      const available = newest + 1 - node.firstHeight();
      if (available < 1) throw apiErrors.create('FEE_HISTORY_PRUNED');
      const limit = apiLimits.values.feeHistoryBlocks;
      const count = Math.min(toSafeNumber(blockCount), limit, available);
      return formatFeeHistory(node, newest + 1 - count, newest, wanted);
    },
  }),
];

async function formatFeeHistory(
  node: NodeApi,
  oldest: number,
  newest: number,
  wanted: readonly number[],
): Promise<JsonObject> {
  const blocks: HeaderView[] = [];
  for (let height = oldest; height <= newest; height += 1) blocks.push(headerAt(node, height));
  const headers = blocks.map(({ header }) => header);
  const next = nextBaseFee(node, newest);
  return {
    oldestBlock: toQuantity(oldest),
    baseFeePerGas: [...headers.map((header) => header.baseFeePerGas), next].map(toQuantity),
    gasUsedRatio: headers.map(({ gasUsed, gasLimit }) => Number(gasUsed) / Number(gasLimit)),
    ...(wanted.length === 0 ? {} : { reward: await readRewards(node, blocks, wanted) }),
  };
}

/** @throws `FEE_HISTORY_REORGANISED` when the chain no longer has one of `blocks` */
async function readRewards(
  node: NodeApi,
  blocks: readonly HeaderView[],
  wanted: readonly number[],
): Promise<readonly (readonly string[])[]> {
  const rewards: (readonly string[])[] = [];
  for (const { header, hash } of blocks) {
    const view = await node.block(header.height);
    // Rewards of one chain and base fees of another would be an answer about neither.
    if (view === undefined || !equalBytes(view.block.hash, hash)) {
      throw apiErrors.create('FEE_HISTORY_REORGANISED');
    }
    rewards.push(rewardPercentiles(view, wanted).map(toQuantity));
  }
  return rewards;
}

/**
 * The tips that the given shares of the block's gas paid at most: transactions are ordered by tip and
 * weighted by the gas they used. Zero for an empty block. The algorithm is go-ethereum's
 * (eth/gasprice/feehistory.go, processBlock), so that wallets compute the same fees as elsewhere.
 */
function rewardPercentiles(view: BlockView, wanted: readonly number[]): readonly bigint[] {
  const { header, transactions } = view.block;
  const paid = transactions
    .map(({ transaction }, index) => ({
      tip: effectiveTip(transaction, header.baseFeePerGas),
      gasUsed: gasUsedBy(view.receipts, index),
    }))
    .sort((left, right) => (left.tip < right.tip ? -1 : left.tip > right.tip ? 1 : 0));
  let position = 0;
  let gasSum = paid[0]?.gasUsed ?? 0n;
  return wanted.map((percentile) => {
    const threshold = BigInt(Math.floor((Number(header.gasUsed) * percentile) / 100));
    while (gasSum < threshold && position < paid.length - 1) {
      position += 1;
      gasSum += present(paid[position], 'a position in the list').gasUsed;
    }
    const tip = paid[position]?.tip ?? 0n;
    assert(tip >= 0n, 'a transaction in a block pays the base fee');
    return tip;
  });
}

function nextBaseFee(node: NodeApi, newest: number): bigint {
  if (newest === node.head().header.height) return node.nextBaseFee();
  return headerAt(node, newest + 1).header.baseFeePerGas;
}

function beyondHead(node: NodeApi): Error {
  return apiErrors.create('FEE_HISTORY_BEYOND_HEAD', `head ${node.head().header.height}`);
}
