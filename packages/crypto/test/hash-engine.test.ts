import { afterEach, expect, it, vi } from 'vitest';
import { hashEngineCompliance } from '../src/compliance/index.ts';
import { chooseHashEngine, createKernelHashEngine, pureHashEngine } from '../src/index.ts';

hashEngineCompliance('kernel', createKernelHashEngine);
hashEngineCompliance('pure', () => pureHashEngine);

afterEach(() => {
  vi.unstubAllGlobals();
});

it('chooses the kernel where there is WebAssembly', () => {
  expect(chooseHashEngine().name).toBe('kernel');
});

it('chooses the pure engine where there is none', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(chooseHashEngine().name).toBe('pure');
});

it('hides no failure of another kind', () => {
  const Instance = function Broken(): never {
    throw new RangeError('out of memory');
  };
  const { WebAssembly: whole } = globalThis as unknown as { readonly WebAssembly: object };
  vi.stubGlobal('WebAssembly', Object.create(whole, { Instance: { value: Instance } }));
  expect(() => chooseHashEngine()).toThrow(RangeError);
});
