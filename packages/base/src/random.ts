import { assert } from './assert.ts';

/** A reproducible stream of integers; the seed is all of its state. */
export type SeededRandom = {
  /** An integer in 0 … bound − 1, bound up to 2³². */
  readonly below: (bound: number) => number;
};

/**
 * Deterministic pseudo-random integers for tests, workloads and the simulator. Not for keys.
 * Algorithm: splitmix32 (a 32-bit finaliser over a Weyl sequence).
 */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return {
    below: (bound): number => {
      assert(Number.isInteger(bound) && bound > 0 && bound <= 2 ** 32, 'bound is in 1 … 2³²');
      return Math.floor((next() / 2 ** 32) * bound);
    },
  };
}
