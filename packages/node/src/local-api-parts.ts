import type { Clock } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import type { Keyring } from './keyring.ts';
import type { ObservedPool } from './observed-pool.ts';
import type { Sealer } from './sealer.ts';

/** What the API of a node is made of. */
export type LocalApiParts = {
  readonly chain: Chain;
  readonly pool: ObservedPool;
  readonly sealer: Sealer;
  readonly keyring: Keyring;
  readonly signatures: SignatureEngine;
  readonly clock: Clock;
};
