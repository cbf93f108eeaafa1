import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the command line. */
export const cliErrors: ErrorRegistry<
  | 'ACTION_NOT_PAYABLE'
  | 'ACTION_UNKNOWN'
  | 'ARGUMENT_COUNT'
  | 'ARGUMENT_INVALID'
  | 'ARTIFACT_INVALID'
  | 'CONTRACT_REVERTED'
  | 'CONTRACT_UNKNOWN'
  | 'INPUT_TOO_LARGE'
  | 'INPUT_UNREADABLE'
  | 'NODE_ANSWER_INVALID'
  | 'NODE_REFUSED'
  | 'NODE_UNREACHABLE'
  | 'OUTPUT_UNWRITABLE'
  | 'RECEIPT_TIMEOUT'
  | 'RECEIPT_UNREADABLE'
  | 'SENDER_MISSING'
  | 'TRANSACTION_FAILED'
> = defineErrors('cli', {
  ACTION_NOT_PAYABLE: {
    summary: 'The action takes no value',
    remedy: 'Leave --value out, or declare the action payable.',
  },
  ACTION_UNKNOWN: {
    summary: 'The contract has no such action',
    remedy: 'Use a name that `lucerna contract inspect` lists among the actions.',
  },
  ARGUMENT_COUNT: {
    summary: 'The number of arguments is wrong',
    remedy: 'Give one argument for every parameter; quote text that has spaces.',
  },
  ARGUMENT_INVALID: {
    summary: 'An argument is not of its type',
    remedy:
      'Write integers in decimal or 0x-hex, true or false, addresses and bytes as 0x-hex, text as it is.',
  },
  ARTIFACT_INVALID: {
    summary: 'The JSON file has no bytecode',
    remedy: 'Give the file that `lucerna contract compile --out` writes.',
  },
  CONTRACT_REVERTED: {
    summary: 'execution reverted',
    remedy: "Meet the contract's condition that the reason names.",
  },
  CONTRACT_UNKNOWN: {
    summary: 'There is no contract at the address',
    remedy: 'Check the address and that --rpc leads to the chain it is on.',
  },
  INPUT_TOO_LARGE: {
    summary: 'The file is larger than anything that a contract comes in',
    remedy: 'Check the path.',
  },
  INPUT_UNREADABLE: {
    summary: 'The file cannot be read',
    remedy: 'Check the path and its permissions; bytecode needs 0x in front.',
  },
  NODE_ANSWER_INVALID: {
    summary: 'The answer is not that of a JSON-RPC node',
    remedy: 'Check that --rpc leads to the JSON-RPC port of an Ethereum node.',
  },
  NODE_REFUSED: {
    summary: 'The node refuses the request',
    remedy: 'Do what its words say; no transaction was sent.',
  },
  NODE_UNREACHABLE: {
    summary: 'No node answers',
    remedy: 'Start one with `lucerna dev`, or say with --rpc where it is.',
  },
  OUTPUT_UNWRITABLE: {
    summary: 'The result cannot be written to the file',
    remedy: 'Give --out a path in a folder that exists and is writable.',
  },
  RECEIPT_TIMEOUT: {
    summary: 'The transaction was sent but is in no block yet',
    remedy: 'Wait with a larger --timeout, or make a block (evm_mine) on a chain without mining.',
  },
  RECEIPT_UNREADABLE: {
    summary: 'The transaction was sent, but the node does not say what came of it',
    remedy: 'Ask for its receipt by the hash before sending it again.',
  },
  SENDER_MISSING: {
    summary: 'The node has no accounts of its own',
    remedy: 'Sign with --private-key.',
  },
  TRANSACTION_FAILED: {
    summary: 'The transaction is in a block but had no effect',
    remedy: 'Repair what the reason names; what gas it used is paid.',
  },
});
