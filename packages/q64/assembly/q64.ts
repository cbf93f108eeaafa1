// Q64 encoding and decoding with vectors of 128 bits, in AssemblyScript. Its twin in TypeScript is
// `src/kernel/twin-engine.ts`; the tests compare them. `npm run kernels` compiles this file into
// `packages/q64/src/kernel/q64-kernel.ts`.
//
// Five pages of memory, which never grow:
//
//        0  constants (compiled with --memoryBase 16)
//     1024  input: as many characters as 64 KiB of bytes have, and what is read behind them
//   132352  output: as many, and what is written behind them
//
// The constants are loaded, not written into the code: V8 would make each of them anew in every turn of
// a loop, which takes 1.5 times as long. Loops read and write whole vectors; what is behind the end is
// never looked at.

/** Where the host writes bytes or characters. */
export const INPUT: i32 = 1024;
/** Where it finds characters or bytes. */
export const OUTPUT: i32 = 132352;
/** Characters for which there is room on either side. */
export const CAPACITY: i32 = 131072;

const LOW_CODES = memory.data<u8>([
  // QRSTUVWXYZabcdef
  81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 97, 98, 99, 100, 101, 102,
  // wxyz0123456789-_
  119, 120, 121, 122, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 45, 95,
], 16);
/** The first characters of the alphabets of high halves: A and g. What follows them is in ASCII's order. */
const HIGH_CODES = memory.data<u8>([
  65, 103, 65, 103, 65, 103, 65, 103, 65, 103, 65, 103, 65, 103, 65, 103,
], 16);
/** Makes the index of every second lane one that `swizzle` answers with zero. */
const SECOND_ONLY = memory.data<u8>([
  128, 0, 128, 0, 128, 0, 128, 0, 128, 0, 128, 0, 128, 0, 128, 0,
], 16);
const LOW_HALF = memory.data<u8>([
  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
], 16);
const HIGH_HALF = memory.data<u8>([
  240, 240, 240, 240, 240, 240, 240, 240, 240, 240, 240, 240, 240, 240, 240, 240,
], 16);

// Characters of low halves are in runs, each within one row of 16 codes: Q to Z in row 5 and a to f in
// row 6 of the one alphabet; `-` in row 2, 0 to 9 in row 3, `_` in row 5 and w to z in row 7 of the
// other, whose rows are counted from 8.

/** By row: what is to be added to a code to get what it stands for. */
const TO_HALF = memory.data<u8>([
  0, 0, 0, 0, 0, 175, 169, 0,
  0, 0, 225, 212, 0, 176, 0, 137,
], 16);
/** By row: a bit for the run in it; the highest for rows without one. */
const RUN = memory.data<u8>([
  128, 128, 128, 128, 128, 1, 2, 128,
  128, 128, 4, 8, 128, 16, 128, 32,
], 16);
/** By the place within a row: the runs that have no character there. */
const NOT_IN_RUN = memory.data<u8>([
  183, 180, 180, 180, 180, 180, 180, 150,
  150, 150, 158, 191, 191, 187, 191, 175,
], 16);
/** By the phase: which rows the lanes look in. */
const ROWS = memory.data<u8>([
  0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8,
], 16);

/** "AQgw" read as a number of 32 bits, and "gwAQ": what decodes at any place. */
const FILLER: i32 = 0x77675141;
const SHIFTED_FILLER: i32 = 0x51417767;

/** Exchanges neighbouring lanes: what is for even places becomes what is for odd ones. */
// @ts-ignore: decorator
@inline
function exchanged(v: v128): v128 {
  return i8x16.shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

/** Writes the characters of the `length` bytes at `INPUT` to `OUTPUT`. `phase`: 1 after an odd number of bytes. */
export function encode(length: i32, phase: i32): void {
  const lowHalf = v128.load(LOW_HALF);
  const secondOnly = v128.load(SECOND_ONLY);
  let low = v128.load(LOW_CODES);
  const otherLow = v128.load(LOW_CODES, 16);
  // Added where the other alphabet holds: a swizzle and an exclusive or do for a choice.
  const change = v128.xor(low, otherLow);
  let high = v128.load(HIGH_CODES);
  if (phase != 0) {
    low = otherLow;
    high = exchanged(high);
  }
  const end = <usize>(INPUT + length);
  let to: usize = OUTPUT;
  for (let at: usize = INPUT; at < end; at += 32) {
    encodeVector(at, to, low, change, high, lowHalf, secondOnly);
    encodeVector(at + 16, to + 32, low, change, high, lowHalf, secondOnly);
    to += 64;
  }
}

// @ts-ignore: decorator
@inline
function encodeVector(
  at: usize, to: usize, low: v128, change: v128, high: v128, lowHalf: v128, secondOnly: v128,
): void {
  const v = v128.load(at);
  const h = i8x16.add(v128.and(i16x8.shr_u(v, 4), lowHalf), high);
  const n = v128.and(v, lowHalf);
  const l = v128.xor(i8x16.swizzle(low, n), i8x16.swizzle(change, v128.or(n, secondOnly)));
  v128.store(to, i8x16.shuffle(h, l, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  v128.store(
    to,
    i8x16.shuffle(h, l, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    16,
  );
}

/**
 * Writes the bytes of the `length` characters at `INPUT`, an even number, to `OUTPUT`.
 *
 * @returns the place of the first one that is not from the alphabet of its position, or -1
 */
export function decode(length: i32, phase: i32): i32 {
  fill(length, phase);
  const toHalf = v128.load(TO_HALF);
  const run = v128.load(RUN);
  const notInRun = v128.load(NOT_IN_RUN);
  const lowHalf = v128.load(LOW_HALF);
  const highHalf = v128.load(HIGH_HALF);
  let high = v128.load(HIGH_CODES);
  let rows = v128.load(ROWS);
  if (phase != 0) {
    high = exchanged(high);
    rows = exchanged(rows);
  }
  const end = <usize>(INPUT + length);
  let to: usize = OUTPUT;
  for (let at: usize = INPUT; at < end; at += 32) {
    const first = v128.load(at);
    const second = v128.load(at, 16);
    const highs = i8x16.shuffle(
      first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
    );
    const lows = i8x16.shuffle(
      first, second, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
    );
    const h = i8x16.sub(highs, high);
    const row = i8x16.add(v128.and(i16x8.shr_u(lows, 4), lowHalf), rows);
    // A code above 127 stays above 15 here whatever is added.
    const n = i8x16.add(lows, i8x16.swizzle(toHalf, row));
    const outside = v128.and(
      i8x16.swizzle(notInRun, v128.and(lows, lowHalf)),
      i8x16.swizzle(run, row),
    );
    if (v128.any_true(v128.or(outside, v128.and(v128.or(h, n), highHalf)))) {
      const wrongHighs = i8x16.bitmask(i8x16.ne(v128.and(h, highHalf), i8x16.splat(0)));
      const wrongLow = v128.or(outside, v128.and(n, highHalf));
      const wrongLows = i8x16.bitmask(i8x16.ne(wrongLow, i8x16.splat(0)));
      // Without a wrong one, the place is beyond all of them.
      const place = min(2 * ctz(wrongHighs | 0x10000), 2 * ctz(wrongLows | 0x10000) + 1);
      return <i32>(at - INPUT) + place;
    }
    v128.store(to, v128.or(i16x8.shl(h, 4), n));
    to += 16;
  }
  return -1;
}

/** Writes characters that are right behind the last one, as many as a turn of the loop reads. */
// @ts-ignore: decorator
@inline
function fill(length: i32, phase: i32): void {
  const shifted = ((length >> 1) + phase) & 1;
  const filler = i32x4.splat(shifted != 0 ? SHIFTED_FILLER : FILLER);
  v128.store(<usize>(INPUT + length), filler);
  v128.store(<usize>(INPUT + length), filler, 16);
}
