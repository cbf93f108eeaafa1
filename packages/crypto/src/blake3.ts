import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js';

/** BLAKE3 of `data` in the unkeyed mode, with the usual output of 32 bytes. */
export function blake3(data: Uint8Array): Uint8Array {
  return nobleBlake3(data);
}
