import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the wasm package. */
export const wasmErrors: ErrorRegistry<'KERNEL_UNAVAILABLE'> = defineErrors('wasm', {
  KERNEL_UNAVAILABLE: {
    summary: 'The WebAssembly kernel cannot run here',
    remedy: 'Use its twin in TypeScript, or a platform that has WebAssembly and allows it.',
  },
});
