export { wasmErrors } from './errors.ts';
export {
  compileKernel,
  createKernelMemory,
  type ImportedMemory,
  type KernelConstant,
  type KernelMemory,
  type KernelModule,
  loadKernel,
  type MemoryDescriptor,
  startKernel,
} from './load-kernel.ts';
