import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of the state. */
export const stateLimits: LimitRegistry<
  'trieKeyBytes' | 'diffItems' | 'diffAccounts' | 'diffStorage' | 'diffCodes' | 'diffCodeBytes'
> = defineLimits('state', {
  trieKeyBytes: {
    value: 64,
    unit: 'bytes of a key in a trie',
    why: 'the state uses 32, list roots fewer; the depth of recursion is at most twice this',
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
});
