import type { StateSchema } from '../layout/schema.ts';

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
  /** Hash of the block before this one, 32 bytes; zeros where there is none. */
  readonly parentHash: Uint8Array;
  /** Gas limit of the block. */
  readonly blockGasLimit: bigint;
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
  /**
   * The state of the whole transaction as it is now: words, balances, logs, and what counts as accessed.
   * Checkpoints are taken back in the reverse order in which they were made; one that is not taken back
   * needs no end.
   */
  readonly checkpoint: () => Checkpoint;
  /** Takes back everything since the checkpoint, which and all later ones are then gone. */
  readonly revertTo: (checkpoint: Checkpoint) => void;
};

/** A moment of a transaction, for whoever made it alone to read. */
export type Checkpoint = {
  readonly state: number;
  readonly scope: number;
  /** Of whoever looks on. */
  readonly trace?: { readonly logs: number; readonly calls: number } | undefined;
};

/** A call of the running contract to an account, as {@link CallPort} makes it. */
export type ContractCall = {
  /** `delegate`: the code of `to` runs as this contract, on its state, with its caller and value. */
  readonly kind: 'call' | 'delegate';
  /** Nothing may be changed in it, nor in any call within it. */
  readonly isStatic: boolean;
  readonly to: Uint8Array;
  /** Wei of the contract; 0 unless it is a `call`. */
  readonly value: bigint;
  readonly data: Uint8Array;
  /** What the call may use: the machine has taken it from what is left. */
  readonly gas: number;
};

/** How a call within a run ended. One that did not succeed has left nothing. */
export type ContractCallOutcome = {
  readonly isSuccess: boolean;
  /** What it returned, or what its revert says. */
  readonly returnData: Uint8Array;
  readonly gasLeft: number;
  /** EIP-3529, for the machine to add to its own. */
  readonly refund: number;
  /** Why it failed without a word, such as `OUT_OF_GAS`; undefined for a success and for a revert. */
  readonly errorCode: string | undefined;
};

/** The other accounts, as a running contract reaches them. The machine charges before. */
export type CallPort = {
  /** Throws what ends the running contract as well, such as the bound on frames: let it through. */
  readonly call: (call: ContractCall) => ContractCallOutcome;
  /** Whether the account has code. Of an account that the machine has charged as accessed. */
  readonly hasCode: (address: Uint8Array) => boolean;
  /** Keccak-256 of the account's code. As `hasCode`. */
  readonly codeHash: (address: Uint8Array) => Uint8Array;
  /** True for an account that is absent or empty (EIP-161): wei to it cost more. */
  readonly isDead: (address: Uint8Array) => boolean;
  /** Bytes of the account's code. */
  readonly codeBytes: (address: Uint8Array) => number;
  /**
   * The state schema of the account's code; undefined when it is not of this language. Loads the code:
   * the machine charges for its bytes before.
   */
  readonly schemaOf: (address: Uint8Array) => StateSchema | undefined;
};
