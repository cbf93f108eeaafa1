import { equalBytes, toHex } from '@lucerna/base';
import type {
  BlockView,
  JsonObject,
  RecoveredTransaction,
  TransactionPosition,
} from '@lucerna/protocol';
import type { NodeApi } from '../../node-api.ts';
import { blockNumber, isPending } from '../block-parameter.ts';
import { formatPendingTransaction, formatReceiptAt, formatTransactionAt } from '../format.ts';
import { address, data, hash, index, quantity64 } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { type Param, required } from '../params.ts';
import { readBlock, readPendingOrBlock } from './block.ts';

const transactionHash: Param<Uint8Array> = required('hash', hash, 'Hash of the transaction.');
const transactionIndex: Param<number> = required('index', index, 'Position in the block, from 0.');
const rawResult = { name: 'transaction', summary: 'The bytes (EIP-2718), or null.' };
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
    handler: async (node, txHash) => (await readReceipt(node, txHash)) ?? null,
  }),
  defineMethod({
    name: 'eth_getRawTransactionByHash',
    summary: 'The bytes of a transaction of the chain or of the pool.',
    params: [transactionHash],
    result: rawResult,
    handler: async (node, txHash) => {
      const position = node.findTransaction(txHash);
      const view = position && (await readBlockOf(node, txHash, position));
      const found = position && view?.block.transactions[position.index];
      return rawOf(found ?? node.pooledTransaction(txHash));
    },
  }),
  defineMethod({
    name: 'eth_getRawTransactionByBlockHashAndIndex',
    summary: 'The bytes of a transaction by its place in a block.',
    params: [required('blockHash', hash, 'Hash of the block.'), transactionIndex],
    result: rawResult,
    handler: async (node, blockHash, position) => {
      const view = await readBlock(node, { kind: 'hash', hash: blockHash });
      return rawOf(view?.block.transactions[position]);
    },
  }),
  defineMethod({
    name: 'eth_getRawTransactionByBlockNumberAndIndex',
    summary: 'The bytes of a transaction by its place in a block.',
    params: [required('block', blockNumber, 'Height or tag.'), transactionIndex],
    result: rawResult,
    handler: async (node, parameter, position) => {
      const view = await readPendingOrBlock(node, parameter);
      return rawOf(view?.block.transactions[position]);
    },
  }),
  defineMethod({
    name: 'eth_getTransactionBySenderAndNonce',
    summary: 'The transaction of the chain or of the pool that uses a nonce of an account.',
    params: [
      required('address', address, 'The sender.'),
      required('nonce', quantity64, 'The nonce.'),
    ],
    result: transactionResult,
    handler: async (node, sender, nonce) => {
      const position = node.transactionOfNonce(sender, nonce);
      if (position !== undefined) {
        const view = await node.block(position.height);
        const found = view && formatTransactionAt(view.block, position.index, { pending: false });
        return found ?? null;
      }
      const pooled = node
        .poolContentOf(sender)
        .find(({ transaction }) => transaction.transaction.nonce === nonce);
      return pooled === undefined ? null : formatPendingTransaction(pooled.transaction);
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

/** The receipt of a transaction; undefined while it is in no block. */
export async function readReceipt(
  node: NodeApi,
  txHash: Uint8Array,
): Promise<JsonObject | undefined> {
  const position = node.findTransaction(txHash);
  if (position === undefined) return undefined;
  const view = await readBlockOf(node, txHash, position);
  return view === undefined ? undefined : formatReceiptAt(view, position.index);
}

function rawOf(transaction: RecoveredTransaction | undefined): string | null {
  return transaction === undefined ? null : toHex(transaction.raw);
}

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
