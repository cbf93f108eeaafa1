import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatText, shortestSingle, singleText } from '../../src/chroma/single.ts';

const anySingle = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.integer({ min: -1_000, max: 1_000 }).map((value) => Math.fround(value / 100)),
);

/** The fewest significant digits that tell a float of 32 bits from all others. */
function fewestDigits(single: number): number {
  for (let digits = 1; ; digits += 1) {
    if (Math.fround(Number(single.toPrecision(digits))) === single) return digits;
  }
}

function digitsOf(text: string): number {
  const [mantissa = ''] = text.split('e');
  return mantissa.replace('.', '').replace(/^-?0*/, '').replace(/0+$/, '').length;
}

describe('floats of 32 bits', () => {
  it('are written so that they are read again, in as few digits as possible', () => {
    fc.assert(
      fc.property(anySingle, (single) => {
        const text = singleText(single);
        expect(Math.fround(Number(text))).toBe(single);
        expect(Number(text)).toBe(shortestSingle(single));
        expect(JSON.parse(text)).toBe(Number(text));
        expect(text).toMatch(/[.e]/);
        if (!Number.isInteger(single)) expect(digitsOf(text)).toBe(fewestDigits(single));
      }),
      { numRuns: 20_000 },
    );
  });

  it('are what Chroma writes', () => {
    const texts = [0.1, -0.5, 1, 0, 0.53, 18.18, 1e-10, 16_777_216, 3.4e38].map((value) =>
      Number(singleText(Math.fround(value))),
    );
    expect(texts).toEqual([0.1, -0.5, 1, 0, 0.53, 18.18, 1e-10, 16_777_216, 3.4e38]);
    expect(singleText(Number.POSITIVE_INFINITY)).toBe('null');
  });
});

describe('floats of 64 bits', () => {
  it('are always floats as text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatText(value);
        expect(Object.is(JSON.parse(text), value)).toBe(true);
        expect(text).toMatch(/[.e]/);
      }),
    );
    expect([Number.NaN, Number.NEGATIVE_INFINITY].map(floatText)).toEqual(['null', 'null']);
  });
});
