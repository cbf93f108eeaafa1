import { FLAG_LIVE, HEADER, POOL_KEYS } from '../layout.ts';
import { distanceOf } from './distance.ts';
import { SPREAD } from './encode.ts';
import type { Twin } from './header.ts';
import { popSmallest, pushLargest, pushSmallest, replaceLargest, sortLargest } from './heap.ts';
import { listAt, roomOf } from './links.ts';
import { orderOfRow, see } from './pool.ts';
import { finish, finishSorted, forget, offer } from './results.ts';

// Walks through the graph (Malkov and Yashunin, algorithms 2 and 5). What the kernel reads ahead for the
// sake of the processor is not read here.

/** Above it the pool would be moved more than heaps cost. */
const POOL_EF = 1_024;

/** Rows whose links are followed together. */
const BEAM = 2;

/** Forgets what was seen. */
export function forgetSeen(twin: Twin, lane: number): void {
  twin.clear(lane + twin.visitedInLane, ((twin.word(HEADER.ROWS) + 31) >>> 5) * 4);
}

/**
 * Goes down from layer `from` to layer `to` + 1, in each to the nearest row that single steps reach:
 * `twin.key…`.
 */
export function descend(twin: Twin, lane: number, from: number, to: number, isInt8: boolean): void {
  let slot = twin.word(HEADER.ENTRY) - 1;
  let order = orderOfRow(twin, lane, slot, isInt8);
  for (let layer = from; layer > to; layer -= 1) {
    const room = roomOf(twin, layer);
    for (let isBetter = true; isBetter; ) {
      isBetter = false;
      const at = slot;
      const list = listAt(twin, at, layer);
      for (let index = 0; index < room; index += 1) {
        const other = twin.u32(list + index * 4);
        if (other === at) break;
        const others = orderOfRow(twin, lane, other, isInt8);
        if (others >= order) continue;
        order = others;
        slot = other;
        isBetter = true;
      }
    }
  }
  twin.keyHigh = order;
  twin.keyLow = slot * 2;
}

/**
 * Writes the rows of a list that were not seen yet to the lane's list, behind `count` others, and sees
 * them. @returns how many there are then
 */
function unseen(twin: Twin, lane: number, links: number, room: number, before: number): number {
  const list = lane + twin.listInLane;
  let count = before;
  for (let index = 0; index < room; index += 1) {
    const slot = twin.u32(links + index * 4);
    twin.setU32(list + count * 4, slot);
    count += see(twin, lane, slot);
  }
  return count;
}

/**
 * Fills the pool with the `ef` nearest rows of a layer that are found from the start on: `twin.key…`. Rows
 * that are equally near come in the order of (row xor `mask`), which takes the place of the row in the
 * keys.
 */
export function search(
  twin: Twin,
  lane: number,
  ef: number,
  layer: number,
  isInt8: boolean,
  mask: number,
): void {
  const { words } = twin;
  const pool = (lane + twin.poolInLane) >>> 2;
  const last = pool + (ef - 1) * 2;
  const list = lane + twin.listInLane;
  const room = roomOf(twin, layer);
  forgetSeen(twin, lane);
  see(twin, lane, twin.keyLow >>> 1);
  words[pool] = twin.keyLow ^ (mask << 1);
  words[pool + 1] = twin.keyHigh;
  let count = 1;
  let next = 0;
  for (;;) {
    let fresh = 0;
    for (let taken = 0; taken < BEAM && next < count; next += 1) {
      const low = words[pool + next * 2] as number;
      if ((low & 1) !== 0) continue;
      words[pool + next * 2] = low | 1;
      fresh = unseen(twin, lane, listAt(twin, (low >>> 1) ^ mask, layer), room, fresh);
      taken += 1;
    }
    if (fresh === 0) {
      if (next >= count) break;
      continue;
    }
    let limitLow = count === ef ? (words[last] as number) : 0xffff_ffff;
    let limitHigh = count === ef ? (words[last + 1] as number) : 0xffff_ffff;
    for (let index = 0; index < fresh; index += 1) {
      const slot = twin.u32(list + index * 4);
      const high = orderOfRow(twin, lane, slot, isInt8);
      const low = (slot ^ mask) * 2;
      if (high > limitHigh || (high === limitHigh && low >= limitLow)) continue;
      let place = count < ef ? pool + count * 2 : last;
      if (count < ef) count += 1;
      while (place > pool) {
        const beforeLow = words[place - 2] as number;
        const beforeHigh = words[place - 1] as number;
        if (beforeHigh < high || (beforeHigh === high && beforeLow <= low)) break;
        words[place] = beforeLow;
        words[place + 1] = beforeHigh;
        place -= 2;
      }
      words[place] = low;
      words[place + 1] = high;
      next = Math.min(next, (place - pool) >>> 1);
      if (count === ef) {
        limitLow = words[last] as number;
        limitHigh = words[last + 1] as number;
      }
    }
  }
  twin.pooled = count;
}

/** Whether a row may be a result. */
function isAllowed(twin: Twin, lane: number, slot: number, isFiltered: boolean): boolean {
  if ((twin.u8(twin.flagsAt(slot)) & FLAG_LIVE) === 0) return false;
  if (!isFiltered) return true;
  return ((twin.u32(lane + twin.filterInLane + (slot >>> 5) * 4) >>> (slot & 31)) & 1) !== 0;
}

/**
 * As `search` of the lowest layer, with heaps: only allowed rows are results, others lead on. Finds
 * nothing where it would have to follow the links of more than `steps` rows (0: of any number).
 */
function searchAllowed(
  twin: Twin,
  lane: number,
  ef: number,
  isInt8: boolean,
  isFiltered: boolean,
  steps: number,
): void {
  const heap = lane + twin.poolInLane;
  const best = lane + twin.bestInLane;
  const list = lane + twin.listInLane;
  const room = roomOf(twin, 0);
  const { keyHigh, keyLow } = twin;
  forgetSeen(twin, lane);
  see(twin, lane, keyLow >>> 1);
  twin.setKey(heap, keyHigh, keyLow);
  let open = 1;
  let count = 0;
  let taken = 0;
  if (isAllowed(twin, lane, keyLow >>> 1, isFiltered)) {
    twin.setKey(best, keyHigh, keyLow);
    count = 1;
  }
  while (open > 0) {
    popSmallest(twin, heap, open);
    open -= 1;
    if (count === ef && isAboveFirst(twin, best, twin.keyHigh, twin.keyLow)) break;
    if (steps !== 0 && taken === steps) {
      count = 0;
      break;
    }
    taken += 1;
    const fresh = unseen(twin, lane, twin.linksAt(twin.keyLow >>> 1), room, 0);
    for (let index = 0; index < fresh; index += 1) {
      const slot = twin.u32(list + index * 4);
      const order = orderOfRow(twin, lane, slot, isInt8);
      // No two keys are the same.
      if (count === ef && isAboveFirst(twin, best, order, slot * 2)) continue;
      // The leaves of a heap that has no room are as good as any to drop.
      if (open === POOL_KEYS) open = POOL_KEYS / 2;
      pushSmallest(twin, heap, open, order, slot * 2);
      open += 1;
      if (!isAllowed(twin, lane, slot, isFiltered)) continue;
      if (count < ef) {
        pushLargest(twin, best, count, order, slot * 2);
        count += 1;
      } else {
        replaceLargest(twin, best, ef, order, slot * 2);
      }
    }
  }
  sortLargest(twin, best, count);
  twin.copy(heap, best, count * 8);
  twin.pooled = count;
}

/** Whether a key is larger than the first one of a heap. */
function isAboveFirst(twin: Twin, heap: number, high: number, low: number): boolean {
  const first = twin.u32(heap + 4);
  return high > first || (high === first && low > twin.u32(heap));
}

/** Makes results of the pool: by all bits, as long as a row can be among the best `k`. */
function rerank(twin: Twin, lane: number, k: number): number {
  const pool = lane + twin.poolInLane;
  const best = lane + twin.bestInLane;
  const spread = twin.f32(lane + SPREAD);
  forget(twin);
  for (let index = 0; index < twin.pooled; index += 1) {
    const slot = twin.u32(pool + index * 8) >>> 1;
    if (twin.found === k) {
      const residual = twin.f32(twin.codesAt(slot) + twin.codeBytes + 4);
      const distance = distanceOf(twin.u32(pool + index * 8 + 4));
      const least = Math.fround(distance - Math.fround(spread * residual));
      if (least > distanceOf(twin.u32(best + 4))) break;
    }
    offer(twin, lane, best, k, slot);
  }
  return finish(twin, lane, best);
}

/**
 * The `k` nearest rows that a walk with `ef` candidates finds, by codes and then by values or by values
 * alone; of the lane's filter, if it is to be heeded. Finds nothing where `isFiltered` would take more
 * than `steps` steps; 0: any number may be taken. @returns how many
 */
export function walk(
  twin: Twin,
  laneIndex: number,
  k: number,
  ef: number,
  isInt8: boolean,
  isFiltered: boolean,
  steps: number,
): number {
  if (k === 0 || twin.word(HEADER.ENTRY) === 0) return 0;
  const lane = twin.laneAt(laneIndex);
  descend(twin, lane, twin.word(HEADER.TOP_LEVEL), 0, isInt8);
  if (isFiltered || twin.word(HEADER.DEAD) !== 0 || ef > POOL_EF) {
    searchAllowed(twin, lane, ef, isInt8, isFiltered, steps);
  } else {
    search(twin, lane, ef, 0, isInt8, 0);
  }
  if (isInt8) return rerank(twin, lane, k);
  return finishSorted(twin, lane, lane + twin.poolInLane, Math.min(k, twin.pooled), 1);
}
