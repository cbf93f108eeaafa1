import { isErrorOf } from '@lucerna/base';
import { wasmErrors } from '@lucerna/wasm';
import type { HashEngine } from './hash-engine.ts';
import { createKernelHashEngine } from './kernel-hash-engine.ts';
import { pureHashEngine } from './pure-hash-engine.ts';

/** The fastest engine that this platform can run: the kernel, or the pure one without WebAssembly. */
export function chooseHashEngine(): HashEngine {
  try {
    return createKernelHashEngine();
  } catch (error) {
    if (isErrorOf(error, wasmErrors)) return pureHashEngine;
    throw error;
  }
}

/** The engine behind `keccak256`, `sha256` and `blake3`, chosen when the program starts. */
export const hashEngine: HashEngine = chooseHashEngine();
