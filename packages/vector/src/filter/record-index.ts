import { assert, LruCache } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import type { MetadataValue } from '../metadata.ts';
import { isSparseVector } from '../metadata-values.ts';
import type { StoredRecord } from '../record.ts';
import { RowSet } from '../row-set.ts';
import { DocumentIndex } from './document-index.ts';
import { Evaluation, type KeyIndex } from './evaluation.ts';
import { ValueIndex } from './value-index.ts';
import type { Where, WhereDocument } from './where.ts';
import { intersectWords } from './words.ts';

export type RecordIndexOptions = {
  /** The row of an id, where it is known; without it, conditions on ids look at all records. */
  readonly rowOf?: (id: string) => number | undefined;
};

/** Filters with longer lists are not kept: their texts would cost more than they save. */
const MOST_KEPT_VALUES = 256;

/** About what a key takes besides its values. */
const KEY_BYTES = 256;

/**
 * Finds the rows whose records fulfil a filter. Values of metadata are in ordered indexes, a key each;
 * documents in an index of signatures, which grows with the filters that need it. Conditions that are
 * joined by `and` are evaluated from the cheapest to the dearest, each among what the others left.
 * `matches` says what the operators mean. About 16 bytes for each value of metadata, 16 for a record.
 */
export class RecordIndex {
  readonly #rowOf: ((id: string) => number | undefined) | undefined;
  readonly #records: (StoredRecord | undefined)[] = [];
  readonly #present = new RowSet();
  readonly #keys = new Map<string, KeyIndex>();
  readonly #documents = new DocumentIndex();
  readonly #results = new LruCache<string, Uint32Array>(
    vectorLimits.values.filterCacheBytes,
    (words) => words.byteLength,
  );
  /** True while no change has made the kept results wrong. */
  #areResultsValid = true;

  constructor(options: RecordIndexOptions = {}) {
    this.#rowOf = options.rowOf;
  }

  /** About how many bytes the indexes of metadata and of documents take, without the records. */
  get bytes(): number {
    let bytes = this.#documents.bytes;
    for (const { scalars, items } of this.#keys.values()) {
      bytes += KEY_BYTES + (scalars?.bytes ?? 0) + (items?.bytes ?? 0);
    }
    return bytes;
  }

  /** How many keys have an index. */
  get keyCount(): number {
    return this.#keys.size;
  }

  hasKey(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Takes a record in. The row is free. */
  add(row: number, record: StoredRecord): void {
    assert(!this.#present.has(row), 'a row holds one record');
    this.#areResultsValid = false;
    while (this.#records.length <= row) this.#records.push(undefined);
    this.#records[row] = record;
    this.#present.add(row);
    if (record.metadata === undefined) return;
    for (const [key, value] of record.metadata) this.#addValue(key, value, row);
  }

  /** Forgets the record of a row, which is the one that was added. */
  remove(row: number, record: StoredRecord): void {
    assert(this.#records[row] === record, 'the record of the row is the one that was added');
    this.#areResultsValid = false;
    this.#records[row] = undefined;
    this.#present.delete(row);
    this.#documents.delete(row);
    if (record.metadata === undefined) return;
    for (const [key, value] of record.metadata) this.#deleteValue(key, value, row);
  }

  /**
   * Those of `live` whose records fulfil both conditions; where both are undefined, all of them. The
   * set is the caller's own.
   *
   * @throws `REGEX_INVALID`, `FILTER_TOO_COSTLY`
   */
  match(where: Where | undefined, whereDocument: WhereDocument | undefined, live: RowSet): RowSet {
    if (where === undefined && whereDocument === undefined) return live.clone();
    const children: Where[] = [];
    if (where !== undefined) children.push(where);
    if (whereDocument !== undefined) children.push(whereDocument);
    const found = this.#evaluate({ kind: 'and', children });
    const words = new Uint32Array(live.words.length);
    words.set(found.subarray(0, words.length));
    intersectWords(words, live.words);
    return RowSet.fromWords(words);
  }

  /** Those of all rows that fulfil a filter, from what is kept where it is; not to be changed. */
  #evaluate(where: Where): Uint32Array {
    if (!this.#areResultsValid) this.#results.clear();
    this.#areResultsValid = true;
    const key = keyOf(where);
    const kept = key === undefined ? undefined : this.#results.get(key);
    if (kept !== undefined) return kept;
    const evaluation = new Evaluation({
      rowOf: this.#rowOf,
      records: this.#records,
      keys: this.#keys,
      documents: this.#documents,
    });
    const found = evaluation.select(where, this.#present.words);
    if (key !== undefined) this.#results.set(key, found);
    return found;
  }

  #addValue(key: string, value: MetadataValue, row: number): void {
    if (typeof value === 'object' && isSparseVector(value)) return;
    let index = this.#keys.get(key);
    if (index === undefined) {
      index = { scalars: undefined, items: undefined };
      this.#keys.set(key, index);
    }
    if (typeof value === 'object') {
      index.items ??= new ValueIndex();
      for (const item of value) index.items.add(item, row);
    } else {
      index.scalars ??= new ValueIndex();
      index.scalars.add(value, row);
    }
  }

  #deleteValue(key: string, value: MetadataValue, row: number): void {
    const index = this.#keys.get(key);
    if (index === undefined || (typeof value === 'object' && isSparseVector(value))) return;
    if (typeof value === 'object') {
      for (const item of value) index.items?.delete(item, row);
      if (index.items?.isEmpty === true) index.items = undefined;
    } else {
      index.scalars?.delete(value, row);
      if (index.scalars?.isEmpty === true) index.scalars = undefined;
    }
    if (index.items === undefined && index.scalars === undefined) this.#keys.delete(key);
  }
}

/** A text that is the same for filters that mean the same letter by letter; undefined: too long. */
function keyOf(where: Where): string | undefined {
  if (!isShort(where)) return undefined;
  // Values are no objects, so a bigint cannot be taken for one.
  const key = JSON.stringify(where, (_name, value: unknown) =>
    typeof value === 'bigint' ? { integer: value.toString() } : value,
  );
  return key.length > vectorLimits.values.filterCacheKeyChars ? undefined : key;
}

function isShort(where: Where): boolean {
  if (where.kind === 'and' || where.kind === 'or') return where.children.every(isShort);
  return !('values' in where) || where.values.length <= MOST_KEPT_VALUES;
}
