import { toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { decodeQ64, encodeShq64 } from '../../src/index.ts';
import { chaChaKey, createChaCha8 } from '../../src/sim-hash/chacha8.ts';
import { createPcg64 } from '../../src/sim-hash/pcg64.ts';
import type { WordGenerator } from '../../src/sim-hash/words.ts';
import { type NormalSource, numpyNormals, rustNormals } from '../../src/sim-hash/ziggurat.ts';

const TAIL = 3.6542;

function words(generator: WordGenerator, count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * count));
  for (let index = 0; index < count; index += 1) {
    generator.next();
    view.setInt32(8 * index, generator.low(), true);
    view.setInt32(8 * index + 4, generator.high(), true);
  }
  return new Uint8Array(view.buffer);
}

/** PCG32 (XSH-RR) as Rust's own tests of distributions use it. */
function pcg32(seed: bigint): WordGenerator {
  const multiplier = 6364136223846793005n;
  const increment = BigInt.asUintN(64, (11634580027462260723n << 1n) | 1n);
  let state = BigInt.asUintN(64, (seed + increment) * multiplier + increment);
  const draw = (): number => {
    const old = state;
    state = BigInt.asUintN(64, old * multiplier + increment);
    const turn = Number(old >> 59n);
    const mixed = Number(BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n));
    return (mixed >>> turn) | (mixed << ((32 - turn) & 31));
  };
  let low = 0;
  let high = 0;
  return {
    next: () => {
      low = draw();
      high = draw();
    },
    low: () => low,
    high: () => high,
  };
}

describe('ChaCha8', () => {
  it('has the key stream of a key of zeros', () => {
    const stream = words(createChaCha8(new Uint32Array(8)), 8);
    expect(toHex(stream.subarray(0, 32))).toBe(
      '0x3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e',
    );
  });

  it('goes on in the next block', () => {
    const blocks = words(createChaCha8(chaChaKey(1n)), 24);
    const seen = new Set([0, 64, 128].map((start) => toHex(blocks.subarray(start, start + 64))));
    expect(seen.size).toBe(3);
  });

  it('spreads the seed 0 as rand_core does', () => {
    expect(new BigUint64Array(chaChaKey(0n).buffer)[0]).toBe(5029875928683246316n);
  });
});

describe('normally distributed numbers of rand_distr', () => {
  it('are those whose stability its tests promise', () => {
    const draw = rustNormals(pcg32(213n));
    const promised = [
      -0.11844188827977231, 0.7813779637772346, 0.06563993969580051, -1.1932899004186373,
    ];
    for (const expected of promised) expect(draw()).toBeCloseTo(expected, 13);
  });
});

describe('normally distributed numbers of numpy', () => {
  // From numpy 2.4: the first three, and the first one of the tail with its place.
  const cases: readonly (readonly [bigint, readonly number[], number, number])[] = [
    [0n, [0.1257302210933933, -0.1321048632913019, 0.6404226504432821], 303, -3.772275156122734],
    [
      7n,
      [0.0012301533574825742, 0.2987455375084699, -0.2741378553622176],
      2311,
      -3.661081810206792,
    ],
    [42n, [0.30471707975443135, -1.0399841062404955, 0.7504511958064572], 5627, -4.389114584864837],
    [
      2n ** 32n + 5n,
      [0.4260411206160647, -1.1913522497965605, -1.1486664173057208],
      7455,
      -3.866283873779707,
    ],
    [
      2n ** 64n - 1n,
      [0.7213364570768727, -0.9707961689465133, 0.06922650485737146],
      2330,
      3.9558233530344706,
    ],
  ];

  it.each(cases)('are those of the seed %d', (seed, first, place, tail) => {
    const draw = numpyNormals(createPcg64(seed));
    const drawn = Float64Array.from({ length: place + 1 }, draw);
    first.forEach((expected, index) => {
      expect(drawn[index]).toBeCloseTo(expected, 12);
    });
    expect(drawn.findIndex((value) => Math.abs(value) > TAIL)).toBe(place);
    expect(drawn[place]).toBeCloseTo(tail, 12);
  });

  it('are hashed as numpy draws them, rounds and sums them in order', () => {
    const hash = (seed: bigint, dimensions: number, planes: number): string => {
      const start = Number((11n * seed) % 256n);
      const bytes = Uint8Array.from({ length: dimensions }, (_, index) => index * 37 + start);
      return toHex(decodeQ64(encodeShq64(bytes, { seed, planes, generator: 'pcg64' })));
    };
    expect(hash(7n, 5, 64)).toBe('0x0fd3ed255b8a32a1');
    expect(hash(0n, 100, 128)).toBe('0xb686bc4d432d3e5b80cbade77acdaedf');
    expect(hash(2n ** 32n + 5n, 384, 64)).toBe('0x9b769998d53a69d4');
    expect(hash(2n ** 64n - 1n, 33, 256)).toBe(
      '0xcba7c48a03abc8e01f68c46ee3bcbebcaacf1cca436fe42316a1b80a07619852',
    );
  });
});

describe('both', () => {
  const sources: readonly (readonly [string, NormalSource])[] = [
    ['chacha8', rustNormals(createChaCha8(chaChaKey(5n)))],
    ['pcg64', numpyNormals(createPcg64(5n))],
  ];

  it.each(sources)('are distributed normally: %s', (_, draw) => {
    const count = 200_000;
    const drawn = Float64Array.from({ length: count }, draw).sort();
    const mean = drawn.reduce((sum, value) => sum + value, 0) / count;
    const variance = drawn.reduce((sum, value) => sum + value * value, 0) / count;
    // Five standard errors of the mean and of the variance.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    const quantiles: readonly (readonly [number, number])[] = [
      [0.00013, -3.6527],
      [0.02275, -2],
      [0.1587, -1],
      [0.5, 0],
      [0.8413, 1],
      [0.97725, 2],
      [0.99987, 3.6527],
    ];
    for (const [share, quantile] of quantiles) {
      const below = drawn.findIndex((value) => value > quantile) / count;
      expect(Math.abs(below - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / count));
    }
  });
});
