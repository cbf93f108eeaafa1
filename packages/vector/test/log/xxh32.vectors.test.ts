import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Xxh32, xxh32 } from '../../src/log/xxh32.ts';

const PRIME_32 = 0x9e3779b1;
const PRIME_64 = 0x9e3779b185ebca8dn;

/** The buffer that the reference implementation checks itself with (`tests/sanity_test.c`). */
function sanityBuffer(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = BigInt(PRIME_32);
  for (let index = 0; index < length; index += 1) {
    bytes[index] = Number(state >> 56n);
    state = (state * PRIME_64) & 0xffff_ffff_ffff_ffffn;
  }
  return bytes;
}

describe('XXH32', () => {
  it.each([
    [0, 0, 0x02cc5d05],
    [0, PRIME_32, 0x36b78ae7],
    [1, 0, 0xcf65b03e],
    [1, PRIME_32, 0xb4545aa4],
    [14, 0, 0x1208e7e2],
    [14, PRIME_32, 0x6af1d1fe],
    [222, 0, 0x5bd11dbd],
    [222, PRIME_32, 0x58803c5f],
  ])('is what the reference implementation says of %i bytes with seed %i', (length, seed, sum) => {
    expect(xxh32(sanityBuffer(length), seed)).toBe(sum);
  });

  it.each([
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('is the published one of "%s"', (text, sum) => {
    expect(xxh32(new TextEncoder().encode(text))).toBe(sum);
  });

  it('is the same however the bytes are cut, and wherever they begin', () => {
    const seeds = fc.nat({ max: 0xffff_ffff });
    const parts = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 8 });
    fc.assert(
      fc.property(seeds, parts, fc.nat({ max: 15 }), (seed, some, shift) => {
        const hash = new Xxh32(seed);
        for (const part of some) {
          const moved = new Uint8Array(part.length + shift).subarray(shift);
          moved.set(part);
          hash.update(moved);
        }
        const whole = Uint8Array.from(some.flatMap((part) => [...part]));
        expect(hash.digest()).toBe(xxh32(whole, seed));
      }),
    );
  });
});
