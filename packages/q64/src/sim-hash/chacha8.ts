import type { WordGenerator } from './words.ts';

/** Words of 32 bits in a block, and in the key. */
const BLOCK_WORDS = 16;
const KEY_WORDS = 8;
const ROUNDS = 8;
/** Where the state has the lower half of the counter. */
const COUNTER = 12;

/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** The generator that spreads a seed over the key: PCG32 (XSH-RR, O'Neill 2014) with this stream. */
const SPREAD_MULTIPLIER = 6364136223846793005n;
const SPREAD_INCREMENT = 11634580027462260723n;

/**
 * The key of a seed, as `seed_from_u64` of Rust's rand_core 0.6 makes it: the bytes of eight words of
 * 32 bits, each from a step of PCG32 that begins at the seed.
 */
export function chaChaKey(seed: bigint): Uint32Array {
  const key = new Uint32Array(KEY_WORDS);
  let state = BigInt.asUintN(64, seed);
  for (let index = 0; index < KEY_WORDS; index += 1) {
    state = BigInt.asUintN(64, state * SPREAD_MULTIPLIER + SPREAD_INCREMENT);
    const mixed = Number(BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n));
    key[index] = rotateRight(mixed, Number(state >> 59n));
  }
  return key;
}

/**
 * ChaCha (Bernstein 2008) with 8 rounds, a counter of 64 bits from 0 and stream 0: the words of Rust's
 * `ChaCha8Rng` with this key. Two words of the key stream make one of 64 bits, the lower one first.
 */
export function createChaCha8(key: Uint32Array): WordGenerator {
  const state = new Int32Array(BLOCK_WORDS);
  state.set(CONSTANTS);
  state.set(key, CONSTANTS.length);
  const block = new Int32Array(BLOCK_WORDS);
  let position = BLOCK_WORDS;
  return {
    next: () => {
      position += 2;
      if (position < BLOCK_WORDS) return;
      writeBlock(state, block);
      // The counter's upper half stays 0: it would take 2³² blocks.
      state[COUNTER] = (state[COUNTER] as number) + 1;
      position = 0;
    },
    low: () => block[position] as number,
    high: () => block[position + 1] as number,
  };
}

function writeBlock(state: Int32Array, block: Int32Array): void {
  block.set(state);
  for (let round = 0; round < ROUNDS; round += 2) {
    mixQuarter(block, 0, 4, 8, 12);
    mixQuarter(block, 1, 5, 9, 13);
    mixQuarter(block, 2, 6, 10, 14);
    mixQuarter(block, 3, 7, 11, 15);
    mixQuarter(block, 0, 5, 10, 15);
    mixQuarter(block, 1, 6, 11, 12);
    mixQuarter(block, 2, 7, 8, 13);
    mixQuarter(block, 3, 4, 9, 14);
  }
  for (let index = 0; index < BLOCK_WORDS; index += 1) {
    block[index] = (block[index] as number) + (state[index] as number);
  }
}

function mixQuarter(block: Int32Array, at: number, bt: number, ct: number, dt: number): void {
  let a = block[at] as number;
  let b = block[bt] as number;
  let c = block[ct] as number;
  let d = block[dt] as number;
  a = (a + b) | 0;
  d = rotateLeft(d ^ a, 16);
  c = (c + d) | 0;
  b = rotateLeft(b ^ c, 12);
  a = (a + b) | 0;
  d = rotateLeft(d ^ a, 8);
  c = (c + d) | 0;
  b = rotateLeft(b ^ c, 7);
  block[at] = a;
  block[bt] = b;
  block[ct] = c;
  block[dt] = d;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function rotateRight(word: number, bits: number): number {
  return (word >>> bits) | (word << ((32 - bits) & 31));
}
