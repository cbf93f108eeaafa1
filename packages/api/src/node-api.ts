import type { Cancel, LucernaError } from '@lucerna/base';
import type { RecoverableSignature } from '@lucerna/crypto';
import type {
  AccessListEntry,
  AccountProof,
  BlockView,
  CallOverrides,
  CallRequest,
  HeaderView,
  Log,
  LogFilter,
  LogView,
  RecoveredTransaction,
  SimulatedBlockRequest,
  TransactionPosition,
  TransactionTrace,
  UnsignedTransaction,
} from '@lucerna/protocol';
import type { DevApi } from './dev-api.ts';

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

/** Outcome of a call whose access list was asked for. */
export type AccessListResult = Pick<CallResult, 'gasUsed' | 'error'> & {
  readonly accessList: readonly AccessListEntry[];
};

/** A block of `eth_simulateV1`. */
export type SimulatedBlock = {
  /** Its transactions are not signed. */
  readonly view: BlockView;
  readonly calls: readonly (CallResult & { readonly logs: readonly Log[] })[];
};

/** A transaction that waits in the pool. */
export type PoolTransaction = {
  readonly transaction: RecoveredTransaction;
  /** `pending`: may enter the next block whose base fee it pays. `queued`: waits for another one. */
  readonly status: 'pending' | 'queued';
};

/** A new head, as {@link NodeApi.onHead} tells it. */
export type HeadNotice = {
  readonly view: BlockView;
  /** Blocks that made way for it, the highest first. */
  readonly reverted: readonly BlockView[];
};

/** The state that a query is about: that after the block of a height, or that of the pending block. */
export type StatePoint = number | 'pending';

/** How much of a run is to be told. */
export type TraceOptions = {
  /** Every instruction, beside the calls. */
  readonly steps?: boolean;
  /** The operands of every instruction. */
  readonly stack?: boolean;
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
  /** Addresses that can send without a key of their own: those it signs for and impersonated ones. */
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
  /** Everything that waits in the pool, sender by sender in order of nonce. */
  readonly poolContent: () => readonly PoolTransaction[];
  /** The same for one sender. */
  readonly poolContentOf: (address: Uint8Array) => readonly PoolTransaction[];

  /** Calls `listener` with every head from now on, in order; it must not throw. */
  readonly onHead: (listener: (notice: HeadNotice) => void) => Cancel;
  /** Calls `listener` with every transaction that becomes pending in the pool; it must not throw. */
  readonly onPooled: (listener: (transaction: RecoveredTransaction) => void) => Cancel;

  /**
   * Transactions in which an address took part (as sender, recipient, new contract, or by value or a
   * call from a contract), from `from` on (which is not among them; undefined: from the end).
   * `newer`: the first after it come first; `older`: the last before it come first.
   */
  readonly transactionsOf: (
    address: Uint8Array,
    from: TransactionPosition | undefined,
    direction: 'newer' | 'older',
  ) => Iterable<TransactionPosition>;
  /** The transaction of the chain that used this nonce. */
  readonly transactionOfNonce: (
    sender: Uint8Array,
    nonce: bigint,
  ) => TransactionPosition | undefined;
  /** The transaction that has created the contract. */
  readonly creationOf: (contract: Uint8Array) => TransactionPosition | undefined;

  /**
   * State as of the block at `height`; throws `STATE_PRUNED` outside of the kept history,
   * `BLOCKS_PRUNED` below the first block.
   */
  readonly account: (at: StatePoint, address: Uint8Array) => AccountView;
  /** The account's code, empty without one. */
  readonly code: (at: StatePoint, address: Uint8Array) => Uint8Array;
  /** The 32 bytes in the account's `slot` (32 bytes), zero where nothing was written. */
  readonly storage: (at: StatePoint, address: Uint8Array, slot: Uint8Array) => Uint8Array;
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

  /** Runs `request` on the state at `at` and forgets its effects. */
  readonly call: (
    request: CallRequest,
    at: StatePoint,
    overrides?: CallOverrides,
  ) => MaybePromise<CallResult>;
  /**
   * The least gas limit with which `request` succeeds on the state at `at`. A request that fails
   * with any limit throws a coded error; `CALL_REVERTED` carries the revert data
   * as hex in its field `data`.
   */
  readonly estimateGas: (
    request: CallRequest,
    at: StatePoint,
    overrides?: CallOverrides,
  ) => MaybePromise<bigint>;
  /** The accounts and slots that `request` uses, so that naming them beforehand saves gas (EIP-2930). */
  readonly createAccessList: (
    request: CallRequest,
    at: StatePoint,
    overrides?: CallOverrides,
  ) => MaybePromise<AccessListResult>;
  /** Runs blocks of calls on the state at `at`, one after the other, and forgets them. */
  readonly simulateBlocks: (
    blocks: readonly SimulatedBlockRequest[],
    at: StatePoint,
    options: { readonly validation: boolean; readonly traceTransfers: boolean },
  ) => MaybePromise<readonly SimulatedBlock[]>;
  /** Runs a transaction of the chain once more; undefined when it is in no block. */
  readonly traceTransaction: (
    hash: Uint8Array,
    options: TraceOptions,
  ) => MaybePromise<TransactionTrace | undefined>;
  /** Runs all transactions of a block once more. */
  readonly traceBlock: (
    height: number,
    options: TraceOptions,
  ) => MaybePromise<readonly TransactionTrace[]>;
  /** Runs `request` as {@link NodeApi.call} does, and tells how. */
  readonly traceCall: (
    request: CallRequest,
    at: StatePoint,
    overrides: CallOverrides,
    options: TraceOptions,
  ) => MaybePromise<TransactionTrace>;
  /** Base fee of the block after the head, wei per gas. */
  readonly nextBaseFee: () => bigint;
  /** The tip that gets a transaction into the next block, wei per gas. */
  readonly priorityFee: () => bigint;

  /**
   * Takes a signed transaction into the pool; its hash. With automine the promise settles once its
   * block is visible, so that the receipt can be asked for at once.
   */
  readonly sendRaw: (raw: Uint8Array) => Promise<Uint8Array>;
  /**
   * Completes, signs and sends; throws `ACCOUNT_UNKNOWN` for an address that is not its own, unless
   * `signing` is `without`, which only a dev chain takes.
   */
  readonly sendFromAccount: (
    request: TransactionRequest,
    signing?: 'without',
  ) => Promise<Uint8Array>;
  /** What the request becomes when its open fields are filled in; nothing is signed or sent. */
  readonly fillTransaction: (request: TransactionRequest) => MaybePromise<UnsignedTransaction>;
  /** Signs a transaction like {@link NodeApi.sendFromAccount} would; the raw bytes. @throws `ACCOUNT_UNKNOWN` */
  readonly signTransaction: (request: TransactionRequest) => MaybePromise<RecoveredTransaction>;
  /** Signs a digest of 32 bytes. @throws `ACCOUNT_UNKNOWN` */
  readonly signDigest: (address: Uint8Array, digest: Uint8Array) => RecoverableSignature;
  /** Dev chains only; a network node has no way to any of it. */
  readonly dev: DevApi | undefined;
  /** False: the node has caught up. */
  readonly syncing: () => false;
};
