import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of one pool. A composition may choose its own; {@link mempoolLimits} has the defaults. */
export type PoolLimits = {
  /**
   * Width of the window of nonces, from the sender's state nonce on, that the pool takes. A nonce
   * is held once, so this is also the most transactions of one sender.
   */
  readonly senderNonceWindow: number;
  /** Most transactions in the pool. */
  readonly transactions: number;
  /** Most raw bytes of transactions in the pool. */
  readonly bytes: number;
  /** By how many per cent a replacement must raise the fee cap, and the tip cap. */
  readonly replacementBumpPercent: number;
};

/** The bounds of the pool and their default values. */
export const mempoolLimits: LimitRegistry<keyof PoolLimits> = defineLimits('mempool', {
  senderNonceWindow: {
    value: 4_096,
    unit: 'nonces',
    why: 'a benchmark or a faucet sends this many ahead; a longer queue belongs to the sender',
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
});
