import { blake3 } from '@noble/hashes/blake3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { HashEngine } from './hash-engine.ts';

/** The hash engine for every platform, in JavaScript (noble). The reference for all others. */
export const pureHashEngine: HashEngine = {
  name: 'pure',
  keccak256: (data) => keccak_256(data),
  keccak256Into: (data, output) => output.set(keccak_256(data)),
  sha256: (data) => sha256(data),
  blake3: (data) => blake3(data),
};
