import { fromHex, type Hex, toHex } from '@lucerna/base';
import { isPrivateKey, messageDigest, type SignatureEngine } from '@lucerna/crypto';
import {
  checksumAddress,
  encodeTransaction,
  publicKeyToAddress,
  signTransaction,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { addressOf, namedAccount } from '../accounts/named-account.ts';
import { sdkErrors } from '../errors.ts';

/** Which account of a mnemonic. */
export type MnemonicOptions = {
  /** Default: 0, the first one. */
  readonly index?: number;
  /** The "25th word" of BIP-39. Default: none. */
  readonly passphrase?: string;
};

/** Somebody: a name, an address with 0x, or an account. */
export type Who = string | Pick<LedgerAccount, 'address'>;

/** An account whose key is here. The key is not among what is printed of it. */
export class LedgerAccount {
  /** With the EIP-55 checksum. */
  readonly address: Hex;
  /** Undefined for an account that has none. */
  readonly name: string | undefined;
  readonly #privateKey: Uint8Array;
  readonly #signatures: SignatureEngine;

  constructor(privateKey: Uint8Array, signatures: SignatureEngine, name?: string) {
    this.#privateKey = privateKey;
    this.#signatures = signatures;
    this.name = name;
    const address = publicKeyToAddress(signatures.publicKey(privateKey));
    this.address = checksumAddress(address) as Hex;
  }

  /** The bytes of the signed transaction. */
  signTransaction(unsigned: UnsignedTransaction): Uint8Array {
    return encodeTransaction(signTransaction(unsigned, this.#privateKey, this.#signatures));
  }

  /** Signs a text or bytes as wallets do (EIP-191): 65 bytes, the last one 27 or 28. */
  signMessage(message: string | Uint8Array): Hex {
    const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
    const signature = this.#signatures.sign(messageDigest(bytes), this.#privateKey);
    return toHex(Uint8Array.of(...signature.bytes, 27 + signature.recovery));
  }

  /** As for `JSON.stringify`. */
  toJSON(): { readonly address: Hex; readonly name?: string } {
    return { address: this.address, ...(this.name === undefined ? {} : { name: this.name }) };
  }
}

/**
 * The account of a name, of a private key (32 bytes, or 64 digits with or without 0x) or of a mnemonic.
 *
 * @throws `LEDGER_ACCOUNT_INVALID`, which does not say what was given; `ACCOUNT_NAME_INVALID`,
 *   `MNEMONIC_INVALID`
 */
export async function openAccount(
  secret: string | Uint8Array,
  { index = 0, passphrase }: MnemonicOptions,
  signatures: SignatureEngine,
): Promise<LedgerAccount> {
  if (typeof secret !== 'string') return accountOfKey(secret, signatures);
  const text = secret.trim();
  if (/\s/.test(text)) {
    if (!Number.isSafeInteger(index) || index < 0 || index >= 2 ** 31) {
      throw sdkErrors.create('LEDGER_ACCOUNT_INVALID', `index ${index}`, { index });
    }
    // Loaded here because few programs have words.
    const { deriveKeys, ETHEREUM_PATH } = await import('@lucerna/crypto/mnemonic');
    const more = passphrase === undefined ? {} : { passphrase };
    const keys = deriveKeys(text, { count: 1, first: index, path: ETHEREUM_PATH, ...more });
    return accountOfKey(keys[0], signatures);
  }
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (/^[0-9a-fA-F]{64}$/.test(digits)) return accountOfKey(fromHex(`0x${digits}`), signatures);
  // A key of which a digit is missing is no name, and is shown to nobody.
  if (text.startsWith('0x') || /^[0-9a-fA-F]{40,}$/.test(text)) {
    throw sdkErrors.create('LEDGER_ACCOUNT_INVALID');
  }
  return accountOfName(text, signatures);
}

/** The account that follows from a name. @throws `ACCOUNT_NAME_INVALID` */
export function accountOfName(name: string, signatures: SignatureEngine): LedgerAccount {
  return new LedgerAccount(namedAccount(name).privateKey, signatures, name);
}

function accountOfKey(
  privateKey: Uint8Array | undefined,
  signatures: SignatureEngine,
): LedgerAccount {
  if (privateKey === undefined || !isPrivateKey(privateKey)) {
    throw sdkErrors.create('LEDGER_ACCOUNT_INVALID');
  }
  return new LedgerAccount(privateKey.slice(), signatures);
}

/** The bytes of somebody's address. @throws `ACCOUNT_NAME_INVALID`, `ADDRESS_INVALID`, `ADDRESS_CHECKSUM` */
export function addressBytesOf(who: Who): Uint8Array {
  return addressOf(typeof who === 'string' ? who : who.address);
}
