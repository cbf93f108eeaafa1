import { defineErrors, type ErrorRegistry } from '@lucerna/base';

export const nodeErrors: ErrorRegistry<
  | 'ACCOUNT_UNKNOWN'
  | 'BLOCK_COUNT_OUT_OF_RANGE'
  | 'CHAIN_ID_DIFFERS'
  | 'NODE_CLOSED'
  | 'TIMESTAMP_BEFORE_HEAD'
> = defineErrors('node', {
  ACCOUNT_UNKNOWN: {
    summary: 'unknown account',
    remedy: 'Use one of the addresses that eth_accounts lists, or sign the transaction yourself.',
  },
  BLOCK_COUNT_OUT_OF_RANGE: {
    summary: 'The number of blocks to mine is out of range',
    remedy:
      'Ask for at least one block and at most the documented limit, in several calls if need be.',
  },
  CHAIN_ID_DIFFERS: {
    summary: 'The data directory holds a chain with another chain id',
    remedy: 'Leave the chain id out, choose another data directory, or start over with --reset.',
  },
  NODE_CLOSED: {
    summary: 'the node is closed',
    remedy: 'Start it again, then repeat the request.',
  },
  TIMESTAMP_BEFORE_HEAD: {
    summary: 'The timestamp is before the latest block',
    remedy: "Give a timestamp at or after the latest block's, in seconds.",
  },
});
