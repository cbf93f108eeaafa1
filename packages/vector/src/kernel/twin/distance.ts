import type { Twin } from './header.ts';

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

/** Sum of the squared differences of two rows of values: 4 accumulators of 4 lanes. */
function squaresOfValues({ floats, valueStride }: Twin, a: number, b: number): number {
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
    const rest = fround((floats[v + index] as number) - (floats[w + index] as number));
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

/** The distance that results carry: of a prepared query and a row, from all bits. Never NaN. */
export function distanceOfValues(twin: Twin, query: number, slot: number): number {
  const values = twin.valuesAt(slot);
  if (twin.isL2) return squaresOfValues(twin, query, values);
  const dot = dotValues(twin, query, values);
  if (twin.isCosine) {
    const aux = twin.f32(twin.codesAt(slot) + twin.codeBytes + 8);
    const distance = fround(1 - fround(dot * aux));
    if (!(distance < 2)) return 2;
    return distance > 0 ? distance : 0;
  }
  const distance = fround(1 - dot);
  return distance < Infinity ? distance : Infinity;
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

/** Distance of two rows by their codes. */
export function distanceOfCodes(twin: Twin, a: number, b: number): number {
  const first = a + twin.codeBytes;
  const second = b + twin.codeBytes;
  const scales = fround(twin.f32(first) * twin.f32(second));
  const dot = fround(fround(dotCodes(twin, a, b)) * scales);
  if (twin.isL2) {
    return fround(fround(twin.f32(first + 8) + twin.f32(second + 8)) - fround(dot + dot));
  }
  return fround(1 - dot);
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
