// Exact search: all rows by their codes, then those by their values that the bound cannot exclude.

import { BASE, BY_AUX, BY_RESIDUAL, FINE } from './encode';
import { distanceOf, orderOf, ROW_UNIT } from './distance';
import {
  bestInLane,
  boundsInLane,
  codeBytes,
  codesAt,
  COSINE,
  filterInLane,
  FLAG_LIVE,
  flagsAt,
  L2,
  laneAt,
  listInLane,
  metric,
  poolInLane,
  POOL_KEYS,
  queryCodesInLane,
  ROWS,
} from './header';
import { heapifySmallest, keyOf, popSmallest } from './heap';
import { finish, forget, found, offer } from './results';
import { boundsOfFour, sumsOfFour } from './tails';

/** `sift.ts`, where the platform has what it needs. */
@external('sift', 'sift')
declare function sift(lane: u32, count: u32, threshold: f32): u32;

let hasSift: bool = false;

/** Says that `sift` does something. */
export function useSift(): void {
  hasSift = true;
}

/** Rows of a list that are gone through together. */
const STEP_ROWS: u32 = 256;

// State of the search under way. One thread runs one search at a time.
let lane: usize = 0;
let laneNumber: u32 = 0;
let wanted: u32 = 0;
/** Candidates in the pool. */
let candidates: u32 = 0;
/** Upper bounds in the heap of the `wanted` smallest. */
let bounds: u32 = 0;
/** No row with a larger lower bound can be among the results. */
let threshold: f32 = Infinity;

function begin(laneIndex: u32, k: u32): void {
  laneNumber = laneIndex;
  lane = laneAt(laneIndex);
  wanted = k;
  candidates = 0;
  bounds = 0;
  threshold = Infinity;
  forget();
}

/**
 * The `k` nearest of the live rows `from` … `to` − 1, under the order of distance by all bits and row.
 * @returns how many there are
 */
export function scan(laneIndex: u32, k: u32, from: u32, to: u32): u32 {
  begin(laneIndex, k);
  if (k == 0) return 0;
  const list = lane + listInLane;
  while (from < to) {
    const end = min(to, from + STEP_ROWS);
    let count: usize = 0;
    for (; from < end; from += 1) {
      store<u32>(list + (count << 2), from);
      count += load<u8>(flagsAt(from)) & FLAG_LIVE;
    }
    look(list, <u32>count);
  }
  rerank();
  return finish(lane, lane + bestInLane);
}

/** As `scan`, of the live rows whose bits are set in the first `words` words of the lane's filter. */
export function scanFiltered(laneIndex: u32, k: u32, words: u32): u32 {
  begin(laneIndex, k);
  if (k == 0) return 0;
  const list = lane + listInLane;
  const filter = lane + filterInLane;
  const rows = load<u32>(ROWS);
  const end = min(words, (rows + 31) >> 5);
  let count: usize = 0;
  for (let word: u32 = 0; word < end; word += 1) {
    let bits = load<u32>(filter + (<usize>word << 2));
    while (bits != 0) {
      const slot = (word << 5) | ctz(bits);
      bits &= bits - 1;
      if (slot >= rows) break;
      store<u32>(list + (count << 2), slot);
      count += load<u8>(flagsAt(slot)) & FLAG_LIVE;
    }
    if (count >= STEP_ROWS) {
      look(list, <u32>count);
      count = 0;
    }
  }
  look(list, <u32>count);
  rerank();
  return finish(lane, lane + bestInLane);
}

/** Takes the rows of a list into the pool that can be among the results. */
function look(list: usize, count: u32): void {
  if (hasSift && threshold < Infinity) count = sift(laneNumber, count, threshold);
  if (count == 0) return;
  // Four rows at a time: a list is filled up by its last row.
  const last = load<u32>(list + (<usize>(count - 1) << 2));
  for (let index = count; index < ((count + 3) & ~3); index += 1) {
    store<u32>(list + (<usize>index << 2), last);
  }
  const query = lane + queryCodesInLane;
  for (let index: u32 = 0; index < count; index += 4) {
    const slots = list + (<usize>index << 2);
    let c0 = codesAt(load<u32>(slots));
    let c1 = codesAt(load<u32>(slots, 4));
    let c2 = codesAt(load<u32>(slots, 8));
    let c3 = codesAt(load<u32>(slots, 12));
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let q = query;
    for (const end = c0 + codeBytes; c0 < end; ) {
      const q0 = v128.load(q);
      const q1 = v128.load(q, 16);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(q0, v128.load_ext<i8>(c0)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(q0, v128.load_ext<i8>(c1)));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(q0, v128.load_ext<i8>(c2)));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(q0, v128.load_ext<i8>(c3)));
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(q1, v128.load_ext<i8>(c0, 8)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(q1, v128.load_ext<i8>(c1, 8)));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(q1, v128.load_ext<i8>(c2, 8)));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(q1, v128.load_ext<i8>(c3, 8)));
      c0 += 16;
      c1 += 16;
      c2 += 16;
      c3 += 16;
      q += 32;
    }
    const dots = sumsOfFour(s0, s1, s2, s3);
    const bound = boundsOfFour(
      lane + FINE,
      dots,
      v128.load(c0),
      v128.load(c1),
      v128.load(c2),
      v128.load(c3),
    );
    // What is not above the threshold stays; also NaN, which says nothing.
    let open = ~i32x4.bitmask(f32x4.gt(bound, f32x4.splat(threshold))) & 15;
    if (open == 0) continue;
    const group = min(count - index, 4);
    open &= (1 << group) - 1;
    if (open & 1) take(load<u32>(slots), f32x4.extract_lane(bound, 0), c0);
    if (open & 2) take(load<u32>(slots, 4), f32x4.extract_lane(bound, 1), c1);
    if (open & 4) take(load<u32>(slots, 8), f32x4.extract_lane(bound, 2), c2);
    if (open & 8) take(load<u32>(slots, 12), f32x4.extract_lane(bound, 3), c3);
  }
}

/** Takes a row into the pool, and its upper bound into account. */
function take(slot: u32, low: f32, tail: usize): void {
  if (metric == COSINE) low = min(low, 2);
  // Where NaN came out, nothing is known.
  const isBounded = low > -Infinity;
  if (!isBounded) low = -Infinity;
  const pool = lane + poolInLane;
  if (candidates == <u32>POOL_KEYS) thin();
  store<u64>(pool + (<usize>candidates << 3), keyOf(orderOf(low), slot));
  candidates += 1;
  if (!isBounded) return;
  const aux = <f64>load<f32>(tail, 8) * <f64>load<f32>(lane, ROW_UNIT);
  const error =
    <f64>load<f32>(lane, BASE) +
    <f64>load<f32>(lane, BY_AUX) * (metric == L2 ? aux * aux : aux) +
    <f64>load<f32>(lane, FINE + BY_RESIDUAL) * <f64>load<f32>(tail, 4);
  bound(<f32>(<f64>low + 2 * error));
}

/** Takes the upper bound of a row into account. */
@inline
function bound(high: f32): void {
  if (metric == COSINE) high = max(high, 0);
  if (!(high < threshold)) return;
  const heap = lane + boundsInLane;
  let index: u32 = 0;
  if (bounds < wanted) {
    index = bounds;
    bounds += 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = load<f32>(heap + (<usize>parent << 2));
      if (above >= high) break;
      store<f32>(heap + (<usize>index << 2), above);
      index = parent;
    }
  } else {
    for (;;) {
      let child: u32 = 2 * index + 1;
      if (child >= bounds) break;
      let below = load<f32>(heap + (<usize>child << 2));
      if (child + 1 < bounds) {
        const other = load<f32>(heap + (<usize>(child + 1) << 2));
        if (other > below) {
          below = other;
          child += 1;
        }
      }
      if (below <= high) break;
      store<f32>(heap + (<usize>index << 2), below);
      index = child;
    }
  }
  store<f32>(heap + (<usize>index << 2), high);
  if (bounds == wanted) lower(load<f32>(heap));
}

/**
 * Where bounds say nothing: at the end of the scale of cosine they are cut off, and near the end of f32 a
 * bound may overflow when the distance does not.
 */
@inline
function isAtEnd(distance: f32): bool {
  return distance >= (metric == COSINE ? 2 : <f32>1.329227995784916e36);
}

/** Lowers the threshold. */
@inline
function lower(value: f32): void {
  if (value < threshold && !isAtEnd(value)) threshold = value;
}

/** Makes room in the pool: drops what is above the threshold by now, or reranks all. */
function thin(): void {
  const pool = lane + poolInLane;
  const highest = orderOf(threshold);
  let count: u32 = 0;
  for (let index: u32 = 0; index < candidates; index += 1) {
    const key = load<u64>(pool + (<usize>index << 3));
    store<u64>(pool + (<usize>count << 3), key);
    if (<u32>(key >> 32) <= highest) count += 1;
  }
  candidates = count;
  if (candidates > <u32>POOL_KEYS / 2) rerank();
}

/** Empties the pool: its rows by all bits, the lowest bounds first, until no bound is low enough. */
function rerank(): void {
  const pool = lane + poolInLane;
  const best = lane + bestInLane;
  heapifySmallest(pool, candidates);
  while (candidates > 0) {
    const key = popSmallest(pool, candidates);
    candidates -= 1;
    if (found == wanted) {
      const worst = <u32>(load<u64>(best) >> 32);
      if (<u32>(key >> 32) > worst && !isAtEnd(distanceOf(worst))) break;
    }
    offer(lane, best, wanted, <u32>key);
  }
  candidates = 0;
  if (found == wanted) lower(distanceOf(<u32>(load<u64>(best) >> 32)));
}
