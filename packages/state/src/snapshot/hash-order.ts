import { assert, compareBytes, present } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';

/** How {@link hashOrder} works. */
export type HashOrderOptions = {
  /** Bytes of every key. */
  readonly keyBytes: number;
  /** How many keys are held in memory at a time, at least 2 and at most 2²⁰. */
  readonly maxKeys: number;
  /** Awaited, when there is something to await, for every key that is looked at or given. */
  readonly step: () => Promise<void> | undefined;
};

/** Above the number of a key in a pass; behind a prefix of 4 bytes it is exact in a double. */
const INDEX_END = 2 ** 20;
/** Keys that a pass has room for at first: most contracts have fewer slots. */
const FIRST_ROOM = 64;

/**
 * All keys in the order of their hashes, which is the order of a trie, in bounded memory however many
 * they are: one pass over `keys` takes the `maxKeys` lowest hashes, the next one those after them, and
 * so on. `keys` gives the same keys every time, each once.
 */
export async function* hashOrder(
  keys: () => Iterable<Uint8Array>,
  options: HashOrderOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { step } = options;
  for (let from: Bound | undefined = START; from !== undefined; ) {
    const lowest: LowestKeys = new LowestKeys(from, options);
    for (const key of keys()) {
      const turn = step();
      if (turn !== undefined) await turn;
      lowest.add(key);
    }
    for (const key of lowest.sorted()) {
      const turn = step();
      if (turn !== undefined) await turn;
      yield key;
    }
    from = lowest.end;
  }
}

/** A place between hashes: before all that have this prefix, or before one hash of them. */
type Bound = { readonly prefix: number; readonly hash?: Uint8Array };

const START: Bound = { prefix: 0 };

/** The keys of one pass: those with the lowest hashes from `from` on. */
class LowestKeys {
  readonly #from: Bound;
  readonly #keyBytes: number;
  readonly #maxKeys: number;
  /**
   * First 4 bytes of the hash, nearly an order already, · 2²⁰ + place of the key: numbers, which sort
   * natively.
   */
  #order: Float64Array;
  #keys: Uint8Array;
  #count = 0;
  #end: Bound | undefined;

  constructor(from: Bound, { keyBytes, maxKeys }: HashOrderOptions) {
    assert(maxKeys >= 2 && maxKeys <= INDEX_END, 'a place fits 20 bits');
    this.#from = from;
    this.#keyBytes = keyBytes;
    this.#maxKeys = maxKeys;
    const room = Math.min(maxKeys, FIRST_ROOM);
    this.#order = new Float64Array(room);
    this.#keys = new Uint8Array(room * keyBytes);
  }

  /** All keys with lower hashes are in this pass or an earlier one: all there are, when undefined. */
  get end(): Bound | undefined {
    return this.#end;
  }

  add(key: Uint8Array): void {
    assert(key.length === this.#keyBytes, 'all keys have the same length');
    const hash = keccak256(key);
    const prefix = prefixOfHash(hash);
    if (isBefore(prefix, hash, this.#from) || !this.#isBeforeEnd(prefix, hash)) return;
    if (this.#count === this.#order.length) {
      this.#makeRoom();
      if (!this.#isBeforeEnd(prefix, hash)) return;
    }
    this.#keys.set(key, this.#count * this.#keyBytes);
    this.#order[this.#count] = prefix * INDEX_END + this.#count;
    this.#count += 1;
  }

  *sorted(): Generator<Uint8Array, void, undefined> {
    const order = this.#order.subarray(0, this.#count).sort();
    for (let index = 0; index < order.length; ) {
      const prefix = prefixOf(order[index] as number);
      let next = index + 1;
      while (next < order.length && prefixOf(order[next] as number) === prefix) next += 1;
      const alike = order.subarray(index, next);
      for (const { entry } of alike.length > 1 ? this.#byHash(alike) : [{ entry: alike[0] }]) {
        yield this.#keyOf(entry as number);
      }
      index = next;
    }
  }

  #isBeforeEnd(prefix: number, hash: Uint8Array): boolean {
    return this.#end === undefined || isBefore(prefix, hash, this.#end);
  }

  /** Entries whose prefixes are the same, in the order of their hashes. */
  #byHash(alike: Float64Array): readonly HashedEntry[] {
    const hashed = Array.from(alike, (entry) => ({ entry, hash: keccak256(this.#keyOf(entry)) }));
    return hashed.sort((left, right) => compareBytes(left.hash, right.hash));
  }

  #keyOf(entry: number): Uint8Array {
    const from = (entry % INDEX_END) * this.#keyBytes;
    return this.#keys.subarray(from, from + this.#keyBytes);
  }

  /** Twice the room, or, when that is too much, only the lower half of the keys. */
  #makeRoom(): void {
    const held = this.#count;
    const kept = held < this.#maxKeys ? held : this.#dropUpperHalf();
    const room = Math.min(this.#maxKeys, 2 * held);
    const order = new Float64Array(room);
    const keys = new Uint8Array(room * this.#keyBytes);
    for (let index = 0; index < kept; index += 1) {
      const entry = this.#order[index] as number;
      keys.set(this.#keyOf(entry), index * this.#keyBytes);
      order[index] = prefixOf(entry) * INDEX_END + index;
    }
    this.#order = order;
    this.#keys = keys;
    this.#count = kept;
  }

  /** Leaves the upper half of the hashes to the next pass; returns how many keys stay, in front. */
  #dropUpperHalf(): number {
    const order = this.#order.sort();
    const half = this.#count >> 1;
    const prefix = prefixOf(order[half] as number);
    let kept = half;
    while (kept > 0 && prefixOf(order[kept - 1] as number) === prefix) kept -= 1;
    this.#end = { prefix };
    if (kept > 0) return kept;
    // All of the lower half begin alike. Chance does not do that, but whoever chooses the keys can.
    let alike = half;
    while (alike < order.length && prefixOf(order[alike] as number) === prefix) alike += 1;
    const sorted = this.#byHash(order.subarray(0, alike));
    for (const [index, { entry }] of sorted.entries()) order[index] = entry;
    this.#end = { prefix, hash: present(sorted[half], 'the run goes beyond the half').hash };
    return half;
  }
}

/** A place in a pass, and the whole hash of the key there. */
type HashedEntry = { readonly entry: number; readonly hash: Uint8Array };

/** Whether a hash, which begins with `prefix`, lies before `bound`. */
function isBefore(prefix: number, hash: Uint8Array, bound: Bound): boolean {
  if (prefix !== bound.prefix || bound.hash === undefined) return prefix < bound.prefix;
  return compareBytes(hash, bound.hash) < 0;
}

function prefixOf(entry: number): number {
  return Math.floor(entry / INDEX_END);
}

function prefixOfHash(hash: Uint8Array): number {
  let prefix = 0;
  for (let index = 0; index < 4; index += 1) prefix = prefix * 256 + (hash[index] as number);
  return prefix;
}
