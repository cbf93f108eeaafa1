import type { SignatureEngine } from '@lucerna/crypto';
import type { Rules } from '@lucerna/protocol';

/** What a transaction can learn of the block that it is executed in. */
export type BlockContext = {
  readonly chainId: bigint;
  readonly height: number;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  /** Who receives the tips. */
  readonly coinbase: Uint8Array;
  readonly gasLimit: bigint;
  /** Wei burned for one unit of gas. */
  readonly baseFeePerGas: bigint;
  /** The RANDAO mix, 32 bytes. */
  readonly mixHash: Uint8Array;
  readonly rules: Rules;
  /** Hash of an earlier block by its height; undefined when this node does not have the block. */
  readonly hashAt: (height: number) => Uint8Array | undefined;
  /**
   * Checks the signatures that contracts ask about; every engine gives equal results. Default: the one in
   * JavaScript, about 25 times slower than a native one.
   */
  readonly signatures?: SignatureEngine | undefined;
};
