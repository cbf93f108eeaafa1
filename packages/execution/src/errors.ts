import { defineErrors, type ErrorRegistry } from '@lucerna/base';

const refuseBlock = 'Refuse the block: its builder has other rules, another state, or means harm.';

/**
 * Codes of the execution package. `TX_*` and `CALL_*` begin with the words of go-ethereum, because
 * wallets and libraries match on them.
 */
export const executionErrors: ErrorRegistry<
  | 'SENDER_HAS_CODE'
  | 'TX_GAS_LEFT'
  | 'TX_BALANCE_OVERFLOW'
  | 'BLOCK_HASH_MISSING'
  | 'ENGINE_MISSING'
  | 'CREATE_COLLISION'
  | 'INIT_DATA_TOO_LARGE'
  | 'CODE_TOO_LARGE'
  | 'CODE_STORE_OUT_OF_GAS'
  | 'LOG_LIMIT'
  | 'FRAME_DEPTH'
  | 'FRAME_FUNDS'
  | 'FRAME_LIMIT'
  | 'STATIC_CALL'
  | 'CREATE_NONCE_MAX'
  | 'NATIVE_CODE_RESERVED'
  | 'NATIVE_RESULT_LIMIT'
  | 'CALL_REVERTED'
  | 'CALL_GAS_ALLOWANCE'
  | 'SIMULATION_BLOCK_NUMBER'
  | 'SIMULATION_TIMESTAMP'
  | 'SIMULATION_BLOCKS'
  | 'SIMULATION_BLOCK_GAS'
  | 'SIMULATION_GAS'
  | 'SIMULATION_RESULT'
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
  TX_BALANCE_OVERFLOW: {
    summary: 'balance overflow: an account would have more than 2^256 - 1 wei',
    remedy:
      'Take wei from the account that has nearly as many; only a cheat can have put them there.',
  },
  BLOCK_HASH_MISSING: {
    summary: 'hash of an earlier block not known to this node',
    remedy: 'Ask for a later block: this node does not have the blocks before its base.',
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
  FRAME_DEPTH: {
    summary: 'max call depth exceeded',
    remedy: 'Let contracts call each other less deeply.',
  },
  FRAME_FUNDS: {
    summary: 'insufficient balance for transfer',
    remedy: 'Give the contract that calls the wei that it is to send.',
  },
  FRAME_LIMIT: {
    summary: 'call limit of the transaction exceeded',
    remedy: 'Make fewer calls in one transaction, for example several smaller multicalls.',
  },
  STATIC_CALL: {
    summary: 'write protection',
    remedy: 'Send no wei and create no contract in a call that must not change anything.',
  },
  CREATE_NONCE_MAX: {
    summary: 'nonce uint64 overflow',
    remedy: 'Create the contract from another account: the nonce of this one cannot grow.',
  },
  NATIVE_CODE_RESERVED: {
    summary: 'code of a native contract cannot be deployed',
    remedy: 'Call the native contract at its address; only a genesis can put one there.',
  },
  NATIVE_RESULT_LIMIT: {
    summary: 'result of the native contract too large',
    remedy: 'Ask for less in one call.',
  },
  CALL_REVERTED: {
    summary: 'execution reverted',
    remedy: "Decode the field `data` with the contract's ABI to see why.",
  },
  CALL_GAS_ALLOWANCE: {
    summary: 'gas required exceeds allowance',
    remedy: 'Raise the gas of the request, or shorten its data and access list.',
  },
  SIMULATION_BLOCK_NUMBER: {
    summary: 'block numbers must be in order',
    remedy: 'Give each simulated block a higher number than the one before it, or none.',
  },
  SIMULATION_TIMESTAMP: {
    summary: 'block timestamps must be in order',
    remedy: 'Give each simulated block a later time than the one before it, or none.',
  },
  SIMULATION_BLOCKS: {
    summary: 'too many blocks',
    remedy: 'Simulate fewer blocks at once: empty ones that fill gaps count as well.',
  },
  SIMULATION_BLOCK_GAS: {
    summary: 'block gas limit reached',
    remedy: 'Give the call less gas, put it into a later block, or override the gas limit.',
  },
  SIMULATION_GAS: {
    summary: 'gas allowance of the simulation is used up',
    remedy: 'Simulate fewer calls at once, or give each less gas.',
  },
  SIMULATION_RESULT: {
    summary: 'the calls return and log too much for one answer',
    remedy: 'Simulate fewer calls at once, or such that return less.',
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
