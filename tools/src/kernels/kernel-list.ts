// The file itself, not the package: the package cannot be loaded while its kernel is missing.
import { cryptoLimits } from '../../../packages/crypto/src/limits.ts';
import { q64Limits } from '../../../packages/q64/src/limits.ts';
import { vectorLimits } from '../../../packages/vector/src/limits.ts';

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

/** It works in memories that the host makes; vectors of 128 bits are what every engine has. */
const vectorOptions: readonly string[] = ['--importMemory', '--enable', 'simd', '--converge'];
const ownMemory: readonly string[] = [...vectorOptions, '--initialMemory', '1'];
const sharedMemory: readonly string[] = [
  ...vectorOptions,
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--sharedMemory', '--enable', 'threads'],
];

export const kernels: readonly Kernel[] = [
  {
    source: 'packages/crypto/assembly/keccak.ts',
    output: 'packages/crypto/src/keccak-kernel.ts',
    constant: 'KECCAK_KERNEL',
    maxBytes: cryptoLimits.values.keccakKernelBytes,
    options: ['--initialMemory', '1', '--maximumMemory', '1', '--memoryBase', '400'],
  },
  {
    source: 'packages/q64/assembly/q64.ts',
    output: 'packages/q64/src/kernel/q64-kernel.ts',
    constant: 'Q64_KERNEL',
    maxBytes: q64Limits.values.kernelBytes,
    options: [
      ...['--enable', 'simd', '--converge', '--memoryBase', '16'],
      ...['--initialMemory', '5', '--maximumMemory', '5'],
    ],
  },
  {
    source: 'packages/q64/assembly/sim-hash.ts',
    output: 'packages/q64/src/sim-hash/sim-hash-kernel.ts',
    constant: 'SIM_HASH_KERNEL',
    maxBytes: q64Limits.values.simHashKernelBytes,
    options: ownMemory,
  },
  {
    source: 'packages/vector/assembly/segment.ts',
    output: 'packages/vector/src/kernel/vector-kernel.ts',
    constant: 'VECTOR_KERNEL',
    maxBytes: vectorLimits.values.kernelBytes,
    options: ownMemory,
  },
  {
    source: 'packages/vector/assembly/segment.ts',
    output: 'packages/vector/src/kernel/shared-vector-kernel.ts',
    constant: 'SHARED_VECTOR_KERNEL',
    maxBytes: vectorLimits.values.kernelBytes,
    options: sharedMemory,
  },
  {
    source: 'packages/vector/assembly/sift.ts',
    output: 'packages/vector/src/kernel/sift-kernel.ts',
    constant: 'SIFT_KERNEL',
    maxBytes: vectorLimits.values.siftKernelBytes,
    options: [...ownMemory, '--enable', 'relaxed-simd'],
  },
  {
    source: 'packages/vector/assembly/sift.ts',
    output: 'packages/vector/src/kernel/shared-sift-kernel.ts',
    constant: 'SHARED_SIFT_KERNEL',
    maxBytes: vectorLimits.values.siftKernelBytes,
    options: [...sharedMemory, '--enable', 'relaxed-simd'],
  },
];
