// The best rows of a search, by all bits of their values.

import { distanceOf, distanceOfValues, orderOf } from './distance';
import { distancesInLane, queryValuesInLane, slotsInLane } from './header';
import { keyOf, pushLargest, replaceLargest, sortLargest } from './heap';

/** Number of keys in `best`, which every search of this thread begins with 0. */
export let found: u32 = 0;

@inline
export function forget(): void {
  found = 0;
}

/** Compares the row with the best `k`: a heap whose first one is the worst. */
@inline
export function offer(lane: usize, best: usize, k: u32, slot: u32): void {
  const key = keyOf(orderOf(distanceOfValues(lane + queryValuesInLane, slot)), slot);
  if (found < k) {
    pushLargest(best, found, key);
    found += 1;
  } else if (key < load<u64>(best)) {
    replaceLargest(best, k, key);
  }
}

/** Writes the results of a lane, best first. @returns how many */
export function finish(lane: usize, best: usize): u32 {
  sortLargest(best, found);
  return finishSorted(lane, best, found, 0);
}

/** Writes the first `count` keys as results. The row is in the lower bits, above `marks` others. */
@inline
export function finishSorted(lane: usize, best: usize, count: u32, marks: u64): u32 {
  const slots = lane + slotsInLane;
  const distances = lane + distancesInLane;
  for (let index: usize = 0; index < <usize>count; index += 1) {
    const key = load<u64>(best + (index << 3));
    store<u32>(slots + (index << 2), <u32>key >> <u32>marks);
    store<f32>(distances + (index << 2), distanceOf(<u32>(key >> 32)));
  }
  return count;
}
