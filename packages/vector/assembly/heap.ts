// Binary heaps of keys in memory (Knuth, The Art of Computer Programming, volume 3, §5.2.3). A key is the
// order of a distance in the upper 32 bits and a row, or row · 2 + mark, in the lower ones.

@inline
export function keyOf(order: u32, slot: u32): u64 {
  return ((<u64>order) << 32) | slot;
}

@inline
function at(heap: usize, index: u32): usize {
  return heap + (<usize>index << 3);
}

/** Adds a key to a heap of `count` keys whose first one is the largest. */
export function pushLargest(heap: usize, count: u32, key: u64): void {
  let index = count;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = load<u64>(at(heap, parent));
    if (above >= key) break;
    store<u64>(at(heap, index), above);
    index = parent;
  }
  store<u64>(at(heap, index), key);
}

/** Puts a key at the place of the first one of a heap of `count` keys whose first one is the largest. */
export function replaceLargest(heap: usize, count: u32, key: u64): void {
  let index: u32 = 0;
  for (;;) {
    let child: u32 = 2 * index + 1;
    if (child >= count) break;
    let below = load<u64>(at(heap, child));
    if (child + 1 < count) {
      const other = load<u64>(at(heap, child + 1));
      if (other > below) {
        below = other;
        child += 1;
      }
    }
    if (below <= key) break;
    store<u64>(at(heap, index), below);
    index = child;
  }
  store<u64>(at(heap, index), key);
}

/** Sorts a heap of `count` keys whose first one is the largest: the smallest comes first. */
export function sortLargest(heap: usize, count: u32): void {
  while (count > 1) {
    count -= 1;
    const last = load<u64>(at(heap, count));
    store<u64>(at(heap, count), load<u64>(heap));
    replaceLargest(heap, count, last);
  }
}

/** Adds a key to a heap of `count` keys whose first one is the smallest. */
export function pushSmallest(heap: usize, count: u32, key: u64): void {
  let index = count;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = load<u64>(at(heap, parent));
    if (above <= key) break;
    store<u64>(at(heap, index), above);
    index = parent;
  }
  store<u64>(at(heap, index), key);
}

/** Puts a key at the place of key `index` of a heap whose first one is the smallest, if it is larger. */
@inline
function siftSmallest(heap: usize, count: u32, index: u32, key: u64): void {
  for (;;) {
    let child: u32 = 2 * index + 1;
    if (child >= count) break;
    let below = load<u64>(at(heap, child));
    if (child + 1 < count) {
      const other = load<u64>(at(heap, child + 1));
      if (other < below) {
        below = other;
        child += 1;
      }
    }
    if (below >= key) break;
    store<u64>(at(heap, index), below);
    index = child;
  }
  store<u64>(at(heap, index), key);
}

/** Takes the first key out of a heap of `count` keys whose first one is the smallest. */
export function popSmallest(heap: usize, count: u32): u64 {
  const first = load<u64>(heap);
  if (count > 1) siftSmallest(heap, count - 1, 0, load<u64>(at(heap, count - 1)));
  return first;
}

/** Orders `count` keys as a heap whose first one is the smallest. */
export function heapifySmallest(heap: usize, count: u32): void {
  for (let index = count >> 1; index > 0; index -= 1) {
    siftSmallest(heap, count, index - 1, load<u64>(at(heap, index - 1)));
  }
}
