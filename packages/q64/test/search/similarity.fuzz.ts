import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { decodeQ64, encodeQ64 } from '../../src/q64.ts';
import { hammingDistance } from '../../src/search/sim-hash-distance.ts';
import { overlap, topIndexTokens } from '../../src/search/top-index-overlap.ts';
import { commonPrefix, prefixDimensions } from '../../src/search/z-order-prefix.ts';

// Against models that decode both codes and look at every bit.

function bitsOf(text: string): readonly number[] {
  return [...decodeQ64(text)].flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) & 1),
  );
}

function pairOf(minLength: number, maxLength: number): fc.Arbitrary<[Uint8Array, Uint8Array]> {
  return fc
    .integer({ min: minLength, max: maxLength })
    .chain((length) =>
      fc.tuple(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.uint8Array({ minLength: length, maxLength: length }),
      ),
    );
}

test('the Hamming distance counts the bits that differ', () => {
  fc.assert(
    fc.property(pairOf(1, 128), ([left, right]) => {
      const [one, other] = [encodeQ64(left), encodeQ64(right)];
      const bits = bitsOf(other);
      const expected = bitsOf(one).filter((bit, place) => bit !== bits[place]).length;
      expect(hammingDistance(one, other)).toBe(expected);
      expect(hammingDistance(other, one)).toBe(expected);
      expect(hammingDistance(one, one)).toBe(0);
    }),
    runs(300),
  );
});

test('the common prefix ends before the first bit that differs', () => {
  fc.assert(
    fc.property(pairOf(4, 4), fc.integer({ min: 0, max: 3 }), ([left, right], shared) => {
      right.set(left.subarray(0, shared));
      const [one, other] = [encodeQ64(left), encodeQ64(right)];
      const bits = bitsOf(other);
      const first = bitsOf(one).findIndex((bit, place) => bit !== bits[place]);
      expect(commonPrefix(one, other)).toBe(first < 0 ? 32 : first);
    }),
    runs(300),
  );
});

test('a prefix says of each dimension what its form has put there', () => {
  // The reference's two layouts, bit by bit from the most significant one.
  const layouts = {
    packed: Array.from({ length: 32 }, (_, place) => (31 - place) >> 1),
    interleaved: Array.from({ length: 32 }, (_, place) => (31 - place) & 7),
  };
  for (const form of ['packed', 'interleaved'] as const) {
    const dimensions = form === 'packed' ? 16 : 8;
    for (let bits = 0; bits <= 32; bits += 1) {
      const expected = new Array<number>(dimensions).fill(0);
      for (const dimension of layouts[form].slice(0, bits)) {
        expected[dimension] = (expected[dimension] ?? 0) + 1;
      }
      expect(prefixDimensions(bits, { form })).toEqual(expected);
    }
  }
});

test('overlap counts common indices of any two codes, and never padding', () => {
  for (const indexBits of [8, 16] as const) {
    const padding = 2 ** indexBits - 1;
    const indices = (most: number): fc.Arbitrary<number[]> =>
      fc
        .uniqueArray(fc.integer({ min: 0, max: most }), { maxLength: 20 })
        .map((list) => list.sort((left, right) => left - right));
    const code = (list: readonly number[], k: number): string => {
      const filled = [...list, ...new Array<number>(k - list.length).fill(padding)];
      return encodeQ64(
        Uint8Array.from(
          filled.flatMap((index) => (indexBits === 8 ? [index] : [index >> 8, index & 255])),
        ),
      );
    };
    // Few indices to choose from, so that many are common, and all of them.
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(indices(30), indices(30)),
          fc.tuple(indices(padding - 1), indices(padding - 1)),
        ),
        fc.integer({ min: 0, max: 3 }),
        ([left, right], more) => {
          const k = Math.max(left.length, right.length, 1) + more;
          const [one, other] = [code(left, k), code(right, k)];
          const expected = left.filter((index) => right.includes(index)).length;
          expect(overlap(one, other, { indexBits })).toBe(expected);
          expect(overlap(other, one, { indexBits })).toBe(expected);
          const tokens = topIndexTokens(one, { indexBits });
          const index = (token: string): number =>
            new DataView(decodeQ64(token).buffer).getUint16(0);
          expect(tokens.map(index)).toEqual(left);
        },
      ),
      runs(300),
    );
  }
});
