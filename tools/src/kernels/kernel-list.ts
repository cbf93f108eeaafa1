// The file itself, not the package: the package cannot be loaded while its kernel is missing.
import { cryptoLimits } from '../../../packages/crypto/src/limits.ts';

/** A WebAssembly module that is made from AssemblyScript and committed as a TypeScript file. */
export type Kernel = {
  /** Path of the AssemblyScript source from the root of the tree. */
  readonly source: string;
  /** Path of the generated file. */
  readonly output: string;
  /** Name of the string that the generated file exports. */
  readonly constant: string;
  /** The module may not be larger. */
  readonly maxBytes: number;
  /** Options of the compiler besides those that all kernels share. */
  readonly options: readonly string[];
};

export const kernels: readonly Kernel[] = [
  {
    source: 'packages/crypto/assembly/keccak.ts',
    output: 'packages/crypto/src/keccak-kernel.ts',
    constant: 'KECCAK_KERNEL',
    maxBytes: cryptoLimits.values.keccakKernelBytes,
    options: ['--initialMemory', '1', '--maximumMemory', '1', '--memoryBase', '400'],
  },
];
