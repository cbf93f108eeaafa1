import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of the state. */
export const stateLimits: LimitRegistry<
  | 'trieKeyBytes'
  | 'proofNodes'
  | 'rangeProofNodes'
  | 'proofBytes'
  | 'rangeEntries'
  | 'diffItems'
  | 'diffAccounts'
  | 'diffStorage'
  | 'diffCodes'
  | 'diffCodeBytes'
  | 'snapshotFillBytes'
  | 'snapshotChunkBytes'
  | 'snapshotChunkItems'
  | 'snapshotCodes'
  | 'snapshotSortKeys'
  | 'turnRows'
  | 'snapshotBatchBytes'
  | 'committerAccountNodes'
  | 'committerStorageTries'
  | 'committerStorageNodes'
> = defineLimits('state', {
  trieKeyBytes: {
    value: 64,
    unit: 'bytes of a key in a trie',
    why: 'the state uses 32, list roots fewer; the depth of recursion is at most twice this',
  },
  proofNodes: {
    value: 129,
    unit: 'nodes of the proof of one key',
    why: 'the root, and one more for every nibble of the longest key',
  },
  rangeProofNodes: {
    value: 258,
    unit: 'nodes of the proof of a range',
    why: 'the paths to its two ends',
  },
  proofBytes: {
    value: 33_554_432,
    unit: 'bytes of all nodes of a proof',
    why: 'bounds hashing; nodes of the state have less than 700, a list may hold what a block can',
  },
  rangeEntries: {
    value: 65_536,
    unit: 'entries of a range with one proof',
    why: 'bounds what is held at once; a longer range is asked for in parts',
  },
  diffItems: {
    value: 75_563_012,
    unit: 'lists and byte strings of one state diff',
    why: 'the most accounts with 13 each, slots with 5, and codes',
  },
  diffAccounts: {
    value: 4_194_304,
    unit: 'accounts of one state diff',
    why: 'above what a genesis of 1,048,576 accounts or the gas of a 1 G block can touch',
  },
  diffStorage: {
    value: 4_194_304,
    unit: 'storage slots of one state diff',
    why: 'above the 344,827 slots that a 1 G block pays for at 2,900 gas, and clearing a contract',
  },
  diffCodes: {
    value: 65_536,
    unit: 'codes of one state diff',
    why: 'above the 31,250 contracts that a 1 G block pays for at 32,000 gas',
  },
  diffCodeBytes: {
    value: 4_194_304,
    unit: 'bytes of one code',
    why: 'bounds decoding; what a chain accepts is a parameter of its rules and far lower',
  },
  snapshotFillBytes: {
    value: 4_194_304,
    unit: 'bytes of a chunk of a state snapshot',
    why: 'how full chunks are made at most: one is read, sent and kept in memory as a piece',
  },
  snapshotChunkBytes: {
    value: 8_388_608,
    unit: 'bytes of a chunk of a state snapshot',
    why: 'the largest that is accepted: an account with the longest code is a chunk by itself',
  },
  snapshotChunkItems: {
    value: 349_525,
    unit: 'accounts and slots of a chunk of a state snapshot',
    why: 'more do not fit: 8,388,608 bytes at 24 an account',
  },
  snapshotCodes: {
    value: 65_536,
    unit: 'codes',
    why: 'of so many codes both sides of a snapshot remember the hash; part of the format',
  },
  snapshotSortKeys: {
    value: 1_048_576,
    unit: 'addresses, or slots of one account',
    why: 'an export or a check sorts so many at a time in memory; more take one more pass over all keys',
  },
  turnRows: {
    value: 256,
    unit: 'rows',
    why: 'after so many an export, an import or a check may let others go first',
  },
  snapshotBatchBytes: {
    value: 16_777_216,
    unit: 'bytes of keys and values',
    why: 'an import hands over its rows at this size; the database commits such a batch at once',
  },
  committerAccountNodes: {
    value: 8192,
    unit: 'nodes of the account trie',
    why: 'kept between blocks: the upper four levels, 4,369 nodes, and a part of the next',
  },
  committerStorageTries: {
    value: 64,
    unit: 'storage tries',
    why: 'kept between blocks: the contracts that most blocks call are far fewer',
  },
  committerStorageNodes: {
    value: 256,
    unit: 'nodes of one storage trie',
    why: 'kept between blocks: two levels and a part of the next',
  },
});
