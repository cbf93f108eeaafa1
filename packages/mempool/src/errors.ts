import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/**
 * Codes of the mempool: why a transaction is not taken. The summaries are geth's wordings, which
 * wallets and client libraries match on.
 */
export const mempoolErrors: ErrorRegistry<
  | 'POOL_ALREADY_KNOWN'
  | 'NONCE_TOO_LOW'
  | 'NONCE_TOO_HIGH'
  | 'INSUFFICIENT_FUNDS'
  | 'REPLACEMENT_UNDERPRICED'
  | 'POOL_FULL'
> = defineErrors('mempool', {
  POOL_ALREADY_KNOWN: {
    summary: 'already known',
    remedy: 'Nothing to do: the same transaction is waiting for a block.',
  },
  NONCE_TOO_LOW: {
    summary: 'nonce too low',
    remedy: "Sign again with the sender's next nonce (eth_getTransactionCount, block pending).",
  },
  NONCE_TOO_HIGH: {
    summary: 'nonce too high',
    remedy: "Send the sender's transactions with lower nonces first.",
  },
  INSUFFICIENT_FUNDS: {
    summary: 'insufficient funds for gas * price + value',
    remedy:
      "Add funds, or lower the value, the gas limit or the fee cap; the sender's earlier waiting transactions count too.",
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
