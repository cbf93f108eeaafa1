import { wasmErrors } from './errors.ts';

/** An exported `WebAssembly.Memory`. Its buffer is a new one after the memory has grown. */
export type KernelMemory = { readonly buffer: ArrayBuffer };

/** An exported constant: `export const N: i32 = 8` in AssemblyScript. */
export type KernelConstant = { readonly value: number };

/** What a kernel imports, by module name and name. */
type KernelImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A compiled kernel, to be started as often as there are memories for it. */
export type KernelModule = { readonly module: object };

/**
 * A memory that is made before its kernels and imported by them (`--importMemory`). A shared one can be
 * sent to other threads; its buffer is a `SharedArrayBuffer`.
 */
export type ImportedMemory = {
  /** Another one after the memory has grown; the former one is detached unless it is shared. */
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Adds pages of 64 KiB. @throws RangeError where there are none to be had */
  readonly grow: (pages: number) => number;
};

/** What a memory is made with: sizes in pages of 64 KiB. */
export type MemoryDescriptor = {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
};

/** The part of the WebAssembly JavaScript interface that is needed; no platform's types declare it. */
type WebAssemblyInterface = {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: KernelImports) => { readonly exports: object };
  readonly Memory: new (descriptor: MemoryDescriptor) => ImportedMemory;
};

/**
 * Compiles and starts a module that is embedded as base64, at once and without a file system or a
 * network: the same in Node, in tests and in browsers. `Exports` is what its source exports.
 *
 * ```ts
 * type Exports = { readonly memory: KernelMemory; readonly add: (a: number, b: number) => number };
 * const { add } = loadKernel<Exports>(ADD_KERNEL);
 * ```
 *
 * @throws `KERNEL_UNAVAILABLE` when the platform has no WebAssembly, forbids it (a content security
 *   policy), or lacks a feature that the module needs. The caller then uses the twin in TypeScript.
 */
export function loadKernel<Exports extends object>(
  base64: string,
  imports: KernelImports = {},
): Exports {
  return startKernel(compileKernel(base64), imports);
}

/**
 * Compiles a module that is embedded as base64, for `startKernel`.
 *
 * @throws `KERNEL_UNAVAILABLE` as `loadKernel`
 */
export function compileKernel(base64: string): KernelModule {
  return { module: compile(webAssembly(), decodeBase64(base64)) };
}

/** Starts a compiled module: each instance has its own globals and the memory that it is given. */
export function startKernel<Exports extends object>(
  { module }: KernelModule,
  imports: KernelImports = {},
): Exports {
  const { Instance } = webAssembly();
  return new Instance(module, imports).exports as Exports;
}

/**
 * Makes a memory for kernels that import theirs.
 *
 * @throws `KERNEL_UNAVAILABLE` when the platform has no WebAssembly or no room for the memory
 */
export function createKernelMemory(descriptor: MemoryDescriptor): ImportedMemory {
  const { Memory } = webAssembly();
  try {
    return new Memory(descriptor);
  } catch (cause) {
    throw wasmErrors.create('KERNEL_UNAVAILABLE', 'no memory', { ...descriptor }, cause);
  }
}

function webAssembly(): WebAssemblyInterface {
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: WebAssemblyInterface };
  if (wasm === undefined) throw wasmErrors.create('KERNEL_UNAVAILABLE', 'no WebAssembly');
  return wasm;
}

function compile(wasm: WebAssemblyInterface, bytes: Uint8Array): object {
  try {
    return new wasm.Module(bytes);
  } catch (cause) {
    const reason = wasm.validate(bytes) ? 'compiling is forbidden' : 'the module is not valid here';
    throw wasmErrors.create('KERNEL_UNAVAILABLE', reason, { moduleBytes: bytes.length }, cause);
  }
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
