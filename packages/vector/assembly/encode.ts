// Codes of rows and of queries, and the terms by which a distance follows from codes, with its bound.

import {
  bitsAt,
  bitsStride,
  builderLane,
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
import { ROW_UNIT, sumIntegers, upperHalf } from './distance';
import {
  finite,
  inverseOf,
  isHeld,
  isOrdinary,
  noteLength,
  queryUnit,
  rowUnit,
  shortestLength,
} from './unit';

// Terms of a query at the beginning of its lane. The distance by codes is
//   P + (R · aux)² + S · scale · dot,
// and the distance by values is at least
//   LOW + LOW_AUX · aux (l2: its square) + S · scale · dot − BY_RESIDUAL · residual.
// Both are times ROW_UNIT · QUERY_UNIT what they are by the embeddings that were given.
export const P: usize = 0;
export const R: usize = 4;
/** By how much the distance by codes is off for residuals of 1, hardly ever more. */
export const SPREAD: usize = 8;
/** What the bound leaves open whatever the row is, and by its aux times the unit (l2: the square). */
export const BASE: usize = 12;
export const BY_AUX: usize = 16;
/** By what the query was multiplied; `ROW_UNIT` is beside it. */
const QUERY_UNIT: usize = 24;
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

/** Writes a row of values times a power of two to `target`, which may be where they are. */
function scaleValues(values: usize, target: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (const end = values + valueStride; values < end; values += 16, target += 16) {
    v128.store(target, f32x4.mul(v128.load(values), factors));
  }
}

/**
 * Writes the codes and the tail of a row of values. A row whose squares f32 may not hold is multiplied
 * by a power of two before, and what follows from it divided by that again.
 */
function encodeRow(slot: u32): void {
  let values = valuesAt(slot);
  const codes = codesAt(slot);
  const tail = codes + codeBytes;
  measure(values);
  const length = sqrt(squares);
  const size = <f32>length;
  noteLength(size);
  const isScaled = size != 0 && !isOrdinary(size);
  let times: f64 = 1;
  if (isScaled) {
    const inverse = inverseOf(size);
    const copy = laneAt(builderLane) + queryValuesInLane;
    scaleValues(values, copy, inverse);
    values = copy;
    measure(values);
    times = 1 / <f64>inverse;
  }
  // What a row is multiplied by before it is encoded.
  let unit: f32 = 1;
  let aux: f32 = 0;
  if (metric == COSINE) {
    unit = squares > 0 ? <f32>(1 / sqrt(squares)) : 0;
    aux = isScaled ? -1 : unit;
    times = 1;
  } else {
    aux = finite(metric == L2 ? size : up(length));
  }
  const scale = <f32>((<f64>largest * <f64>unit) / 127);
  const factor = largest > 0 ? <f32>(127 / <f64>largest) : 0;
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
  // Where f32 has no digits left for the terms, such rows prove nothing.
  const isProven = metric == COSINE || !isScaled || isHeld(size);
  const residual = up(residualOf(e0, e1, 128 * <f64>scale) * times);
  store<f32>(tail, <f32>(<f64>scale * times));
  store<f32>(tail, isProven ? residual : Infinity, 4);
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
 * Units. For l2 rows and query are multiplied by the same power of two, so that squares stay in the range
 * of f32; for ip each by its own, that of the rows together with the query's; for cosine the query is
 * divided by its length. The powers are 1 unless lengths are extraordinary.
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
 * of their absolute values. |x| is 1 for cosine and aux for ip and l2, where it is at most (aux²/m + m)/2
 * for any m, such as |q|. Terms of rows that leave the range in which u is the relative error have an
 * infinite residual. Codes of a query that is short beside the rows are 0, and its residual is its
 * length.
 */
export function prepareQuery(lane: u32): void {
  const at = laneAt(lane);
  const values = at + queryValuesInLane;
  const first = <usize>dimension << 2;
  if (first < valueStride) memory.fill(values + first, 0, valueStride - first);
  if (hasBits) encodeBits(values, at + queryBitsInLane, bitsStride);
  measure(values);
  let unit: f32 = 1;
  if (metric == COSINE) {
    normalize(values, sqrt(squares));
    measure(values);
    store<f32>(at, 1, QUERY_UNIT);
  } else {
    const size = <f32>sqrt(squares);
    unit = rowUnit(size);
    const own = metric == L2 || lane == builderLane ? unit : queryUnit(size, unit);
    if (own != 1) {
      scaleValues(values, values, own);
      measure(values);
    }
    store<f32>(at, own, QUERY_UNIT);
  }
  store<f32>(at, unit, ROW_UNIT);
  const length = sqrt(squares);
  store<f32>(at, metric == L2 ? <f32>squares : metric == COSINE ? 1 : 0, P);
  store<f32>(at, metric == L2 ? unit : 0, R);
  // A residual is like chance: its part along the query is one of `dimension` that are alike.
  const times: f64 = metric == L2 ? 2 : 1;
  const spread = (DEVIATIONS * times * length) / sqrt(<f64>dimension);
  store<f32>(at, <f32>(spread * <f64>unit), SPREAD);
  const most: f32 = largest > (unit == 1 ? LEAST_CODED : LEAST_CODED_IN_UNITS) ? largest : 0;
  // A code of the query times one of a row, summed over the dimension, stays below 2³¹.
  const range = <f64>min<u32>(32_767, 0x7fff_ffff / (127 * <u32>dimension));
  encodeQuery(at, FINE, length, most, range, unit);
  encodeQuery(at, COARSE, length, most, 63, unit);
  // The rows' unit, too, for what is computed by values.
  if (metric != COSINE && metric != L2 && unit != 1) scaleValues(values, values, unit);
}

/** Largest values from which on a query has codes: below, terms would leave the range of f32. */
const LEAST_CODED: f32 = 9.094947017729282379150390625e-13;
const LEAST_CODED_IN_UNITS: f32 = 0.0000152587890625;

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
  unit: f32,
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
  const residual = most > 0 ? residualOf(e0, e1, <f64>most) : length;
  storeTerms(at, terms, length, scale, residual, <f64>unit);
}

/** 2⁻⁶⁰ and 2⁻¹⁶. */
const LEAST_REACH: f64 = 8.673617379884035e-19;
const LEAST_REACH_IN_UNITS: f64 = 0.0000152587890625;

function storeTerms(
  at: usize,
  terms: usize,
  length: f64,
  scale: f32,
  residual: f64,
  unit: f64,
): void {
  const times: f64 = metric == L2 ? 2 : 1;
  const slack: f64 = 16 * U;
  const gamma: f64 = (<f64>dimension / 16 + 24) * U * 1.01;
  // Not so short that a term loses digits.
  const reach = max(times * (length + residual), unit == 1 ? LEAST_REACH : LEAST_REACH_IN_UNITS);
  let byNorm: f64 = times * residual + slack * reach;
  let p: f64 = 0;
  let lowAux: f64 = 0;
  let base: f64 = 1e-30;
  let byAux: f64 = 0;
  if (metric == L2) {
    let middle = max(length, <f64>finite(shortestLength()) * unit);
    if (middle == 0) middle = 1;
    base += (slack + 2 * gamma) * squares + byNorm * middle * 0.5;
    byAux = (2 * gamma + slack + (byNorm / middle) * 0.5) * (1 + 2 * slack);
    // Less than nothing is left of the row's square: nothing is known.
    p = byAux < 1 ? squares : -Infinity;
    lowAux = byAux < 1 ? sqrt(1 - byAux) * unit : 0;
  } else {
    byNorm += gamma * length;
    if (metric == COSINE) {
      p = 1;
      base += 4 * U + slack + byNorm * (1 + slack);
    } else {
      byAux = byNorm * (1 + 2 * slack);
      lowAux = -byAux * unit;
    }
  }
  base *= 1 + 2 * slack;
  store<f32>(at + terms, <f32>(p - base), LOW);
  store<f32>(at + terms, <f32>lowAux, LOW_AUX);
  store<f32>(at + terms, <f32>(-times * <f64>scale * unit), S);
  store<f32>(at + terms, up(reach * (1 + 4 * slack) * unit), BY_RESIDUAL);
  if (terms != FINE) return;
  store<f32>(at, up(base), BASE);
  store<f32>(at, up(byAux), BY_AUX);
}
