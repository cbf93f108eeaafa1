import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { divideExact, MAX_INTEGER, moduloExact, order } from '../../src/vm/arithmetic.ts';
import { INITIAL_GAS } from '../../src/vm/gas.ts';
import { Meter } from '../../src/vm/meter.ts';
import { codePoints, compareText, fewerUtf8Bytes, utf8Bytes } from '../../src/vm/text.ts';
import { Address, integer, type Value } from '../../src/vm/value.ts';
import { account, evaluateLines, panicCode } from './support.ts';

const MAX = MAX_INTEGER;
const SAFE = Number.MAX_SAFE_INTEGER;
const BEYOND = BigInt(SAFE) + 1n;
const address = new Address(account(1));

const binary = (name: string, left: Value, right: Value) =>
  evaluateLines([['LOAD_CONST', left], ['LOAD_CONST', right], [name], ['RETURN']]);
const unary = (name: string, value: Value) =>
  evaluateLines([['LOAD_CONST', value], [name], ['RETURN']]);

/** The rules of the language's values: what an operator makes of two values, or which panic. */
describe('integers', () => {
  it.each([
    // Checked to ±(2²⁵⁶ − 1).
    ['ADD', MAX, 0, MAX],
    ['ADD', MAX - 1n, 1, MAX],
    ['SUB', -MAX, 0, -MAX],
    ['MUL', MAX, -1, -MAX],
    ['MUL', 2n ** 128n, 2n ** 127n, 2n ** 255n],
    ['POW', 2, 255, 2n ** 255n],
    ['POW', -2, 255, -(2n ** 255n)],
    // The border of exact numbers, both ways: one form for each integer.
    ['ADD', SAFE, 0, SAFE],
    ['ADD', SAFE, 1, BEYOND],
    ['ADD', SAFE, SAFE, 2n * BigInt(SAFE)],
    ['SUB', BEYOND, 1, SAFE],
    ['SUB', -SAFE, 1, -BEYOND],
    ['MUL', 3_037_000_499, 3_037_000_500, 9_223_372_033_963_249_500n],
    ['MUL', 94_906_265, 94_906_265, 9_007_199_136_250_225],
    ['MUL', 94_906_267, 94_906_265, 9_007_199_326_062_755n],
    ['DIV', BEYOND, 2, 2 ** 52],
    // Floor.
    ['DIV', 7, 2, 3],
    ['DIV', -7, 2, -4],
    ['DIV', 7, -2, -4],
    ['DIV', -7, -2, 3],
    ['DIV', -6, 2, -3],
    ['DIV', 0, -5, 0],
    ['MOD', 7, 3, 1],
    ['MOD', -7, 3, 2],
    ['MOD', 7, -3, -2],
    ['MOD', -7, -3, -1],
    ['MOD', -6, 3, 0],
    ['DIV', -MAX, 2, -(2n ** 255n)],
    ['MOD', -MAX, 2, 1],
    ['DIV', SAFE, 3, 3_002_399_751_580_330],
    ['MUL', 0, -5, 0],
    // Powers.
    ['POW', 0, 0, 1],
    ['POW', 5, 0, 1],
    ['POW', 1, MAX, 1],
    ['POW', 0, MAX, 0],
    ['POW', -1, MAX, -1],
    ['POW', -1, MAX - 1n, 1],
    ['POW', MAX, 1, MAX],
    ['POW', MAX, 0, 1],
    ['POW', 3, 161, 3n ** 161n],
  ] as const)('%s %s %s is %s', (name, left, right, result) => {
    const { value } = binary(name, left, right);
    expect(value).toBe(result);
    expect(Object.is(value, -0)).toBe(false);
  });

  it.each([
    ['ADD', MAX, 1, 0x11],
    ['SUB', -MAX, 1, 0x11],
    ['MUL', 2n ** 128n, 2n ** 128n, 0x11],
    ['MUL', MAX, MAX, 0x11],
    ['POW', 2, 256, 0x11],
    ['POW', 3, 162, 0x11],
    ['POW', 2, MAX, 0x11],
    ['POW', MAX, MAX, 0x11],
    ['POW', MAX, 2, 0x11],
    ['POW', 2, -1, 0x11],
    ['DIV', 1, 0, 0x12],
    ['DIV', MAX, 0, 0x12],
    ['MOD', 1, 0, 0x12],
    ['MOD', MAX, 0, 0x12],
  ] as const)('%s %s %s panics', (name, left, right, code) => {
    expect(panicCode(binary(name, left, right))).toBe(code);
  });

  it('NEG has no negative zero', () => {
    expect(Object.is(unary('NEG', 0).value, 0)).toBe(true);
    expect(unary('NEG', -MAX).value).toBe(MAX);
  });

  const integers = fc.oneof(
    fc.bigInt({ min: -MAX, max: MAX }),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
    fc.bigInt({ min: -10n, max: 10n }),
    fc.constantFrom(MAX, -MAX, BEYOND, -BEYOND, BEYOND - 1n, 1n - BEYOND),
  );

  it('division and modulo agree with each other and with the floor', () => {
    fc.assert(
      fc.property(integers, integers, (x, y) => {
        if (y === 0n) return;
        const quotient = BigInt(binary('DIV', integer(x), integer(y)).value as number);
        const remainder = BigInt(binary('MOD', integer(x), integer(y)).value as number);
        expect(quotient * y + remainder).toBe(x);
        expect(y > 0n ? remainder >= 0n && remainder < y : remainder <= 0n && remainder > y).toBe(
          true,
        );
      }),
      runs(300),
    );
  });

  it('exact numbers divide as bigints do', () => {
    const exact = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(exact, exact, (x, y) => {
        if (y === 0) return;
        const quotient = BigInt(divideExact(x, y));
        expect(quotient * BigInt(y) + BigInt(moduloExact(x, y))).toBe(BigInt(x));
        expect(Math.sign(moduloExact(x, y)) * Math.sign(y)).toBeGreaterThanOrEqual(0);
      }),
      runs(2_000),
    );
  });
});

describe('null', () => {
  it.each([
    ['ADD', null, 5, 5],
    ['ADD', 5, null, 5],
    ['ADD', null, null, 0],
    ['SUB', null, 5, -5],
    ['SUB', BEYOND, null, BEYOND],
    ['LT', null, 1, true],
    ['GTE', null, 1, false],
    ['GTE', 0, null, true],
    ['GT', null, -BEYOND, true],
    ['EQ', null, null, true],
    ['EQ', null, 0, false],
    ['EQ', null, false, false],
    ['EQ', null, '', false],
    ['ADD', 'a', null, 'anull'],
  ] as const)('%s %s %s is %s', (name, left, right, result) => {
    expect(binary(name, left, right).value).toBe(result);
  });

  it.each([
    ['MUL', null, 2],
    ['DIV', null, 2],
    ['DIV', 2, null],
    ['MOD', 2, null],
    ['POW', null, 2],
    ['LT', null, null],
    ['LTE', null, 'a'],
    ['GT', null, false],
    ['MUL', 'a', null],
  ] as const)('%s %s %s panics', (name, left, right) => {
    expect(panicCode(binary(name, left, right))).toBe(0x01);
  });
});

describe('equality', () => {
  const bytes = new Uint8Array(20);
  bytes[19] = 1;

  it.each([
    [1, 1, true],
    [1, true, false],
    [0, false, false],
    [1, '1', false],
    [BEYOND, BEYOND, true],
    [MAX, MAX - 1n, false],
    ['a', 'a', true],
    ['a', 'b', false],
    ['\u00e4', 'a\u0308', false],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2]), true],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2, 3]), false],
    [address, new Address(account(1)), true],
    [address, new Address(account(2)), false],
    [address, bytes, false],
    ['0x01', new Uint8Array([1]), false],
    [true, true, true],
    [true, false, false],
  ] as const)('%s and %s: %s', (left, right, result) => {
    expect(binary('EQ', left, right).value).toBe(result);
    expect(binary('EQ', right, left).value).toBe(result);
    expect(binary('NEQ', left, right).value).toBe(!result);
  });
});

describe('truth', () => {
  it.each([
    [null, false],
    [false, false],
    [0, false],
    ['', false],
    [new Uint8Array(0), false],
    [true, true],
    [1, true],
    [-1, true],
    [MAX, true],
    ['0', true],
    ['false', true],
    [new Uint8Array(1), true],
    [new Address(account(0)), true],
  ] as const)('%s is %s', (value, truth) => {
    expect(unary('NOT', value).value).toBe(!truth);
  });
});

describe('strings', () => {
  it.each([
    ['a', 1, 'a1'],
    [1, 'a', '1a'],
    ['a', true, 'atrue'],
    ['a', MAX, `a${MAX}`],
    ['a', -5, 'a-5'],
    ['', new Uint8Array([0xab, 1]), '0xab01'],
    ['', address, `0x${'00'.repeat(19)}01`],
    ['a', 'b', 'ab'],
  ] as const)('%s + %s is %s', (left, right, result) => {
    expect(binary('ADD', left, right).value).toBe(result);
  });

  it.each([
    ['ab', 3, 'ababab'],
    [3, 'ab', 'ababab'],
    ['ab', 0, ''],
    ['ab', -1, ''],
    ['', MAX, ''],
    ['ab', -MAX, ''],
  ] as const)('%s * %s is "%s"', (left, right, result) => {
    expect(binary('MUL', left, right).value).toBe(result);
  });

  it.each([
    ['MUL', 'ab', MAX, 0x41],
    ['MUL', 'ab', 524_289, 0x41],
    ['MUL', 'ä', 524_289, 0x41],
    ['SUB', 'a', 1, 0x01],
    ['MUL', 'a', 'b', 0x01],
    ['ADD', new Uint8Array(1), new Uint8Array(1), 0x01],
    ['ADD', true, true, 0x01],
    ['ADD', address, 1, 0x01],
    ['LT', 'a', 1, 0x01],
    ['LT', true, false, 0x01],
    ['LT', address, address, 0x01],
  ] as const)('%s %s %s panics', (name, left, right, code) => {
    expect(panicCode(binary(name, left, right))).toBe(code);
  });

  it('reach the limit and no further', () => {
    const longest = binary('MUL', 'ab', 524_288);
    expect(utf8Bytes(longest.value as string)).toBe(1_048_576);
    expect(longest.gas).toBe(2 + 5 + 3 * 32_768 + 2);
  });

  it.each([
    ['EQ', 'b', 2 + 3],
    ['LT', 'b', 2 + 3],
    ['EQ', 'ä'.repeat(20), 2 + 3 * 2],
    ['MUL', 0, 5],
    ['MUL', -1, 5],
  ] as const)('are not looked at beyond what %s with %s pays for', (name, other, gas) => {
    const long = 'a'.repeat(100_000);
    const look = vi.spyOn(String.prototype, 'charCodeAt');
    try {
      const evaluation = binary(name, other, long);
      // Besides, the verifier looks at each constant once.
      const looks = look.mock.contexts.filter((text) => String(text) === long).length;
      expect(looks - long.length).toBeLessThanOrEqual(1);
      expect(evaluation.gas).toBe(2 + gas + 2);
    } finally {
      look.mockRestore();
    }
  });

  const texts = fc.string({ unit: 'binary', maxLength: 40 });
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('are counted and ordered by code points', () => {
    fc.assert(
      fc.property(texts, texts, (left, right) => {
        expect(utf8Bytes(left)).toBe(utf8(left).length);
        expect(codePoints(left)).toBe([...left].length);
        expect(fewerUtf8Bytes(left, right)).toBe(Math.min(utf8(left).length, utf8(right).length));
        const expected = Math.sign(Buffer.compare(utf8(left), utf8(right)));
        expect(Math.sign(compareText(left, right))).toBe(expected);
        expect(Math.sign(order(new Meter(INITIAL_GAS, 1_000), left, right))).toBe(expected);
      }),
      runs(1_000),
    );
    expect(compareText('\uffff', '\u{1f98a}')).toBeLessThan(0);
  });
});
