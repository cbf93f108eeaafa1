import { assert } from '@lucerna/base';
import { HDKey } from '@scure/bip32';
import { entropyToMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { cryptoErrors } from './errors.ts';
import { cryptoLimits } from './limits.ts';

/** Path of the accounts of Ethereum wallets (BIP-44, coin type 60), without the account's index. */
export const ETHEREUM_PATH = "m/44'/60'/0'/0";

/** Which keys of a mnemonic. */
export type KeyDerivation = {
  /** How many, from `first` on. */
  readonly count: number;
  /** BIP-32 path of the keys, without the last index, such as {@link ETHEREUM_PATH}. */
  readonly path: string;
  /** Index of the first key. Default: 0. */
  readonly first?: number;
  /** The "25th word" of BIP-39. Default: none. */
  readonly passphrase?: string;
};

/** Whether the text is a mnemonic of BIP-39 in English: words of its list, with a right checksum. */
export function isMnemonic(text: string): boolean {
  return validateMnemonic(normalised(text), wordlist);
}

/**
 * The words of random bytes (BIP-39, English): 16 bytes become 12 words, 32 become 24.
 *
 * @throws `ENTROPY_INVALID` for other lengths
 */
export function createMnemonic(entropy: Uint8Array): string {
  const { length } = entropy;
  if (length < 16 || length > 32 || length % 4 !== 0) {
    throw cryptoErrors.create('ENTROPY_INVALID', `${length} bytes`, { length });
  }
  return entropyToMnemonic(entropy, wordlist);
}

/**
 * Private keys of a mnemonic (BIP-39, then BIP-32), 32 bytes each. It takes a few milliseconds: BIP-39
 * wants 2,048 rounds of PBKDF2.
 *
 * @throws `MNEMONIC_INVALID`, `DERIVATION_PATH_INVALID`
 */
export function deriveKeys(mnemonic: string, derivation: KeyDerivation): readonly Uint8Array[] {
  const { count, path, first = 0, passphrase } = derivation;
  const { derivedKeys } = cryptoLimits.values;
  assert(Number.isInteger(count) && count >= 0 && count <= derivedKeys, 'a small number of keys');
  assert(Number.isInteger(first) && first >= 0 && first + count <= 2 ** 31, 'an index of BIP-32');
  // Neither error says what the words are: they are a secret.
  if (!isMnemonic(mnemonic)) throw cryptoErrors.create('MNEMONIC_INVALID');
  const parent = nodeOfSeed(mnemonicToSeedSync(normalised(mnemonic), passphrase), path);
  return Array.from({ length: count }, (_, index) => keyOf(parent.deriveChild(first + index)));
}

/**
 * The private key of a seed at a path (BIP-32): `m` is the master key itself.
 *
 * @param seed 16 to 64 bytes, such as the 64 that BIP-39 makes of words in any language
 * @throws `DERIVATION_PATH_INVALID`, `SEED_INVALID`
 */
export function keyOfSeed(seed: Uint8Array, path: string): Uint8Array {
  return keyOf(nodeOfSeed(seed, path));
}

function nodeOfSeed(seed: Uint8Array, path: string): HDKey {
  if (!isPath(path)) throw cryptoErrors.create('DERIVATION_PATH_INVALID', path, { path });
  if (seed.length < 16 || seed.length > 64) {
    throw cryptoErrors.create('SEED_INVALID', `${seed.length} bytes`, { length: seed.length });
  }
  return HDKey.fromMasterSeed(seed).derive(path);
}

function keyOf({ privateKey }: HDKey): Uint8Array {
  assert(privateKey !== null, 'a key derived from a private one is private');
  return privateKey;
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
