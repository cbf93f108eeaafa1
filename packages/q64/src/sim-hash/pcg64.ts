import { seedWords, type WordGenerator } from './words.ts';

/** Words of 32 bits that a seed is spread over. */
const POOL_WORDS = 4;

/** The multiplier of PCG with 128 bits of state, and the same in words of 32, the lowest first. */
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const M0 = 0x9fccf645;
const M1 = 0x4385df64;
const M2 = 0x1fc65da4;
const M3 = 0x2360ed05;

const WORD = 2 ** 32;

/**
 * Words for the state of a generator: numpy's `SeedSequence` of one whole number of up to 64 bits
 * (O'Neill, "Developing a seed_seq alternative", 2015).
 */
function spreadSeed(seed: bigint, words: number): Uint32Array {
  const [low, high] = seedWords(seed);
  const mixIn = hasher(0x43b0d7e5, 0x931e8875);
  // Words that the seed does not have are mixed in as 0.
  const pool = Uint32Array.of(low, high, 0, 0).map(mixIn);
  for (let source = 0; source < POOL_WORDS; source += 1) {
    for (let target = 0; target < POOL_WORDS; target += 1) {
      if (source === target) continue;
      const mixed =
        Math.imul(pool[target] as number, 0xca01f9dd) -
        Math.imul(mixIn(pool[source] as number), 0x4973f715);
      pool[target] = mixed ^ (mixed >>> 16);
    }
  }
  const draw = hasher(0x8b51f9dd, 0x58f38ded);
  return Uint32Array.from({ length: words }, (_, index) =>
    draw(pool[index % POOL_WORDS] as number),
  );
}

/** Hashes words of 32 bits, each with other constants. */
function hasher(start: number, multiplier: number): (word: number) => number {
  let constant = start;
  return (word) => {
    const mixed = word ^ constant;
    constant = Math.imul(constant, multiplier);
    const product = Math.imul(mixed, constant);
    return (product ^ (product >>> 16)) >>> 0;
  };
}

/**
 * PCG64 (O'Neill 2014: a linear congruential generator of 128 bits, output XSL-RR) seeded as numpy's
 * `default_rng(seed)` does.
 */
export function createPcg64(seed: bigint): WordGenerator {
  const words = spreadSeed(seed, 8);
  const increment = BigInt.asUintN(128, (joinWords(words, 4) << 1n) | 1n);
  const first = (joinWords(words, 0) + increment) * MULTIPLIER + increment;
  const [i0, i1, i2, i3] = splitWords(increment);
  let [s0, s1, s2, s3] = splitWords(first);
  let low = 0;
  let high = 0;

  /** state = state · multiplier + increment, modulo 2¹²⁸: a column of the product after the other. */
  const advance = (): void => {
    const c0 = i0 + lowProduct(s0, M0);
    const c1 = carryOf(c0) + i1 + highProduct(s0, M0) + lowProduct(s0, M1) + lowProduct(s1, M0);
    const c2 =
      carryOf(c1) +
      i2 +
      (highProduct(s0, M1) + highProduct(s1, M0)) +
      (lowProduct(s0, M2) + lowProduct(s1, M1) + lowProduct(s2, M0));
    const c3 =
      carryOf(c2) +
      i3 +
      (highProduct(s0, M2) + highProduct(s1, M1) + highProduct(s2, M0)) +
      (lowProduct(s0, M3) + lowProduct(s1, M2) + lowProduct(s2, M1) + lowProduct(s3, M0));
    s0 = c0 >>> 0;
    s1 = c1 >>> 0;
    s2 = c2 >>> 0;
    s3 = c3 >>> 0;
  };

  return {
    next: () => {
      advance();
      // The halves of 64 bits are combined, then rotated to the right by the uppermost 6 bits.
      const bits = s3 >>> 26;
      const lower = bits < 32 ? s0 ^ s2 : s1 ^ s3;
      const upper = bits < 32 ? s1 ^ s3 : s0 ^ s2;
      const shift = bits & 31;
      low = shift === 0 ? lower : (lower >>> shift) | (upper << (32 - shift));
      high = shift === 0 ? upper : (upper >>> shift) | (lower << (32 - shift));
    },
    low: () => low,
    high: () => high,
  };
}

/** Two words of 64 bits, the upper one first; the halves of each the other way round. */
function joinWords(words: Uint32Array, at: number): bigint {
  const word = (index: number): bigint => BigInt(words[at + index] as number);
  return (word(1) << 96n) | (word(0) << 64n) | (word(3) << 32n) | word(2);
}

/** The lowest 128 bits in words of 32, the lowest first. */
function splitWords(value: bigint): [number, number, number, number] {
  const word = (index: number): number => Number(BigInt.asUintN(32, value >> BigInt(32 * index)));
  return [word(0), word(1), word(2), word(3)];
}

function carryOf(sum: number): number {
  return Math.floor(sum / WORD);
}

/** Bits 0 to 31 of the product of two words. */
function lowProduct(left: number, right: number): number {
  return Math.imul(left, right) >>> 0;
}

/** Bits 32 to 63 of the product of two words, from the products of their halves. */
function highProduct(left: number, right: number): number {
  const l0 = left & 0xffff;
  const l1 = left >>> 16;
  const r0 = right & 0xffff;
  const r1 = right >>> 16;
  const middle = (Math.imul(l1, r0) >>> 0) + ((Math.imul(l0, r0) >>> 0) >>> 16);
  const other = (Math.imul(l0, r1) >>> 0) + (middle & 0xffff);
  return (Math.imul(l1, r1) >>> 0) + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
}
