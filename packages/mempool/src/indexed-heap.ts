import { assert } from '@lucerna/base';

/** What can be in heaps: it has a place in each of them, by the heap's slot; −1 where it is not in. */
export type HeapItem = { readonly heapPlaces: number[] };

/**
 * A binary heap whose items know their places, so that any of them can be moved or taken out in
 * O(log n). Its order may be partial. An item's rank changes only right before `update`.
 */
export class IndexedHeap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #slot: number;
  readonly #before: (left: T, right: T) => boolean;

  /** @param slot the number of this heap among those that its items can be in */
  constructor(slot: number, before: (left: T, right: T) => boolean) {
    this.#slot = slot;
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The item that no other one comes before. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** The item at a place: the ones below place `p` are at 2 · p + 1 and 2 · p + 2. */
  at(place: number): T | undefined {
    return this.#items[place];
  }

  /** Puts `item` in, or to where it belongs now. */
  update(item: T): void {
    let place = item.heapPlaces[this.#slot] as number;
    if (place < 0) place = this.#items.push(item) - 1;
    this.#sink(this.#rise(place, item), item);
  }

  /** Takes `item` out, if it is in. */
  remove(item: T): void {
    const place = item.heapPlaces[this.#slot] as number;
    if (place < 0) return;
    assert(this.#items[place] === item, 'an item is where it says');
    item.heapPlaces[this.#slot] = -1;
    const last = this.#items.pop() as T;
    if (last !== item) this.#sink(this.#rise(place, last), last);
  }

  /** Takes everything out. */
  clear(): void {
    for (const item of this.#items) item.heapPlaces[this.#slot] = -1;
    this.#items.length = 0;
  }

  /** Makes way upwards for `item`, which is to be at `place`; where it may be then. */
  #rise(place: number, item: T): number {
    let index = place;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#items[parent] as T;
      if (!this.#before(item, above)) break;
      this.#set(index, above);
      index = parent;
    }
    return index;
  }

  /** Puts `item` at `place`, or below what comes before it there. */
  #sink(place: number, item: T): void {
    const items = this.#items;
    let index = place;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && this.#before(items[right] as T, items[child] as T)) child = right;
      const below = items[child] as T;
      if (!this.#before(below, item)) break;
      this.#set(index, below);
      index = child;
    }
    this.#set(index, item);
  }

  #set(place: number, item: T): void {
    this.#items[place] = item;
    item.heapPlaces[this.#slot] = place;
  }
}
