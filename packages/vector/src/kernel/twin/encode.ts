import { QUERY_UNIT_IN_LANE, ROW_UNIT_IN_LANE } from '../layout.ts';
import type { Twin } from './header.ts';
import {
  finite,
  inverseOf,
  isHeld,
  isOrdinary,
  noteLength,
  queryUnit,
  rowUnit,
  shortestLength,
} from './unit.ts';

// Codes of rows and of queries, and the terms by which a distance follows from codes, with its bound.

const { fround } = Math;

// Terms of a query at the beginning of its lane; see `assembly/encode.ts`.
export const P = 0;
export const R = 4;
export const SPREAD = 8;
export const BASE = 12;
export const BY_AUX = 16;
export const FINE = 32;
const COARSE = 48;
export const LOW = 0;
export const LOW_AUX = 4;
export const S = 8;
export const BY_RESIDUAL = 12;

const COARSE_ZERO = 64;
const COARSE_RANGE = 63;
const DEVIATIONS = 3;

/** Half a unit in the last place of 1 in f32. */
const U = 5.9604644775390625e-8;

/** Largest values from which on a query has codes. */
const LEAST_CODED = 2 ** -40;
const LEAST_CODED_IN_UNITS = 2 ** -16;

const LEAST_REACH = 2 ** -60;
const LEAST_REACH_IN_UNITS = 2 ** -16;

/** Rounds up: above any rounding of the steps before. */
function up(value: number): number {
  return fround(value * 1.000000238418579);
}

/**
 * The sum of the squares of a row's values, in f64 in two accumulators of two lanes, and the largest
 * absolute one: `twin.squares`, `twin.largest`.
 */
function measure(twin: Twin, values: number): void {
  const { floats, valueStride } = twin;
  let a0 = 0;
  let a1 = 0;
  let b0 = 0;
  let b1 = 0;
  let most = 0;
  let place = values >>> 2;
  for (const end = place + (valueStride >>> 2); place < end; place += 4) {
    const v0 = floats[place] as number;
    const v1 = floats[place + 1] as number;
    const v2 = floats[place + 2] as number;
    const v3 = floats[place + 3] as number;
    a0 += v0 * v0;
    a1 += v1 * v1;
    b0 += v2 * v2;
    b1 += v3 * v3;
    most = Math.max(most, Math.abs(v0), Math.abs(v1), Math.abs(v2), Math.abs(v3));
  }
  twin.squares = a0 + b0 + (a1 + b1);
  twin.largest = most;
}

/**
 * A value as an integer: rounded to the nearest, halves to the even one. The kernel takes the integer
 * out of the lowest bits of the same sum.
 */
function rounded(value: number, factor: number): number {
  return fround(fround(value * factor) + 12_582_912) - 12_582_912;
}

/** The square of what is left of a value, times `unit`, without a code, times `scale`. */
function squareOfRest(value: number, unit: number, code: number, scale: number): number {
  const rest = fround(fround(value * unit) - fround(code * scale));
  return fround(rest * rest);
}

/** What the kernel sums up in two accumulators of four lanes: sums of squares. */
type Squares = Float32Array;

/** The length of what was summed up, at most. */
function residualOf(dimension: number, squares: Squares, most: number): number {
  const lane = (index: number): number =>
    fround((squares[index] as number) + (squares[index + 4] as number));
  const sum = lane(0) + lane(1) + lane(2) + lane(3);
  return Math.sqrt(sum) * (1 + (dimension / 8 + 16) * U) + Math.sqrt(dimension) * most * (6 * U);
}

/** Sums of one row or query; this thread makes one after the other. */
const squaresOfRests: Squares = new Float32Array(8);

/** Writes a row of values times a power of two to `target`, which may be where they are. */
function scaleValues(twin: Twin, values: number, target: number, factor: number): void {
  const { floats } = twin;
  const from = values >>> 2;
  const to = target >>> 2;
  for (let index = 0; index < twin.codeBytes; index += 1) {
    floats[to + index] = (floats[from + index] as number) * factor;
  }
}

/** Writes the codes and the tail of a row of values. */
function encodeRow(twin: Twin, slot: number): void {
  const { floats, codes } = twin;
  let values = twin.valuesAt(slot);
  const first = twin.codesAt(slot);
  const tail = first + twin.codeBytes;
  measure(twin, values);
  const length = Math.sqrt(twin.squares);
  const size = fround(length);
  noteLength(twin, size);
  const isScaled = size !== 0 && !isOrdinary(size);
  let times = 1;
  if (isScaled) {
    const inverse = inverseOf(size);
    const copy = twin.laneAt(twin.builderLane) + twin.queryValuesInLane;
    scaleValues(twin, values, copy, inverse);
    values = copy;
    measure(twin, values);
    times = 1 / inverse;
  }
  const { squares, largest } = twin;
  // What a row is multiplied by before it is encoded.
  let unit = 1;
  let aux = 0;
  if (twin.isCosine) {
    unit = squares > 0 ? fround(1 / Math.sqrt(squares)) : 0;
    aux = isScaled ? -1 : unit;
    times = 1;
  } else {
    aux = finite(twin.isL2 ? size : up(length));
  }
  const scale = fround((largest * unit) / 127);
  const factor = largest > 0 ? fround(127 / largest) : 0;
  const rests = squaresOfRests.fill(0);
  const start = values >>> 2;
  let sum = 0;
  for (let index = 0; index < twin.codeBytes; index += 1) {
    const value = floats[start + index] as number;
    const code = rounded(value, factor);
    sum += code;
    const lane = index & 7;
    rests[lane] = (rests[lane] as number) + squareOfRest(value, unit, code, scale);
    codes[first + index] = code;
  }
  const isProven = twin.isCosine || !isScaled || isHeld(size);
  const residual = up(residualOf(twin.dimension, rests, 128 * scale) * times);
  twin.setF32(tail, scale * times);
  twin.setF32(tail + 4, isProven ? residual : Infinity);
  twin.setF32(tail + 8, aux);
  twin.setU32(tail + 12, sum);
}

/** Writes a bit for each value: 1 where it is below zero. */
function encodeBits(twin: Twin, values: number, target: number, bytes: number): void {
  const { floats } = twin;
  twin.clear(target, bytes);
  let place = values >>> 2;
  let byte = target;
  for (const end = place + (twin.valueStride >>> 2); place < end; place += 8, byte += 1) {
    let bits = 0;
    for (let index = 0; index < 8; index += 1) {
      if ((floats[place + index] as number) < 0) bits |= 1 << index;
    }
    twin.setU8(byte, bits);
  }
}

/** Makes codes (and bits) of the rows `from` … `to` − 1 from their values. */
export function encode(twin: Twin, from: number, to: number): void {
  const first = twin.dimension * 4;
  for (let slot = from; slot < to; slot += 1) {
    const values = twin.valuesAt(slot);
    if (first < twin.valueStride) twin.clear(values + first, twin.valueStride - first);
    encodeRow(twin, slot);
    if (twin.hasBits) encodeBits(twin, values, twin.bitsAt(slot), twin.bitsStride);
  }
}

/** Makes a query of the values that the host has written to a lane. */
export function prepareQuery(twin: Twin, lane: number): void {
  const at = twin.laneAt(lane);
  const values = at + twin.queryValuesInLane;
  const first = twin.dimension * 4;
  if (first < twin.valueStride) twin.clear(values + first, twin.valueStride - first);
  if (twin.hasBits) encodeBits(twin, values, at + twin.queryBitsInLane, twin.bitsStride);
  measure(twin, values);
  let unit = 1;
  let own = 1;
  if (twin.isCosine) {
    normalize(twin, values, Math.sqrt(twin.squares));
    measure(twin, values);
  } else {
    const size = fround(Math.sqrt(twin.squares));
    unit = rowUnit(twin, size);
    own = twin.isL2 || lane === twin.builderLane ? unit : queryUnit(size, unit);
    if (own !== 1) {
      scaleValues(twin, values, values, own);
      measure(twin, values);
    }
  }
  twin.setF32(at + QUERY_UNIT_IN_LANE, own);
  twin.setF32(at + ROW_UNIT_IN_LANE, unit);
  const { squares, largest } = twin;
  const length = Math.sqrt(squares);
  twin.setF32(at + P, twin.isL2 ? squares : twin.isCosine ? 1 : 0);
  twin.setF32(at + R, twin.isL2 ? unit : 0);
  const times = twin.isL2 ? 2 : 1;
  const spread = (DEVIATIONS * times * length) / Math.sqrt(twin.dimension);
  twin.setF32(at + SPREAD, spread * unit);
  const most = largest > (unit === 1 ? LEAST_CODED : LEAST_CODED_IN_UNITS) ? largest : 0;
  // A code of the query times one of a row, summed over the dimension, stays below 2³¹.
  const range = Math.min(32_767, Math.floor(0x7fff_ffff / (127 * twin.dimension)));
  encodeQuery(twin, at, FINE, length, most, range, unit);
  encodeQuery(twin, at, COARSE, length, most, COARSE_RANGE, unit);
  // The rows' unit, too, for what is computed by values.
  if (!twin.isCosine && !twin.isL2 && unit !== 1) scaleValues(twin, values, values, unit);
}

/** Divides a query by its length, where it has one. */
function normalize(twin: Twin, values: number, length: number): void {
  const { floats } = twin;
  const factor = length > 0 ? 1 / length : 0;
  let place = values >>> 2;
  for (const end = place + (twin.valueStride >>> 2); place < end; place += 1) {
    floats[place] = (floats[place] as number) * factor;
  }
}

/** Writes codes up to `range` of a query whose largest value is known, and the terms of their bound. */
function encodeQuery(
  twin: Twin,
  at: number,
  terms: number,
  length: number,
  largest: number,
  range: number,
  unit: number,
): void {
  const { floats, shorts, bytes } = twin;
  const isFine = terms === FINE;
  const scale = fround(largest / range);
  const factor = largest > 0 ? fround(range / largest) : 0;
  const rests = squaresOfRests.fill(0);
  const values = (at + twin.queryValuesInLane) >>> 2;
  const fine = (at + twin.queryCodesInLane) >>> 1;
  const coarse = at + twin.queryCoarseInLane;
  for (let index = 0; index < twin.codeBytes; index += 1) {
    const value = floats[values + index] as number;
    const code = rounded(value, factor);
    const lane = index & 7;
    rests[lane] = (rests[lane] as number) + squareOfRest(value, 1, code, scale);
    if (isFine) shorts[fine + index] = code;
    else bytes[coarse + index] = code + COARSE_ZERO;
  }
  const residual = largest > 0 ? residualOf(twin.dimension, rests, largest) : length;
  storeTerms(twin, at, terms, length, scale, residual, unit);
}

function storeTerms(
  twin: Twin,
  at: number,
  terms: number,
  length: number,
  scale: number,
  residual: number,
  unit: number,
): void {
  const times = twin.isL2 ? 2 : 1;
  const slack = 16 * U;
  const gamma = (twin.dimension / 16 + 24) * U * 1.01;
  const reach = Math.max(
    times * (length + residual),
    unit === 1 ? LEAST_REACH : LEAST_REACH_IN_UNITS,
  );
  let byNorm = times * residual + slack * reach;
  let p = 0;
  let lowAux = 0;
  let base = 1e-30;
  let byAux = 0;
  if (twin.isL2) {
    const middle = Math.max(length, finite(shortestLength(twin)) * unit) || 1;
    base += (slack + 2 * gamma) * twin.squares + byNorm * middle * 0.5;
    byAux = (2 * gamma + slack + (byNorm / middle) * 0.5) * (1 + 2 * slack);
    p = byAux < 1 ? twin.squares : -Infinity;
    lowAux = byAux < 1 ? Math.sqrt(1 - byAux) * unit : 0;
  } else {
    byNorm += gamma * length;
    if (twin.isCosine) {
      p = 1;
      base += 4 * U + slack + byNorm * (1 + slack);
    } else {
      byAux = byNorm * (1 + 2 * slack);
      lowAux = -byAux * unit;
    }
  }
  base *= 1 + 2 * slack;
  twin.setF32(at + terms + LOW, p - base);
  twin.setF32(at + terms + LOW_AUX, lowAux);
  twin.setF32(at + terms + S, -times * scale * unit);
  twin.setF32(at + terms + BY_RESIDUAL, up(reach * (1 + 4 * slack) * unit));
  if (terms !== FINE) return;
  twin.setF32(at + BASE, up(base));
  twin.setF32(at + BY_AUX, up(byAux));
}
