import type { NodeApi, PoolTransaction } from '@lucerna/api';
import { turnTaker } from '@lucerna/base';
import type { PooledTransaction } from '@lucerna/mempool';
import { nodeLimits } from './limits.ts';
import type { LocalApiParts } from './local-api-parts.ts';
import type { PendingBlock } from './pending-block.ts';

/** What is asked of blocks, transactions and the pool, and who wants to hear of new ones. */
export type BlockQueries = Pick<
  NodeApi,
  | 'block'
  | 'creationOf'
  | 'findTransaction'
  | 'firstHeight'
  | 'head'
  | 'header'
  | 'heightOf'
  | 'logs'
  | 'nextBaseFee'
  | 'onHead'
  | 'onPooled'
  | 'pendingBlock'
  | 'pendingNonce'
  | 'poolContent'
  | 'poolContentOf'
  | 'pooledTransaction'
  | 'transactionOfNonce'
  | 'transactionsOf'
>;

/** Answers from the chain and the pool. */
export function blockQueries(parts: LocalApiParts, pendingBlock: () => PendingBlock): BlockQueries {
  const { chain, pool, sealer, clock } = parts;
  return {
    head: () => chain.head(),
    firstHeight: () => chain.firstHeight(),
    header: (height) => chain.header(height),
    heightOf: (blockHash) => chain.heightOf(blockHash),
    block: (height) => chain.block(height),
    logs: (filter) => chain.logs(filter, turnTaker(clock, nodeLimits.values.queryTurnMs)),
    findTransaction: (hash) => chain.findTransaction(hash),
    transactionsOf: (address, from, direction) => chain.transactionsOf(address, from, direction),
    transactionOfNonce: (sender, nonce) => chain.transactionOfNonce(sender, nonce),
    creationOf: (contract) => chain.creationOf(contract),
    pooledTransaction: (hash) => pool.get(hash),
    poolContent: () => pool.content().map(asPoolTransaction),
    poolContentOf: (address) => pool.contentOf(address).map(asPoolTransaction),
    pendingNonce: (address) => pool.pendingNonce(address),
    nextBaseFee: () => sealer.nextBaseFee(),
    pendingBlock: () => {
      const { block, receipts } = pendingBlock().executed;
      return { block, receipts };
    },
    onHead: (listener) =>
      chain.onHead(({ block, receipts, reverted }) =>
        listener({ view: { block, receipts }, reverted }),
      ),
    onPooled: (listener) => pool.onPending(listener),
  };
}

/** What waits for the base fee to fall could be in the next block as well, so it is not queued. */
function asPoolTransaction({ transaction, status }: PooledTransaction): PoolTransaction {
  return { transaction, status: status === 'queued' ? 'queued' : 'pending' };
}
