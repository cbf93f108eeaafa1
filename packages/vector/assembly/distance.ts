// Distances between rows, and between a query and rows. All of them are exact repetitions of what the
// twin computes: a fixed order of operations, each rounded once.

import { codeBytes, codesAt, COSINE, L2, metric, valuesAt, valueStride } from './header';

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

/**
 * The distance that results carry: of a prepared query (of length 1 where the metric is cosine) and a
 * row, from all bits. Never NaN: where infinities cancel, the row is as far away as can be.
 */
@inline
export function distanceOfValues(query: usize, slot: u32): f32 {
  const values = valuesAt(slot);
  if (metric == L2) return squaresOfValues(query, values);
  let dot = dotValues(query, values);
  if (metric == COSINE) {
    dot = 1 - dot * load<f32>(codesAt(slot) + codeBytes, 8);
    if (!(dot < 2)) return 2;
    return dot > 0 ? dot : 0;
  }
  dot = 1 - dot;
  return dot < Infinity ? dot : Infinity;
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

/** Distance of two rows by their codes. */
@inline
export function distanceOfCodes(a: usize, b: usize): f32 {
  const dot = <f32>dotCodes(a, b) * (load<f32>(a + codeBytes) * load<f32>(b + codeBytes));
  if (metric == L2) {
    return load<f32>(a + codeBytes, 8) + load<f32>(b + codeBytes, 8) - (dot + dot);
  }
  return 1 - dot;
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
