import { assert } from '@lucerna/base';

/**
 * A binary heap: `pop` gives the item that comes before all others. The order must be total, else
 * which of two equal items comes first would depend on how they were pushed.
 */
export class BinaryHeap<T> {
  readonly #items: T[];
  readonly #before: (left: T, right: T) => boolean;

  /** Takes over `items` in any order, in O(n) (Floyd's construction). */
  constructor(items: T[], before: (left: T, right: T) => boolean) {
    this.#items = items;
    this.#before = before;
    for (let index = (items.length >> 1) - 1; index >= 0; index -= 1) this.#sink(index);
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (!this.#before(item, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    items[0] = last;
    this.#sink(0);
    return first;
  }

  /** Moves the item at `start` down until nothing below it comes before it. */
  #sink(start: number): void {
    const items = this.#items;
    assert(start < items.length, 'only an item of the heap can sink');
    const item = items[start] as T;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && this.#before(items[right] as T, items[child] as T)) child = right;
      const below = items[child] as T;
      if (!this.#before(below, item)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
  }
}
