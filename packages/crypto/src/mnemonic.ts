import { assert } from '@lucerna/base';
import { HDKey } from '@scure/bip32';
import { mnemonicToSeedSync, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { cryptoErrors } from './errors.ts';
import { cryptoLimits } from './limits.ts';

/** Which keys of a mnemonic. */
export type KeyDerivation = {
  /** How many, from index 0 on. */
  readonly count: number;
  /** BIP-32 path of the keys, without the last index, such as `m/44'/60'/0'/0`. */
  readonly path: string;
};

/** Whether the text is a mnemonic of BIP-39 in English: words of its list, with a right checksum. */
export function isMnemonic(text: string): boolean {
  return validateMnemonic(normalised(text), wordlist);
}

/**
 * Private keys of a mnemonic (BIP-39, without a passphrase, then BIP-32), 32 bytes each. It takes a
 * few milliseconds: BIP-39 wants 2,048 rounds of PBKDF2.
 *
 * @throws `MNEMONIC_INVALID`, `DERIVATION_PATH_INVALID`
 */
export function deriveKeys(mnemonic: string, derivation: KeyDerivation): readonly Uint8Array[] {
  const { count, path } = derivation;
  const { derivedKeys } = cryptoLimits.values;
  assert(Number.isInteger(count) && count >= 0 && count <= derivedKeys, 'a small number of keys');
  // Neither error says what the words are: they are a secret.
  if (!isMnemonic(mnemonic)) throw cryptoErrors.create('MNEMONIC_INVALID');
  if (!isPath(path)) throw cryptoErrors.create('DERIVATION_PATH_INVALID', path, { path });
  const parent = HDKey.fromMasterSeed(mnemonicToSeedSync(normalised(mnemonic))).derive(path);
  return Array.from({ length: count }, (_, index) => {
    const { privateKey } = parent.deriveChild(index);
    assert(privateKey !== null, 'a key derived from a private one is private');
    return privateKey;
  });
}

/** `m`, then up to 16 indexes below 2³¹, hardened where a mark follows them. */
function isPath(path: string): boolean {
  if (!/^m(\/\d{1,10}'?){0,16}$/.test(path)) return false;
  const indexes = path.split('/').slice(1);
  return indexes.every((index) => Number.parseInt(index, 10) < 2 ** 31);
}

/** One space between the words, as the checksum wants it. */
function normalised(text: string): string {
  return text.trim().split(/\s+/).join(' ');
}
