import { bytesToBigInt } from '@lucerna/base';
import { Revert } from './native-run.ts';

const WORD_BYTES = 32;
const SELECTOR_BYTES = 4;
const ADDRESS_START = 12;
/** Where in a word a number of 32 bits begins. */
const INDEX_START = 28;
/** Further before the data than any sum of places leads back from: there is nothing but zeros. */
const FAR_BEFORE = -(2 ** 40);

/**
 * Reads arguments as a contract that Solidity has compiled does: offsets may lead anywhere, in any
 * order, even to before the data, where all is zero; bytes that nothing refers to are not looked at.
 * What Solidity refuses is a revert without data. Positions count from the selector's first byte.
 */
export class CalldataReader {
  readonly #bytes: Uint8Array;

  /** @param words of the arguments' places: there must be as many */
  constructor(calldata: Uint8Array, words: number) {
    if (calldata.length < SELECTOR_BYTES + words * WORD_BYTES) throw new Revert();
    this.#bytes = calldata;
  }

  uint256(at: number): bigint {
    return bytesToBigInt(this.#word(at));
  }

  address(at: number): Uint8Array {
    const word = this.#word(at);
    if (!isZero(word, ADDRESS_START)) throw new Revert();
    return word.slice(ADDRESS_START);
  }

  bool(at: number): boolean {
    const value = this.#length(at);
    if (value > 1) throw new Revert();
    return value === 1;
  }

  /** Whether any bit of the word is set. */
  hasBits(at: number): boolean {
    return !isZero(this.#word(at), WORD_BYTES);
  }

  /** The byte string whose offset, counted from `base`, stands at `at`: a view. */
  bytes(base: number, at: number): Uint8Array {
    const place = base + this.#relative(at);
    if (place + WORD_BYTES > this.#bytes.length) throw new Revert();
    const from = place + WORD_BYTES;
    const length = this.#length(place);
    if (from + length > this.#bytes.length) throw new Revert();
    return this.#bytes.subarray(Math.max(from, 0), Math.max(from + length, 0));
  }

  /**
   * Where the tuples begin that the list holds whose offset stands at `at`; each has `words` words.
   * None is looked at before it is its turn: what comes before a bad one is still done.
   */
  *tuples(at: number, words: number): Generator<number> {
    const list = SELECTOR_BYTES + this.#length(at);
    const base = list + WORD_BYTES;
    if (base > this.#bytes.length) throw new Revert();
    const count = this.#length(list);
    if (base + count * WORD_BYTES > this.#bytes.length) throw new Revert();
    for (let index = 0; index < count; index += 1) {
      const tuple = base + this.#relative(base + index * WORD_BYTES);
      if (tuple + words * WORD_BYTES > this.#bytes.length) throw new Revert();
      yield tuple;
    }
  }

  /** The word at a position, with zeros for what is not there. */
  #word(at: number): Uint8Array {
    const word = new Uint8Array(WORD_BYTES);
    if (at >= 0) word.set(this.#bytes.subarray(at, at + WORD_BYTES));
    return word;
  }

  /** A length, or an offset that never leads back: with more than 32 bits it leads out of the data. */
  #length(at: number): number {
    const word = this.#word(at);
    if (!isZero(word, INDEX_START)) throw new Revert();
    return new DataView(word.buffer).getUint32(INDEX_START);
  }

  /** An offset with a sign. */
  #relative(at: number): number {
    const offset = BigInt.asIntN(256, this.uint256(at));
    if (offset >= BigInt(this.#bytes.length)) throw new Revert();
    return offset < BigInt(FAR_BEFORE) ? FAR_BEFORE : Number(offset);
  }
}

/** Whether the first `count` bytes of a word are zero. */
function isZero(word: Uint8Array, count: number): boolean {
  for (let index = 0; index < count; index += 1) if (word[index] !== 0) return false;
  return true;
}
