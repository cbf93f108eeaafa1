import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the library. */
export const sdkErrors: ErrorRegistry<
  | 'ACCOUNT_NAME_INVALID'
  | 'AMOUNT_INVALID'
  | 'BLOCK_CONFLICTS'
  | 'BLOCK_HEIGHT_WRONG'
  | 'BLOCK_PARENT_WRONG'
  | 'BLOCK_TIMESTAMP_INVALID'
  | 'BLOCK_TRANSACTION_REFUSED'
  | 'CONTRACT_NEEDS_BLOCK'
  | 'EXECUTED_FULL'
  | 'LEDGER_ACCOUNT_INVALID'
  | 'LEDGER_CALL_FAILED'
  | 'LEDGER_EVENT_UNKNOWN'
  | 'LEDGER_HEIGHT_INVALID'
  | 'LEDGER_LOCATION_INVALID'
  | 'LEDGER_PROOF_FOREIGN'
  | 'LEDGER_SLOT_INVALID'
  | 'LEDGER_STATE_PATCHED'
  | 'LEDGER_TRANSACTION_FAILED'
  | 'LEDGER_WATCH_BEHIND'
  | 'NODE_TYPE_UNKNOWN'
  | 'NONCE_INVALID'
  | 'POOL_NOT_KEPT'
  | 'POOL_OPEN'
  | 'SIGNER_UNKNOWN'
  | 'STATE_DB_CLOSED'
  | 'STATE_DB_FOREIGN'
  | 'EXECUTION_FAILED'
  | 'TRANSACTION_JSON_INVALID'
  | 'TRANSACTION_KNOWN'
  | 'TRANSFER_TO_SELF'
  | 'VM_ACTION_UNKNOWN'
  | 'VM_ARGUMENT_INVALID'
  | 'VM_CONTRACT_UNKNOWN'
  | 'VM_SETTING_INVALID'
> = defineErrors('sdk', {
  ACCOUNT_NAME_INVALID: {
    summary: 'The account has a name that cannot be one',
    remedy: 'Use a letter, then letters, digits, "_", "." or "-"; or an address with 0x.',
  },
  AMOUNT_INVALID: {
    summary: 'The amount is not one that can be sent',
    remedy:
      'Give a positive whole number below 2^256 (gas: 2^64), as bigint, as a safe integer or as decimal digits.',
  },
  BLOCK_CONFLICTS: {
    summary: 'Behind the block a transaction could not be executed that was executed before',
    remedy: 'Put the executed transactions of the same senders into the block, in their order.',
  },
  BLOCK_HEIGHT_WRONG: {
    summary: 'The block does not have the next height',
    remedy: 'Make it on the latest block: its height is one more.',
  },
  BLOCK_PARENT_WRONG: {
    summary: 'The block names another parent than the latest block',
    remedy: 'Give the hash of the latest block; only a block of height 1 may name anything.',
  },
  BLOCK_TIMESTAMP_INVALID: {
    summary: 'The block has a time that is none',
    remedy: 'Give whole seconds since 1970, or leave it out: then it is the time of processing.',
  },
  BLOCK_TRANSACTION_REFUSED: {
    summary: 'The block has a transaction that it cannot have',
    remedy:
      'Look at the index and the cause; leave it out or correct it. Nothing of the block was done.',
  },
  CONTRACT_NEEDS_BLOCK: {
    summary: 'The transaction runs a contract, which may depend on the block that it is in',
    remedy: 'Put it into a block: processBlock executes it.',
  },
  EXECUTED_FULL: {
    summary: 'So much was executed that no block has room for more',
    remedy: 'Process a block with what was executed, then go on.',
  },
  LEDGER_ACCOUNT_INVALID: {
    summary: 'It is no name, no private key and no mnemonic',
    remedy: 'Give a name, 32 bytes as 0x and 64 digits, or the words of BIP-39 in English.',
  },
  LEDGER_CALL_FAILED: {
    summary: 'The contract has refused the call',
    remedy: 'The reason is in the message, if the contract gives one. Nothing was sent.',
  },
  LEDGER_EVENT_UNKNOWN: {
    summary: 'The contract declares no such event',
    remedy: 'Name an event as the source of the contract has it.',
  },
  LEDGER_HEIGHT_INVALID: {
    summary: 'The height or the position is none',
    remedy: 'Count from 0 in whole numbers.',
  },
  LEDGER_LOCATION_INVALID: {
    summary: 'A ledger is in a folder or in memory',
    remedy: 'Give the path of a folder, or { memory: true }.',
  },
  LEDGER_PROOF_FOREIGN: {
    summary: 'The proof is not of the block that is trusted',
    remedy: 'Ask for a proof at that block, or find out why the other one is not known.',
  },
  LEDGER_SLOT_INVALID: {
    summary: 'A slot has 32 bytes',
    remedy: 'Give 32 bytes, or 0x and 64 digits.',
  },
  LEDGER_STATE_PATCHED: {
    summary: 'No header has the root of this state: it was changed without a block',
    remedy: 'Make a block, and ask for the proof behind it.',
  },
  LEDGER_TRANSACTION_FAILED: {
    summary: 'The transaction is in a block, and failed there',
    remedy: 'The reason is in the message, if the contract gives one. Gas and nonce are used up.',
  },
  LEDGER_WATCH_BEHIND: {
    summary: 'Too many blocks wait for whoever watches',
    remedy: 'Watch again from the height in the field "height", and take what comes faster.',
  },
  NODE_TYPE_UNKNOWN: {
    summary: 'There is no such type of node',
    remedy: 'Use light, full or super.',
  },
  NONCE_INVALID: {
    summary: 'The nonce is not one',
    remedy: 'The first transaction of an account has nonce 1, the next one 2, and so on.',
  },
  POOL_NOT_KEPT: {
    summary: 'The files of the pool cannot be written, so that it takes nothing more',
    remedy: 'Make room on the disk, or look after it; then open the database again.',
  },
  POOL_OPEN: {
    summary: 'The database has an open pool',
    remedy: 'Use that one, or close it first.',
  },
  SIGNER_UNKNOWN: {
    summary: 'The transaction is from an address, and nobody has signed it with its key',
    remedy: 'Call signed(privateKey) with the key of that address, or send from a name.',
  },
  STATE_DB_CLOSED: {
    summary: 'The database is closed',
    remedy: 'Open it again.',
  },
  STATE_DB_FOREIGN: {
    summary: 'The directory has a chain that is not a StateDB',
    remedy: 'Give another directory, or open this one with the node that has made it.',
  },
  EXECUTION_FAILED: {
    summary: 'The transaction was refused by the contract that it calls',
    remedy: 'The reason is in the message; nothing has changed, not even the nonce.',
  },
  TRANSACTION_JSON_INVALID: {
    summary: 'The JSON is no transaction',
    remedy: 'Give an object with from, to and amount, and maybe nonce, gas_price, gas_limit.',
  },
  TRANSACTION_KNOWN: {
    summary: 'The transaction was executed before',
    remedy: 'Use the next nonce for another one: the same transaction counts once.',
  },
  TRANSFER_TO_SELF: {
    summary: 'The transfer is to its own sender',
    remedy: 'Name another recipient.',
  },
  VM_ACTION_UNKNOWN: {
    summary: 'The contract has no such action',
    remedy: 'Name an action of the contract that is not private, as its source or its ABI has it.',
  },
  VM_ARGUMENT_INVALID: {
    summary: 'The value is none of its type',
    remedy: 'Give integers as bigint or number, addresses and bytes as 0x…, lists as arrays.',
  },
  VM_CONTRACT_UNKNOWN: {
    summary: 'There is no contract of this language at the address',
    remedy: 'Use the address that the deployment has answered.',
  },
  VM_SETTING_INVALID: {
    summary: 'The circumstance of the machine is out of range',
    remedy:
      'Give block number and time as whole numbers that do not go back, amounts that are not negative.',
  },
});
