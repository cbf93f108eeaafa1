/** How a dev chain makes blocks. Both may be on at once. */
export type MiningMode = {
  readonly automine: boolean;
  /** Milliseconds between blocks that are made by the clock; 0: none. */
  readonly intervalMs: number;
};

/** What to mine on demand. */
export type MineOptions = {
  /** How many blocks; 1 by default. */
  readonly blocks?: number;
  /** Seconds since the Unix epoch for the first of them. Default: the node's clock. */
  readonly timestamp?: number;
  /** Seconds between them. Default: what the node's clock gives. */
  readonly intervalSeconds?: number;
};

/** What a dev node says about itself. */
export type DevNodeInfo = {
  /** Identifies this chain: it changes with `reset` and `loadState`. 32 bytes. */
  readonly instanceId: Uint8Array;
  readonly mining: MiningMode;
  /** What the clock of the chain is ahead of the real one, in seconds. */
  readonly timeOffsetSeconds: number;
  /** What `setBlockTimestampInterval` has set; undefined: nothing. */
  readonly blockTimestampIntervalSeconds?: number | undefined;
  /** Of the next block. */
  readonly gasLimit: bigint;
  /** Wei per gas, of the next block. */
  readonly baseFeePerGas: bigint;
  /** Wei per gas that the pool asks for at least. */
  readonly minGasPrice: bigint;
  /** Ids of the snapshots that can be reverted to. */
  readonly snapshots: readonly {
    readonly id: bigint;
    readonly height: number;
    readonly hash: Uint8Array;
  }[];
};

/** Transactions for a block of `reorg`: how many blocks behind the ancestor, and the signed bytes. */
export type ReorgTransaction = { readonly blockOffset: number; readonly raw: Uint8Array };

/**
 * What the user of a dev chain may do to it beyond sending transactions. Every change is durable, and
 * is visible once the promise resolves. A network node has none of this.
 */
export type DevApi = {
  /** Makes blocks now. @throws `BLOCK_COUNT_OUT_OF_RANGE`, `TIMESTAMP_BEFORE_HEAD` */
  readonly mine: (options: MineOptions) => Promise<void>;

  /** Moves the clock of the chain forward. What it is ahead in all, in seconds. */
  readonly increaseTime: (seconds: number) => Promise<number>;
  /** Sets the clock of the chain. By how many seconds it has moved. @throws `TIMESTAMP_BEFORE_HEAD` */
  readonly setTime: (timestamp: number) => Promise<number>;
  /** @throws `TIMESTAMP_BEFORE_HEAD` */
  readonly setNextBlockTimestamp: (timestamp: number) => Promise<void>;
  /** From now on each block is this many seconds after its parent; undefined: as the clock says. */
  readonly setBlockTimestampInterval: (seconds: number | undefined) => Promise<void>;

  readonly setBalance: (address: Uint8Array, wei: bigint) => Promise<void>;
  readonly setNonce: (address: Uint8Array, nonce: bigint) => Promise<void>;
  /** @throws `PROGRAM_REFUSED`, `ZXC_*`, `ENGINE_MISSING`: what could not have been deployed either */
  readonly setCode: (address: Uint8Array, code: Uint8Array) => Promise<void>;
  readonly setStorage: (address: Uint8Array, slot: Uint8Array, word: Uint8Array) => Promise<void>;

  /** `eth_sendTransaction` from this address needs no key from now on. */
  readonly impersonate: (address: Uint8Array) => Promise<void>;
  readonly stopImpersonating: (address: Uint8Array) => Promise<void>;
  /** The same for every address. */
  readonly autoImpersonate: (enabled: boolean) => Promise<void>;

  readonly mining: () => MiningMode;
  readonly setAutomine: (enabled: boolean) => Promise<void>;
  /** 0 ends it. */
  readonly setIntervalMining: (intervalMs: number) => Promise<void>;

  /** Wei per gas, for the next block only; those after it follow from it. */
  readonly setNextBlockBaseFee: (baseFeePerGas: bigint) => Promise<void>;
  readonly setMinGasPrice: (wei: bigint) => Promise<void>;
  readonly setCoinbase: (address: Uint8Array) => Promise<void>;
  /** The mix of the next block, 32 bytes. */
  readonly setPrevRandao: (mix: Uint8Array) => Promise<void>;
  /** Of the next block and those after it. */
  readonly setBlockGasLimit: (gasLimit: bigint) => Promise<void>;

  /** Whether it was in the pool. */
  readonly dropTransaction: (hash: Uint8Array) => Promise<boolean>;
  readonly dropAllTransactions: () => Promise<void>;
  /** Those of one sender. */
  readonly dropTransactionsOf: (address: Uint8Array) => Promise<void>;

  /** Remembers everything as it is now. */
  readonly snapshot: () => Promise<bigint>;
  /** Back to the snapshot, which is used up, as are later ones. False: there is none of this id. */
  readonly revert: (id: bigint) => Promise<boolean>;
  /** Takes the last `depth` blocks off the chain. */
  readonly rollback: (depth: number) => Promise<void>;
  /** Puts `depth` new blocks in the place of as many, with these transactions. */
  readonly reorg: (depth: number, transactions: readonly ReorgTransaction[]) => Promise<void>;
  /** All of the chain, pool, clock and filters, for {@link DevApi.loadState} here or elsewhere. */
  readonly dumpState: () => Promise<Uint8Array>;
  /** Puts what was dumped in the place of all there is. */
  readonly loadState: (dump: Uint8Array) => Promise<void>;
  /** Back to block 0, without snapshots, pool and settings. */
  readonly reset: () => Promise<void>;

  /** Whether new blocks are written to the log. */
  readonly setLogging: (enabled: boolean) => Promise<void>;
  readonly info: () => DevNodeInfo;
};
