import { isLucernaError, type LucernaError } from '@lucerna/base';
import { decodeFunctionData, encodeFunctionData } from 'viem';
import { describe, expect, test } from 'vitest';
import { compileContract, compileStandardContract } from '../src/index.ts';

const counter = `contract Counter {
    data count: integer = 0
    action add_to(amount: integer) { count += amount }
    view action count_of() -> integer { return count }
}`;

function failureOf(text: string, options = {}): LucernaError {
  try {
    compileContract(text, options);
  } catch (error) {
    if (isLucernaError(error)) return error;
    throw error;
  }
  throw new Error('the text compiles');
}

describe('compileContract', () => {
  test('gives what viem takes', () => {
    const { name, abi, bytecode, warnings } = compileContract(counter);
    expect({ name, warnings }).toEqual({ name: 'Counter', warnings: [] });
    expect(bytecode).toMatch(/^0xef5a58/);
    const data = encodeFunctionData({ abi, functionName: 'addTo', args: [5n] });
    expect(decodeFunctionData({ abi, data })).toEqual({ functionName: 'addTo', args: [5n] });
  });

  test('depends on the text, and with a source map on the name of the file', () => {
    const sourceName = 'elsewhere/counter.zx';
    const bare = compileContract(counter, { sourceName, sourceMap: false });
    expect(bare).toEqual(compileContract(counter, { sourceMap: false }));
    expect(compileContract(`${counter} `, { sourceMap: false }).bytecode).not.toBe(bare.bytecode);
    const named = compileContract(counter, { sourceName });
    expect(named).toEqual(compileContract(counter, { sourceName: 'counter.zx' }));
    expect(named.bytecode).not.toBe(compileContract(counter).bytecode);
    expect(named.bytecode.length).toBeGreaterThan(bare.bytecode.length);
  });

  test('takes the contract that is named', () => {
    const pair = `${counter}\n${counter.replace('Counter', 'Other')}`;
    expect(compileContract(pair, { contract: 'Other' }).name).toBe('Other');
    expect(failureOf(pair).code).toBe('CONTRACT_AMBIGUOUS');
    expect(failureOf(pair, { contract: 'Third' }).code).toBe('CONTRACT_MISSING');
  });

  test('says where the errors are, all of them', () => {
    const wrong = counter.replace('count +=', 'kount +=').replace('return count', 'return koont');
    const error = failureOf(wrong, { sourceName: 'counter.zx' });
    expect(error.code).toBe('COMPILE_FAILED');
    expect(error.message).toContain('counter.zx:3:38: error: ');
    expect(error.message).toContain('counter.zx:4:48: error: ');
    const lines = String(error.fields['diagnostics']).split('\n');
    expect(lines[1]).toBe('    action add_to(amount: integer) { kount += amount }');
    expect(lines[2]).toBe(`${' '.repeat(37)}^^^^^`);
  });

  test('keeps warnings apart', () => {
    const { warnings } = compileContract(counter.replace('amount: integer', 'amount'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^contract\.zx:3:19: warning: .*\n.*\n {18}\^{6}\n/);
  });
});

describe('files', () => {
  const main =
    'use { add_up } from "lib/sum.zx"\ncontract C { action f() -> integer { return add_up(1) } }';
  const lib = 'export action add_up(n: integer) -> integer { return n + 1 }';

  test('are found by who compiles', () => {
    const asked: string[] = [];
    const { name } = compileContract(main, {
      sourceName: 'main.zx',
      files: (path, from) => {
        asked.push(`${from.name}: ${path}`);
        return { name: path, text: lib };
      },
    });
    expect({ name, asked }).toEqual({ name: 'C', asked: ['main.zx: lib/sum.zx'] });
    expect(failureOf(main).message).toContain('there is no file lib/sum.zx');
  });

  test('of the standard library are always there', () => {
    const text =
      'use { IZX20 } from "zexus:zx20"\ncontract C { data token: IZX20\n action f(t: IZX20) { token = t } }';
    expect(compileContract(text).warnings).toEqual([]);
  });
});

describe('compileStandardContract', () => {
  test('gives a contract of the library', () => {
    const { name, abi, bytecode, warnings } = compileStandardContract('zx20');
    expect({ name, warnings }).toEqual({ name: 'ZX20', warnings: [] });
    const args = [`0x${'ab'.repeat(20)}`, 1n] as const;
    const data = encodeFunctionData({ abi, functionName: 'transfer', args });
    expect(data.slice(0, 10)).toBe('0xa9059cbb');
    const bare = compileStandardContract('zx20', { sourceMap: false });
    expect(bare.bytecode.length).toBeLessThan(bytecode.length);
  });

  test('knows what is no contract of it', () => {
    for (const name of ['zx2', 'ownable']) {
      expect(() => compileStandardContract(name), name).toThrowError(
        expect.objectContaining({ code: 'CONTRACT_MISSING' }),
      );
    }
  });
});
