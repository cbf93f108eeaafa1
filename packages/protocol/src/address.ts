import { assert, concatBytes, fromHex, minimalBytes, toHexKey } from '@lucerna/base';
import { keccak256, PUBLIC_KEY_BYTES } from '@lucerna/crypto';
import { protocolErrors } from './errors.ts';
import { encodeRlp } from './rlp.ts';

/** Bytes of an address. */
export const ADDRESS_BYTES = 20;

/** The address of an uncompressed public key (65 bytes): the last 20 bytes of keccak(x ‖ y). */
export function publicKeyToAddress(publicKey: Uint8Array): Uint8Array {
  assert(publicKey.length === PUBLIC_KEY_BYTES && publicKey[0] === 4, 'an uncompressed public key');
  return keccak256(publicKey.subarray(1)).slice(12);
}

/** The address with 0x and the checksum in the case of its letters (EIP-55). */
export function checksumAddress(address: Uint8Array): string {
  assert(address.length === ADDRESS_BYTES, 'an address has 20 bytes');
  const digits = toHexKey(address);
  const nibbles = toHexKey(keccak256(Uint8Array.from(digits, (digit) => digit.charCodeAt(0))));
  let text = '0x';
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charAt(index);
    text += nibbles.charAt(index) >= '8' ? digit.toUpperCase() : digit;
  }
  return text;
}

/**
 * The address that a person or program wrote: 0x and 40 digits, all lower, all upper, or mixed case
 * with the right checksum (EIP-55).
 *
 * @throws `ADDRESS_INVALID`, `ADDRESS_CHECKSUM`
 */
export function parseAddress(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw protocolErrors.create('ADDRESS_INVALID', `"${text.slice(0, 80)}"`);
  }
  const address = fromHex(text);
  const digits = text.slice(2);
  const isOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  if (!isOneCase && checksumAddress(address) !== text) {
    throw protocolErrors.create('ADDRESS_CHECKSUM', text);
  }
  return address;
}

/** The contract that `sender`'s transaction with `nonce` creates (Yellow Paper, section 7). */
export function createAddress(sender: Uint8Array, nonce: bigint): Uint8Array {
  assert(sender.length === ADDRESS_BYTES, 'an address has 20 bytes');
  return keccak256(encodeRlp([sender, minimalBytes(nonce)])).slice(12);
}

/** The contract that `sender` creates with a 32-byte salt and `initCode` (EIP-1014). */
export function create2Address(
  sender: Uint8Array,
  salt: Uint8Array,
  initCode: Uint8Array,
): Uint8Array {
  assert(sender.length === ADDRESS_BYTES && salt.length === 32, 'an address and a salt');
  return keccak256(concatBytes(Uint8Array.of(0xff), sender, salt, keccak256(initCode))).slice(12);
}
