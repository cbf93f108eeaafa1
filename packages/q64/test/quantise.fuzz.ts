import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { dequantise, quantiseBinary, quantiseInt8, quantiseMinMax } from '../src/index.ts';

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const near = fc.tuple(double, fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 40 }));

/** Any numbers, and such that are close to each other. */
const values = fc.oneof(
  fc.array(double, { maxLength: 40 }),
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 40 }),
  fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 40 }).map((steps) => {
    return steps.map((step) => step * Number.MIN_VALUE);
  }),
  near.map(([start, steps]) =>
    steps.map((step) => start * (1 + step * Number.EPSILON)).filter(Number.isFinite),
  ),
);

const quantisers = [
  ['int8', quantiseInt8],
  ['min-max', quantiseMinMax],
  ['binary', quantiseBinary],
] as const;

describe.each(quantisers)('%s', (_, quantise) => {
  it('keeps its bound and the order of the numbers', () => {
    const keep = (numbers: readonly number[]): void => {
      const quantised = quantise(numbers);
      const back = dequantise(quantised);
      numbers.forEach((value, index) => {
        // Halves: the difference of two large numbers may be infinite.
        const error = Math.abs(value / 2 - (back[index] as number) / 2);
        expect(error).toBeLessThanOrEqual(quantised.errorBound / 2 + Number.MIN_VALUE);
      });
      const order = numbers.map((value, index) => [value, quantised.bytes[index] as number]);
      order.sort(([left = 0], [right = 0]) => left - right);
      order.reduce(
        (before, after) => {
          expect(after[1]).toBeGreaterThanOrEqual(before[1] as number);
          return after;
        },
        [0, 0],
      );
    };
    fc.assert(fc.property(values, keep), runs(1_000));
  });
});

it('bounds the error by what is documented', () => {
  const ordinary = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 });
  const bound = (numbers: readonly number[]): void => {
    const magnitudes = numbers.map(Math.abs);
    const most = Math.max(...magnitudes);
    const mean = magnitudes.reduce((sum, value) => sum + value, 0) / numbers.length;
    const range = Math.max(...numbers) - Math.min(...numbers);
    const slack = most * 1e-14 + 1e-300;
    expect(quantiseInt8(numbers).errorBound).toBeLessThanOrEqual(most / 254 + slack);
    expect(quantiseMinMax(numbers).errorBound).toBeLessThanOrEqual(range / 510 + slack);
    expect(quantiseBinary(numbers).errorBound).toBeLessThanOrEqual(
      Math.max(mean, most - mean) + slack,
    );
  };
  fc.assert(fc.property(ordinary, bound), runs(300));
});

it('negates the bytes of int8 with the numbers', () => {
  const negate = (numbers: readonly number[]): void => {
    const { bytes } = quantiseInt8(numbers);
    const opposite = quantiseInt8(numbers.map((value) => -value)).bytes;
    expect(opposite).toEqual(bytes.map((byte) => 256 - byte));
  };
  fc.assert(fc.property(values, negate), runs(300));
});
