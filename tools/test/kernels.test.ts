import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKernel } from '@lucerna/wasm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { judgeKernels } from '../src/kernels/judge-kernels.ts';
import type { Kernel } from '../src/kernels/kernel-list.ts';

const root = mkdtempSync(join(tmpdir(), 'lucerna-kernels-'));
const kernel: Kernel = {
  source: 'add.ts',
  output: 'add-kernel.ts',
  constant: 'ADD_KERNEL',
  maxBytes: 200,
  options: [],
};
const source = 'export function add(a: i32, b: i32): i32 { return a + b; }\n';
const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
const generated = (): string => readFileSync(join(root, kernel.output), 'utf8');
const check = (kernels: readonly Kernel[] = [kernel]): readonly string[] =>
  judgeKernels(root, kernels, 'check').failures;

beforeEach(() => {
  rmSync(join(root, kernel.output), { force: true });
  write(kernel.source, source);
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

test('what was written runs and passes the check, and is not written again', () => {
  expect(check()).toHaveLength(1);
  expect(judgeKernels(root, [kernel], 'write').written).toHaveLength(1);
  const base64 = /ADD_KERNEL: string =\n {2}'(.*)';\n$/.exec(generated())?.[1] ?? '';
  const { add } = loadKernel<{ readonly add: (a: number, b: number) => number }>(base64);
  expect(add(2, 3)).toBe(5);
  expect(check()).toEqual([]);
  expect(judgeKernels(root, [kernel], 'write')).toEqual({ failures: [], written: [] });
});

test('one byte of the generated file and one operation of the source are noticed', () => {
  judgeKernels(root, [kernel], 'write');
  const good = generated();
  write(kernel.output, good.replace("';", "A';"));
  expect(check()).toEqual(['add-kernel.ts does not follow from its source: run npm run kernels']);
  write(kernel.output, good);
  write(kernel.source, source.replace('+', '-'));
  expect(check()).toHaveLength(1);
});

test('a source that does not compile and a module that is too large write nothing', () => {
  const small = judgeKernels(root, [{ ...kernel, maxBytes: 20 }], 'write');
  expect(small.failures).toEqual([expect.stringContaining('its limit is 20')]);
  write(kernel.source, 'export function add(a: i32): i32 { return missing; }\n');
  const broken = judgeKernels(root, [kernel], 'write');
  expect(broken.failures).toEqual([expect.stringContaining("Cannot find name 'missing'")]);
  expect([...small.written, ...broken.written]).toEqual([]);
  expect(() => generated()).toThrow();
});
