import { isErrorOf } from '@lucerna/base';
import { wasmErrors } from '@lucerna/wasm';
import { createKernelSimHashEngine } from './kernel-sim-hash-engine.ts';
import type { SimHashEngine } from './sim-hash-engine.ts';
import { twinSimHashEngine } from './twin-sim-hash-engine.ts';

let chosen: SimHashEngine | undefined;

/** The fastest engine that this platform can run, chosen when it is first asked for. */
export function simHashEngine(): SimHashEngine {
  chosen ??= chooseSimHashEngine();
  return chosen;
}

/** The kernel, or the twin without WebAssembly. */
export function chooseSimHashEngine(): SimHashEngine {
  try {
    return createKernelSimHashEngine();
  } catch (error) {
    if (isErrorOf(error, wasmErrors)) return twinSimHashEngine;
    throw error;
  }
}
