import { defineErrors, type ErrorRegistry } from '@lucerna/base';

const refuse = 'Refuse the message: whoever sent it has a bug or means harm.';
const refuseAbi =
  'Encode the values again with a library that follows the contract ABI, for the types of this contract.';
const giveValue = 'Give a value of the type; the error names the place in the values.';
const refuseBlock = 'Refuse the block: whoever built it has other rules or another parent.';
const resign = 'Sign the transaction again with a library that follows EIP-155 and EIP-2.';

/**
 * Codes of the protocol package. The summaries of `TX_*` codes begin with the words that go-ethereum
 * uses, because wallets and libraries match on those words.
 */
export const protocolErrors: ErrorRegistry<
  | 'RLP_TRUNCATED'
  | 'RLP_NOT_CANONICAL'
  | 'RLP_TRAILING_BYTES'
  | 'RLP_TOO_DEEP'
  | 'RLP_TYPE'
  | 'RLP_FIELD_COUNT'
  | 'RLP_LENGTH'
  | 'RLP_LEADING_ZERO'
  | 'RLP_RANGE'
  | 'RLP_LIMIT'
  | 'RLP_TEXT'
  | 'ADDRESS_INVALID'
  | 'ADDRESS_CHECKSUM'
  | 'ABI_TYPE_INVALID'
  | 'ABI_TYPE_LIMIT'
  | 'ABI_VALUE_KIND'
  | 'ABI_VALUE_LENGTH'
  | 'ABI_VALUE_RANGE'
  | 'ABI_VALUE_TEXT'
  | 'ABI_ENCODED_LIMIT'
  | 'ABI_TRUNCATED'
  | 'ABI_OFFSET'
  | 'ABI_PADDING'
  | 'ABI_BOOLEAN'
  | 'ABI_TEXT'
  | 'ABI_TRAILING_BYTES'
  | 'ABI_SIGNATURE_INVALID'
  | 'ABI_ITEM_INVALID'
  | 'ABI_EVENT_TOPICS'
  | 'TX_TYPE_UNSUPPORTED'
  | 'TX_TOO_LARGE'
  | 'TX_SIGNATURE_INVALID'
  | 'TX_SENDER_INVALID'
  | 'TX_HIGH_S'
  | 'TX_UNPROTECTED'
  | 'TX_CHAIN_ID'
  | 'TX_NONCE_MAX'
  | 'TX_GAS_LIMIT'
  | 'TX_TIP_ABOVE_FEE_CAP'
  | 'TX_INTRINSIC_GAS'
  | 'TX_COST_OVERFLOW'
  | 'TX_NONCE_TOO_LOW'
  | 'TX_NONCE_TOO_HIGH'
  | 'TX_FEE_CAP_TOO_LOW'
  | 'TX_INSUFFICIENT_FUNDS'
  | 'BLOCK_TOO_LARGE'
  | 'BLOCK_OMMERS'
  | 'BLOCK_HEIGHT'
  | 'BLOCK_PARENT_HASH'
  | 'BLOCK_TIMESTAMP'
  | 'BLOCK_GAS_LIMIT'
  | 'BLOCK_GAS_USED'
  | 'BLOCK_BASE_FEE'
  | 'BLOCK_DIFFICULTY'
  | 'BLOCK_NONCE'
  | 'BLOCK_EXTRA_DATA'
  | 'RECEIPT_TYPE_UNSUPPORTED'
  | 'RULES_SCHEDULE'
  | 'RULES_INCOMPLETE'
  | 'RULES_PARAMETER'
  | 'GENESIS_INVALID'
  | 'TYPED_DATA_INVALID'
> = defineErrors('protocol', {
  RLP_TRUNCATED: { summary: 'The RLP ends before the item does', remedy: refuse },
  RLP_NOT_CANONICAL: { summary: 'The RLP is not the shortest form of the item', remedy: refuse },
  RLP_TRAILING_BYTES: { summary: 'Bytes follow the RLP item', remedy: refuse },
  RLP_TOO_DEEP: { summary: 'The RLP lists are nested too deeply', remedy: refuse },
  RLP_TYPE: { summary: 'A list stands where bytes belong, or the other way round', remedy: refuse },
  RLP_FIELD_COUNT: { summary: 'The list has too few or too many fields', remedy: refuse },
  RLP_LENGTH: { summary: 'The byte string does not have the length of its kind', remedy: refuse },
  RLP_LEADING_ZERO: { summary: 'The number begins with a zero byte', remedy: refuse },
  RLP_RANGE: { summary: 'The number is larger than its field holds', remedy: refuse },
  RLP_LIMIT: { summary: 'The list or byte string is longer than its limit', remedy: refuse },
  RLP_TEXT: { summary: 'The text is not printable ASCII', remedy: refuse },

  ADDRESS_INVALID: {
    summary: 'The text is not an address',
    remedy: 'Write 0x and 40 hexadecimal digits.',
  },
  ADDRESS_CHECKSUM: {
    summary: 'The address has a wrong checksum',
    remedy: 'Check it for a typing error; written in lower case it needs no checksum (EIP-55).',
  },

  ABI_TYPE_INVALID: {
    summary: 'The text is not a type of the contract ABI',
    remedy: 'Write it as in a selector: uint256, bytes32, address[], (bool,string)[2].',
  },
  ABI_TYPE_LIMIT: {
    summary: 'The type of the contract ABI is too large or nested too deeply',
    remedy: 'Take arrays without a length, and fewer levels of tuples and arrays.',
  },
  ABI_VALUE_KIND: { summary: 'The value does not fit the type', remedy: giveValue },
  ABI_VALUE_LENGTH: { summary: 'The value has the wrong length', remedy: giveValue },
  ABI_VALUE_RANGE: { summary: 'The number is out of the range of the type', remedy: giveValue },
  ABI_VALUE_TEXT: {
    summary: 'The text has no UTF-8 form',
    remedy: 'Remove surrogates that are not in pairs.',
  },
  ABI_ENCODED_LIMIT: {
    summary: 'The encoded values are too large',
    remedy: 'Give fewer or shorter values.',
  },
  ABI_TRUNCATED: { summary: 'The data end before the value does', remedy: refuseAbi },
  ABI_OFFSET: { summary: 'The offset does not lead to the next value', remedy: refuseAbi },
  ABI_PADDING: { summary: 'The value is not padded as its type asks', remedy: refuseAbi },
  ABI_BOOLEAN: { summary: 'The boolean is neither 0 nor 1', remedy: refuseAbi },
  ABI_TEXT: { summary: 'The string is not UTF-8', remedy: refuseAbi },
  ABI_TRAILING_BYTES: { summary: 'Bytes follow the last value', remedy: refuseAbi },
  ABI_SIGNATURE_INVALID: {
    summary: 'The text is not a signature of the contract ABI',
    remedy: 'Write the name and the types without spaces: transfer(address,uint256).',
  },
  ABI_ITEM_INVALID: {
    summary: 'The entry of the JSON ABI does not make sense',
    remedy: 'Take the ABI as the compiler wrote it.',
  },
  ABI_EVENT_TOPICS: {
    summary: 'The topics are not those of the event',
    remedy: 'Decode the log with the event whose hash is its first topic.',
  },

  TX_TYPE_UNSUPPORTED: {
    summary: 'transaction type not supported',
    remedy: 'Send a legacy (0), access-list (1) or fee-market (2) transaction.',
  },
  TX_TOO_LARGE: {
    summary: 'oversized data',
    remedy: 'Keep a transaction within 131,072 bytes: split what it carries.',
  },
  TX_SIGNATURE_INVALID: { summary: 'invalid transaction v, r, s values', remedy: resign },
  TX_SENDER_INVALID: { summary: 'invalid sender', remedy: resign },
  TX_HIGH_S: {
    summary: 'invalid sender: the signature has a high s value',
    remedy: 'Replace s by n − s and flip the parity, or sign with a library that does (EIP-2).',
  },
  TX_UNPROTECTED: {
    summary: 'only replay-protected (EIP-155) transactions allowed over RPC',
    remedy: 'Sign the transaction with the chain id.',
  },
  TX_CHAIN_ID: {
    summary: 'invalid chain id for signer',
    remedy: 'Ask the node for its chain id (eth_chainId) and sign for that one.',
  },
  TX_NONCE_MAX: {
    summary: 'nonce has max value',
    remedy: 'Use another account: this nonce cannot be followed by another one (EIP-2681).',
  },
  TX_GAS_LIMIT: {
    summary: 'exceeds block gas limit',
    remedy: 'Ask for less gas: no block can hold this transaction.',
  },
  TX_TIP_ABOVE_FEE_CAP: {
    summary: 'max priority fee per gas higher than max fee per gas',
    remedy: 'Raise maxFeePerGas or lower maxPriorityFeePerGas.',
  },
  TX_INTRINSIC_GAS: {
    summary: 'intrinsic gas too low',
    remedy: 'Raise the gas limit to what eth_estimateGas says.',
  },
  TX_COST_OVERFLOW: {
    summary: 'insufficient funds for gas * price + value',
    remedy: 'Lower gas limit, price or value: together they exceed 256 bits.',
  },
  TX_NONCE_TOO_LOW: {
    summary: 'nonce too low',
    remedy: "Sign again with the sender's next nonce (eth_getTransactionCount, block pending).",
  },
  TX_NONCE_TOO_HIGH: {
    summary: 'nonce too high',
    remedy: "Send the sender's transactions with lower nonces first.",
  },
  TX_FEE_CAP_TOO_LOW: {
    summary: 'max fee per gas less than block base fee',
    remedy: 'Raise maxFeePerGas (or gasPrice) to at least the base fee of the next block.',
  },
  TX_INSUFFICIENT_FUNDS: {
    summary: 'insufficient funds for gas * price + value',
    remedy:
      "Add funds, or lower the value, the gas limit or the fee cap; the sender's earlier waiting transactions count too.",
  },

  BLOCK_TOO_LARGE: { summary: 'The encoded block is too large', remedy: refuseBlock },
  BLOCK_OMMERS: { summary: 'The block has ommers', remedy: refuseBlock },
  BLOCK_HEIGHT: { summary: "The block does not have its parent's height + 1", remedy: refuseBlock },
  BLOCK_PARENT_HASH: { summary: 'The block names another parent', remedy: refuseBlock },
  BLOCK_TIMESTAMP: { summary: 'The block is older than its parent', remedy: refuseBlock },
  BLOCK_GAS_LIMIT: { summary: "The block's gas limit is out of bounds", remedy: refuseBlock },
  BLOCK_GAS_USED: { summary: 'The block used more gas than its limit', remedy: refuseBlock },
  BLOCK_BASE_FEE: {
    summary: 'The base fee does not follow from the parent (EIP-1559)',
    remedy: refuseBlock,
  },
  BLOCK_DIFFICULTY: { summary: 'The difficulty is not zero', remedy: refuseBlock },
  BLOCK_NONCE: { summary: 'The nonce of the block is not zero', remedy: refuseBlock },
  BLOCK_EXTRA_DATA: { summary: 'The block has extra data', remedy: refuseBlock },

  RECEIPT_TYPE_UNSUPPORTED: { summary: 'The receipt is of an unknown type', remedy: refuse },

  RULES_SCHEDULE: {
    summary: 'The fork schedule is not in order',
    remedy: 'Begin it at height 0, then list the forks by strictly increasing height.',
  },
  RULES_INCOMPLETE: {
    summary: 'The first fork does not set every parameter',
    remedy: 'Let the first fork state all parameters, so that the genesis commits to them.',
  },
  RULES_PARAMETER: {
    summary: 'A fork sets an unknown parameter or an impossible value',
    remedy: 'Compare it with the parameters and minimums in the documentation of the rules.',
  },
  GENESIS_INVALID: {
    summary: 'The genesis cannot start a chain',
    remedy: 'Correct the named field.',
  },
  TYPED_DATA_INVALID: {
    summary: 'The typed data cannot be signed',
    remedy:
      'Give types, primaryType, domain and message as EIP-712 has them; the error names the place.',
  },
});
