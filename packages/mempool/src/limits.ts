import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of one pool. A composition may choose its own; {@link mempoolLimits} has the defaults. */
export type PoolLimits = {
  /**
   * Width of the window of nonces, from the sender's state nonce on, that the pool takes. A nonce
   * is held once, so this is also the most transactions of one sender.
   */
  readonly senderNonceWindow: number;
  /** Most transactions of one sender that are executable at a time; those behind them are queued. */
  readonly senderExecutable: number;
  /** So many queued ones of a sender, and no further one is taken. A new head may queue more. */
  readonly senderQueued: number;
  /** Most transactions in the pool. */
  readonly transactions: number;
  /** Most raw bytes of transactions in the pool. */
  readonly bytes: number;
  /** By how many per cent a replacement must raise the fee cap, and the tip cap. */
  readonly replacementBumpPercent: number;
  /** Most transactions that make room for one. */
  readonly evictions: number;
  /** A queued transaction leaves after so long without a change of its sender's account. */
  readonly queuedMs: number;
  /** Hashes of lately refused and dropped transactions that are remembered. */
  readonly refusals: number;
  /** For how long each of them is. */
  readonly refusalMs: number;
};

/** The bounds of a pool's journal. */
export type JournalLimits = {
  /** It is copied when it is longer than twice what is alive in it and this. */
  readonly journalSlackBytes: number;
  /** So much is read or copied at a time. */
  readonly journalChunkBytes: number;
};

/** The bounds of the pool and their default values, which are those of a dev chain. */
export const mempoolLimits: LimitRegistry<keyof PoolLimits | keyof JournalLimits> = defineLimits(
  'mempool',
  {
    senderNonceWindow: {
      value: 4_096,
      unit: 'nonces',
      why: 'a benchmark or a faucet sends this many ahead; a longer queue belongs to the sender',
    },
    senderExecutable: {
      value: 4_096,
      unit: 'transactions',
      why: 'all of the window on a dev chain, whose senders are one user; 16 on a network',
    },
    senderQueued: {
      value: 4_096,
      unit: 'transactions',
      why: 'all of the window on a dev chain; 64 on a network, where they cost their sender nothing',
    },
    transactions: {
      value: 131_072,
      unit: 'transactions',
      why: 'about 100 MB of heap at 0.75 KB each: several full blocks of transfers',
    },
    bytes: {
      value: 134_217_728,
      unit: 'bytes',
      why: 'large transactions reach this bound before the count does',
    },
    replacementBumpPercent: {
      value: 10,
      unit: 'per cent',
      why: 'each replacement costs the network a relay, so it must pay; what wallets expect',
    },
    evictions: {
      value: 1_024,
      unit: 'transactions',
      why: 'the largest transaction in the place of the smallest ones, about 128 bytes each',
    },
    queuedMs: {
      value: 10_800_000,
      unit: 'ms',
      why: 'three hours, as elsewhere: whoever has not closed a gap by then has forgotten it',
    },
    refusals: {
      value: 32_768,
      unit: 'hashes',
      why: 'a few MB against peers that send again what was refused a moment ago',
    },
    refusalMs: {
      value: 300_000,
      unit: 'ms',
      why: 'five minutes: what made room for others may fit again when the pool has drained',
    },
    journalSlackBytes: {
      value: 1_048_576,
      unit: 'bytes',
      why: 'an empty pool has a short journal, and a small one is not copied at every turn',
    },
    journalChunkBytes: {
      value: 1_048_576,
      unit: 'bytes',
      why: 'large enough for the disk, small enough beside the transactions themselves',
    },
  },
);

/**
 * What one sender may hold on a network, where senders are strangers: one of them must not own the
 * pool, and what cannot run costs nothing to send.
 */
export const NETWORK_POOL_LIMITS: Pick<
  PoolLimits,
  'senderNonceWindow' | 'senderExecutable' | 'senderQueued'
> = { senderNonceWindow: 80, senderExecutable: 16, senderQueued: 64 };
