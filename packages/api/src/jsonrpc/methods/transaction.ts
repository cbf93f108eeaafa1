import { equalBytes, toHex } from '@lucerna/base';
import type { BlockView, TransactionPosition } from '@lucerna/protocol';
import type { NodeApi } from '../../node-api.ts';
import { blockNumber } from '../block-parameter.ts';
import { formatPendingTransaction, formatReceiptAt, formatTransactionAt } from '../format.ts';
import { data, hash, index } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { type Param, required } from '../params.ts';
import { isPending, readBlock, readPendingOrBlock } from './block.ts';

const transactionHash: Param<Uint8Array> = required('hash', hash, 'Hash of the transaction.');
const transactionIndex: Param<number> = required('index', index, 'Position in the block, from 0.');
const transactionResult = { name: 'transaction', summary: 'The transaction, or null.' };

/** Single transactions: reading and sending them. */
export const transactionMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getTransactionByHash',
    summary: 'A transaction of the chain or of the pool.',
    params: [transactionHash],
    result: transactionResult,
    handler: async (node, txHash) => {
      const position = node.findTransaction(txHash);
      if (position !== undefined) {
        const view = await readBlockOf(node, txHash, position);
        if (view === undefined) return null;
        return formatTransactionAt(view.block, position.index, { pending: false }) ?? null;
      }
      const pooled = node.pooledTransaction(txHash);
      return pooled === undefined ? null : formatPendingTransaction(pooled);
    },
  }),
  defineMethod({
    name: 'eth_getTransactionByBlockHashAndIndex',
    summary: 'A transaction by its place in a block.',
    params: [required('blockHash', hash, 'Hash of the block.'), transactionIndex],
    result: transactionResult,
    handler: async (node, blockHash, position) => {
      const view = await readBlock(node, { kind: 'hash', hash: blockHash });
      if (view === undefined) return null;
      return formatTransactionAt(view.block, position, { pending: false }) ?? null;
    },
  }),
  defineMethod({
    name: 'eth_getTransactionByBlockNumberAndIndex',
    summary: 'A transaction by its place in a block.',
    params: [required('block', blockNumber, 'Height or tag.'), transactionIndex],
    result: transactionResult,
    handler: async (node, parameter, position) => {
      const view = await readPendingOrBlock(node, parameter);
      if (view === undefined) return null;
      const pending = isPending(parameter);
      return formatTransactionAt(view.block, position, { pending }) ?? null;
    },
  }),
  defineMethod({
    name: 'eth_getTransactionReceipt',
    summary: 'What came of a transaction.',
    params: [transactionHash],
    result: { name: 'receipt', summary: 'The receipt, or null while it is in no block.' },
    handler: async (node, txHash) => {
      const position = node.findTransaction(txHash);
      if (position === undefined) return null;
      const view = await readBlockOf(node, txHash, position);
      return view === undefined ? null : formatReceiptAt(view, position.index);
    },
  }),
  defineMethod({
    name: 'eth_sendRawTransaction',
    summary: 'Takes a signed transaction; with automine its block is made before the answer.',
    params: [required('transaction', data, 'The signed transaction (EIP-2718).')],
    result: { name: 'hash', summary: 'Hash of the transaction.' },
    handler: async (node, raw) => toHex(await node.sendRaw(raw)),
  }),
];

/** The block at `position` if it (still) has this transaction there. */
async function readBlockOf(
  node: NodeApi,
  txHash: Uint8Array,
  { height, index: position }: TransactionPosition,
): Promise<BlockView | undefined> {
  const view = await node.block(height);
  const found = view?.block.transactions[position];
  // A dev chain may have been rewound while the block was read.
  return found !== undefined && equalBytes(found.hash, txHash) ? view : undefined;
}
