import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of what this package decodes and accepts. */
export const protocolLimits: LimitRegistry<
  | 'rlpDepth'
  | 'rlpItems'
  | 'receiptItems'
  | 'genesisItems'
  | 'abiTypeChars'
  | 'abiTypeDepth'
  | 'abiHeadBytes'
  | 'abiComponents'
  | 'abiEncodedBytes'
  | 'transactionBytes'
  | 'accessListEntries'
  | 'accessListStorageKeys'
  | 'blockBytes'
  | 'blockTransactions'
  | 'extraDataBytes'
  | 'logs'
  | 'logTopics'
  | 'logDataBytes'
  | 'forks'
  | 'forkParameters'
  | 'nameBytes'
  | 'genesisAccounts'
  | 'nativeCodeBytes'
  | 'typedDataDepth'
  | 'typedDataTypes'
> = defineLimits('protocol', {
  rlpDepth: {
    value: 16,
    unit: 'levels',
    why: 'the deepest object, an access list inside a block, has 6; recursion must be bounded',
  },
  rlpItems: {
    value: 32_768,
    unit: 'lists and byte strings of one RLP object',
    why: 'an item may cost 140 bytes of memory; above the 17,107 of the longest access list',
  },
  receiptItems: {
    value: 2_097_157,
    unit: 'lists and byte strings of one receipt',
    why: 'the most logs, with 4 topics each',
  },
  genesisItems: {
    value: 5_440_520,
    unit: 'lists and byte strings of one genesis',
    why: 'the most accounts, forks and parameters',
  },
  abiTypeChars: {
    value: 4_096,
    unit: 'characters',
    why: 'bounds parsing; above a tuple of 256 components of the longest names',
  },
  abiTypeDepth: {
    value: 32,
    unit: 'levels of arrays and tuples',
    why: 'coders recurse by type; compilers give up much earlier',
  },
  abiHeadBytes: {
    value: 2_097_152,
    unit: 'bytes of the static part of a type',
    why: 'an array such as uint8[65536]; more does not fit a transaction',
  },
  abiComponents: {
    value: 1_024,
    unit: 'parameters or components of one entry of a JSON ABI',
    why: 'bounds the reading of files; as many as the text of a type has room for',
  },
  abiEncodedBytes: {
    value: 16_777_216,
    unit: 'bytes',
    why: 'largest encoding that is made; as large as the data of a log',
  },
  transactionBytes: {
    value: 131_072,
    unit: 'bytes',
    why: 'raw size of a transaction that enters the pool or a block; what Ethereum nodes relay',
  },
  accessListEntries: {
    value: 5_698,
    unit: 'entries',
    why: 'more do not fit a transaction: 131,072 bytes at 23 an entry without keys',
  },
  accessListStorageKeys: {
    value: 3_971,
    unit: 'keys of one entry',
    why: 'more do not fit a transaction: 131,072 bytes at 33 a key',
  },
  blockBytes: {
    value: 33_554_432,
    unit: 'bytes',
    why: 'largest encoded block that is decoded; bounds one message and one log record',
  },
  blockTransactions: {
    value: 65_536,
    unit: 'transactions',
    why: 'above the 47,619 plain transfers that 1 G gas pays for',
  },
  extraDataBytes: {
    value: 32,
    unit: 'bytes',
    why: "Ethereum's own bound, which some clients insist on",
  },
  logs: {
    value: 262_144,
    unit: 'logs of one receipt',
    why: 'bounds decoding; above the 80,000 that a 30 M block pays for at 375 gas a log',
  },
  logTopics: { value: 4, unit: 'topics', why: 'what the contract ABI and all indexers know' },
  logDataBytes: {
    value: 16_777_216,
    unit: 'bytes of one log',
    why: 'bounds decoding; at 8 gas a byte a 30 M block pays for 3.75 MB',
  },
  forks: { value: 256, unit: 'forks', why: 'the schedule of a genesis is written by hand' },
  forkParameters: {
    value: 256,
    unit: 'parameters of one fork',
    why: 'more than there are parameters',
  },
  nameBytes: { value: 64, unit: 'bytes of a name', why: 'names of forks and of parameters' },
  nativeCodeBytes: {
    value: 64,
    unit: 'bytes of the code of a native contract',
    why: 'its code is a prefix and a name',
  },
  genesisAccounts: {
    value: 1_048_576,
    unit: 'accounts',
    why: 'a genesis is read as one document, and a start must not take minutes',
  },
  typedDataDepth: {
    value: 64,
    unit: 'levels of structs and lists in typed data',
    why: 'each level is a call within a call; recursion must be bounded',
  },
  typedDataTypes: {
    value: 512,
    unit: 'structs and fields that typed data declare',
    why: 'the type of each struct may spell all others out; orders of exchanges declare some dozens',
  },
});
