import type { LucernaError } from '@lucerna/base';
import type { Log } from '@lucerna/protocol';

/** What a transaction that was included did. */
export type TransactionOutcome = {
  /** 0: it failed, and only its fee and the sender's nonce remain of it. */
  readonly status: 0 | 1;
  readonly gasUsed: bigint;
  readonly logs: readonly Log[];
  readonly returnData: Uint8Array;
  /** The address that it would give to a new contract; undefined unless it creates one. */
  readonly contractAddress: Uint8Array | undefined;
  /** Why it failed; undefined when `status` is 1. */
  readonly error: LucernaError | undefined;
};
