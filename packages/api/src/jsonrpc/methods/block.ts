import { equalBytes, toQuantity } from '@lucerna/base';
import { type BlockView, headerToJson, type JsonObject } from '@lucerna/protocol';
import type { MaybePromise, NodeApi } from '../../node-api.ts';
import {
  type BlockParameter,
  block,
  blockNumber,
  isPending,
  LATEST,
  resolveHeight,
} from '../block-parameter.ts';
import { formatBlock, formatReceipts } from '../format.ts';
import { hash } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { flag, optional, type Param, required } from '../params.ts';

const fullTransactions: Param<boolean> = optional(
  'fullTransactions',
  flag,
  false,
  'Whole transactions instead of their hashes.',
);

const blockResult = { name: 'block', summary: 'The block, or null when there is none (yet).' };
const headerResult = {
  name: 'header',
  summary: 'The header, or null when there is no such block.',
};
const countResult = { name: 'count', summary: 'Quantity, or null when there is no such block.' };

/** Blocks and what belongs to a whole block. */
export const blockMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getBlockByNumber',
    summary: 'A block by height or tag.',
    params: [optional('block', blockNumber, LATEST, 'Height or tag.'), fullTransactions],
    result: blockResult,
    handler: async (node, parameter, full) => {
      if (isPending(parameter))
        return formatBlock(node.pendingBlock().block, { full, pending: true });
      const view = await readBlock(node, parameter);
      return view === undefined ? null : formatBlock(view.block, { full, pending: false });
    },
  }),
  defineMethod({
    name: 'eth_getBlockByHash',
    summary: 'A block by hash.',
    params: [required('blockHash', hash, 'Hash of the block.'), fullTransactions],
    result: blockResult,
    handler: async (node, blockHash, full) => {
      const view = await readBlock(node, { kind: 'hash', hash: blockHash });
      return view === undefined ? null : formatBlock(view.block, { full, pending: false });
    },
  }),
  defineMethod({
    name: 'eth_getHeaderByNumber',
    summary: 'The header of a block by height or tag.',
    params: [optional('block', blockNumber, LATEST, 'Height or tag.')],
    result: headerResult,
    handler: async (node, parameter) => headerOf(await readPendingOrBlock(node, parameter)),
  }),
  defineMethod({
    name: 'eth_getHeaderByHash',
    summary: 'The header of a block by hash.',
    params: [required('blockHash', hash, 'Hash of the block.')],
    result: headerResult,
    handler: async (node, blockHash) =>
      headerOf(await readBlock(node, { kind: 'hash', hash: blockHash })),
  }),
  defineMethod({
    name: 'eth_getBlockReceipts',
    summary: 'The receipts of all transactions of a block.',
    params: [optional('block', block, LATEST, 'Height, tag or hash.')],
    result: {
      name: 'receipts',
      summary:
        'In the order of the transactions; null when there is no such block, or it is pending.',
    },
    handler: async (node, parameter) => {
      if (isPending(parameter)) return null;
      const view = await readBlock(node, parameter);
      return view === undefined ? null : formatReceipts(view);
    },
  }),
  defineMethod({
    name: 'eth_getBlockTransactionCountByNumber',
    summary: 'How many transactions a block has.',
    params: [optional('block', blockNumber, LATEST, 'Height or tag.')],
    result: countResult,
    handler: async (node, parameter) =>
      countTransactions(await readPendingOrBlock(node, parameter)),
  }),
  defineMethod({
    name: 'eth_getBlockTransactionCountByHash',
    summary: 'How many transactions a block has.',
    params: [required('blockHash', hash, 'Hash of the block.')],
    result: countResult,
    handler: async (node, blockHash) =>
      countTransactions(await readBlock(node, { kind: 'hash', hash: blockHash })),
  }),
];

/** The block that a parameter means, `pending` being the head; undefined when there is none. */
export async function readBlock(
  node: NodeApi,
  parameter: BlockParameter,
): Promise<BlockView | undefined> {
  const height = resolveHeight(node, parameter);
  const view = height === undefined ? undefined : await node.block(height);
  if (view === undefined || parameter.kind !== 'hash') return view;
  // Another block may have taken its place while it was read.
  return equalBytes(view.block.hash, parameter.hash) ? view : undefined;
}

/** The block that a parameter means, `pending` being the preview of the next one. */
export function readPendingOrBlock(
  node: NodeApi,
  parameter: BlockParameter,
): MaybePromise<BlockView | undefined> {
  return isPending(parameter) ? node.pendingBlock() : readBlock(node, parameter);
}

function headerOf(view: BlockView | undefined): JsonObject | null {
  return view === undefined ? null : headerToJson(view.block.header, view.block.hash);
}

function countTransactions(view: BlockView | undefined): string | null {
  return view === undefined ? null : toQuantity(view.block.transactions.length);
}
