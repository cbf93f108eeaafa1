import type { MetadataScalar } from '../metadata.ts';
import { compareNumbers, isNumeric } from './compare.ts';
import { type KeyRange, OrderedPairs } from './ordered-pairs.ts';
import { markRow } from './words.ts';

/** Which numbers are meant: those on one side of a bound, with or without it. */
export type NumberRange = {
  readonly kind: 'greater' | 'greaterOrEqual' | 'less' | 'lessOrEqual';
  readonly value: bigint | number;
};

/** About what an entry of a map takes (measured). */
const ORDINAL_BYTES = 48;

/** Says of a row for which the index is not sure whether it belongs to the result. */
export type Verify = (row: number) => boolean;

/**
 * Which rows have which scalars. Numbers are ordered by value, integers and floats together: the key of
 * an integer is the nearest float, which keeps their order; integers that are no floats share keys, so
 * rows at the key of a query are verified where there are any. Texts and booleans have ordinals as keys.
 */
export class ValueIndex {
  readonly #numbers = new OrderedPairs();
  /** Integers that are no floats. */
  #inexact = 0;
  readonly #ordinals = new Map<string | boolean, number>();
  readonly #others = new OrderedPairs();
  #nextOrdinal = 0;

  get isEmpty(): boolean {
    return this.#numbers.size === 0 && this.#others.size === 0;
  }

  /** Bytes that are allocated, without the texts, which belong to the records. */
  get bytes(): number {
    return this.#numbers.bytes + this.#others.bytes + this.#ordinals.size * ORDINAL_BYTES;
  }

  /** Nothing happens when the row has the value already. */
  add(value: MetadataScalar, row: number): void {
    if (isNumeric(value)) {
      this.#numbers.add(Number(value), row);
      if (!isFloat(value)) this.#inexact += 1;
      return;
    }
    let ordinal = this.#ordinals.get(value);
    if (ordinal === undefined) {
      ordinal = this.#nextOrdinal;
      this.#nextOrdinal += 1;
      this.#ordinals.set(value, ordinal);
    }
    this.#others.add(ordinal, row);
  }

  /** As often as the value was added. */
  delete(value: MetadataScalar, row: number): void {
    if (isNumeric(value)) {
      this.#numbers.delete(Number(value), row);
      if (!isFloat(value)) this.#inexact -= 1;
      return;
    }
    const ordinal = this.#ordinals.get(value);
    if (ordinal === undefined) return;
    this.#others.delete(ordinal, row);
    if (this.#others.count(only(ordinal)) === 0) this.#ordinals.delete(value);
  }

  /** Sets the bits of the rows that have the value. */
  markEqual(words: Uint32Array, value: MetadataScalar, verify: Verify): void {
    if (isNumeric(value)) {
      this.#markAt(words, value, 'equal', verify);
      return;
    }
    const ordinal = this.#ordinals.get(value);
    if (ordinal !== undefined) this.#others.mark(words, only(ordinal));
  }

  /** Sets the bits of the rows that have a number of the range. */
  markRange(words: Uint32Array, range: NumberRange, verify: Verify): void {
    this.#numbers.mark(words, beside(range));
    this.#markAt(words, range.value, range.kind, verify);
  }

  /** How many rows `markEqual` looks at. */
  countEqual(value: MetadataScalar): number {
    if (isNumeric(value)) return this.#numbers.count(only(Number(value)));
    const ordinal = this.#ordinals.get(value);
    return ordinal === undefined ? 0 : this.#others.count(only(ordinal));
  }

  /** How many rows `markRange` looks at. */
  countRange(range: NumberRange): number {
    return this.#numbers.count(beside(range)) + this.countEqual(range.value);
  }

  /** The rows whose key is that of `value`. */
  #markAt(
    words: Uint32Array,
    value: bigint | number,
    kind: NumberRange['kind'] | 'equal',
    verify: Verify,
  ): void {
    const key = Number(value);
    if (this.#inexact > 0) {
      this.#numbers.visit(only(key), (row) => {
        if (verify(row)) markRow(words, row);
      });
    } else if (holds(compareNumbers(key, value), kind)) {
      this.#numbers.mark(words, only(key));
    }
  }
}

/** True when a float has the same value. */
function isFloat(value: bigint | number): boolean {
  return compareNumbers(Number(value), value) === 0;
}

function holds(order: number, kind: NumberRange['kind'] | 'equal'): boolean {
  if (order === 0) return kind === 'equal' || kind === 'greaterOrEqual' || kind === 'lessOrEqual';
  if (order > 0) return kind === 'greater' || kind === 'greaterOrEqual';
  return kind === 'less' || kind === 'lessOrEqual';
}

function only(key: number): KeyRange {
  return { from: key, isBehindFrom: false, to: key, isBehindTo: true };
}

/** The keys beside the bound: what lies there is in the range whatever was rounded. */
function beside(range: NumberRange): KeyRange {
  const key = Number(range.value);
  return range.kind === 'greater' || range.kind === 'greaterOrEqual'
    ? { from: key, isBehindFrom: true, to: Infinity, isBehindTo: true }
    : { from: -Infinity, isBehindFrom: false, to: key, isBehindTo: false };
}
