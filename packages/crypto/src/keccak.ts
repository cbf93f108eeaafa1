import { EMPTY_BYTES } from '@lucerna/base';
import { hashEngine } from './chosen-hash-engine.ts';

/** Keccak-256 with the original padding, as Ethereum uses it (not SHA3-256); 32 bytes. */
export const keccak256: (data: Uint8Array) => Uint8Array = hashEngine.keccak256;

/** Writes the Keccak-256 of `data` into `output`, which has 32 bytes. */
export const keccak256Into: (data: Uint8Array, output: Uint8Array) => void =
  hashEngine.keccak256Into;

/** The hash of the empty byte string: the code hash of an account without code. Never written to. */
export const EMPTY_KECCAK: Uint8Array = keccak256(EMPTY_BYTES);
