import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  compileKernel,
  createKernelMemory,
  type KernelConstant,
  type KernelMemory,
  loadKernel,
  startKernel,
} from '../src/index.ts';

// A module by hand, section by section:
//   (import "host" "next" (func (param i32) (result i32)))
//   (memory (export "memory") 1) (global (export "SIZE") i32 (i32.const 7))
//   (func (export "twice") (param i32) (result i32) local.get 0 call 0 call 0)
const text = (value: string): readonly number[] => [
  value.length,
  ...[...value].map((character) => character.charCodeAt(0)),
];
const section = (id: number, ...content: readonly number[]): readonly number[] => [
  id,
  content.length,
  ...content,
];
const moduleBytes = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
  ...section(2, 1, ...text('host'), ...text('next'), 0, 0),
  ...section(3, 1, 0),
  ...section(5, 1, 0, 1),
  ...section(6, 1, 0x7f, 0, 0x41, 7, 0x0b),
  ...section(7, 3, ...text('memory'), 2, 0, ...text('SIZE'), 3, 0, ...text('twice'), 0, 1),
  ...section(10, 1, 8, 0, 0x20, 0, 0x10, 0, 0x10, 0, 0x0b),
]);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

type Exports = {
  readonly memory: KernelMemory;
  readonly SIZE: KernelConstant;
  readonly twice: (value: number) => number;
};
const imports = { host: { next: (value: number): number => value + 1 } };
const unavailable = expect.objectContaining({ code: 'KERNEL_UNAVAILABLE' });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('loading a kernel', () => {
  it('gives its functions, constants and memory, connected to what it imports', () => {
    const { memory, SIZE, twice } = loadKernel<Exports>(base64(moduleBytes), imports);
    expect(twice(40)).toBe(42);
    expect(SIZE.value).toBe(7);
    expect(memory.buffer.byteLength).toBe(65_536);
  });

  it('starts one of its own each time', () => {
    const first = loadKernel<Exports>(base64(moduleBytes), imports);
    const second = loadKernel<Exports>(base64(moduleBytes), imports);
    new Uint8Array(first.memory.buffer)[0] = 1;
    expect(new Uint8Array(second.memory.buffer)[0]).toBe(0);
  });

  it('says so where there is no WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(() => loadKernel(base64(moduleBytes), imports)).toThrow(unavailable);
  });

  it('says so where a policy forbids to compile', () => {
    const Module = function Forbidden(): never {
      throw new Error('unsafe-eval');
    };
    vi.stubGlobal('WebAssembly', { Module, validate: () => true });
    expect(() => loadKernel(base64(moduleBytes), imports)).toThrow(unavailable);
  });

  it('says so when the platform does not know what the module uses', () => {
    // An opcode that no proposal has taken stands for a feature to come.
    const unknown = moduleBytes.with(moduleBytes.lastIndexOf(0x10), 0x27);
    expect(() => loadKernel(base64(unknown), imports)).toThrow(unavailable);
  });

  it('does not take a missing import for a missing platform', () => {
    expect(() => loadKernel(base64(moduleBytes), {})).not.toThrow(unavailable);
    expect(() => loadKernel(base64(moduleBytes), {})).toThrow(TypeError);
  });
});

// (import "env" "memory" (memory 1)) or, shared, (memory 1 4 shared); (func (export "get") (param i32)
//   (result i32) local.get 0 i32.load)
const readingModule = (limits: readonly number[]): Uint8Array =>
  Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
    ...section(2, 1, ...text('env'), ...text('memory'), 2, ...limits),
    ...section(3, 1, 0),
    ...section(7, 1, ...text('get'), 0, 0),
    ...section(10, 1, 7, 0, 0x20, 0, 0x28, 2, 0, 0x0b),
  ]);

type Reading = { readonly get: (address: number) => number };

describe('a memory that kernels import', () => {
  it.each([
    [false, [0, 1], ArrayBuffer],
    [true, [3, 1, 4], SharedArrayBuffer],
  ])(
    'is what each of them works in, also after it has grown (shared: %s)',
    (shared, limits, kind) => {
      const memory = createKernelMemory({ initial: 1, maximum: 4, shared });
      const module = compileKernel(base64(readingModule(limits)));
      const [one, other] = [0, 1].map(() => startKernel<Reading>(module, { env: { memory } }));
      expect(memory.buffer).toBeInstanceOf(kind);
      new Uint32Array(memory.buffer)[3] = 17;
      expect([one?.get(12), other?.get(12)]).toEqual([17, 17]);
      expect(memory.grow(2)).toBe(1);
      expect(memory.buffer.byteLength).toBe(3 * 65_536);
      new Uint32Array(memory.buffer)[2 * 16_384] = 18;
      expect([one?.get(131_072), other?.get(12)]).toEqual([18, 17]);
      expect(() => memory.grow(2)).toThrow(RangeError);
    },
  );

  it('says so where there is no WebAssembly, or no room', () => {
    const tooMuch = { initial: 2 ** 17, maximum: 2 ** 17, shared: false };
    expect(() => createKernelMemory(tooMuch)).toThrow(unavailable);
    vi.stubGlobal('WebAssembly', undefined);
    expect(() => createKernelMemory({ initial: 1, maximum: 1, shared: false })).toThrow(
      unavailable,
    );
    expect(() => compileKernel(base64(moduleBytes))).toThrow(unavailable);
  });
});
