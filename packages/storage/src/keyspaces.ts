/**
 * A numbered part of the key-value store. Numbers are part of the data format: a number is never
 * reused, and a keyspace that is no longer written stays in the list.
 */
export type Keyspace = {
  readonly id: number;
  readonly name: string;
};

/** All keyspaces, with `key → value`. Heights in keys are 8 bytes big-endian. */
export const KEYSPACES = {
  /** name in UTF-8 → value by name (schema number, flushed position) */
  meta: { id: 0, name: 'meta' },
  /** address → RLP of the account */
  accounts: { id: 1, name: 'accounts' },
  /** address ‖ slot → minimal bytes of the word */
  storage: { id: 2, name: 'storage' },
  /** code hash → code */
  code: { id: 3, name: 'code' },
  /** nibble path, one byte a nibble → encoded node of the account trie */
  accountTrie: { id: 4, name: 'account-trie' },
  /** hashed address ‖ nibble path → encoded node of that account's storage trie */
  storageTrie: { id: 5, name: 'storage-trie' },
  /** address ‖ height → the account as it was before the block of that height, empty for none */
  accountHistory: { id: 6, name: 'account-history' },
  /** address ‖ slot ‖ height → the word as it was before the block of that height, empty for zero */
  storageHistory: { id: 7, name: 'storage-history' },
  /** height → position of the block's record in the block log, block hash */
  blocks: { id: 8, name: 'blocks' },
  /** block hash → height */
  blockHashes: { id: 9, name: 'block-hashes' },
  /** transaction hash → height, index in the block */
  transactions: { id: 10, name: 'transactions' },
  /** name in UTF-8 → value: what a dev chain's sealer keeps beside the chain */
  notes: { id: 11, name: 'notes' },
  /** address ‖ height ‖ index in the block, 4 bytes → empty, for each transaction it took part in */
  addressTransactions: { id: 12, name: 'address-transactions' },
  /** address ‖ nonce, 8 bytes ‖ height ‖ index → empty: the transaction that used the nonce */
  senderNonces: { id: 13, name: 'sender-nonces' },
  /** contract ‖ height ‖ index → empty: the transaction that created it */
  creations: { id: 14, name: 'creations' },
  /** height ‖ ordinal, 4 bytes → position of a patch of that block in the log, state root after it */
  patches: { id: 15, name: 'patches' },
} as const;
