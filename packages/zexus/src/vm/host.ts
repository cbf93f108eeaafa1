/** The circumstances of a call to a contract. */
export type CallContext = {
  /** The contract whose state is read and written. */
  readonly address: Uint8Array;
  /** Who called: an account or a contract. */
  readonly caller: Uint8Array;
  /** Who signed the transaction. */
  readonly origin: Uint8Array;
  /** Wei that came with the call; already moved. */
  readonly value: bigint;
  readonly chainId: bigint;
  readonly height: number;
  /** The block's, in seconds since the Unix epoch. */
  readonly timestamp: number;
  /** Who receives the block's tips. */
  readonly coinbase: Uint8Array;
  /** Wei that the sender pays for one unit of gas. */
  readonly gasPrice: bigint;
};

/**
 * The ledger as a running contract sees it: words, balances and the log, all of the contract that
 * runs. Whoever implements it journals the writes and takes them back when the call fails.
 * The machine charges gas before it calls; the host only says what an access costs.
 */
export type HostState = {
  /** Marks the slot as accessed; true when this transaction had not accessed it (EIP-2929). */
  readonly accessSlot: (slot: Uint8Array) => boolean;
  /** Marks the address as accessed; true when this transaction had not accessed it (EIP-2929). */
  readonly accessAddress: (address: Uint8Array) => boolean;
  /** The 32-byte word in a slot, zero where nothing was set. */
  readonly load: (slot: Uint8Array) => Uint8Array;
  /** The word that the slot had before this transaction (EIP-2200). */
  readonly loadOriginal: (slot: Uint8Array) => Uint8Array;
  readonly store: (slot: Uint8Array, word: Uint8Array) => void;
  /** Wei of any account. */
  readonly balance: (address: Uint8Array) => bigint;
  /** Moves wei of the contract; false, and nothing has changed, when it has too few. */
  readonly transfer: (to: Uint8Array, value: bigint) => boolean;
  /** Appends to the transaction's log; at most four topics of 32 bytes. */
  readonly log: (topics: readonly Uint8Array[], data: Uint8Array) => void;
};
