import type { RecoveredBlock } from './block.ts';
import type { Header } from './header.ts';
import type { Log, Receipt } from './receipt.ts';
import type { AccessListEntry } from './transaction.ts';

/** A block's header with its hash. */
export type HeaderView = {
  readonly header: Header;
  /** keccak256 of the header's RLP. */
  readonly hash: Uint8Array;
};

/** A block with what came of its transactions; receipts are in the order of the transactions. */
export type BlockView = {
  readonly block: RecoveredBlock;
  readonly receipts: readonly Receipt[];
};

/** Where a transaction stands in the chain. */
export type TransactionPosition = {
  /** Height of its block. */
  readonly height: number;
  /** Position in its block, from 0. */
  readonly index: number;
};

/** A log with its place in the chain. */
export type LogView = {
  readonly log: Log;
  readonly blockHash: Uint8Array;
  readonly height: number;
  /** The block's, in seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly transactionHash: Uint8Array;
  /** Position of its transaction in the block, from 0. */
  readonly transactionIndex: number;
  /** Position among all logs of the block, from 0. */
  readonly logIndex: number;
};

/** An account with what proves it against the state root of a block (EIP-1186). */
export type AccountProof = {
  readonly address: Uint8Array;
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  /** Of an account that does not exist: the root of the empty trie. */
  readonly storageRoot: Uint8Array;
  /** Of an account that does not exist: keccak256 of the empty string. */
  readonly codeHash: Uint8Array;
  /** Encoded nodes from the state root towards the account, also when there is none. */
  readonly accountProof: readonly Uint8Array[];
  /** In the order in which the slots were asked for. */
  readonly storageProofs: readonly StorageProof[];
};

/** One word of an account's storage with what proves it against the account's storage root. */
export type StorageProof = {
  /** 32 bytes. */
  readonly slot: Uint8Array;
  /** 32 bytes, zero where nothing was written. */
  readonly word: Uint8Array;
  /** Encoded nodes from the storage root towards the slot; none for an account without storage. */
  readonly proof: readonly Uint8Array[];
};

/** Which logs a query is about. */
export type LogFilter = {
  /** Height of the first block. */
  readonly fromHeight: number;
  /** Height of the last block, which belongs to the range. */
  readonly toHeight: number;
  /** The contracts that may have made the log; empty: any. */
  readonly addresses: readonly Uint8Array[];
  /**
   * For each position from the first one the topics that may stand there; an empty list stands for
   * any topic. A log with fewer topics than positions does not match.
   */
  readonly topics: readonly (readonly Uint8Array[])[];
};

/** A transaction that nobody has signed, to be tried out. What is absent has its default. */
export type CallRequest = {
  /** Default: the zero address. */
  readonly from?: Uint8Array;
  /** Null: the call deploys a contract. */
  readonly to: Uint8Array | null;
  /** Wei; nothing by default. */
  readonly value?: bigint;
  /** Empty by default. */
  readonly data?: Uint8Array;
  /** Gas limit; the node's own limit for calls is the default and the maximum. */
  readonly gas?: bigint;
  /** Wei per gas; never together with the two caps. With none of the three, gas costs nothing. */
  readonly gasPrice?: bigint;
  /** Wei per gas. */
  readonly maxFeePerGas?: bigint;
  /** Wei per gas. */
  readonly maxPriorityFeePerGas?: bigint;
  readonly accessList?: readonly AccessListEntry[];
};

/** One storage word of an account. */
export type SlotWord = {
  /** 32 bytes. */
  readonly slot: Uint8Array;
  /** 32 bytes. */
  readonly word: Uint8Array;
};

/** What an account is taken to have while a call is simulated. What is absent stays as it is. */
export type StateOverride = {
  readonly address: Uint8Array;
  /** Wei. */
  readonly balance?: bigint;
  readonly nonce?: bigint;
  readonly code?: Uint8Array;
  /** All of the storage: slots that are not named are zero. Never together with `stateDiff`. */
  readonly state?: readonly SlotWord[];
  /** These slots; the others stay. */
  readonly stateDiff?: readonly SlotWord[];
};

/** What of a block's circumstances is to be different while a call is simulated. */
export type BlockOverrides = {
  readonly height?: number;
  /** Seconds since the Unix epoch. */
  readonly timestamp?: number;
  readonly gasLimit?: bigint;
  readonly coinbase?: Uint8Array;
  /** Wei per gas. */
  readonly baseFeePerGas?: bigint;
  /** 32 bytes. */
  readonly mixHash?: Uint8Array;
};

/** What a simulated call finds different from the chain. */
export type CallOverrides = {
  readonly state?: readonly StateOverride[];
  readonly block?: BlockOverrides;
};

/** One block of `eth_simulateV1`: circumstances, changes of the state before it, and calls. */
export type SimulatedBlockRequest = {
  readonly block: BlockOverrides;
  readonly state: readonly StateOverride[];
  readonly calls: readonly (CallRequest & { readonly nonce?: bigint })[];
};
