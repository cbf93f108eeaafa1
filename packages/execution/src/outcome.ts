import type { LucernaError } from '@lucerna/base';
import type { Log } from '@lucerna/protocol';

/** What a frame came to. With status 0, all that it did is taken back. */
export type FrameOutcome = {
  readonly status: 0 | 1;
  readonly gasLeft: bigint;
  /** Of gas, of this frame and those within it, before the cap of EIP-3529; 0 with status 0. */
  readonly refund: bigint;
  /** What the contract returned, the code of the new contract, or the data of a revert. */
  readonly returnData: Uint8Array;
  /** Why it failed; undefined with status 1. */
  readonly error: LucernaError | undefined;
};

/** What the contracts of a transaction have done, counted: what was taken back counts as well. */
export type ExecutionStatistics = {
  /** Calls and creations, that of the transaction itself counted. */
  readonly frames: number;
  /** Words of the state. */
  readonly stateReads: number;
  readonly stateWrites: number;
  readonly hashes: number;
  readonly logs: number;
  /** Calls of a contract's actions by its own. */
  readonly actionCalls: number;
};

/** What a transaction that was included did. */
export type TransactionOutcome = {
  /** 0: it failed, and only its fee and the sender's nonce remain of it. */
  readonly status: 0 | 1;
  /** With the refund taken off. */
  readonly gasUsed: bigint;
  /** Gas that it needed beside `gasUsed` and got back for slots that it cleared (EIP-3529). */
  readonly refund: bigint;
  /** None when `status` is 0. */
  readonly logs: readonly Log[];
  /** What the contract returned, the code of the new contract, or the data of a revert. */
  readonly returnData: Uint8Array;
  /** The address that it would give to a new contract; undefined unless it creates one. */
  readonly contractAddress: Uint8Array | undefined;
  /** As {@link ExecutedBlock.participants} says. */
  readonly participants: readonly Uint8Array[];
  /**
   * Why it failed; undefined when `status` is 1. A revert is `CALL_REVERTED`, with its data as hex
   * in the field `data`.
   */
  readonly error: LucernaError | undefined;
  readonly statistics: ExecutionStatistics;
};
