import { concatBytes } from '@lucerna/base';
import { keccak256 } from './keccak.ts';

/**
 * The digest that a wallet signs for a message (EIP-191, version 0x45): the prefix keeps it from ever
 * being a transaction. Its length is in decimal, in bytes.
 *
 * @param message its bytes; of a text, those of UTF-8
 */
export function messageDigest(message: Uint8Array): Uint8Array {
  const prefix = `\u0019Ethereum Signed Message:\n${message.length}`;
  return keccak256(concatBytes(new TextEncoder().encode(prefix), message));
}
