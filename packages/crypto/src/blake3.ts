import { hashEngine } from './chosen-hash-engine.ts';

/** BLAKE3 of `data` in the unkeyed mode, with the usual output of 32 bytes. */
export const blake3: (data: Uint8Array) => Uint8Array = hashEngine.blake3;
