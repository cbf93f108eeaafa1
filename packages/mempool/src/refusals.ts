import { assert } from '@lucerna/base';

/**
 * Hashes of transactions that were refused for what they are, or had to leave, a short time ago:
 * peers that send them again are refused without another look. A ring: the oldest make room.
 */
export class Refusals {
  readonly #capacity: number;
  readonly #rememberedMs: number;
  /** By hash: since when, oldest first. */
  readonly #sinceMs = new Map<string, number>();

  constructor(capacity: number, rememberedMs: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a ring remembers at least one hash');
    this.#capacity = capacity;
    this.#rememberedMs = rememberedMs;
  }

  get size(): number {
    return this.#sinceMs.size;
  }

  add(hashKey: string, nowMs: number): void {
    this.#sinceMs.delete(hashKey);
    this.#sinceMs.set(hashKey, nowMs);
    if (this.#sinceMs.size <= this.#capacity) return;
    for (const oldest of this.#sinceMs.keys()) {
      this.#sinceMs.delete(oldest);
      return;
    }
  }

  has(hashKey: string, nowMs: number): boolean {
    const sinceMs = this.#sinceMs.get(hashKey);
    return sinceMs !== undefined && nowMs - sinceMs < this.#rememberedMs;
  }

  clear(): void {
    this.#sinceMs.clear();
  }
}
