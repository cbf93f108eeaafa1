import { isErrorOf } from '@lucerna/base';
import { wasmErrors } from '@lucerna/wasm';
import type { Q64Engine } from './engine.ts';
import { createKernelEngine } from './kernel-engine.ts';
import { twinEngine } from './twin-engine.ts';

let chosen: Q64Engine | undefined;

/** The fastest engine that this platform can run, chosen when it is first asked for. */
export function q64Engine(): Q64Engine {
  chosen ??= chooseEngine();
  return chosen;
}

/** The kernel, or its twin where there is no WebAssembly or none with vectors. */
export function chooseEngine(): Q64Engine {
  try {
    return createKernelEngine();
  } catch (error) {
    if (isErrorOf(error, wasmErrors)) return twinEngine;
    throw error;
  }
}
