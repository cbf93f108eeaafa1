import type { SignatureEngine } from '@lucerna/crypto';
import { type Genesis, INITIAL_FORKS, publicKeyToAddress } from '@lucerna/protocol';
import { DEV_PRIVATE_KEYS } from './dev-accounts.ts';

/** Chain id that development tools expect. */
const DEV_CHAIN_ID = 31_337n;

const WEI_PER_COIN = 10n ** 18n;

/** Balance of each development account at genesis, in wei. */
export const DEV_BALANCE: bigint = 10_000n * WEI_PER_COIN;

const DEV_GAS_LIMIT = 30_000_000n;
const DEV_BASE_FEE_PER_GAS = 1_000_000_000n;

/** What of a dev chain's genesis its user can choose. */
export type DevGenesisOptions = {
  readonly chainId?: bigint;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
};

/** The genesis of a dev chain: the ten known accounts, 10,000 coins each. */
export function devGenesis(signatures: SignatureEngine, options: DevGenesisOptions): Genesis {
  return {
    chainId: options.chainId ?? DEV_CHAIN_ID,
    timestamp: options.timestamp,
    gasLimit: DEV_GAS_LIMIT,
    baseFeePerGas: DEV_BASE_FEE_PER_GAS,
    coinbase: new Uint8Array(20),
    forks: INITIAL_FORKS,
    alloc: DEV_PRIVATE_KEYS.map((privateKey) => ({
      address: publicKeyToAddress(signatures.publicKey(privateKey)),
      balance: DEV_BALANCE,
      nonce: 0n,
    })),
  };
}
