import { assert } from './assert.ts';

/** A map that forgets the least recently used entries when it is full. */
export class LruCache<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #capacity: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  /**
   * @param capacity how much all values may weigh together
   * @param weigh a natural number for each value, always the same; by default 1, so that the
   *   capacity is a number of entries. What alone weighs too much is not kept.
   */
  constructor(capacity: number, weigh: (value: V) => number = () => 1) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a cache holds at least one entry');
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity) return;
      this.#delete(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #delete(key: K): void {
    const value = this.#entries.get(key);
    if (this.#entries.delete(key)) this.#weight -= this.#weigh(value as V);
  }
}
