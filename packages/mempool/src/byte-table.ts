import { assert } from '@lucerna/base';
import { mapKey, wordAt } from './keys.ts';

/** Places of a bucket: their words fill half a cache line. */
const BUCKET_PLACES = 8;
const BUCKET_SHIFT = 3;
const FIRST_BUCKETS = 32;

/** The bytes of a key that say where it is: the last ones, as addresses may be chosen to begin alike. */
const WORD_BYTES = 4;

/** A value that did not fit its bucket, and the word of its key. */
type Spilled<T> = { readonly word: number; readonly value: T };

/**
 * Values by a byte string that they know themselves, all of one length: hashes, or addresses, whose
 * bytes are spread evenly. One word of the key, kept beside the values, tells nearly all strangers
 * apart, so no key is copied or made into text, and a key that is not in is told in one visit to
 * memory; a map of strings takes several.
 *
 * A bucket has eight places. Half full, one in fifty overflows, and what does not fit is in a map of
 * strings: whoever picks keys for one bucket makes them as dear as there, and no dearer. The table
 * grows and does not shrink: a place takes 12 bytes.
 */
export class ByteTable<T> {
  readonly #keyBytes: number;
  readonly #isOf: (value: T, key: Uint8Array) => boolean;
  /** By place: the word of the key, 0 where nothing is. */
  #words: Int32Array = new Int32Array(FIRST_BUCKETS * BUCKET_PLACES);
  #values: (T | undefined)[] = emptyPlaces(FIRST_BUCKETS);
  /** Number of buckets, a power of two, less one. */
  #mask: number = FIRST_BUCKETS - 1;
  /** By bucket: 1 where something of it has been put into the overflow. */
  #full: Uint8Array = new Uint8Array(FIRST_BUCKETS);
  readonly #overflow = new Map<string, Spilled<T>>();
  #size = 0;

  /** @param isOf whether a value is that of a key of `keyBytes` bytes: compares all of them */
  constructor(keyBytes: number, isOf: (value: T, key: Uint8Array) => boolean) {
    this.#keyBytes = keyBytes;
    this.#isOf = isOf;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): T | undefined {
    const word = this.#wordOf(key);
    const place = this.#find(key, word);
    if (place >= 0) return this.#values[place];
    if (this.#full[word & this.#mask] === 0) return undefined;
    return this.#overflow.get(mapKey(key))?.value;
  }

  /** Adds the value of a key that is not in. */
  add(key: Uint8Array, value: T): void {
    if (2 * this.#size >= this.#words.length) this.#grow();
    this.#size += 1;
    const word = this.#wordOf(key);
    if (!this.#put(value, word)) this.#spill(mapKey(key), { word, value });
  }

  /** Whether there was a value of that key, which is gone now. */
  delete(key: Uint8Array): boolean {
    const word = this.#wordOf(key);
    const place = this.#find(key, word);
    if (place >= 0) {
      this.#words[place] = 0;
      this.#values[place] = undefined;
    } else if (this.#full[word & this.#mask] === 0 || !this.#overflow.delete(mapKey(key))) {
      return false;
    }
    this.#size -= 1;
    return true;
  }

  #wordOf(key: Uint8Array): number {
    assert(key.length === this.#keyBytes, 'all keys of a table have one length');
    const word = wordAt(key, this.#keyBytes - WORD_BYTES);
    return word === 0 ? 1 : word;
  }

  #find(key: Uint8Array, word: number): number {
    const start = (word & this.#mask) << BUCKET_SHIFT;
    for (let place = start; place < start + BUCKET_PLACES; place += 1) {
      if (this.#words[place] !== word) continue;
      if (this.#isOf(this.#values[place] as T, key)) return place;
    }
    return -1;
  }

  /** Whether there was room for it. */
  #put(value: T, word: number): boolean {
    const start = (word & this.#mask) << BUCKET_SHIFT;
    for (let place = start; place < start + BUCKET_PLACES; place += 1) {
      if (this.#words[place] !== 0) continue;
      this.#words[place] = word;
      this.#values[place] = value;
      return true;
    }
    return false;
  }

  #spill(key: string, spilled: Spilled<T>): void {
    this.#full[spilled.word & this.#mask] = 1;
    this.#overflow.set(key, spilled);
  }

  /** Each bucket becomes two, so that of its eight none is left without a place. */
  #grow(): void {
    const words = this.#words;
    const values = this.#values;
    const buckets = 2 * (this.#mask + 1);
    this.#words = new Int32Array(buckets * BUCKET_PLACES);
    this.#values = emptyPlaces(buckets);
    this.#full = new Uint8Array(buckets);
    this.#mask = buckets - 1;
    for (let place = 0; place < words.length; place += 1) {
      const word = words[place] as number;
      if (word === 0) continue;
      // The word alone says where it goes: the values, all over the memory, are not visited.
      const isPut = this.#put(values[place] as T, word);
      assert(isPut, 'what fits a bucket fits its half');
    }
    const overflow = [...this.#overflow];
    this.#overflow.clear();
    for (const [key, spilled] of overflow) {
      if (!this.#put(spilled.value, spilled.word)) this.#spill(key, spilled);
    }
  }
}

function emptyPlaces<T>(buckets: number): (T | undefined)[] {
  return new Array<T | undefined>(buckets * BUCKET_PLACES).fill(undefined);
}
