import { type Genesis, INITIAL_FORKS } from '@lucerna/protocol';
import { addressOf, DEV_NAMES } from '../accounts/named-account.ts';
import { amountFrom, type WholeNumber } from './amounts.ts';

/** The id that development chains have; signatures are for this one. */
export const STATE_DB_CHAIN_ID = 31_337n;

/** What each of {@link DEV_NAMES} has, where nobody says otherwise. */
export const DEV_ALLOCATION = 1_000_000n;

const BLOCK_GAS_LIMIT = 1_000_000_000n;

/**
 * Most gas of one block: half of the limit of its header, above which the base fee would rise from 0
 * (EIP-1559) and a gas price of 0 be too low. It is room for 23,809 transfers.
 */
export const STATE_DB_BLOCK_GAS: bigint = BLOCK_GAS_LIMIT / 2n;

/** Who has how much at the start, by name or address. */
export type Allocation = Readonly<Record<string, WholeNumber>>;

/**
 * The genesis of a StateDB. It depends on the allocation alone, so that two databases with the same one
 * are the same chain. @throws `ACCOUNT_NAME_INVALID`, `ADDRESS_*`, `AMOUNT_INVALID`, `GENESIS_INVALID`
 */
export function stateDbGenesis(allocation: Allocation = devAllocation()): Genesis {
  const alloc = Object.entries(allocation)
    .map(([account, amount]) => ({
      address: addressOf(account),
      balance: amountFrom(amount, account),
      nonce: 0n,
    }))
    // An account without anything does not exist (EIP-161).
    .filter(({ balance }) => balance > 0n);
  return {
    chainId: STATE_DB_CHAIN_ID,
    timestamp: 0,
    gasLimit: BLOCK_GAS_LIMIT,
    baseFeePerGas: 0n,
    coinbase: new Uint8Array(20),
    forks: INITIAL_FORKS,
    alloc,
  };
}

function devAllocation(): Allocation {
  return Object.fromEntries(DEV_NAMES.map((name) => [name, DEV_ALLOCATION]));
}
