import type { Account } from './account.ts';

/** The state of one moment, as execution and queries see it. All reads are synchronous. */
export type StateReader = {
  /**
   * The account of a 20-byte address, undefined when there is none.
   *
   * @throws `STATE_CORRUPT`
   */
  readonly account: (address: Uint8Array) => Account | undefined;
  /**
   * The 32-byte word in a 32-byte slot of an account; zero where nothing was set.
   *
   * @throws `STATE_CORRUPT`
   */
  readonly storage: (address: Uint8Array, slot: Uint8Array) => Uint8Array;
  /**
   * The code of an account with that code hash.
   *
   * @throws `STATE_CORRUPT` when the code is missing
   */
  readonly code: (codeHash: Uint8Array) => Uint8Array;
};
