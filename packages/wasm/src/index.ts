export { wasmErrors } from './errors.ts';
export { type KernelConstant, type KernelMemory, loadKernel } from './load-kernel.ts';
