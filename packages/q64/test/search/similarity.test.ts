import { seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { encodeQ64 } from '../../src/q64.ts';
import { estimateCosine, hammingDistance } from '../../src/search/sim-hash-distance.ts';
import { overlap, topIndexTokens } from '../../src/search/top-index-overlap.ts';
import { commonPrefix, prefixDimensions } from '../../src/search/z-order-prefix.ts';
import { expectCode } from '../codes.ts';

const codeOf = (...bytes: readonly number[]): string => encodeQ64(Uint8Array.from(bytes));

describe('codes that cannot be compared', () => {
  const comparisons: readonly (readonly [string, (left: string, right: string) => number])[] = [
    ['hammingDistance', hammingDistance],
    ['overlap', overlap],
    ['commonPrefix', commonPrefix],
  ];

  it.each(comparisons)('%s says what is wrong, whichever code it is', (_, compare) => {
    const good = codeOf(1, 2, 3, 4);
    expect(expectCode('Q64_CODES_DIFFER', () => compare(good, codeOf(1, 2)))).toEqual({
      left: 8,
      right: 4,
    });
    expectCode('Q64_LENGTH_INVALID', () => compare('', ''));
    for (const [bad, code, position] of [
      [`${good.slice(0, 6)}!3`, 'Q64_CHARACTER_INVALID', 6],
      [`${good.slice(0, 6)}\u03913`, 'Q64_CHARACTER_INVALID', 6],
      [`${good.slice(0, 5)}A${good.slice(6)}`, 'Q64_CHARACTER_MISPLACED', 5],
      [`${good.slice(0, 7)}A`, 'Q64_CHARACTER_MISPLACED', 7],
    ] as const) {
      for (const [left, right] of [
        [bad, good],
        [good, bad],
        [bad, bad],
      ] as const) {
        const fields = expectCode(code, () => compare(left, right));
        expect(fields).toMatchObject({ position });
      }
    }
    const bytes: unknown = Uint8Array.of(1);
    expectCode('Q64_ARGUMENT_INVALID', () => compare(bytes as string, good));
    expectCode('Q64_ARGUMENT_INVALID', () => compare(good, bytes as string));
  });

  it('an odd number of characters is no whole byte', () => {
    expectCode('Q64_LENGTH_ODD', () => hammingDistance('AQg', 'AQg'));
    expectCode('Q64_LENGTH_ODD', () => overlap('AQg', 'AQg'));
  });
});

describe('hammingDistance', () => {
  it('is as long as the code where one is the complement of the other', () => {
    // The reference's hashes of thirty-two zeros and thirty-two 255s.
    expect(hammingDistance('Lbo2PdjxBem0Ibt0', 'EUn5ASs-ORp7HUi7')).toBe(64);
    expect(hammingDistance('Lbo2PdjxBem0Ibt0', 'DTo2PdjxBem0Ibt0')).toBe(2);
  });
});

describe('estimateCosine', () => {
  it('is certain about nothing but the direction', () => {
    expect(estimateCosine(0, 64).cosine).toBe(1);
    expect(estimateCosine(64, 64).cosine).toBe(-1);
    expect(estimateCosine(32, 64).cosine).toBeCloseTo(0, 12);
    expect(estimateCosine(16, 64).cosine).toBeCloseTo(Math.SQRT1_2, 12);
    expect(estimateCosine(0, 64).standardError).toBeGreaterThan(0);
    expect(estimateCosine(64, 64).standardError).toBeGreaterThan(0);
  });

  it('is off as often as its standard error says', () => {
    const random = seededRandom(7);
    for (const planes of [64, 256, 1024]) {
      for (const cosine of [-0.5, 0, 0.5, 0.8]) {
        const differs = (Math.acos(cosine) / Math.PI) * 2 ** 32;
        const trials = 2_000;
        let squares = 0;
        let variances = 0;
        for (let trial = 0; trial < trials; trial += 1) {
          let distance = 0;
          for (let plane = 0; plane < planes; plane += 1) {
            if (random.below(2 ** 32) < differs) distance += 1;
          }
          const estimate = estimateCosine(distance, planes);
          squares += (estimate.cosine - cosine) ** 2;
          variances += estimate.standardError ** 2;
        }
        const ratio = Math.sqrt(squares / variances);
        expect(ratio, `${planes} planes, cosine ${cosine}`).toBeGreaterThan(0.85);
        expect(ratio, `${planes} planes, cosine ${cosine}`).toBeLessThan(1.1);
      }
    }
  });

  it.each([
    [-1, 64],
    [65, 64],
    [0.5, 64],
    [Number.NaN, 64],
    [0, 0],
    [0, Number.POSITIVE_INFINITY],
  ])('refuses a distance of %d bits of %d', (distance, planes) => {
    expectCode('Q64_ARGUMENT_INVALID', () => estimateCosine(distance, planes));
  });
});

describe('overlap', () => {
  it('finds an index at even and at odd places', () => {
    // The same index has other characters there.
    expect(codeOf(5, 7).slice(0, 2)).not.toBe(codeOf(3, 5).slice(2));
    expect(overlap(codeOf(5, 7), codeOf(3, 5))).toBe(1);
    expect(topIndexTokens(codeOf(5, 7))[0]).toBe(topIndexTokens(codeOf(3, 5))[1]);
    expect(topIndexTokens(codeOf(5))).toEqual(topIndexTokens(codeOf(0, 5), { indexBits: 16 }));
  });

  it('does not count what may be padding, and refuses what is no code', () => {
    expect(overlap(codeOf(1, 255, 255), codeOf(2, 255, 255))).toBe(0);
    expect(topIndexTokens(codeOf(255, 255))).toEqual([]);
    expect(expectCode('Q64_INDICES_UNSORTED', () => overlap(codeOf(2, 1), codeOf(1, 2)))).toEqual({
      position: 2,
    });
    expectCode('Q64_INDICES_UNSORTED', () => overlap(codeOf(1, 2), codeOf(1, 1)));
    const odd = codeOf(0, 1, 2);
    expectCode('Q64_LENGTH_INVALID', () => overlap(odd, odd, { indexBits: 16 }));
    const bits: unknown = 12;
    expectCode('Q64_ARGUMENT_INVALID', () => overlap(odd, odd, { indexBits: bits as 8 }));
    expectCode('Q64_LENGTH_ODD', () => topIndexTokens(odd.slice(1)));
  });
});

describe('commonPrefix', () => {
  it('is decided by the last dimensions where two bits of each are packed', () => {
    // The reference's codes of ff, 00 … 00 and of 00 … 00, ff: a far first dimension leaves 30 bits.
    expect(commonPrefix('AQgwAQgz', 'AQgwAQgw')).toBe(30);
    expect(commonPrefix('MQgwAQgw', 'AQgwAQgw')).toBe(0);
    expect(prefixDimensions(30)).toEqual([0, ...new Array<number>(15).fill(2)]);
    expect(prefixDimensions(3)).toEqual([...new Array<number>(14).fill(0), 1, 2]);
  });

  it('compares codes of eight characters', () => {
    expectCode('Q64_LENGTH_INVALID', () => commonPrefix('AQgw', 'AQgw'));
    for (const bits of [-1, 33, 1.5, Number.NaN]) {
      expectCode('Q64_ARGUMENT_INVALID', () => prefixDimensions(bits));
    }
    const form: unknown = 'fast';
    expectCode('Q64_ARGUMENT_INVALID', () => prefixDimensions(1, { form: form as 'packed' }));
  });
});
