import { type Hex, joinBytes } from '@lucerna/base';
import { isPrivateKey, keccak256, pureSignatureEngine } from '@lucerna/crypto';
import { parseAddress, publicKeyToAddress } from '@lucerna/protocol';
import { sdkErrors } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { addressText } from './address-text.ts';

/** Names that have a balance from the start, where nobody says otherwise. */
export const DEV_NAMES: readonly string[] = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];

const NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;
const NAME_PREFIX = 'lucerna.name.';

/** A key that follows from a name, and whose it is. */
export type NamedAccount = {
  readonly name: string;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** 20 bytes. */
  readonly address: Uint8Array;
};

/** What a name has led to: deriving a public key takes a part of a millisecond. */
const known = new Map<string, NamedAccount>();

/**
 * The account of a name: its private key is keccak256('lucerna.name.' ‖ name). Whoever knows the name
 * has the key, so it is for development and for tests only.
 *
 * @param name a letter, then letters, digits, `_`, `.`, `-`
 * @returns bytes of the caller's own, which may be overwritten after use
 * @throws `ACCOUNT_NAME_INVALID`
 */
export function namedAccount(name: string): NamedAccount {
  const { privateKey, address } = rememberedAccount(name);
  return { name, privateKey: privateKey.slice(), address: address.slice() };
}

function rememberedAccount(name: string): NamedAccount {
  const found = known.get(name);
  if (found !== undefined) return found;
  const { accountNameCharacters, namedAccounts } = sdkLimits.values;
  if (name.length > accountNameCharacters || !NAME.test(name)) {
    const shown = name.slice(0, accountNameCharacters);
    throw sdkErrors.create('ACCOUNT_NAME_INVALID', JSON.stringify(shown), { name: shown });
  }
  const encoder = new TextEncoder();
  const privateKey = keccak256(joinBytes([encoder.encode(NAME_PREFIX), encoder.encode(name)]));
  if (!isPrivateKey(privateKey)) throw sdkErrors.create('ACCOUNT_NAME_INVALID', name, { name });
  const address = publicKeyToAddress(pureSignatureEngine.publicKey(privateKey));
  const account: NamedAccount = { name, privateKey, address };
  if (known.size >= namedAccounts) known.clear();
  known.set(name, account);
  return account;
}

/**
 * The address that a name or an address in text stands for, 20 bytes.
 *
 * @throws `ACCOUNT_NAME_INVALID`; `ADDRESS_INVALID`, `ADDRESS_CHECKSUM` for what begins with 0x
 */
export function addressOf(nameOrAddress: string): Uint8Array {
  return nameOrAddress.startsWith('0x')
    ? parseAddress(nameOrAddress)
    : rememberedAccount(nameOrAddress).address;
}

/** The same with the checksum of EIP-55. @throws as `addressOf` */
export function addressTextOf(nameOrAddress: string): Hex {
  return addressText(addressOf(nameOrAddress));
}
