// Powers of two by which values are multiplied where squares or products of them would leave the range
// of f32. To do so is exact: results are those of embeddings that had been of ordinary size.

import { COSINE, L2, metric } from './header';

/** Words of the header: the shortest length of a row that was ever written and is not 0, and the longest. */
const SHORTEST: usize = 72 * 4;
const LONGEST: usize = 73 * 4;

/** Lengths between these leave room enough: squares, and their errors, on both sides. */
const ORDINARY_FROM: f32 = 2.3283064365386962890625e-10;
const ORDINARY_TO: f32 = 4_294_967_296;
/** Lengths below lose digits by themselves. */
const FULL_DIGITS: f32 = 7.703719777548943412224e-34;
const MOST: f32 = 3.4028234663852886e38;

/** Exponents of lengths that have a unit of their own; others take the nearest. */
const LEAST_EXPONENT: i32 = -100;
const MOST_EXPONENT: i32 = 86;
/** Of a query's own unit, which terms of rows do not have to hold. */
const MOST_QUERY_EXPONENT: i32 = 126;

@inline
export function isOrdinary(length: f32): bool {
  return length > ORDINARY_FROM && length < ORDINARY_TO;
}

/** Whether f32 has all digits of codes for a row of that length, or of its terms. */
@inline
export function isHeld(length: f32): bool {
  return length > FULL_DIGITS && length <= MOST;
}

/** The largest number instead of Infinity. */
@inline
export function finite(length: f32): f32 {
  return length < MOST ? length : MOST;
}

/** By what a length is multiplied to be about 1, as far as exponents go. */
function powerOf(length: f32, most: i32): f32 {
  const exponent = <i32>(reinterpret<u32>(length) >> 23) - 127;
  return reinterpret<f32>((127 - max(LEAST_EXPONENT, min(exponent, most))) << 23);
}

/** The same for rows. */
export function inverseOf(length: f32): f32 {
  return powerOf(length, MOST_EXPONENT);
}

/** By what a query is multiplied for ip, where rows are multiplied by `unit`. */
export function queryUnit(length: f32, unit: f32): f32 {
  if (length == 0 || (unit == 1 && isOrdinary(length))) return 1;
  return powerOf(length, MOST_QUERY_EXPONENT);
}

/** The same, but 1 for what is ordinary or nothing. */
@inline
export function unitOf(length: f32): f32 {
  return isOrdinary(length) || length == 0 ? 1 : inverseOf(length);
}

/** Takes the length of a row into account. */
@inline
export function noteLength(length: f32): void {
  if (length == 0) return;
  const shortest = load<f32>(SHORTEST);
  if (shortest == 0 || length < shortest) store<f32>(SHORTEST, length);
  if (length > load<f32>(LONGEST)) store<f32>(LONGEST, length);
}

@inline
export function shortestLength(): f32 {
  return load<f32>(SHORTEST);
}

/**
 * By what rows are multiplied to be compared with something of that length. What is near decides: for l2
 * it is as long as the longer of the query and the shortest row, or longer; for ip the longest are first.
 */
@inline
export function rowUnit(length: f32): f32 {
  if (metric == COSINE) return 1;
  return unitOf(metric == L2 ? max(length, load<f32>(SHORTEST)) : load<f32>(LONGEST));
}
