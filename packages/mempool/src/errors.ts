import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/**
 * Codes of the mempool: why a transaction is not taken, beside the `TX_*` codes of the protocol
 * package. The summaries are geth's wordings, which
 * wallets and client libraries match on.
 */
export const mempoolErrors: ErrorRegistry<
  | 'POOL_ALREADY_KNOWN'
  | 'POOL_UNDERPRICED'
  | 'REPLACEMENT_UNDERPRICED'
  | 'POOL_SENDER_FULL'
  | 'POOL_FUTURE_REPLACES_PENDING'
  | 'POOL_FULL'
  | 'POOL_JOURNAL_VERSION'
> = defineErrors('mempool', {
  POOL_ALREADY_KNOWN: {
    summary: 'already known',
    remedy: 'Nothing to do: the same transaction is waiting for a block, or was refused lately.',
  },
  POOL_UNDERPRICED: {
    summary: 'transaction underpriced',
    remedy:
      'Raise the fee cap and the tip cap: the pool is full of others that pay as much, or asks for more.',
  },
  REPLACEMENT_UNDERPRICED: {
    summary: 'replacement transaction underpriced',
    remedy:
      'Raise both the fee cap and the tip cap of the transaction with this nonce by at least 10 %.',
  },
  POOL_SENDER_FULL: {
    summary: 'account limit exceeded',
    remedy: "Send the sender's earlier nonces first, or wait for the next blocks.",
  },
  POOL_FUTURE_REPLACES_PENDING: {
    summary: 'future transaction tries to replace pending',
    remedy: "Send the sender's earlier nonces first: the pool is full of executable transactions.",
  },
  POOL_FULL: {
    summary: 'txpool is full',
    remedy: 'Wait for the next blocks, then send again.',
  },
  POOL_JOURNAL_VERSION: {
    summary: 'the journal of the pool was written by a newer program',
    remedy:
      'Start with that program, or move the journal away: only waiting transactions are in it.',
  },
});
