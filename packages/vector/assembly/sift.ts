// A first look at rows by codes of 7 bits of the query, with the dot product of relaxed SIMD, which many
// processors do in one step. It is loaded only where it is there and gives what the tests expect; what
// it leaves out the bound excludes, so that results are the same without it.
//
// Where both operands are at most 127 and one is not below 0 nothing saturates, and the instruction has
// one meaning (WebAssembly relaxed SIMD, `i32x4.relaxed_dot_i8x16_i7x16_add_s`).

import { sumIntegers } from './distance';
import { COARSE, COARSE_ZERO } from './encode';
import { codeBytes, codesAt, laneAt, listInLane, queryCoarseInLane } from './header';
import { boundsOfFour, codeSumsOfFour, halfSums, sumsOfFour, sumsOfPairs } from './tails';

export { attach } from './header';

/**
 * Bytes from which on two rows are read at a time instead of four: memory arrives sooner that is read in
 * few streams, while short rows gain more by sharing what is loaded of the query.
 */
const LONG_ROW: usize = 512;

/**
 * Leaves the rows of a lane's list whose lower bound is not above `threshold`. The list has room for
 * three rows more.
 * @returns how many
 */
export function sift(laneIndex: u32, count: u32, threshold: f32): u32 {
  const lane = laneAt(laneIndex);
  const list = lane + listInLane;
  const query = lane + queryCoarseInLane;
  if (count == 0) return 0;
  const last = load<u32>(list + (<usize>(count - 1) << 2));
  for (let index = count; index < ((count + 3) & ~3); index += 1) {
    store<u32>(list + (<usize>index << 2), last);
  }
  const limit = f32x4.splat(threshold);
  let kept: usize = 0;
  for (let index: u32 = 0; index < count; index += 4) {
    const slots = list + (<usize>index << 2);
    const r0 = load<u32>(slots);
    const r1 = load<u32>(slots, 4);
    const r2 = load<u32>(slots, 8);
    const r3 = load<u32>(slots, 12);
    const c0 = codesAt(r0);
    const c1 = codesAt(r1);
    const c2 = codesAt(r2);
    const c3 = codesAt(r3);
    const sums =
      codeBytes < LONG_ROW
        ? dotFour(query, c0, c1, c2, c3)
        : sumsOfPairs(dotPair(query, c0, c1), dotPair(query, c2, c3));
    const t0 = v128.load(c0 + codeBytes);
    const t1 = v128.load(c1 + codeBytes);
    const t2 = v128.load(c2 + codeBytes);
    const t3 = v128.load(c3 + codeBytes);
    const zeros = i32x4.mul(codeSumsOfFour(t0, t1, t2, t3), i32x4.splat(COARSE_ZERO));
    const dots = i32x4.sub(sums, zeros);
    const bound = boundsOfFour(lane + COARSE, dots, t0, t1, t2, t3);
    // NaN says nothing: such rows stay.
    const open = ~i32x4.bitmask(f32x4.gt(bound, limit));
    store<u32>(list + (kept << 2), r0);
    kept += open & 1;
    store<u32>(list + (kept << 2), r1);
    kept += (open >> 1) & <i32>(index + 1 < count);
    store<u32>(list + (kept << 2), r2);
    kept += (open >> 2) & <i32>(index + 2 < count);
    store<u32>(list + (kept << 2), r3);
    kept += (open >> 3) & <i32>(index + 3 < count);
  }
  return <u32>kept;
}

/** The dot products of a query and four rows. */
@inline
function dotFour(query: usize, c0: usize, c1: usize, c2: usize, c3: usize): v128 {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let place: usize = 0; place < codeBytes; place += 16) {
    const q = v128.load(query + place);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c0 + place), q, s0);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c1 + place), q, s1);
    s2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c2 + place), q, s2);
    s3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c3 + place), q, s3);
  }
  return sumsOfFour(s0, s1, s2, s3);
}

/** The dot products of a query and two rows, as `halfSums` leaves them. */
@inline
function dotPair(query: usize, c0: usize, c1: usize): v128 {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let t0 = s0;
  let t1 = s0;
  const even = codeBytes & ~31;
  for (let place: usize = 0; place < even; place += 32) {
    const q0 = v128.load(query + place);
    const q1 = v128.load(query + place, 16);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c0 + place), q0, s0);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c1 + place), q0, s1);
    t0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c0 + place, 16), q1, t0);
    t1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c1 + place, 16), q1, t1);
  }
  if (even < codeBytes) {
    const q = v128.load(query + even);
    s0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c0 + even), q, s0);
    s1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(c1 + even), q, s1);
  }
  return halfSums(i32x4.add(s0, t0), i32x4.add(s1, t1));
}

/** Whether the instruction does here what it is used for, shown by operands up to the ends of the range. */
export function isExact(seed: u32): bool {
  let a = i32x4.splat(seed);
  let b = i32x4.splat(~seed);
  for (let round = 0; round < 64; round += 1) {
    a = i32x4.add(i32x4.mul(a, i32x4(1664525, 22695477, 69069, 1103515245)), i32x4.splat(12345));
    b = i32x4.add(i32x4.mul(b, i32x4(214013, 16807, 48271, 134775813)), i32x4.splat(54321));
    // Every fourth round has the largest products there are, of either sign.
    const codes = round & 3 ? a : i8x16.splat(round & 4 ? -128 : 127);
    const query = v128.and(round & 3 ? b : i8x16.splat(127), i8x16.splat(127));
    const low = i16x8.extmul_low_i8x16_s(codes, query);
    const high = i16x8.extmul_high_i8x16_s(codes, query);
    const sums = i32x4.add(
      i32x4.extadd_pairwise_i16x8_s(low),
      i32x4.extadd_pairwise_i16x8_s(high),
    );
    const dots = i32x4.relaxed_dot_i8x16_i7x16_add_s(codes, query, i32x4.splat(round));
    const expected = sumIntegers(sums) + 4 * round;
    if (sumIntegers(dots) != expected) return false;
  }
  return true;
}
