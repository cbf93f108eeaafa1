// Distances between rows, and between a query and rows. All of them are exact repetitions of what the
// twin computes: a fixed order of operations, each rounded once.

import {
  codeBytes,
  codesAt,
  COSINE,
  L2,
  metric,
  queryValuesInLane,
  valuesAt,
  valueStride,
} from './header';
import { rowUnit } from './unit';

/** By what the rows of a lane's query are multiplied; see `unit.ts`. */
export const ROW_UNIT: usize = 20;

/** Sum of four lanes, from the first to the last. */
@inline
function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    f32x4.extract_lane(v, 2) +
    f32x4.extract_lane(v, 3)
  );
}

@inline
export function sumIntegers(v: v128): i32 {
  v = i32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  v = i32x4.add(v, i8x16.shuffle(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  return i32x4.extract_lane(v, 0);
}

/** Dot product of two rows of values: 4 accumulators of 4 lanes. */
@inline
export function dotValues(a: usize, b: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (const end = a + valueStride; a < end; a += 64, b += 64) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** Sum of the squared differences of two rows of values: 4 accumulators of 4 lanes. */
@inline
export function squaresOfValues(a: usize, b: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (const end = a + valueStride; a < end; a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), v128.load(b));
    const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    s0 = f32x4.add(s0, f32x4.mul(d0, d0));
    s1 = f32x4.add(s1, f32x4.mul(d1, d1));
    s2 = f32x4.add(s2, f32x4.mul(d2, d2));
    s3 = f32x4.add(s3, f32x4.mul(d3, d3));
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** As `squaresOfValues`, the second row times `unit`. */
function squaresOfScaled(a: usize, b: usize, unit: f32): f32 {
  const units = f32x4.splat(unit);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (const end = a + valueStride; a < end; a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), f32x4.mul(v128.load(b), units));
    const d1 = f32x4.sub(v128.load(a, 16), f32x4.mul(v128.load(b, 16), units));
    const d2 = f32x4.sub(v128.load(a, 32), f32x4.mul(v128.load(b, 32), units));
    const d3 = f32x4.sub(v128.load(a, 48), f32x4.mul(v128.load(b, 48), units));
    s0 = f32x4.add(s0, f32x4.mul(d0, d0));
    s1 = f32x4.add(s1, f32x4.mul(d1, d1));
    s2 = f32x4.add(s2, f32x4.mul(d2, d2));
    s3 = f32x4.add(s3, f32x4.mul(d3, d3));
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

@inline
export function upperHalf(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** Cosine of a query of length 1 and a row of any length: in f64, which has room for all of f32. */
function cosineOfValues(query: usize, values: usize): f32 {
  let d0 = f64x2.splat(0);
  let d1 = d0;
  let s0 = d0;
  let s1 = d0;
  for (const end = values + valueStride; values < end; values += 16, query += 16) {
    const q = v128.load(query);
    const v = v128.load(values);
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(upperHalf(v));
    d0 = f64x2.add(d0, f64x2.mul(low, f64x2.promote_low_f32x4(q)));
    d1 = f64x2.add(d1, f64x2.mul(high, f64x2.promote_low_f32x4(upperHalf(q))));
    s0 = f64x2.add(s0, f64x2.mul(low, low));
    s1 = f64x2.add(s1, f64x2.mul(high, high));
  }
  d0 = f64x2.add(d0, d1);
  s0 = f64x2.add(s0, s1);
  const dot = f64x2.extract_lane(d0, 0) + f64x2.extract_lane(d0, 1);
  return <f32>(dot / sqrt(f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)));
}

/**
 * The distance that rows are ordered by: of a prepared query and a row, from all bits. For l2 the sum of
 * the squared differences, for ip minus the dot product, both times a power of two that the lane knows;
 * 1 − cosine. Never NaN: where infinities cancel, the row is as far away as can be.
 */
@inline
export function distanceOfValues(query: usize, slot: u32): f32 {
  const values = valuesAt(slot);
  if (metric == L2) {
    const unit = load<f32>(query - queryValuesInLane + ROW_UNIT);
    return unit == 1 ? squaresOfValues(query, values) : squaresOfScaled(query, values, unit);
  }
  if (metric == COSINE) {
    const aux = load<f32>(codesAt(slot) + codeBytes, 8);
    const cosine = aux < 0 ? cosineOfValues(query, values) : dotValues(query, values) * aux;
    const distance: f32 = 1 - cosine;
    if (!(distance < 2)) return 2;
    return distance > 0 ? distance : 0;
  }
  // Not −dot: 0 and −0 would not be equal.
  return 0 - dotValues(query, values);
}

/** Dot product of a query's codes of 16 bits and a row's of 8. */
@inline
export function dotQueryCodes(query: usize, codes: usize): i32 {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  for (const end = codes + codeBytes; codes < end; codes += 16, query += 32) {
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load(query), v128.load_ext<i8>(codes)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load(query, 16), v128.load_ext<i8>(codes, 8)));
  }
  return sumIntegers(i32x4.add(s0, s1));
}

/** Dot product of the codes of two rows. */
@inline
export function dotCodes(a: usize, b: usize): i32 {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  for (const end = a + codeBytes; a < end; a += 16, b += 16) {
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load_ext<i8>(a), v128.load_ext<i8>(b)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load_ext<i8>(a, 8), v128.load_ext<i8>(b, 8)));
  }
  return sumIntegers(i32x4.add(s0, s1));
}

/** By what rows are multiplied that are compared with one another. */
let linkUnit: f32 = 1;

/** From now on the distances of rows are compared that are near the one with these codes. */
@inline
export function compareNear(codes: usize): void {
  linkUnit = rowUnit(load<f32>(codes + codeBytes, 8));
}

/** Distance of two rows by their codes, in the unit of `compareNear`. */
@inline
export function distanceOfCodes(a: usize, b: usize): f32 {
  const scales = load<f32>(a + codeBytes) * linkUnit * (load<f32>(b + codeBytes) * linkUnit);
  const dot = <f32>dotCodes(a, b) * scales;
  if (metric == L2) {
    const one = load<f32>(a + codeBytes, 8) * linkUnit;
    const other = load<f32>(b + codeBytes, 8) * linkUnit;
    return one * one + other * other - (dot + dot);
  }
  return metric == COSINE ? 1 - dot : 0 - dot;
}

/**
 * A word that orders as the distance does; NaN, which codes of overflowing rows can give, like Infinity.
 * An IEEE 754 number orders like its bits read as a signed magnitude.
 */
@inline
export function orderOf(distance: f32): u32 {
  const bits = reinterpret<i32>(distance < Infinity ? distance : Infinity);
  return <u32>(bits ^ ((bits >> 31) | <i32>0x80000000));
}

/** The distance of such a word. */
@inline
export function distanceOf(order: u32): f32 {
  const bits = <i32>order;
  return reinterpret<f32>(bits ^ (~(bits >> 31) | <i32>0x80000000));
}
