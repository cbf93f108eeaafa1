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
