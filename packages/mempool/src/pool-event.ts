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

/** What happens to the pool. */
export type PoolEvent =
  /** Somebody sent a transaction. → `accepted` or `rejected` */
  | { readonly kind: 'transaction'; readonly transaction: RecoveredTransaction }
  /**
   * There is a new head, or the head went back. `touched` are the addresses whose nonce or balance
   * is not what it was at the head before; duplicates and strangers do no harm. → `dropped` …
   */
  | ({ readonly kind: 'head'; readonly touched: readonly Uint8Array[] } & PoolHead)
  /** The block builder could not include it, or its sender's operator wants it gone. → `dropped` */
  | { readonly kind: 'remove'; readonly hash: Uint8Array };

/**
 * Why a transaction left the pool: its nonce is used up (it was included, or another one with its
 * nonce); its nonce is now too far ahead; the new head's rules or gas limit refuse it; somebody
 * removed it.
 */
export type DropReason = 'nonce-used' | 'nonce-too-high' | 'invalid' | 'removed';

/** What the pool did about an event. */
export type PoolEffect =
  | {
      readonly kind: 'accepted';
      readonly hash: Uint8Array;
      /** Hash of the transaction that made way for it. */
      readonly replaced?: Uint8Array;
    }
  | { readonly kind: 'rejected'; readonly hash: Uint8Array; readonly error: LucernaError }
  | { readonly kind: 'dropped'; readonly hash: Uint8Array; readonly reason: DropReason };

/** What the pool must know of senders, as of the head of which it was told last. */
export type SenderView = {
  readonly nonce: (address: Uint8Array) => bigint;
  readonly balance: (address: Uint8Array) => bigint;
};

/**
 * `pending`: may enter the next block, after its sender's earlier ones. `parked`: it, or an earlier
 * one of its sender, has a fee cap below the base fee. `queued`: a nonce before it is missing, or
 * the sender's balance does not cover it and what comes before it.
 */
export type PoolStatus = 'pending' | 'parked' | 'queued';

/** One transaction of the pool and what it waits for. */
export type PooledTransaction = {
  readonly transaction: RecoveredTransaction;
  readonly status: PoolStatus;
};
