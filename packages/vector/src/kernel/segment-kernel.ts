import { isErrorOf } from '@lucerna/base';
import {
  compileKernel,
  type ImportedMemory,
  type KernelModule,
  startKernel,
  wasmErrors,
} from '@lucerna/wasm';
import type { SegmentKernel } from './kernel-functions.ts';
import type { SegmentMemory } from './segment-memory.ts';
import { SHARED_SIFT_KERNEL } from './shared-sift-kernel.ts';
import { SHARED_VECTOR_KERNEL } from './shared-vector-kernel.ts';
import { SIFT_KERNEL } from './sift-kernel.ts';
import { startTwin } from './twin/start-twin.ts';
import { VECTOR_KERNEL } from './vector-kernel.ts';

/** What is to be called first. */
type KernelStart = { readonly attach: () => void; readonly useSift: () => void };

/** The exports of `assembly/sift.ts`. */
type SiftKernel = {
  readonly attach: () => void;
  readonly sift: (lane: number, count: number, threshold: number) => number;
  readonly isExact: (seed: number) => number;
};

type Modules = { readonly segment: KernelModule; readonly sift: KernelModule | undefined };

/** Modules are compiled once, when the first memory of their kind needs them. */
let ownModules: Modules | undefined;
let sharedModules: Modules | undefined;

/** Whether the kernel can run here: there is WebAssembly with SIMD, and compiling is not forbidden. */
export function hasSegmentKernel(isShared: boolean): boolean {
  try {
    modulesFor(isShared);
    return true;
  } catch (error) {
    if (isErrorOf(error, wasmErrors)) return false;
    throw error;
  }
}

/**
 * Starts the kernel, or the twin, in the memory of a segment whose header is written.
 *
 * @throws `KERNEL_UNAVAILABLE`
 */
export function startSegmentKernel({ engine, memory }: SegmentMemory): SegmentKernel {
  if (engine === 'twin') return startTwin(memory);
  const { segment, sift } = modulesFor(!(memory.buffer instanceof ArrayBuffer));
  return startModules({ segment, sift: engine === 'kernel' ? sift : undefined }, memory);
}

function modulesFor(isShared: boolean): Modules {
  if (isShared) {
    sharedModules ??= compileModules(SHARED_VECTOR_KERNEL, SHARED_SIFT_KERNEL);
    return sharedModules;
  }
  ownModules ??= compileModules(VECTOR_KERNEL, SIFT_KERNEL);
  return ownModules;
}

function compileModules(segment: string, sift: string): Modules {
  return { segment: compileKernel(segment), sift: compileSift(sift) };
}

/** Relaxed SIMD is not everywhere. */
function compileSift(base64: string): KernelModule | undefined {
  try {
    return compileKernel(base64);
  } catch (error) {
    if (isErrorOf(error, wasmErrors)) return undefined;
    throw error;
  }
}

function startModules(modules: Modules, memory: ImportedMemory): SegmentKernel {
  const env = { memory };
  const sift =
    modules.sift === undefined ? undefined : startKernel<SiftKernel>(modules.sift, { env });
  // Without the instruction, or where it does something else, all rows stay.
  const isUseful = sift !== undefined && sift.isExact(0x2545_f491) === 1;
  const sifting = isUseful ? sift.sift : (_lane: number, count: number): number => count;
  const kernel = startKernel<SegmentKernel & KernelStart>(modules.segment, {
    env,
    sift: { sift: sifting },
  });
  sift?.attach();
  kernel.attach();
  if (isUseful) kernel.useSift();
  return kernel;
}
