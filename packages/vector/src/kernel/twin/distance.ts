import { ROW_UNIT_IN_LANE } from '../layout.ts';
import type { Twin } from './header.ts';
import { rowUnit } from './unit.ts';

// Distances between rows, and between a query and rows: each operation is rounded once to 32 bits, in
// the order of the kernel, whose vectors of four lanes are four variables here.

const { fround, imul } = Math;

const scratch: Float32Array = new Float32Array(1);
const scratchBits: Int32Array = new Int32Array(scratch.buffer);

/** Dot product of two rows of values: 4 accumulators of 4 lanes. */
function dotValues({ floats, valueStride }: Twin, a: number, b: number): number {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let d0 = 0;
  let d1 = 0;
  let d2 = 0;
  let d3 = 0;
  const at = (index: number): number => floats[index] as number;
  let v = a >>> 2;
  let w = b >>> 2;
  for (const end = v + (valueStride >>> 2); v < end; v += 16, w += 16) {
    a0 = fround(a0 + fround(at(v) * at(w)));
    a1 = fround(a1 + fround(at(v + 1) * at(w + 1)));
    a2 = fround(a2 + fround(at(v + 2) * at(w + 2)));
    a3 = fround(a3 + fround(at(v + 3) * at(w + 3)));
    b0 = fround(b0 + fround(at(v + 4) * at(w + 4)));
    b1 = fround(b1 + fround(at(v + 5) * at(w + 5)));
    b2 = fround(b2 + fround(at(v + 6) * at(w + 6)));
    b3 = fround(b3 + fround(at(v + 7) * at(w + 7)));
    c0 = fround(c0 + fround(at(v + 8) * at(w + 8)));
    c1 = fround(c1 + fround(at(v + 9) * at(w + 9)));
    c2 = fround(c2 + fround(at(v + 10) * at(w + 10)));
    c3 = fround(c3 + fround(at(v + 11) * at(w + 11)));
    d0 = fround(d0 + fround(at(v + 12) * at(w + 12)));
    d1 = fround(d1 + fround(at(v + 13) * at(w + 13)));
    d2 = fround(d2 + fround(at(v + 14) * at(w + 14)));
    d3 = fround(d3 + fround(at(v + 15) * at(w + 15)));
  }
  const l0 = fround(fround(a0 + b0) + fround(c0 + d0));
  const l1 = fround(fround(a1 + b1) + fround(c1 + d1));
  const l2 = fround(fround(a2 + b2) + fround(c2 + d2));
  const l3 = fround(fround(a3 + b3) + fround(c3 + d3));
  return fround(fround(fround(l0 + l1) + l2) + l3);
}

/** Sum of the squared differences of two rows, the second times `unit`: 4 accumulators of 4 lanes. */
function squaresOfValues(
  { floats, valueStride }: Twin,
  a: number,
  b: number,
  unit: number,
): number {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let d0 = 0;
  let d1 = 0;
  let d2 = 0;
  let d3 = 0;
  let v = a >>> 2;
  let w = b >>> 2;
  const square = (index: number): number => {
    const other = fround((floats[w + index] as number) * unit);
    const rest = fround((floats[v + index] as number) - other);
    return fround(rest * rest);
  };
  for (const end = v + (valueStride >>> 2); v < end; v += 16, w += 16) {
    a0 = fround(a0 + square(0));
    a1 = fround(a1 + square(1));
    a2 = fround(a2 + square(2));
    a3 = fround(a3 + square(3));
    b0 = fround(b0 + square(4));
    b1 = fround(b1 + square(5));
    b2 = fround(b2 + square(6));
    b3 = fround(b3 + square(7));
    c0 = fround(c0 + square(8));
    c1 = fround(c1 + square(9));
    c2 = fround(c2 + square(10));
    c3 = fround(c3 + square(11));
    d0 = fround(d0 + square(12));
    d1 = fround(d1 + square(13));
    d2 = fround(d2 + square(14));
    d3 = fround(d3 + square(15));
  }
  const l0 = fround(fround(a0 + b0) + fround(c0 + d0));
  const l1 = fround(fround(a1 + b1) + fround(c1 + d1));
  const l2 = fround(fround(a2 + b2) + fround(c2 + d2));
  const l3 = fround(fround(a3 + b3) + fround(c3 + d3));
  return fround(fround(fround(l0 + l1) + l2) + l3);
}

/** Cosine of a query of length 1 and a row of any length: in f64, which has room for all of f32. */
function cosineOfValues({ floats, valueStride }: Twin, query: number, values: number): number {
  let d0 = 0;
  let d1 = 0;
  let d2 = 0;
  let d3 = 0;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let q = query >>> 2;
  let v = values >>> 2;
  for (const end = v + (valueStride >>> 2); v < end; v += 4, q += 4) {
    const v0 = floats[v] as number;
    const v1 = floats[v + 1] as number;
    const v2 = floats[v + 2] as number;
    const v3 = floats[v + 3] as number;
    d0 += v0 * (floats[q] as number);
    d1 += v1 * (floats[q + 1] as number);
    d2 += v2 * (floats[q + 2] as number);
    d3 += v3 * (floats[q + 3] as number);
    s0 += v0 * v0;
    s1 += v1 * v1;
    s2 += v2 * v2;
    s3 += v3 * v3;
  }
  return fround((d0 + d2 + (d1 + d3)) / Math.sqrt(s0 + s2 + (s1 + s3)));
}

/** The distance that rows are ordered by: of a prepared query and a row, from all bits. Never NaN. */
export function distanceOfValues(twin: Twin, query: number, slot: number): number {
  const values = twin.valuesAt(slot);
  if (twin.isL2) {
    const unit = twin.f32(query - twin.queryValuesInLane + ROW_UNIT_IN_LANE);
    return squaresOfValues(twin, query, values, unit);
  }
  if (twin.isCosine) {
    const aux = twin.f32(twin.codesAt(slot) + twin.codeBytes + 8);
    const cosine =
      aux < 0 ? cosineOfValues(twin, query, values) : fround(dotValues(twin, query, values) * aux);
    const distance = fround(1 - cosine);
    if (!(distance < 2)) return 2;
    return distance > 0 ? distance : 0;
  }
  // Not −dot: 0 and −0 would not be equal.
  return 0 - dotValues(twin, query, values);
}

/** Dot product of a query's codes of 16 bits and a row's of 8. */
export function dotQueryCodes(twin: Twin, query: number, row: number): number {
  const { codes, shorts } = twin;
  let sum = 0;
  let q = query >>> 1;
  for (const end = row + twin.codeBytes; row < end; row += 4, q += 4) {
    const p0 = imul(shorts[q] as number, codes[row] as number);
    const p1 = imul(shorts[q + 1] as number, codes[row + 1] as number);
    const p2 = imul(shorts[q + 2] as number, codes[row + 2] as number);
    const p3 = imul(shorts[q + 3] as number, codes[row + 3] as number);
    sum = (sum + p0 + p1 + p2 + p3) | 0;
  }
  return sum;
}

/** Dot product of the codes of two rows. */
function dotCodes(twin: Twin, a: number, b: number): number {
  const { codes } = twin;
  let sum = 0;
  for (const end = a + twin.codeBytes; a < end; a += 4, b += 4) {
    const p0 = imul(codes[a] as number, codes[b] as number);
    const p1 = imul(codes[a + 1] as number, codes[b + 1] as number);
    const p2 = imul(codes[a + 2] as number, codes[b + 2] as number);
    const p3 = imul(codes[a + 3] as number, codes[b + 3] as number);
    sum = (sum + p0 + p1 + p2 + p3) | 0;
  }
  return sum;
}

/** From now on the distances of rows are compared that are near the one with these codes. */
export function compareNear(twin: Twin, codes: number): void {
  twin.linkUnit = rowUnit(twin, twin.f32(codes + twin.codeBytes + 8));
}

/** Distance of two rows by their codes, in the unit of `compareNear`. */
export function distanceOfCodes(twin: Twin, a: number, b: number): number {
  const { linkUnit } = twin;
  const first = a + twin.codeBytes;
  const second = b + twin.codeBytes;
  const scales = fround(fround(twin.f32(first) * linkUnit) * fround(twin.f32(second) * linkUnit));
  const dot = fround(fround(dotCodes(twin, a, b)) * scales);
  if (twin.isL2) {
    const one = fround(twin.f32(first + 8) * linkUnit);
    const other = fround(twin.f32(second + 8) * linkUnit);
    return fround(fround(fround(one * one) + fround(other * other)) - fround(dot + dot));
  }
  return twin.isCosine ? fround(1 - dot) : 0 - dot;
}

/** A word that orders as the distance does; NaN like Infinity. */
export function orderOf(distance: number): number {
  scratch[0] = distance < Infinity ? distance : Infinity;
  const bits = scratchBits[0] as number;
  return (bits ^ ((bits >> 31) | 0x8000_0000)) >>> 0;
}

/** The distance of such a word. */
export function distanceOf(order: number): number {
  const bits = order | 0;
  scratchBits[0] = bits ^ (~(bits >> 31) | 0x8000_0000);
  return scratch[0] as number;
}
