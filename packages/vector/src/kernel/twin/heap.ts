import type { Twin } from './header.ts';

// Binary heaps of keys in memory (Knuth, The Art of Computer Programming, volume 3, §5.2.3). A key is the
// order of a distance in its upper half and a row, or row · 2 + mark, in the lower one.

/** Adds a key to a heap of `count` keys whose first one is the largest. */
export function pushLargest(
  twin: Twin,
  heap: number,
  count: number,
  high: number,
  low: number,
): void {
  const { words } = twin;
  const start = heap >>> 2;
  let index = count;
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    const aboveLow = words[start + parent * 2] as number;
    const aboveHigh = words[start + parent * 2 + 1] as number;
    if (aboveHigh > high || (aboveHigh === high && aboveLow >= low)) break;
    words[start + index * 2] = aboveLow;
    words[start + index * 2 + 1] = aboveHigh;
    index = parent;
  }
  words[start + index * 2] = low;
  words[start + index * 2 + 1] = high;
}

/** Puts a key at the place of the first one of a heap of `count` keys whose first one is the largest. */
export function replaceLargest(
  twin: Twin,
  heap: number,
  count: number,
  high: number,
  low: number,
): void {
  const { words } = twin;
  const start = heap >>> 2;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= count) break;
    let belowLow = words[start + child * 2] as number;
    let belowHigh = words[start + child * 2 + 1] as number;
    if (child + 1 < count) {
      const otherLow = words[start + child * 2 + 2] as number;
      const otherHigh = words[start + child * 2 + 3] as number;
      if (otherHigh > belowHigh || (otherHigh === belowHigh && otherLow > belowLow)) {
        belowLow = otherLow;
        belowHigh = otherHigh;
        child += 1;
      }
    }
    if (belowHigh < high || (belowHigh === high && belowLow <= low)) break;
    words[start + index * 2] = belowLow;
    words[start + index * 2 + 1] = belowHigh;
    index = child;
  }
  words[start + index * 2] = low;
  words[start + index * 2 + 1] = high;
}

/** Sorts a heap of `count` keys whose first one is the largest: the smallest comes first. */
export function sortLargest(twin: Twin, heap: number, count: number): void {
  const { words } = twin;
  const start = heap >>> 2;
  for (let left = count - 1; left > 0; left -= 1) {
    const lastLow = words[start + left * 2] as number;
    const lastHigh = words[start + left * 2 + 1] as number;
    words[start + left * 2] = words[start] as number;
    words[start + left * 2 + 1] = words[start + 1] as number;
    replaceLargest(twin, heap, left, lastHigh, lastLow);
  }
}

/** Adds a key to a heap of `count` keys whose first one is the smallest. */
export function pushSmallest(
  twin: Twin,
  heap: number,
  count: number,
  high: number,
  low: number,
): void {
  const { words } = twin;
  const start = heap >>> 2;
  let index = count;
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    const aboveLow = words[start + parent * 2] as number;
    const aboveHigh = words[start + parent * 2 + 1] as number;
    if (aboveHigh < high || (aboveHigh === high && aboveLow <= low)) break;
    words[start + index * 2] = aboveLow;
    words[start + index * 2 + 1] = aboveHigh;
    index = parent;
  }
  words[start + index * 2] = low;
  words[start + index * 2 + 1] = high;
}

/** Puts a key at the place of key `from` of a heap whose first one is the smallest, if it is larger. */
function siftSmallest(
  twin: Twin,
  heap: number,
  count: number,
  from: number,
  high: number,
  low: number,
): void {
  const { words } = twin;
  const start = heap >>> 2;
  let index = from;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= count) break;
    let belowLow = words[start + child * 2] as number;
    let belowHigh = words[start + child * 2 + 1] as number;
    if (child + 1 < count) {
      const otherLow = words[start + child * 2 + 2] as number;
      const otherHigh = words[start + child * 2 + 3] as number;
      if (otherHigh < belowHigh || (otherHigh === belowHigh && otherLow < belowLow)) {
        belowLow = otherLow;
        belowHigh = otherHigh;
        child += 1;
      }
    }
    if (belowHigh > high || (belowHigh === high && belowLow >= low)) break;
    words[start + index * 2] = belowLow;
    words[start + index * 2 + 1] = belowHigh;
    index = child;
  }
  words[start + index * 2] = low;
  words[start + index * 2 + 1] = high;
}

/** Takes the first key out of a heap of `count` keys whose first one is the smallest: `twin.key…`. */
export function popSmallest(twin: Twin, heap: number, count: number): void {
  const { words } = twin;
  const start = heap >>> 2;
  const low = words[start] as number;
  const high = words[start + 1] as number;
  if (count > 1) {
    const last = start + (count - 1) * 2;
    siftSmallest(twin, heap, count - 1, 0, words[last + 1] as number, words[last] as number);
  }
  twin.keyLow = low;
  twin.keyHigh = high;
}

/** Orders `count` keys as a heap whose first one is the smallest. */
export function heapifySmallest(twin: Twin, heap: number, count: number): void {
  const { words } = twin;
  const start = heap >>> 2;
  for (let index = (count >>> 1) - 1; index >= 0; index -= 1) {
    const low = words[start + index * 2] as number;
    const high = words[start + index * 2 + 1] as number;
    siftSmallest(twin, heap, count, index, high, low);
  }
}
