import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/**
 * Codes of the mempool: why a transaction is not taken, beside the `TX_*` codes of the protocol
 * package. The summaries are geth's wordings, which
 * wallets and client libraries match on.
 */
export const mempoolErrors: ErrorRegistry<
  'POOL_ALREADY_KNOWN' | 'REPLACEMENT_UNDERPRICED' | 'POOL_FULL'
> = defineErrors('mempool', {
  POOL_ALREADY_KNOWN: {
    summary: 'already known',
    remedy: 'Nothing to do: the same transaction is waiting for a block.',
  },
  REPLACEMENT_UNDERPRICED: {
    summary: 'replacement transaction underpriced',
    remedy:
      'Raise both the fee cap and the tip cap of the transaction with this nonce by at least 10 %.',
  },
  POOL_FULL: {
    summary: 'txpool is full',
    remedy: 'Wait for the next blocks, then send again.',
  },
});
