// Search by signs: how many differ, then the best by all bits.

import {
  bestInLane,
  bitsAt,
  bitsStride,
  filterInLane,
  FLAG_LIVE,
  flagsAt,
  laneAt,
  poolInLane,
  POOL_KEYS,
  queryBitsInLane,
  ROWS,
} from './header';
import { keyOf } from './heap';
import { finish, forget, offer } from './results';

let candidates: u32 = 0;
/** Rows in which as many or more signs differ are not candidates any more. */
let limit: u32 = 0;

/**
 * The `k` nearest by values among the `rerank` live rows in which the fewest signs differ; the first
 * ones where it is the same for many. `words`: of the lane's filter; −1: all rows.
 */
export function scanBinary(laneIndex: u32, k: u32, rerank: u32, words: i32): u32 {
  const lane = laneAt(laneIndex);
  const best = lane + bestInLane;
  const pool = lane + poolInLane;
  forget();
  if (k == 0) return 0;
  candidates = 0;
  limit = u32.MAX_VALUE;
  const rows = load<u32>(ROWS);
  if (words < 0) {
    for (let slot: u32 = 0; slot < rows; slot += 1) compare(lane, slot, rerank);
  } else {
    for (let word: u32 = 0; word < <u32>words; word += 1) {
      let bits = load<u32>(lane + filterInLane + (<usize>word << 2));
      while (bits != 0) {
        const slot = (word << 5) | ctz(bits);
        bits &= bits - 1;
        if (slot < rows) compare(lane, slot, rerank);
      }
    }
  }
  keepBest(lane, rerank);
  for (let index: u32 = 0; index < candidates; index += 1) {
    offer(lane, best, k, load<u32>(pool + (<usize>index << 3)));
  }
  return finish(lane, best);
}

@inline
function compare(lane: usize, slot: u32, rerank: u32): void {
  if ((load<u8>(flagsAt(slot)) & FLAG_LIVE) == 0) return;
  const differing = signsBetween(lane + queryBitsInLane, bitsAt(slot));
  if (differing >= limit) return;
  if (candidates == <u32>POOL_KEYS) keepBest(lane, rerank);
  store<u64>(lane + poolInLane + (<usize>candidates << 3), keyOf(differing, slot));
  candidates += 1;
}

/** In how many bits two rows differ. */
@inline
function signsBetween(a: usize, b: usize): u32 {
  let sum: u64 = 0;
  for (const end = a + bitsStride; a < end; a += 16, b += 16) {
    sum += popcnt(load<u64>(a) ^ load<u64>(b)) + popcnt(load<u64>(a, 8) ^ load<u64>(b, 8));
  }
  return <u32>sum;
}

/** Leaves the best `rerank` candidates in the pool, in the order of their rows: by counting. */
function keepBest(lane: usize, rerank: u32): void {
  if (candidates <= rerank) return;
  const pool = lane + poolInLane;
  // A count for each number of differing signs, at most as many as a row has bits.
  const counts = lane + bestInLane;
  const kinds = <usize>(bitsStride << 3) + 1;
  memory.fill(counts, 0, kinds << 2);
  for (let index: u32 = 0; index < candidates; index += 1) {
    const count = counts + (<usize>load<u32>(pool + (<usize>index << 3), 4) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let below: u32 = 0;
  let kind: u32 = 0;
  for (;;) {
    const count = load<u32>(counts + (<usize>kind << 2));
    if (below + count > rerank) break;
    below += count;
    kind += 1;
  }
  // All with fewer than `kind` differing signs, and the first of those with as many.
  let spare = rerank - below;
  let kept: u32 = 0;
  for (let index: u32 = 0; index < candidates; index += 1) {
    const key = load<u64>(pool + (<usize>index << 3));
    const differing = <u32>(key >> 32);
    if (differing > kind) continue;
    if (differing == kind) {
      if (spare == 0) continue;
      spare -= 1;
    }
    store<u64>(pool + (<usize>kept << 3), key);
    kept += 1;
  }
  candidates = kept;
  limit = kind;
}
