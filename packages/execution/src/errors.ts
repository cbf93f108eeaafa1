import { defineErrors, type ErrorRegistry } from '@lucerna/base';

const refuseBlock = 'Refuse the block: its builder has other rules, another state, or means harm.';

/**
 * Codes of the execution package. `TX_*` and `CALL_*` begin with the words of go-ethereum, because
 * wallets and libraries match on them.
 */
export const executionErrors: ErrorRegistry<
  | 'SENDER_HAS_CODE'
  | 'TX_GAS_LEFT'
  | 'ENGINE_MISSING'
  | 'CREATE_COLLISION'
  | 'INIT_DATA_TOO_LARGE'
  | 'CODE_TOO_LARGE'
  | 'CODE_STORE_OUT_OF_GAS'
  | 'LOG_LIMIT'
  | 'CALL_REVERTED'
  | 'CALL_GAS_ALLOWANCE'
  | 'BLOCK_TRANSACTION'
  | 'BLOCK_TRANSACTIONS_ROOT'
  | 'BLOCK_GAS_EXECUTED'
  | 'BLOCK_LOGS_BLOOM'
  | 'BLOCK_RECEIPTS_ROOT'
  | 'BLOCK_STATE_ROOT'
> = defineErrors('execution', {
  SENDER_HAS_CODE: {
    summary: 'sender not an eoa',
    remedy: 'Send from an account without code (EIP-3607).',
  },
  TX_GAS_LEFT: {
    summary: 'gas limit reached',
    remedy: 'Leave the transaction for a later block: this one has too little gas left for it.',
  },
  ENGINE_MISSING: {
    summary: 'execution failed: no engine accepts the code',
    remedy:
      'Deploy what `lucerna contract compile` writes: this chain has no engine for other code.',
  },
  CREATE_COLLISION: {
    summary: 'contract address collision',
    remedy: "Deploy again: the sender's next nonce gives another address.",
  },
  INIT_DATA_TOO_LARGE: {
    summary: 'max initcode size exceeded',
    remedy: 'Make the contract or the arguments of its constructor smaller.',
  },
  CODE_TOO_LARGE: {
    summary: 'max code size exceeded',
    remedy: 'Make the contract smaller, or split it.',
  },
  CODE_STORE_OUT_OF_GAS: {
    summary: 'contract creation code storage out of gas',
    remedy: 'Raise the gas limit: every byte of stored code costs gas after the constructor.',
  },
  LOG_LIMIT: {
    summary: 'log limit of the transaction exceeded',
    remedy: 'Emit fewer or smaller events in one transaction.',
  },
  CALL_REVERTED: {
    summary: 'execution reverted',
    remedy: "Decode the field `data` with the contract's ABI to see why.",
  },
  CALL_GAS_ALLOWANCE: {
    summary: 'gas required exceeds allowance',
    remedy: 'Raise the gas of the request, or shorten its data and access list.',
  },
  BLOCK_TRANSACTION: {
    summary: 'A transaction of the block cannot be included',
    remedy: refuseBlock,
  },
  BLOCK_TRANSACTIONS_ROOT: {
    summary: 'The transactions root is not that of the transactions',
    remedy: refuseBlock,
  },
  BLOCK_GAS_EXECUTED: {
    summary: 'The gas used is not what the execution used',
    remedy: refuseBlock,
  },
  BLOCK_LOGS_BLOOM: {
    summary: 'The logs bloom is not that of the logs',
    remedy: refuseBlock,
  },
  BLOCK_RECEIPTS_ROOT: {
    summary: 'The receipts root is not that of the receipts',
    remedy: refuseBlock,
  },
  BLOCK_STATE_ROOT: {
    summary: 'The state root is not that of the state after the block',
    remedy: refuseBlock,
  },
});
