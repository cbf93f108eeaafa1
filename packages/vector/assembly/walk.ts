// Walks through the graph (Malkov and Yashunin, algorithms 2 and 5).

import { SPREAD } from './encode';
import { distanceOf } from './distance';
import {
  bestInLane,
  codeBytes,
  codesAt,
  DEAD,
  ENTRY,
  filterInLane,
  FLAG_LIVE,
  flagsAt,
  laneAt,
  linksAt,
  listInLane,
  poolInLane,
  POOL_KEYS,
  ROWS,
  TOP_LEVEL,
  valuesAt,
  visitedInLane,
} from './header';
import {
  keyOf,
  popSmallest,
  pushLargest,
  pushSmallest,
  replaceLargest,
  sortLargest,
} from './heap';
import { listAt, roomOf } from './links';
import { orderOfRow, see } from './pool';
import { finish, finishSorted, forget, found, offer } from './results';

/** Above it the pool would be moved more than heaps cost. */
const POOL_EF: u32 = 1_024;

/**
 * Rows whose links are followed at once: so many rows wait for memory together. More than two look at
 * rows that a better one would have spared them.
 */
const BEAM: u32 = 2;

/** Keys in the pool after `search`. */
export let pooled: u32 = 0;

export function shrinkPool(): void {
  pooled -= 1;
}

/** What was read ahead; of no meaning. */
let touched: u32 = 0;

/** Forgets what was seen. */
@inline
function forgetSeen(lane: usize): void {
  memory.fill(lane + visitedInLane, 0, <usize>((load<u32>(ROWS) + 31) >> 5) << 2);
}

/**
 * Reads ahead of the rows of a list, so that the processor waits for all of them at once and not for one
 * after the other.
 */
@inline
export function touchRows(list: usize, count: u32, isInt8: bool): void {
  let sum: u32 = 0;
  for (let index: u32 = 0; index < count; index += 1) {
    const slot = load<u32>(list + (<usize>index << 2));
    const place = isInt8 ? codesAt(slot) : valuesAt(slot);
    sum ^= load<u32>(place);
    sum ^= load<u32>(place, 64);
  }
  touched ^= sum;
}

/** Goes down from layer `from` to layer `to` + 1, in each to the nearest row that single steps reach. */
@inline
export function descend(lane: usize, from: i32, to: i32, isInt8: bool): u64 {
  let slot = load<u32>(ENTRY) - 1;
  let order = orderOfRow(lane, slot, isInt8);
  for (let layer = from; layer > to; layer -= 1) {
    const room = roomOf(layer);
    for (let isBetter = true; isBetter; ) {
      isBetter = false;
      const at = slot;
      const list = listAt(at, layer);
      for (let index: u32 = 0; index < room; index += 1) {
        const other = load<u32>(list + (<usize>index << 2));
        if (other == at) break;
        const others = orderOfRow(lane, other, isInt8);
        if (others >= order) continue;
        order = others;
        slot = other;
        isBetter = true;
      }
    }
  }
  return keyOf(order, slot << 1);
}

/**
 * Writes the rows of a list that were not seen yet to the lane's list, behind `count` others, and sees
 * them. @returns how many there are then
 */
@inline
function unseen(lane: usize, links: usize, room: u32, count: usize): usize {
  const list = lane + listInLane;
  for (const end = links + (<usize>room << 2); links < end; links += 4) {
    const slot = load<u32>(links);
    store<u32>(list + (count << 2), slot);
    count += see(lane, slot);
  }
  return count;
}

/** Reads ahead of the links that are probably followed next. */
@inline
function touchNext(pool: usize, next: u32, count: u32, layer: i32, mask: u32): void {
  let sum: u32 = 0;
  for (const end = min(count, next + BEAM); next < end; next += 1) {
    const links = listAt((<u32>load<u64>(pool + (<usize>next << 3)) >> 1) ^ mask, layer);
    sum ^= load<u32>(links) ^ load<u32>(links, 64);
  }
  touched ^= sum;
}

/**
 * Fills the pool with the `ef` nearest rows of a layer that are found from `start` on. Rows that are
 * equally near come in the order of (row xor `mask`), which takes the place of the row in the keys.
 */
@inline
export function search(
  lane: usize,
  start: u64,
  ef: u32,
  layer: i32,
  isInt8: bool,
  mask: u32,
): void {
  const pool = lane + poolInLane;
  const list = lane + listInLane;
  const room = roomOf(layer);
  forgetSeen(lane);
  see(lane, <u32>start >> 1);
  store<u64>(pool, start ^ (mask << 1));
  let count: u32 = 1;
  let next: u32 = 0;
  for (;;) {
    let fresh: usize = 0;
    for (let taken: u32 = 0; taken < BEAM && next < count; next += 1) {
      const place = pool + (<usize>next << 3);
      const key = load<u64>(place);
      if (key & 1) continue;
      store<u64>(place, key | 1);
      fresh = unseen(lane, listAt((<u32>key >> 1) ^ mask, layer), room, fresh);
      taken += 1;
    }
    if (fresh == 0) {
      if (next >= count) break;
      continue;
    }
    touchRows(list, <u32>fresh, isInt8);
    touchNext(pool, next, count, layer, mask);
    let limit = count == ef ? load<u64>(pool + (<usize>(ef - 1) << 3)) : u64.MAX_VALUE;
    for (let index: usize = 0; index < fresh; index += 1) {
      const slot = load<u32>(list + (index << 2));
      const candidate = keyOf(orderOfRow(lane, slot, isInt8), (slot ^ mask) << 1);
      if (candidate >= limit) continue;
      let p = pool + (<usize>(count < ef ? count++ : ef - 1) << 3);
      while (p > pool && load<u64>(p - 8) > candidate) {
        store<u64>(p, load<u64>(p - 8));
        p -= 8;
      }
      store<u64>(p, candidate);
      next = min(next, <u32>((p - pool) >> 3));
      if (count == ef) limit = load<u64>(pool + (<usize>(ef - 1) << 3));
    }
  }
  pooled = count;
}

/** Whether a row may be a result. */
@inline
function isAllowed(lane: usize, slot: u32, isFiltered: bool): bool {
  if ((load<u8>(flagsAt(slot)) & FLAG_LIVE) == 0) return false;
  if (!isFiltered) return true;
  return ((load<u32>(lane + filterInLane + (<usize>(slot >> 5) << 2)) >> (slot & 31)) & 1) != 0;
}

/**
 * As `search` of the lowest layer, with heaps: only allowed rows are results, others lead on. Finds
 * nothing where it would have to follow the links of more than `steps` rows (0: of any number): where
 * allowed rows are far away, that would be most of the graph.
 */
@inline
function searchAllowed(
  lane: usize,
  start: u64,
  ef: u32,
  isInt8: bool,
  isFiltered: bool,
  steps: u32,
): void {
  const heap = lane + poolInLane;
  const best = lane + bestInLane;
  const list = lane + listInLane;
  const room = roomOf(0);
  forgetSeen(lane);
  see(lane, <u32>start >> 1);
  store<u64>(heap, start);
  let open: u32 = 1;
  let count: u32 = 0;
  let taken: u32 = 0;
  if (isAllowed(lane, <u32>start >> 1, isFiltered)) {
    store<u64>(best, start);
    count = 1;
  }
  while (open > 0) {
    const key = popSmallest(heap, open);
    open -= 1;
    if (count == ef && key > load<u64>(best)) break;
    if (steps != 0 && taken == steps) {
      count = 0;
      break;
    }
    taken += 1;
    const fresh = unseen(lane, linksAt(<u32>key >> 1), room, 0);
    touchRows(list, <u32>fresh, isInt8);
    for (let index: usize = 0; index < fresh; index += 1) {
      const slot = load<u32>(list + (index << 2));
      const candidate = keyOf(orderOfRow(lane, slot, isInt8), slot << 1);
      if (count == ef && candidate >= load<u64>(best)) continue;
      // The leaves of a heap that has no room are as good as any to drop.
      if (open == <u32>POOL_KEYS) open = <u32>POOL_KEYS / 2;
      pushSmallest(heap, open, candidate);
      open += 1;
      if (!isAllowed(lane, slot, isFiltered)) continue;
      if (count < ef) {
        pushLargest(best, count, candidate);
        count += 1;
      } else {
        replaceLargest(best, ef, candidate);
      }
    }
  }
  sortLargest(best, count);
  memory.copy(heap, best, <usize>count << 3);
  pooled = count;
}

/** Makes results of the pool: by all bits, as long as a row can be among the best `k`. */
function rerank(lane: usize, k: u32): u32 {
  const pool = lane + poolInLane;
  const best = lane + bestInLane;
  const spread = load<f32>(lane, SPREAD);
  forget();
  for (let index: u32 = 0; index < pooled; index += 1) {
    const key = load<u64>(pool + (<usize>index << 3));
    const slot = <u32>key >> 1;
    if (found == k) {
      const least =
        distanceOf(<u32>(key >> 32)) - spread * load<f32>(codesAt(slot) + codeBytes, 4);
      if (least > distanceOf(<u32>(load<u64>(best) >> 32))) break;
    }
    offer(lane, best, k, slot);
  }
  return finish(lane, best);
}

@inline
function walkBy(
  lane: usize,
  k: u32,
  ef: u32,
  isFiltered: bool,
  isInt8: bool,
  steps: u32,
): u32 {
  const start = descend(lane, load<u32>(TOP_LEVEL), 0, isInt8);
  if (isFiltered || load<u32>(DEAD) != 0 || ef > POOL_EF) {
    if (isFiltered) searchAllowed(lane, start, ef, isInt8, true, steps);
    else searchAllowed(lane, start, ef, isInt8, false, steps);
  } else {
    search(lane, start, ef, 0, isInt8, 0);
  }
  if (isInt8) return rerank(lane, k);
  return finishSorted(lane, lane + poolInLane, min(k, pooled), 1);
}

/**
 * The `k` nearest rows that a walk with `ef` candidates finds, by codes and then by values or by values
 * alone; of the lane's filter, if it is to be heeded. Finds nothing where `isFiltered` would take more
 * than `steps` steps; 0: any number may be taken. @returns how many
 */
export function walk(
  laneIndex: u32,
  k: u32,
  ef: u32,
  isInt8: u32,
  isFiltered: u32,
  steps: u32,
): u32 {
  if (k == 0 || load<u32>(ENTRY) == 0) return 0;
  const lane = laneAt(laneIndex);
  if (isInt8 != 0) return walkBy(lane, k, ef, isFiltered != 0, true, steps);
  return walkBy(lane, k, ef, isFiltered != 0, false, steps);
}
