// Codes of rows and of queries, and the terms by which a distance follows from codes, with its bound.

import {
  bitsAt,
  bitsStride,
  codeBytes,
  codesAt,
  COSINE,
  dimension,
  hasBits,
  L2,
  laneAt,
  metric,
  queryBitsInLane,
  queryCoarseInLane,
  queryCodesInLane,
  queryValuesInLane,
  valuesAt,
  valueStride,
} from './header';
import { sumIntegers } from './distance';

// Terms of a query at the beginning of its lane. The distance by codes is
//   P + R · aux + S · scale · dot,
// and the distance by values is at least
//   LOW + LOW_AUX · aux + S · scale · dot − BY_RESIDUAL · residual.
export const P: usize = 0;
export const R: usize = 4;
/** By how much the distance by codes is off for residuals of 1, hardly ever more. */
export const SPREAD: usize = 8;
/** What the bound leaves open whatever the row is, and by its aux. */
export const BASE: usize = 12;
export const BY_AUX: usize = 16;
/** Terms of the codes of 15 bits; those of the codes of 7 bits follow. */
export const FINE: usize = 32;
export const COARSE: usize = 48;
export const LOW: usize = 0;
export const LOW_AUX: usize = 4;
export const S: usize = 8;
export const BY_RESIDUAL: usize = 12;

/** What is added to codes of 7 bits so that none is below zero. */
export const COARSE_ZERO: i32 = 64;
/** Standard deviations that `SPREAD` covers. */
const DEVIATIONS: f64 = 3;

/** Half a unit in the last place of 1 in f32. */
const U: f64 = 5.9604644775390625e-8;

/** Rounds up: above any rounding of the steps before. */
@inline
function up(value: f64): f32 {
  return <f32>(value * 1.0000002384185791015625);
}

@inline
function upperHalf(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** What `measure` has found: the sum of the squares of a row's values, and the largest absolute one. */
let squares: f64 = 0;
let largest: f32 = 0;

/** Sums up in f64, in two accumulators of two lanes. */
function measure(values: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let most = f32x4.splat(0);
  for (const end = values + valueStride; values < end; values += 16) {
    const v = v128.load(values);
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(upperHalf(v));
    s0 = f64x2.add(s0, f64x2.mul(low, low));
    s1 = f64x2.add(s1, f64x2.mul(high, high));
    most = f32x4.pmax(most, f32x4.abs(v));
  }
  s0 = f64x2.add(s0, s1);
  squares = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

/**
 * Four values as integers: rounded to the nearest, halves to the even one. A sum with 1.5 · 2²³ has
 * nothing behind the point, and the integer in its lowest bits.
 */
@inline
function rounded(values: v128, factor: v128): v128 {
  const sum = f32x4.add(f32x4.mul(values, factor), f32x4.splat(12_582_912));
  return i32x4.sub(sum, i32x4.splat(0x4b40_0000));
}

/** Adds the squares of what is left of values, times `unit`, without codes, times `scale`. */
@inline
function addSquares(sum: v128, values: v128, unit: v128, codes: v128, scale: v128): v128 {
  const rest = f32x4.sub(f32x4.mul(values, unit), f32x4.mul(f32x4.convert_i32x4_s(codes), scale));
  return f32x4.add(sum, f32x4.mul(rest, rest));
}

/**
 * The length of what `addSquares` has summed up, at most: with what rounding took away, of the sum by
 * γ, and of each of its terms, where numbers up to `most` were subtracted.
 */
@inline
function residualOf(s0: v128, s1: v128, most: f64): f64 {
  s0 = f32x4.add(s0, s1);
  const sum =
    <f64>f32x4.extract_lane(s0, 0) +
    <f64>f32x4.extract_lane(s0, 1) +
    <f64>f32x4.extract_lane(s0, 2) +
    <f64>f32x4.extract_lane(s0, 3);
  const size = <f64>dimension;
  return sqrt(sum) * (1 + (size / 8 + 16) * U) + sqrt(size) * most * (6 * U);
}

/** Writes the codes and the tail of a row of values. */
function encodeRow(slot: u32): void {
  const values = valuesAt(slot);
  const codes = codesAt(slot);
  const tail = codes + codeBytes;
  measure(values);
  const length = sqrt(squares);
  // What a row is multiplied by before it is encoded.
  let unit: f32 = 1;
  let aux: f32 = 0;
  if (metric == COSINE) {
    aux = length > 0 ? <f32>(1 / length) : 0;
    if (!(aux < Infinity)) aux = 0;
    unit = aux;
  } else {
    aux = metric == L2 ? <f32>squares : up(length);
  }
  let scale = <f32>((<f64>largest * <f64>unit) / 127);
  let factor = <f32>(127 / <f64>largest);
  // Outside of this range f32 loses the digits that the bound counts on: such rows prove nothing.
  const isPlain = largest > 1e-12 && largest < 1e15 && scale > 1e-12;
  if (!isPlain) {
    scale = 0;
    factor = 0;
  }
  const factors = f32x4.splat(factor);
  const units = f32x4.splat(unit);
  const scales = f32x4.splat(scale);
  let e0 = f32x4.splat(0);
  let e1 = e0;
  let sums = i32x4.splat(0);
  for (let v = values, c = codes; c < tail; v += 64, c += 16) {
    const v0 = v128.load(v);
    const v1 = v128.load(v, 16);
    const v2 = v128.load(v, 32);
    const v3 = v128.load(v, 48);
    const c0 = rounded(v0, factors);
    const c1 = rounded(v1, factors);
    const c2 = rounded(v2, factors);
    const c3 = rounded(v3, factors);
    sums = i32x4.add(sums, i32x4.add(i32x4.add(c0, c1), i32x4.add(c2, c3)));
    e0 = addSquares(e0, v0, units, c0, scales);
    e1 = addSquares(e1, v1, units, c1, scales);
    e0 = addSquares(e0, v2, units, c2, scales);
    e1 = addSquares(e1, v3, units, c3, scales);
    v128.store(
      c,
      i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(c0, c1), i16x8.narrow_i32x4_s(c2, c3)),
    );
  }
  const residual = up(residualOf(e0, e1, 128 * <f64>scale));
  store<f32>(tail, scale);
  store<f32>(tail, isPlain || largest == 0 ? residual : Infinity, 4);
  store<f32>(tail, aux, 8);
  store<i32>(tail, sumIntegers(sums), 12);
}

/** Writes a bit for each value: 1 where it is below zero. */
function encodeBits(values: usize, target: usize, bytes: usize): void {
  const end = values + valueStride;
  memory.fill(target, 0, bytes);
  for (; values < end; values += 32, target += 1) {
    const low = i32x4.bitmask(f32x4.lt(v128.load(values), f32x4.splat(0)));
    const high = i32x4.bitmask(f32x4.lt(v128.load(values, 16), f32x4.splat(0)));
    store<u8>(target, low | (high << 4));
  }
}

/** Makes codes (and bits) of the rows `from` … `to` − 1 from their values. */
export function encode(from: u32, to: u32): void {
  const first = dimension << 2;
  for (let slot = from; slot < to; slot += 1) {
    const values = valuesAt(slot);
    if (<usize>first < valueStride) memory.fill(values + first, 0, valueStride - first);
    encodeRow(slot);
    if (hasBits) encodeBits(values, bitsAt(slot), bitsStride);
  }
}

/**
 * Makes a query of the values that the host has written to a lane.
 *
 * The bound. Let q be the query as it is stored (of length 1 for cosine), x the row times aux (cosine)
 * or as it is; q = Q·c + e and x = s·d + f, where c and d are the codes, and |e| and |f| the residuals.
 * Then q·x = Q·s·(c·d) + q·f + e·(s·d), so that by Cauchy and Schwarz
 *   |q·x − Q·s·(c·d)| ≤ |q|·|f| + |e|·(|x| + |f|).
 * The kernel's own dot product differs from q·x by at most γ·|q|·|x|, γ = n·u/(1 − n·u) for n roundings
 * on the way of a term (Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, §3.1):
 * here dimension/16 sums in a lane, 5 of accumulators and lanes, the products and what is done to the
 * result, at most dimension/16 + 24 together. For l2 the same holds of the sum of squares, relative to
 * (|q| + |x|)² ≤ 2·|q|² + 2·|x|². What rounding does to the terms of the bound itself is at most 16 u
 * of their absolute values. |x| is 1 for cosine and aux for ip; for l2, where aux is |x|², it is at
 * most (aux/|q| + |q|)/2. Rows and queries whose values leave the range in which u is the relative
 * error have an infinite residual.
 */
export function prepareQuery(lane: u32): void {
  const at = laneAt(lane);
  const values = at + queryValuesInLane;
  const first = <usize>dimension << 2;
  if (first < valueStride) memory.fill(values + first, 0, valueStride - first);
  if (hasBits) encodeBits(values, at + queryBitsInLane, bitsStride);
  measure(values);
  if (metric == COSINE) {
    normalize(values, sqrt(squares));
    measure(values);
  }
  const length = sqrt(squares);
  const isPlain = largest > 1e-12 && largest < 1e15;
  store<f32>(at, metric == L2 ? <f32>squares : 1, P);
  store<f32>(at, metric == L2 ? 1 : 0, R);
  // A residual is like chance: its part along the query is one of `dimension` that are alike.
  const times: f64 = metric == L2 ? 2 : 1;
  store<f32>(at, <f32>((DEVIATIONS * times * length) / sqrt(<f64>dimension)), SPREAD);
  // A code of the query times one of a row, summed over the dimension, stays below 2³¹.
  const range = <f64>min<u32>(32_767, 0x7fff_ffff / (127 * <u32>dimension));
  encodeQuery(at, FINE, length, isPlain ? largest : 0, range);
  encodeQuery(at, COARSE, length, isPlain ? largest : 0, 63);
}

/** Divides a query by its length, where it has one. */
@inline
function normalize(values: usize, length: f64): void {
  const factors = f64x2.splat(length > 0 ? 1 / length : 0);
  for (const end = values + valueStride; values < end; values += 16) {
    const v = v128.load(values);
    const low = f64x2.mul(f64x2.promote_low_f32x4(v), factors);
    const high = f64x2.mul(f64x2.promote_low_f32x4(upperHalf(v)), factors);
    v128.store(
      values,
      i8x16.shuffle(
        f32x4.demote_f64x2_zero(low),
        f32x4.demote_f64x2_zero(high),
        0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23,
      ),
    );
  }
}

/** Writes codes up to `range` of a query whose largest value is known, and the terms of their bound. */
function encodeQuery(
  at: usize,
  terms: usize,
  length: f64,
  most: f32,
  range: f64,
): void {
  const isFine = terms == FINE;
  const scale: f32 = <f32>(<f64>most / range);
  const factors = f32x4.splat(most > 0 ? <f32>(range / <f64>most) : 0);
  const scales = f32x4.splat(scale);
  const one = f32x4.splat(1);
  let e0 = f32x4.splat(0);
  let e1 = e0;
  let values = at + queryValuesInLane;
  let codes = at + (isFine ? queryCodesInLane : queryCoarseInLane);
  for (const end = values + valueStride; values < end; values += 32) {
    const v0 = v128.load(values);
    const v1 = v128.load(values, 16);
    const c0 = rounded(v0, factors);
    const c1 = rounded(v1, factors);
    e0 = addSquares(e0, v0, one, c0, scales);
    e1 = addSquares(e1, v1, one, c1, scales);
    const narrow = i16x8.narrow_i32x4_s(c0, c1);
    if (isFine) {
      v128.store(codes, narrow);
      codes += 16;
    } else {
      const above = i16x8.add(narrow, i16x8.splat(<i16>COARSE_ZERO));
      v128.store64_lane(codes, i8x16.narrow_i16x8_u(above, above), 0);
      codes += 8;
    }
  }
  // Where the values are out of range, or all of the query is lost, nothing is known.
  const residual =
    most > 0 || length == 0 ? residualOf(e0, e1, <f64>most) : <f64>Infinity;
  storeTerms(at, terms, length, scale, residual);
}

function storeTerms(
  at: usize,
  terms: usize,
  length: f64,
  scale: f32,
  residual: f64,
): void {
  const times: f64 = metric == L2 ? 2 : 1;
  const slack: f64 = 16 * U;
  const gamma: f64 = (<f64>dimension / 16 + 24) * U * 1.01;
  const reach = times * (length + residual);
  let byNorm: f64 = times * residual + slack * reach;
  let p: f64 = 1;
  let r: f64 = 0;
  let base: f64 = 4 * U + slack + 1e-30;
  let byAux: f64 = 0;
  if (metric == L2) {
    p = squares;
    r = 1;
    const middle = length > 0 ? length : 1;
    base = 1e-30 + (slack + 2 * gamma) * squares + byNorm * middle * 0.5;
    byAux = 2 * gamma + slack + (byNorm / middle) * 0.5;
  } else {
    byNorm += gamma * length;
    if (metric == COSINE) base += byNorm * (1 + slack);
    else byAux = byNorm;
  }
  base *= 1 + 2 * slack;
  byAux *= 1 + 2 * slack;
  store<f32>(at + terms, <f32>(p - base), LOW);
  store<f32>(at + terms, <f32>(r - byAux), LOW_AUX);
  store<f32>(at + terms, <f32>(-times * <f64>scale), S);
  store<f32>(at + terms, up(reach * (1 + 4 * slack)), BY_RESIDUAL);
  if (terms != FINE) return;
  store<f32>(at, up(base), BASE);
  store<f32>(at, up(byAux), BY_AUX);
}
