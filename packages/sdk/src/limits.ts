import { defineLimits, type LimitRegistry } from '@lucerna/base';

export const sdkLimits: LimitRegistry<
  | 'accountNameCharacters'
  | 'addressTexts'
  | 'executedTransactions'
  | 'knownContracts'
  | 'ledgerHistoryPage'
  | 'ledgerListeners'
  | 'ledgerSubmissions'
  | 'ledgerToldBlocks'
  | 'ledgerWatchBlocks'
  | 'namedAccounts'
  | 'namedKeys'
  | 'namedSlots'
  | 'stateDbQueue'
  | 'transactionJsonCharacters'
> = defineLimits('sdk', {
  accountNameCharacters: {
    value: 64,
    unit: 'characters of the name of an account',
    why: 'Names are hashed and shown; nobody needs longer ones.',
  },
  addressTexts: {
    value: 10_000,
    unit: 'addresses that were shown lately',
    why: 'Their checksums are kept, since each is a hash.',
  },
  executedTransactions: {
    value: 16_384,
    unit: 'transactions that were executed and are in no block yet',
    why: 'One block can have them all, and opening executes them again.',
  },
  knownContracts: {
    value: 256,
    unit: 'contracts',
    why: 'Codes that a machine for contracts in memory has read and keeps; others are read again.',
  },
  ledgerHistoryPage: {
    value: 64,
    unit: 'transactions',
    why: 'Positions of an account that are read at once, before their blocks are.',
  },
  ledgerListeners: {
    value: 16_384,
    unit: 'watches, and transactions whose block is waited for',
    why: 'Each is told of every block; one more is a program that does not stop what it began.',
  },
  ledgerSubmissions: {
    value: 16_384,
    unit: 'transactions',
    why: 'They are completed and signed one after the other, so that each has a nonce of its own.',
  },
  ledgerToldBlocks: {
    value: 1_024,
    unit: 'blocks',
    why: 'Whose transfers a watch has told, and could take back if other blocks took their place.',
  },
  ledgerWatchBlocks: {
    value: 1_024,
    unit: 'blocks',
    why: 'They are in memory until whoever watches takes them.',
  },
  namedAccounts: {
    value: 10_000,
    unit: 'accounts whose names were used lately',
    why: 'Their keys are kept, since deriving one takes a part of a millisecond.',
  },
  namedKeys: {
    value: 64,
    unit: 'keys',
    why: 'Of a map, and elements of a list, that are looked at to name a slot that a contract in memory has changed.',
  },
  stateDbQueue: {
    value: 4_096,
    unit: 'changes of a StateDB that wait for one another',
    why: 'Who has so many under way waits for none of them.',
  },
  namedSlots: {
    value: 20_000,
    unit: 'slots',
    why: 'Names that are made for the slots that one call of a contract in memory may have changed.',
  },
  transactionJsonCharacters: {
    value: 262_144,
    unit: 'characters of the JSON of one transaction',
    why: 'A signed one has at most 131,072 bytes, two digits each.',
  },
});
