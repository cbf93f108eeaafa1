import { EMPTY_BYTES } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** Keccak-256 with the original padding, as Ethereum uses it (not SHA3-256); 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  return keccak_256(data);
}

/** The hash of the empty byte string: the code hash of an account without code. Never written to. */
export const EMPTY_KECCAK: Uint8Array = keccak256(EMPTY_BYTES);
