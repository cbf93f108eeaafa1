import { assert } from '@lucerna/base';

/** A set of rows of a collection: one bit a row. */
export class RowSet {
  #words: Uint32Array;
  #size = 0;

  /** An empty set that has room for rows below `rows`; it grows where more are added. */
  constructor(rows: number = 0) {
    assert(Number.isSafeInteger(rows) && rows >= 0, 'a number of rows is natural');
    this.#words = new Uint32Array((rows + 31) >>> 5);
  }

  /** The set of the rows whose bits are set; it takes `words` over. */
  static fromWords(words: Uint32Array): RowSet {
    const set = new RowSet();
    set.#words = words;
    let size = 0;
    for (let index = 0; index < words.length; index += 1) size += onesIn(words[index] as number);
    set.#size = size;
    return set;
  }

  /** How many rows are in it. */
  get size(): number {
    return this.#size;
  }

  /**
   * Row r is bit r mod 32 of word ⌊r / 32⌋; rows behind the last word are not in the set. To be read
   * only, and until the next change.
   */
  get words(): Uint32Array {
    return this.#words;
  }

  has(row: number): boolean {
    return (((this.#words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  add(row: number): void {
    const index = row >>> 5;
    if (index >= this.#words.length) this.#grow(index + 1);
    const word = this.#words[index] as number;
    const bit = 1 << (row & 31);
    if ((word & bit) !== 0) return;
    this.#words[index] = word | bit;
    this.#size += 1;
  }

  delete(row: number): void {
    const word = this.#words[row >>> 5];
    const bit = 1 << (row & 31);
    if (word === undefined || (word & bit) === 0) return;
    this.#words[row >>> 5] = word & ~bit;
    this.#size -= 1;
  }

  clear(): void {
    this.#words.fill(0);
    this.#size = 0;
  }

  clone(): RowSet {
    const copy = new RowSet();
    copy.#words = this.#words.slice();
    copy.#size = this.#size;
    return copy;
  }

  /** Leaves what is also in `other`. */
  intersect(other: RowSet): void {
    this.#combine(other.#words, (own, others) => own & others);
  }

  /** Takes in what is in `other`. */
  unite(other: RowSet): void {
    if (other.#words.length > this.#words.length) this.#grow(other.#words.length);
    this.#combine(other.#words, (own, others) => own | others);
  }

  /** Takes out what is in `other`. */
  subtract(other: RowSet): void {
    this.#combine(other.#words, (own, others) => own & ~others);
  }

  /** The rows in ascending order. The set may not change meanwhile. */
  *rows(): IterableIterator<number> {
    for (let index = 0; index < this.#words.length; index += 1) {
      let word = this.#words[index] as number;
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        yield (index << 5) | bit;
        word &= word - 1;
      }
    }
  }

  #combine(others: Uint32Array, merge: (own: number, others: number) => number): void {
    let size = 0;
    for (let index = 0; index < this.#words.length; index += 1) {
      const word = merge(this.#words[index] as number, others[index] ?? 0);
      this.#words[index] = word;
      size += onesIn(word);
    }
    this.#size = size;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** How many bits of a word of 32 are set (Warren, Hacker's Delight, 5-1). */
function onesIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  bits = (bits + (bits >>> 4)) & 0x0f0f0f0f;
  return Math.imul(bits, 0x01010101) >>> 24;
}
