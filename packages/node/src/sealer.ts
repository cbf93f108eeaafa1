import type { Clock, Log } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import type { BlockAttributes } from '@lucerna/execution';
import type { Mempool } from '@lucerna/mempool';
import type { SignedTransaction } from '@lucerna/protocol';

/** What a sealer works on. */
export type SealerParts = {
  readonly chain: Chain;
  readonly pool: Mempool;
  readonly clock: Clock;
  readonly log: Log;
};

/** Makes the sealer of a node: how a dev chain and a network are told apart. */
export type SealerFactory = (parts: SealerParts) => Sealer;

/** What a user asks of a block that is made on demand. */
export type SealRequest = {
  /** Seconds since the Unix epoch; not before the head's. Default: the clock's, or the head's if later. */
  readonly timestamp?: number;
};

/**
 * Decides when a block is made and what it may contain. A node has one; it is the only part that
 * differs between a dev chain and a network.
 */
export type Sealer = {
  /** Begins to make blocks, if this sealer does so by itself. */
  readonly start: () => void;
  /** What the next header says where the rules of the ledger leave a choice. */
  readonly attributes: (request: SealRequest) => BlockAttributes;
  /** Throws, in the words that wallets know, for a transaction that could never get into a block. */
  readonly checkIncludable: (transaction: SignedTransaction) => void;
  /**
   * The pool has taken a transaction. Resolves when the sealer has done what it does about that at
   * once: with automine, when the transaction is in a published block (or cannot be in one now).
   *
   * @throws `NODE_CLOSED` once the sealer is stopped, and what kept it from making the block
   */
  readonly transactionAccepted: () => Promise<void>;
  /** Makes one block now, empty if need be. @throws `NODE_CLOSED` once the sealer is stopped */
  readonly seal: (request: SealRequest) => Promise<void>;
  /** Ends the block being made, then makes no more. */
  readonly stop: () => Promise<void>;
};
