import { defineErrors, type ErrorRegistry } from '@lucerna/base';

export const nodeErrors: ErrorRegistry<
  | 'ACCOUNT_COUNT_OUT_OF_RANGE'
  | 'ACCOUNT_UNKNOWN'
  | 'BLOCK_COUNT_OUT_OF_RANGE'
  | 'BLOCK_INTERVAL_OUT_OF_RANGE'
  | 'CHAIN_ID_DIFFERS'
  | 'DUMP_CHAIN_ID'
  | 'DUMP_INVALID'
  | 'DUMP_TOO_LARGE'
  | 'DUMP_WITHOUT_GENESIS'
  | 'GENESIS_TIME_DIFFERS'
  | 'HEADER_VALUE_OUT_OF_RANGE'
  | 'IMPERSONATED_FULL'
  | 'NODE_CLOSED'
  | 'NONCE_OUT_OF_RANGE'
  | 'REORG_OFFSET_OUT_OF_RANGE'
  | 'ROLLBACK_TOO_DEEP'
  | 'SNAPSHOTS_FULL'
  | 'TIMESTAMP_BEFORE_HEAD'
  | 'TIMESTAMP_OUT_OF_RANGE'
  | 'TRANSACTION_DROPPED'
> = defineErrors('node', {
  ACCOUNT_COUNT_OUT_OF_RANGE: {
    summary: 'The number of accounts is out of range',
    remedy:
      'Ask for a whole number up to the documented limit; others can send with their own keys.',
  },
  ACCOUNT_UNKNOWN: {
    summary: 'unknown account',
    remedy: 'Use one of the addresses that eth_accounts lists, or sign the transaction yourself.',
  },
  BLOCK_COUNT_OUT_OF_RANGE: {
    summary: 'The number of blocks to mine is out of range',
    remedy:
      'Ask for at least one block and at most the documented limit, in several calls if need be.',
  },
  BLOCK_INTERVAL_OUT_OF_RANGE: {
    summary: 'The time between blocks is out of range',
    remedy: 'Give whole milliseconds up to the documented limit; 0 on a running node ends it.',
  },
  CHAIN_ID_DIFFERS: {
    summary: 'The data directory holds a chain with another chain id',
    remedy: 'Leave the chain id out, choose another data directory, or start over with --reset.',
  },
  DUMP_CHAIN_ID: {
    summary: 'The dump is of a chain with another chain id',
    remedy: 'Load it into a chain with that id (--chain-id): its transactions are signed for it.',
  },
  DUMP_INVALID: {
    summary: 'The bytes are no dump of a dev chain, or one that was changed',
    remedy:
      'Load what anvil_dumpState has answered, unchanged, with a version that knows its format.',
  },
  DUMP_TOO_LARGE: {
    summary: 'The chain is too large for one dump',
    remedy: 'Copy its data directory, or export its blocks with `lucerna db export`.',
  },
  DUMP_WITHOUT_GENESIS: {
    summary: 'The chain begins with a snapshot, and its first blocks are not there to be dumped',
    remedy: 'Copy its data directory, or export its state with `lucerna db snapshot`.',
  },
  GENESIS_TIME_DIFFERS: {
    summary: 'The data directory holds a chain that begins at another time',
    remedy: 'Leave the time out, choose another data directory, or start over with --reset.',
  },
  HEADER_VALUE_OUT_OF_RANGE: {
    summary: 'A block header cannot have this value',
    remedy: 'Give a value within the bounds that the message names.',
  },
  IMPERSONATED_FULL: {
    summary: 'Too many addresses are impersonated',
    remedy: 'Stop impersonating some of them, or impersonate all (anvil_autoImpersonateAccount).',
  },
  NODE_CLOSED: {
    summary: 'the node is closed',
    remedy: 'Start it again, then repeat the request.',
  },
  NONCE_OUT_OF_RANGE: {
    summary: 'An account cannot have this nonce',
    remedy: 'Give a nonce of at most 64 bits.',
  },
  REORG_OFFSET_OUT_OF_RANGE: {
    summary: 'A transaction is for a block that the reorganisation does not make',
    remedy: 'Number the new blocks from 0 up to the depth minus 1.',
  },
  ROLLBACK_TOO_DEEP: {
    summary: 'Depth must not exceed current chain height',
    remedy: 'Go back by at most as many blocks as there are above the first one that is kept.',
  },
  SNAPSHOTS_FULL: {
    summary: 'There are too many snapshots',
    remedy: 'Revert to an older one, or reset the chain: that takes the later ones away.',
  },
  TIMESTAMP_BEFORE_HEAD: {
    summary: 'The timestamp is before the latest block',
    remedy: "Give a timestamp at or after the latest block's, in seconds.",
  },
  TIMESTAMP_OUT_OF_RANGE: {
    summary: 'The timestamp is out of range',
    remedy: 'Give whole seconds up to the documented limit; milliseconds are too many.',
  },
  TRANSACTION_DROPPED: {
    summary: 'transaction was dropped before it was in a block',
    remedy:
      'Send it again: meanwhile the pool was emptied, or the chain went back to an older block.',
  },
});
