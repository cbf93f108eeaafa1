// The tails of rows, four at a time: scale, residual, aux and sum of the codes.

import { BY_RESIDUAL, LOW, LOW_AUX, S } from './encode';
import { L2, metric } from './header';

@inline
export function lowerHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

@inline
export function upperHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

/** Lanes 0 of both, then lanes 1 of both. */
@inline
export function zipLower(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
}

/** Lanes 2 of both, then lanes 3 of both. */
@inline
export function zipUpper(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
}

/** The sums of four vectors of integers, as one vector. */
@inline
export function sumsOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  return sumsOfPairs(halfSums(a, b), halfSums(c, d));
}

/** Half of the way to the sums of two vectors. */
@inline
export function halfSums(a: v128, b: v128): v128 {
  return i32x4.add(zipLower(a, b), zipUpper(a, b));
}

/** The sums of four vectors of which `halfSums` was taken. */
@inline
export function sumsOfPairs(ab: v128, cd: v128): v128 {
  return i32x4.add(lowerHalves(ab, cd), upperHalves(ab, cd));
}

/** Lower bounds of the distances of four rows, of their dot products and tails; see `prepareQuery`. */
@inline
export function boundsOfFour(
  terms: usize,
  dots: v128,
  t0: v128,
  t1: v128,
  t2: v128,
  t3: v128,
): v128 {
  const u0 = zipLower(t0, t1);
  const u1 = zipLower(t2, t3);
  const scales = lowerHalves(u0, u1);
  const residuals = upperHalves(u0, u1);
  const auxes = lowerHalves(zipUpper(t0, t1), zipUpper(t2, t3));
  const factors = f32x4.mul(v128.load32_splat(terms, S), scales);
  let part = f32x4.mul(v128.load32_splat(terms, LOW_AUX), auxes);
  if (metric == L2) part = f32x4.mul(part, part);
  let bound = f32x4.add(v128.load32_splat(terms, LOW), part);
  bound = f32x4.add(bound, f32x4.mul(factors, f32x4.convert_i32x4_s(dots)));
  return f32x4.sub(bound, f32x4.mul(v128.load32_splat(terms, BY_RESIDUAL), residuals));
}

/** The sums of the codes of four rows. */
@inline
export function codeSumsOfFour(t0: v128, t1: v128, t2: v128, t3: v128): v128 {
  return upperHalves(zipUpper(t0, t1), zipUpper(t2, t3));
}
