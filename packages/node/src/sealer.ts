import type { DevApi } from '@lucerna/api';
import type { Clock, Log } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import type { BlockAttributes } from '@lucerna/execution';
import type { JsonValue, SignedTransaction } from '@lucerna/protocol';
import type { ObservedPool } from './observed-pool.ts';

/** The filters that clients have made, as far as a sealer has to do with them. */
export type FilterState = {
  readonly dump: () => JsonValue;
  /** Puts what was dumped in the place of what there is. */
  readonly restore: (dump: JsonValue) => void;
};

/** What a sealer works on. */
export type SealerParts = {
  readonly chain: Chain;
  readonly pool: ObservedPool;
  readonly filters: FilterState;
  readonly signatures: SignatureEngine;
  readonly clock: Clock;
  readonly log: Log;
  /** To be called when {@link Sealer.attributes} change without a new block: the pool goes by them. */
  readonly attributesChanged: () => void;
};

/** How a sealer is made, and what its chain may hold: how a dev chain and a network are told apart. */
export type SealerFactory = {
  /** Whether the chain may have been changed by something else than blocks. */
  readonly cheats: 'allowed' | 'refused';
  readonly create: (parts: SealerParts) => Sealer;
};

/**
 * Decides when a block is made and what it may contain. A node has one; it is the only part that
 * differs between a dev chain and a network.
 */
export type Sealer = {
  /**
   * Ends what a crash has interrupted, has `replayPool` put back what waited, then begins to make
   * blocks, if this sealer does so by itself.
   */
  readonly start: (replayPool: () => Promise<void>) => Promise<void>;
  /** What the next header says where the rules of the ledger leave a choice. */
  readonly attributes: () => BlockAttributes;
  /** Base fee of the next block, wei per gas. */
  readonly nextBaseFee: () => bigint;
  /** Throws, in the words that wallets know, for a transaction that could never get into a block. */
  readonly checkIncludable: (transaction: SignedTransaction) => void;
  /**
   * The pool has taken a transaction. Resolves when the sealer has done what it does about that at
   * once: with automine, when the transaction is in a published block (or cannot be in one now).
   *
   * @throws `NODE_CLOSED` once the sealer is stopped, what kept it from making the block, and why the
   *   block could not have the transaction, which is then no longer in the pool
   */
  readonly transactionAccepted: (hash: Uint8Array) => Promise<void>;
  /**
   * Runs a change of the chain that comes from elsewhere, while no block is made. It awaits `takeTurn` again
   * and again.
   *
   * @throws `NODE_CLOSED` once the sealer is stopped, also from `takeTurn`
   */
  readonly exclusive: <T>(task: (takeTurn: () => Promise<void>) => Promise<T>) => Promise<T>;
  /** Ends the block being made, then makes no more. */
  readonly stop: () => Promise<void>;
  /** What only the user of a dev chain may do. */
  readonly dev?: DevApi;
  /** Whether this account sends without a signature. Absent: none does. */
  readonly mayImpersonate?: (address: Uint8Array) => boolean;
  /** The accounts that were named to send without a signature. Absent: none. */
  readonly impersonated?: () => readonly Uint8Array[];
};
