import type { SignatureEngine } from '@lucerna/crypto';
import {
  type Genesis,
  INITIAL_FORKS,
  NATIVE_ADDRESSES,
  nativeCode,
  publicKeyToAddress,
} from '@lucerna/protocol';
import { DEV_PRIVATE_KEYS } from './dev-accounts.ts';

/** Chain id that development tools expect. */
const DEV_CHAIN_ID = 31_337n;

const WEI_PER_COIN = 10n ** 18n;

/** Balance of each development account at genesis, in wei. */
const DEV_BALANCE: bigint = 10_000n * WEI_PER_COIN;

const DEV_GAS_LIMIT = 30_000_000n;
const DEV_BASE_FEE_PER_GAS = 1_000_000_000n;

/** The native contracts that libraries expect on every chain. */
const TOOL_CONTRACTS: Genesis['alloc'] = (['multicall3', 'create2-factory'] as const).map(
  (name) => ({ address: NATIVE_ADDRESSES[name], balance: 0n, nonce: 1n, code: nativeCode(name) }),
);

/** What of a dev chain's genesis its user can choose. */
export type DevGenesisOptions = {
  readonly chainId?: bigint;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  /** Keys of its accounts. Default: {@link DEV_PRIVATE_KEYS}. */
  readonly privateKeys?: readonly Uint8Array[];
  /** Wei of each of its accounts. Default: 10,000 coins. */
  readonly balance?: bigint;
};

/**
 * The genesis of a dev chain: accounts, by default the ten known ones with 10,000 coins each, and the
 * native contracts.
 */
export function devGenesis(signatures: SignatureEngine, options: DevGenesisOptions): Genesis {
  const { privateKeys = DEV_PRIVATE_KEYS, balance = DEV_BALANCE } = options;
  return {
    chainId: options.chainId ?? DEV_CHAIN_ID,
    timestamp: options.timestamp,
    gasLimit: DEV_GAS_LIMIT,
    baseFeePerGas: DEV_BASE_FEE_PER_GAS,
    coinbase: new Uint8Array(20),
    forks: INITIAL_FORKS,
    // An account without anything does not exist (EIP-161).
    alloc: [
      ...(balance === 0n ? [] : privateKeys).map((privateKey) => ({
        address: publicKeyToAddress(signatures.publicKey(privateKey)),
        balance,
        nonce: 0n,
      })),
      ...TOOL_CONTRACTS,
    ],
  };
}
