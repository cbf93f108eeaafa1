import { hashEngine } from './chosen-hash-engine.ts';

/** SHA-256 (FIPS 180-4) of `data`: 32 bytes. */
export const sha256: (data: Uint8Array) => Uint8Array = hashEngine.sha256;
