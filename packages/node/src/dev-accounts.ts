import { fromHexKey } from '@lucerna/base';
import { nodeErrors } from './errors.ts';
import { nodeLimits } from './limits.ts';

/** The mnemonic that every Ethereum development tool knows. Whoever reads this owns its accounts. */
export const DEV_MNEMONIC = 'test test test test test test test test test test test junk';

/** BIP-32 path of the development accounts, without the account's index. */
export const DEV_DERIVATION_PATH = "m/44'/60'/0'/0";

/**
 * Private keys of the first ten accounts of {@link DEV_MNEMONIC}.
 * Kept as constants because deriving them would cost every start the 2,048 rounds of BIP-39's PBKDF2;
 * a test derives them anew.
 */
export const DEV_PRIVATE_KEYS: readonly Uint8Array[] = [
  'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  '7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
  '47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a',
  '8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba',
  '92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e',
  '4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356',
  'dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97',
  '2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6',
].map(fromHexKey);

/** Which development accounts a node is to have. */
export type DevAccountOptions = {
  /** Words of BIP-39 in English. Default: {@link DEV_MNEMONIC}. */
  readonly mnemonic?: string | undefined;
  /** How many accounts. Default: as many as {@link DEV_PRIVATE_KEYS}. */
  readonly count?: number | undefined;
};

/**
 * Private keys of a dev chain's accounts. What derives them is loaded only when the constants do not
 * have them.
 *
 * @throws `MNEMONIC_INVALID`, `ACCOUNT_COUNT_OUT_OF_RANGE`
 */
export async function devPrivateKeys(
  options: DevAccountOptions = {},
): Promise<readonly Uint8Array[]> {
  const { mnemonic = DEV_MNEMONIC, count = DEV_PRIVATE_KEYS.length } = options;
  const limit = nodeLimits.values.devAccounts;
  if (!Number.isSafeInteger(count) || count < 0 || count > limit) {
    const detail = `${count} is not 0 to ${limit}`;
    throw nodeErrors.create('ACCOUNT_COUNT_OUT_OF_RANGE', detail, { count, limit });
  }
  const isKnown = mnemonic === DEV_MNEMONIC && count <= DEV_PRIVATE_KEYS.length;
  if (isKnown) return DEV_PRIVATE_KEYS.slice(0, count);
  const { deriveKeys } = await import('@lucerna/crypto/mnemonic');
  return deriveKeys(mnemonic, { count, path: DEV_DERIVATION_PATH });
}
