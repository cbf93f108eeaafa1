import type { Hex } from '@lucerna/base';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';

const MNEMONIC = 'test test test test test test test test test test test junk';

/** One of the accounts that every Ethereum development tool knows, or of other words, derived by viem. */
export function devAccount(index: number, mnemonic: string = MNEMONIC): HDAccount {
  return mnemonicToAccount(mnemonic, { addressIndex: index });
}

/** How many of them have money at genesis. */
export const DEV_ACCOUNT_COUNT = 10;

/** What each of them has, in wei. */
export const DEV_BALANCE: bigint = 10_000n * 10n ** 18n;

/** The private key of a dev account as a client takes it. */
export function privateKeyOf(account: HDAccount): Hex {
  const key = account.getHdKey().privateKey;
  if (key === null || key === undefined) throw new Error('a derived account has its key');
  return `0x${Buffer.from(key).toString('hex')}`;
}
