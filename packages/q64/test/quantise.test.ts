import { describe, expect, it } from 'vitest';
import {
  dequantise,
  encodeEmbedding,
  encodeQ64,
  encodeShq64,
  encodeT8q64,
  type Quantised,
  type QuantisedBytes,
  quantiseBinary,
  quantiseInt8,
  quantiseMinMax,
  type Values,
} from '../src/index.ts';
import { expectCode } from './codes.ts';

const largest = Number.MAX_VALUE;
const smallest = Number.MIN_VALUE;
const quantisers = [
  ['int8', quantiseInt8],
  ['min-max', quantiseMinMax],
  ['binary', quantiseBinary],
] as const;

/** How far the inverse is from the values at most, without overflow. */
function largestError(values: Values, quantised: Quantised): number {
  const back = dequantise(quantised);
  return back.reduce((worst, value, index) => {
    const error = Math.abs(value / 2 - (values[index] as number) / 2) * 2;
    return Math.max(worst, error);
  }, 0);
}

describe('quantiseInt8', () => {
  it('gives the largest magnitude 127 steps from 128', () => {
    const { bytes, bound, quantisation } = quantiseInt8([0, 1, -1, 2, -2, 0.5, -0.25, -0]);
    expect([...bytes]).toEqual([128, 192, 64, 255, 1, 160, 112, 128]);
    expect({ bound, quantisation }).toEqual({ bound: 2, quantisation: 'int8' });
  });

  it('treats both signs alike, and rounds halves away from 0', () => {
    const { bytes } = quantiseInt8([127, 0.5, -0.5, 1.5, -1.5, 0.49, -0.49]);
    expect([...bytes]).toEqual([255, 129, 127, 130, 126, 128, 128]);
  });

  it('reads byte 0, which it never gives, as 1', () => {
    const bytes = Uint8Array.of(0, 1, 128, 255);
    expect([...dequantise({ quantisation: 'int8', bytes, bound: 3 })]).toEqual([-3, -3, 0, 3]);
  });
});

describe('quantiseMinMax', () => {
  it('gives the smallest 0 and the largest 255', () => {
    const { bytes, minimum, maximum } = quantiseMinMax(Float32Array.of(10, 12.55, 10.01, 11));
    expect([...bytes]).toEqual([0, 255, 1, 100]);
    expect([minimum, maximum]).toEqual([10, Math.fround(12.55)]);
  });

  it('gives the ends back exactly', () => {
    const values = [0.1, -7.3, 1e-300, 22 / 7];
    const back = dequantise(quantiseMinMax(values));
    expect([back[1], back[3]]).toEqual([-7.3, 22 / 7]);
  });
});

describe('quantiseBinary', () => {
  it('gives the sign, and back the mean magnitude with it', () => {
    const quantised = quantiseBinary([0.5, -2, 0, 1.5]);
    expect([...quantised.bytes]).toEqual([255, 1, 1, 255]);
    expect(quantised.magnitude).toBe(1);
    expect([...dequantise(quantised)]).toEqual([1, -1, -1, 1]);
  });
});

describe.each(quantisers)('%s', (name, quantise) => {
  it('takes lists and both arrays alike', () => {
    const values = [0.5, -0.125, 3, 0];
    const { bytes } = quantise(values);
    expect(quantise(Float32Array.from(values)).bytes).toEqual(bytes);
    expect(quantise(Float64Array.from(values)).bytes).toEqual(bytes);
  });

  it('takes no numbers at all', () => {
    const quantised = quantise([]);
    expect(quantised).toMatchObject({ bytes: new Uint8Array(), errorBound: 0 });
    expect(dequantise(quantised)).toHaveLength(0);
  });

  it('gives numbers that are all equal back', () => {
    for (const value of [0, 7, 1e308, smallest, largest]) {
      const values = Array.from({ length: 5 }, () => value);
      const quantised = quantise(values);
      expect([...dequantise(quantised)].map(Math.abs)).toEqual(values);
      if (value === 0) expect(quantised.errorBound).toBe(0);
    }
  });

  it.each([
    [[largest, -largest, 1, 0]],
    [[1e308, -1e308, 9e307, -3]],
    [[largest, largest, largest, largest]],
    [[smallest, -smallest, 0]],
    [[300 * smallest, 299 * smallest, -7 * smallest]],
    [[2 ** -1022, -(2 ** -1023), smallest]],
    [[1, 1 + Number.EPSILON, 1 + 2 * Number.EPSILON]],
    [[1e16, 1e16 + 2, 1e16 + 300]],
    [[0, 1e-320, 1e308]],
  ])('keeps its bound for %j', (values) => {
    const quantised = quantise(values);
    expect(Number.isFinite(quantised.errorBound)).toBe(true);
    expect(largestError(values, quantised)).toBeLessThanOrEqual(quantised.errorBound);
    expect([...dequantise(quantised)].every(Number.isFinite)).toBe(true);
  });

  it('refuses what is not finite, with the place', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(expectCode('Q64_NOT_FINITE', () => quantise([1, 2, value]))).toMatchObject({
        position: 2,
      });
      expectCode('Q64_NOT_FINITE', () => quantise(Float32Array.of(value)));
    }
  });

  it('refuses what was transferred, or is too short now', () => {
    const gone = Float32Array.of(1, 2);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expectCode('Q64_BUFFER_DETACHED', () => quantise(gone));
    const buffer = new ArrayBuffer(32, { maxByteLength: 32 });
    const cut = new Float64Array(buffer, 16, 2);
    buffer.resize(8);
    expectCode('Q64_BUFFER_DETACHED', () => quantise(cut));
  });

  it('refuses what are no numbers', () => {
    const wrong: readonly unknown[] = [
      Uint8Array.of(1),
      'text',
      null,
      undefined,
      7,
      [1, '2'],
      [1, undefined],
      [1n],
      // biome-ignore lint/suspicious/noSparseArray: what it does to holes is asked.
      [1, , 2],
      { length: 1, 0: 1 },
    ];
    for (const values of wrong) {
      expectCode('Q64_ARGUMENT_INVALID', () => quantise(values as Values));
    }
  });

  it('is what encodeEmbedding calls', () => {
    const values = Float32Array.from({ length: 32 }, (_, index) => Math.sin(index));
    const { bytes } = quantise(values);
    expect(encodeEmbedding(values, { quantisation: name })).toBe(encodeQ64(bytes));
    expect(encodeEmbedding(values, { quantisation: name, encode: encodeShq64 })).toBe(
      encodeShq64(bytes),
    );
    const encode = (code: Uint8Array): string => encodeT8q64(code, { k: 3 });
    expect(encodeEmbedding(values, { quantisation: name, encode })).toBe(
      encodeT8q64(bytes, { k: 3 }),
    );
  });
});

describe('dequantise', () => {
  it('takes bytes that were stored apart from their parameters', () => {
    const { bytes, bound } = quantiseInt8([0.25, -1]);
    const stored = new DataView(bytes.buffer);
    const back = dequantise({ quantisation: 'int8', bytes: stored, bound });
    expect(back[0]).toBeCloseTo(0.25, 2);
    expect(back[1]).toBe(-1);
  });

  it('refuses parameters that quantising never gives', () => {
    const bytes = Uint8Array.of(1);
    const wrong: readonly unknown[] = [
      { bytes },
      { bytes, quantisation: 'int4', bound: 1 },
      { bytes, quantisation: 'int8' },
      { bytes, quantisation: 'int8', bound: Number.NaN },
      { bytes, quantisation: 'int8', bound: -1 },
      { bytes, quantisation: 'min-max', minimum: 1, maximum: 0 },
      { bytes, quantisation: 'min-max', minimum: -Infinity, maximum: 0 },
      { bytes, quantisation: 'binary', magnitude: '1' },
      { bytes: [1], quantisation: 'binary', magnitude: 1 },
    ];
    for (const quantised of wrong) {
      expectCode('Q64_ARGUMENT_INVALID', () => dequantise(quantised as QuantisedBytes));
    }
  });
});

it('encodeEmbedding refuses a quantisation that there is not', () => {
  for (const quantisation of ['int4', 'toString', undefined]) {
    const options = { quantisation } as unknown as Parameters<typeof encodeEmbedding>[1];
    expectCode('Q64_ARGUMENT_INVALID', () => encodeEmbedding([1], options));
  }
});
