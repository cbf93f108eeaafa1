import type { LucernaError } from '@lucerna/base';
import type {
  AccountProof,
  BlockView,
  CallRequest,
  HeaderView,
  LogFilter,
  LogView,
  RecoveredTransaction,
  TransactionPosition,
} from '@lucerna/protocol';

/** An account as of some height. An account that does not exist reads as an empty one. */
export type AccountView = {
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  /** keccak256 of the code; of the empty string for an account without code. */
  readonly codeHash: Uint8Array;
};

/** What a request has once the defaults of the API are filled in. */
type FilledFields = Required<Pick<CallRequest, 'from' | 'value' | 'data' | 'accessList'>>;

/** A transaction to complete, sign and send for one of the node's own accounts. */
export type TransactionRequest = CallRequest &
  FilledFields & {
    readonly nonce?: bigint;
    /** Absent: legacy when a gas price was given, else fee-market. */
    readonly type?: 0 | 1 | 2;
  };

/** Outcome of a simulated call. */
export type CallResult = {
  /** 1: it succeeded. */
  readonly status: 0 | 1;
  /** What it returned, or the data of the revert. */
  readonly returnData: Uint8Array;
  readonly gasUsed: bigint;
  /** Why a call with status 0 failed. `CALL_REVERTED` has the data of the revert in `data`, as hex. */
  readonly error?: LucernaError | undefined;
};

/** What to mine on demand. */
export type MineOptions = {
  /** How many blocks; 1 by default. */
  readonly blocks?: number;
  /** Seconds since the Unix epoch for the first of them. Default: the node's clock. */
  readonly timestamp?: number;
};

/** Now, or later: simulations may run in a worker. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * What the API needs of a node. The node implements it; nothing here knows about JSON or sockets.
 * Heights are of canonical blocks; every view is consistent: a height that `head()` has returned can
 * be asked for everything, and a block, its receipts and its transactions become visible at once.
 */
export type NodeApi = {
  readonly chainId: bigint;
  /** What `web3_clientVersion` answers, such as `lucerna/v0.1.0`. */
  readonly clientVersion: string;
  /** Addresses that the node can sign for; none on a network. */
  readonly accounts: () => readonly Uint8Array[];

  readonly head: () => HeaderView;
  /** Height of the first block there is: what is below was not kept, or never taken in. */
  readonly firstHeight: () => number;
  /** Undefined above the head and below the first block. */
  readonly header: (height: number) => HeaderView | undefined;
  /** Height of the canonical block with this hash. */
  readonly heightOf: (blockHash: Uint8Array) => number | undefined;
  /** Undefined above the head and below the first block. */
  readonly block: (height: number) => MaybePromise<BlockView | undefined>;
  /** The block that would follow the head if it were made now. */
  readonly pendingBlock: () => BlockView;
  /**
   * The logs that match, in order. The range is of canonical blocks; throws `BLOCKS_PRUNED` when it
   * begins below the first block. However long it is, others are served meanwhile.
   */
  readonly logs: (filter: LogFilter) => AsyncIterable<LogView>;
  /** Place of a transaction in the canonical chain. */
  readonly findTransaction: (hash: Uint8Array) => TransactionPosition | undefined;
  /** A transaction that waits in the pool. */
  readonly pooledTransaction: (hash: Uint8Array) => RecoveredTransaction | undefined;

  /**
   * State as of the block at `height`; throws `STATE_PRUNED` outside of the kept history,
   * `BLOCKS_PRUNED` below the first block.
   */
  readonly account: (height: number, address: Uint8Array) => AccountView;
  /** The account's code, empty without one. */
  readonly code: (height: number, address: Uint8Array) => Uint8Array;
  /** The 32 bytes in the account's `slot` (32 bytes), zero where nothing was written. */
  readonly storage: (height: number, address: Uint8Array, slot: Uint8Array) => Uint8Array;
  /**
   * What proves an account and some of its slots against the state root of the block at `height`;
   * throws `PROOF_PRUNED` for heights whose tries are no longer kept, `BLOCKS_PRUNED` below the first
   * block.
   */
  readonly prove: (
    height: number,
    address: Uint8Array,
    slots: readonly Uint8Array[],
  ) => MaybePromise<AccountProof>;
  /** The sender's next nonce after its executable transactions in the pool. */
  readonly pendingNonce: (address: Uint8Array) => bigint;

  /** Runs `request` on the state of `height` and forgets its effects. */
  readonly call: (request: CallRequest, height: number) => MaybePromise<CallResult>;
  /**
   * The least gas limit with which `request` succeeds on the state of `height`. A request that fails
   * with any limit throws a coded error; `CALL_REVERTED` carries the revert data
   * as hex in its field `data`.
   */
  readonly estimateGas: (request: CallRequest, height: number) => MaybePromise<bigint>;
  /** Base fee of the block after the head, wei per gas. */
  readonly nextBaseFee: () => bigint;
  /** The tip that gets a transaction into the next block, wei per gas. */
  readonly priorityFee: () => bigint;

  /**
   * Takes a signed transaction into the pool; its hash. With automine the promise settles once its
   * block is visible, so that the receipt can be asked for at once.
   */
  readonly sendRaw: (raw: Uint8Array) => Promise<Uint8Array>;
  /** Completes, signs and sends; throws `ACCOUNT_UNKNOWN` for an address that is not its own. */
  readonly sendFromAccount: (request: TransactionRequest) => Promise<Uint8Array>;
  /** Makes blocks now. Dev chains only. */
  readonly mine: (options: MineOptions) => Promise<void>;
  /** False: the node has caught up. */
  readonly syncing: () => false;
};
