import { wasmErrors } from './errors.ts';

/** An exported `WebAssembly.Memory`. Its buffer is a new one after the memory has grown. */
export type KernelMemory = { readonly buffer: ArrayBuffer };

/** An exported constant: `export const N: i32 = 8` in AssemblyScript. */
export type KernelConstant = { readonly value: number };

/** What a kernel imports, by module name and name. */
type KernelImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The part of the WebAssembly JavaScript interface that is needed; no platform's types declare it. */
type WebAssemblyInterface = {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: KernelImports) => { readonly exports: object };
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
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: WebAssemblyInterface };
  if (wasm === undefined) throw wasmErrors.create('KERNEL_UNAVAILABLE', 'no WebAssembly');
  const instance = new wasm.Instance(compile(wasm, decodeBase64(base64)), imports);
  return instance.exports as Exports;
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
