import { distanceOf, distanceOfValues, orderOf } from './distance.ts';
import type { Twin } from './header.ts';
import { pushLargest, replaceLargest, sortLargest } from './heap.ts';

// The best rows of a search, by all bits of their values.

/** Every search begins with it. */
export function forget(twin: Twin): void {
  twin.found = 0;
}

/** Compares the row with the best `k`: a heap whose first one is the worst. */
export function offer(twin: Twin, lane: number, best: number, k: number, slot: number): void {
  const order = orderOf(distanceOfValues(twin, lane + twin.queryValuesInLane, slot));
  if (twin.found < k) {
    pushLargest(twin, best, twin.found, order, slot);
    twin.found += 1;
    return;
  }
  const worst = twin.u32(best + 4);
  if (order < worst || (order === worst && slot < twin.u32(best))) {
    replaceLargest(twin, best, k, order, slot);
  }
}

/** Writes the results of a lane, best first. @returns how many */
export function finish(twin: Twin, lane: number, best: number): number {
  sortLargest(twin, best, twin.found);
  return finishSorted(twin, lane, best, twin.found, 0);
}

/** Writes the first `count` keys as results. The row is in the lower bits, above `marks` others. */
export function finishSorted(
  twin: Twin,
  lane: number,
  best: number,
  count: number,
  marks: number,
): number {
  const slots = lane + twin.slotsInLane;
  const distances = lane + twin.distancesInLane;
  for (let index = 0; index < count; index += 1) {
    twin.setU32(slots + index * 4, twin.u32(best + index * 8) >>> marks);
    twin.setF32(distances + index * 4, distanceOf(twin.u32(best + index * 8 + 4)));
  }
  return count;
}
