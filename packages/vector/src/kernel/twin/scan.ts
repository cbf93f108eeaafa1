import { FLAG_LIVE, HEADER, POOL_KEYS, ROW_UNIT_IN_LANE } from '../layout.ts';
import { distanceOf, dotQueryCodes, orderOf } from './distance.ts';
import { BASE, BY_AUX, BY_RESIDUAL, FINE, LOW, LOW_AUX, S } from './encode.ts';
import type { Twin } from './header.ts';
import { heapifySmallest, popSmallest } from './heap.ts';
import { finish, forget, offer } from './results.ts';

// Exact search: all rows by their codes, then those by their values that the bound cannot exclude. What
// `assembly/sift.ts` leaves out before is not among them anyway.

const { fround } = Math;

/** Rows of a list that are gone through together. */
const STEP_ROWS = 256;

function begin(twin: Twin, laneIndex: number, k: number): void {
  twin.lane = twin.laneAt(laneIndex);
  twin.wanted = k;
  twin.candidates = 0;
  twin.bounds = 0;
  twin.threshold = Infinity;
  forget(twin);
}

/**
 * The `k` nearest of the live rows `from` … `to` − 1, under the order of distance by all bits and row.
 *
 * @returns how many there are
 */
export function scan(twin: Twin, laneIndex: number, k: number, from: number, to: number): number {
  begin(twin, laneIndex, k);
  if (k === 0) return 0;
  const list = twin.lane + twin.listInLane;
  let slot = from;
  while (slot < to) {
    const end = Math.min(to, slot + STEP_ROWS);
    let count = 0;
    for (; slot < end; slot += 1) {
      twin.setU32(list + count * 4, slot);
      count += twin.u8(twin.flagsAt(slot)) & FLAG_LIVE;
    }
    look(twin, list, count);
  }
  rerank(twin);
  return finish(twin, twin.lane, twin.lane + twin.bestInLane);
}

/** As `scan`, of the live rows whose bits are set in the first `words` words of the lane's filter. */
export function scanFiltered(twin: Twin, laneIndex: number, k: number, words: number): number {
  begin(twin, laneIndex, k);
  if (k === 0) return 0;
  const list = twin.lane + twin.listInLane;
  const filter = twin.lane + twin.filterInLane;
  const rows = twin.word(HEADER.ROWS);
  const end = Math.min(words, (rows + 31) >>> 5);
  let count = 0;
  for (let word = 0; word < end; word += 1) {
    let bits = twin.u32(filter + word * 4);
    while (bits !== 0) {
      const slot = ((word << 5) | (31 - Math.clz32(bits & -bits))) >>> 0;
      bits &= bits - 1;
      if (slot >= rows) break;
      twin.setU32(list + count * 4, slot);
      count += twin.u8(twin.flagsAt(slot)) & FLAG_LIVE;
    }
    if (count >= STEP_ROWS) {
      look(twin, list, count);
      count = 0;
    }
  }
  look(twin, list, count);
  rerank(twin);
  return finish(twin, twin.lane, twin.lane + twin.bestInLane);
}

/** Takes the rows of a list into the pool that can be among the results. */
function look(twin: Twin, list: number, count: number): void {
  if (count === 0) return;
  // The kernel takes four rows at a time: a list is filled up by its last row.
  const last = twin.u32(list + (count - 1) * 4);
  for (let index = count; index < ((count + 3) & ~3); index += 1) {
    twin.setU32(list + index * 4, last);
  }
  const { lane, codeBytes } = twin;
  const query = lane + twin.queryCodesInLane;
  const low = twin.f32(lane + FINE + LOW);
  const lowAux = twin.f32(lane + FINE + LOW_AUX);
  const factor = twin.f32(lane + FINE + S);
  const byResidual = twin.f32(lane + FINE + BY_RESIDUAL);
  let threshold = twin.threshold;
  for (let index = 0; index < count; index += 1) {
    // Four rows are compared with the same threshold.
    if ((index & 3) === 0) threshold = twin.threshold;
    const slot = twin.u32(list + index * 4);
    const codes = twin.codesAt(slot);
    const tail = codes + codeBytes;
    const dot = fround(dotQueryCodes(twin, query, codes));
    const part = fround(lowAux * twin.f32(tail + 8));
    let bound = fround(low + (twin.isL2 ? fround(part * part) : part));
    bound = fround(bound + fround(fround(factor * twin.f32(tail)) * dot));
    bound = fround(bound - fround(byResidual * twin.f32(tail + 4)));
    // What is not above the threshold stays; also NaN, which says nothing.
    if (!(bound > threshold)) take(twin, slot, bound, tail);
  }
}

/** Takes a row into the pool, and its upper bound into account. */
function take(twin: Twin, slot: number, lowest: number, tail: number): void {
  let low = twin.isCosine ? Math.min(lowest, 2) : lowest;
  // Where NaN came out, nothing is known.
  const isBounded = low > -Infinity;
  if (!isBounded) low = -Infinity;
  const { lane } = twin;
  if (twin.candidates === POOL_KEYS) thin(twin);
  twin.setKey(lane + twin.poolInLane + twin.candidates * 8, orderOf(low), slot);
  twin.candidates += 1;
  if (!isBounded) return;
  const aux = twin.f32(tail + 8) * twin.f32(lane + ROW_UNIT_IN_LANE);
  const error =
    twin.f32(lane + BASE) +
    twin.f32(lane + BY_AUX) * (twin.isL2 ? aux * aux : aux) +
    twin.f32(lane + FINE + BY_RESIDUAL) * twin.f32(tail + 4);
  bound(twin, fround(low + 2 * error));
}

/** Takes the upper bound of a row into account. */
function bound(twin: Twin, highest: number): void {
  const high = twin.isCosine ? Math.max(highest, 0) : highest;
  if (!(high < twin.threshold)) return;
  const { bounds } = twin;
  const heap = twin.lane + twin.boundsInLane;
  let index = 0;
  if (bounds < twin.wanted) {
    index = bounds;
    twin.bounds = bounds + 1;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      const above = twin.f32(heap + parent * 4);
      if (above >= high) break;
      twin.setF32(heap + index * 4, above);
      index = parent;
    }
  } else {
    for (;;) {
      let child = 2 * index + 1;
      if (child >= bounds) break;
      let below = twin.f32(heap + child * 4);
      if (child + 1 < bounds) {
        const other = twin.f32(heap + (child + 1) * 4);
        if (other > below) {
          below = other;
          child += 1;
        }
      }
      if (below <= high) break;
      twin.setF32(heap + index * 4, below);
      index = child;
    }
  }
  twin.setF32(heap + index * 4, high);
  if (twin.bounds === twin.wanted) lower(twin, twin.f32(heap));
}

/** Where bounds say nothing: at the end of the scale of cosine, and near the end of f32. */
function isAtEnd(twin: Twin, distance: number): boolean {
  return distance >= (twin.isCosine ? 2 : 2 ** 120);
}

/** Lowers the threshold. */
function lower(twin: Twin, value: number): void {
  if (value < twin.threshold && !isAtEnd(twin, value)) twin.threshold = value;
}

/** Makes room in the pool: drops what is above the threshold by now, or reranks all. */
function thin(twin: Twin): void {
  const pool = twin.lane + twin.poolInLane;
  const highest = orderOf(twin.threshold);
  let count = 0;
  for (let index = 0; index < twin.candidates; index += 1) {
    const order = twin.u32(pool + index * 8 + 4);
    twin.setKey(pool + count * 8, order, twin.u32(pool + index * 8));
    if (order <= highest) count += 1;
  }
  twin.candidates = count;
  if (twin.candidates > POOL_KEYS / 2) rerank(twin);
}

/** Empties the pool: its rows by all bits, the lowest bounds first, until no bound is low enough. */
function rerank(twin: Twin): void {
  const { lane, wanted } = twin;
  const pool = lane + twin.poolInLane;
  const best = lane + twin.bestInLane;
  heapifySmallest(twin, pool, twin.candidates);
  while (twin.candidates > 0) {
    popSmallest(twin, pool, twin.candidates);
    const { keyHigh, keyLow } = twin;
    twin.candidates -= 1;
    if (twin.found === wanted) {
      const worst = twin.u32(best + 4);
      if (keyHigh > worst && !isAtEnd(twin, distanceOf(worst))) break;
    }
    offer(twin, lane, best, wanted, keyLow);
  }
  twin.candidates = 0;
  if (twin.found === wanted) lower(twin, distanceOf(twin.u32(best + 4)));
}
