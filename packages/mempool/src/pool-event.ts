import type { LucernaError } from '@lucerna/base';
import type { RecoveredTransaction, Rules } from '@lucerna/protocol';

/** What the pool knows of the block that is to be built next. */
export type PoolHead = {
  readonly rules: Rules;
  /** The block's gas limit: no transaction may ask for more. */
  readonly gasLimit: bigint;
  /** The block's base fee, wei per gas. */
  readonly baseFeePerGas: bigint;
};

/** Who sent a transaction: a user of this node, or another node. Only peers meet the ring of refusals. */
export type PoolOrigin = 'local' | 'peer';

/**
 * What happens to the pool. Times are milliseconds since the Unix epoch; the pool has no clock of its
 * own.
 */
export type PoolEvent =
  /** Somebody sent a transaction. → `accepted` or `rejected`, then `dropped` …, `promoted` … */
  | {
      readonly kind: 'transaction';
      readonly transaction: RecoveredTransaction;
      readonly nowMs: number;
      readonly origin: PoolOrigin;
    }
  /**
   * There is a new head, or the head went back. `touched` are the addresses whose nonce or balance
   * is not what it was at the head before; duplicates and strangers do no harm. `reverted` are the
   * transactions of blocks that are no longer in the chain, in the chain's order: they come back
   * through the same checks as new ones. → `dropped` …, `promoted` …, and for each reverted one what
   * a `transaction` gives
   */
  | ({
      readonly kind: 'head';
      readonly touched: readonly Uint8Array[];
      readonly reverted?: readonly RecoveredTransaction[];
      readonly nowMs: number;
    } & PoolHead)
  /** Time has passed: what has been queued for too long leaves. → `dropped` … */
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** The block builder could not include it, or its sender's operator wants it gone. → `dropped` */
  | { readonly kind: 'remove'; readonly hash: Uint8Array }
  /** All of one sender are to go. → `dropped` … */
  | { readonly kind: 'remove-sender'; readonly address: Uint8Array }
  /** All are to go. → `dropped` … */
  | { readonly kind: 'clear' }
  /** From now on a fee cap must be at least this, wei per gas; what pays less leaves. → `dropped` … */
  | { readonly kind: 'floor'; readonly minGasPrice: bigint };

/**
 * Why a transaction left the pool: its nonce is used up (it was included, or another one with its
 * nonce); its nonce is now too far ahead; the new head's rules or gas limit refuse it; somebody
 * removed it; it made room for one that pays more; it was queued for too long; it pays less than the
 * new floor.
 */
export type DropReason =
  | 'nonce-used'
  | 'nonce-too-high'
  | 'invalid'
  | 'removed'
  | 'evicted'
  | 'expired'
  | 'underpriced';

/** What the pool did about an event. */
export type PoolEffect =
  | {
      readonly kind: 'accepted';
      readonly hash: Uint8Array;
      readonly status: PoolStatus;
      /** Hash of the transaction that made way for it. */
      readonly replaced?: Uint8Array;
    }
  | { readonly kind: 'rejected'; readonly hash: Uint8Array; readonly error: LucernaError }
  /** It was in the pool, parked or queued, and is now pending. */
  | { readonly kind: 'promoted'; readonly hash: Uint8Array }
  | { readonly kind: 'dropped'; readonly hash: Uint8Array; readonly reason: DropReason };

/** What the pool must know of senders, as of the head of which it was told last. */
export type SenderView = {
  readonly nonce: (address: Uint8Array) => bigint;
  readonly balance: (address: Uint8Array) => bigint;
};

/**
 * `pending`: may enter the next block, after its sender's earlier ones. `parked`: it, or an earlier
 * one of its sender, has a fee cap below the base fee. `queued`: a nonce before it is missing, the
 * sender's balance does not cover it and what comes before it, or too many come before it.
 */
export type PoolStatus = 'pending' | 'parked' | 'queued';

/** How many transactions of each status there are. */
export type PoolCounts = Readonly<Record<PoolStatus, number>>;

/** One transaction of the pool and what it waits for. */
export type PooledTransaction = {
  readonly transaction: RecoveredTransaction;
  readonly status: PoolStatus;
};
