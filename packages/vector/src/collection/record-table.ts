import { assert, present } from '@lucerna/base';
import type { StoredRecord } from '../record.ts';
import type { RowSet } from '../row-set.ts';

/** A row that belongs to no record. */
const NOBODY = 0xffff_ffff;

/** How many places there is room for at first. */
const LEAST_PLACES = 16;

/** Places of deleted records are kept until there are this many of them, and more than records. */
const LEAST_HOLES = 1_024;

/** The records of one moment in their order, each with its row. Never changed. */
export type TableMoment = {
  readonly records: readonly StoredRecord[];
  readonly rows: Uint32Array;
};

/**
 * The records of a collection by id, by row, and in the order in which they were first added. Each has
 * a *place* in that order; places of deleted records stay empty until there are too many.
 */
export class RecordTable {
  readonly #places = new Map<string, number>();
  #records: (StoredRecord | undefined)[] = [];
  #rowOfPlace: Uint32Array = new Uint32Array(0);
  #placeOfRow: Uint32Array = new Uint32Array(0);

  get size(): number {
    return this.#places.size;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  record(id: string): StoredRecord | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#records[place];
  }

  row(id: string): number | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#rowOfPlace[place];
  }

  hasRow(row: number): boolean {
    return (this.#placeOfRow[row] ?? NOBODY) !== NOBODY;
  }

  /** The record whose row it is. */
  at(row: number): StoredRecord {
    const record = this.#records[this.#placeOfRow[row] ?? NOBODY];
    return present(record, 'every row that is found belongs to a record');
  }

  /** Ids in their order. The table may not change meanwhile. */
  ids(): IterableIterator<string> {
    return this.#places.keys();
  }

  /** A new record, behind all others. */
  add(record: StoredRecord, row: number): void {
    const place = this.#records.length;
    const before = this.#places.size;
    this.#places.set(record.id, place);
    assert(this.#places.size === before + 1, 'the id is new');
    this.#records.push(record);
    if (place >= this.#rowOfPlace.length) {
      this.#rowOfPlace = grown(this.#rowOfPlace, place + 1, 0);
    }
    this.#bind(place, row);
  }

  /** Another record of the same id, at the same place, perhaps with another row. */
  replace(record: StoredRecord, row: number): void {
    const place = this.#placeOf(record.id);
    const oldRow = this.#rowOfPlace[place] as number;
    this.#records[place] = record;
    if (oldRow === row) return;
    // The old row may have become another record's in the same change.
    if (this.#placeOfRow[oldRow] === place) this.#placeOfRow[oldRow] = NOBODY;
    this.#bind(place, row);
  }

  delete(id: string): void {
    const place = this.#placeOf(id);
    const row = this.#rowOfPlace[place] as number;
    this.#places.delete(id);
    this.#records[place] = undefined;
    if (this.#placeOfRow[row] === place) this.#placeOfRow[row] = NOBODY;
    const holes = this.#records.length - this.#places.size;
    if (holes > LEAST_HOLES && holes > this.#places.size) this.#close();
  }

  /** The records in their order from the `offset`-th on, at most `limit` of them. */
  slice(offset: number, limit: number): StoredRecord[] {
    if (this.#records.length === this.#places.size) {
      return this.#records.slice(offset, offset + limit) as StoredRecord[];
    }
    const found: StoredRecord[] = [];
    let skipped = 0;
    for (const record of this.#records) {
      if (found.length >= limit) break;
      if (record === undefined) continue;
      if (skipped < offset) skipped += 1;
      else found.push(record);
    }
    return found;
  }

  /** The records of these rows in their order. */
  ordered(rows: Iterable<number>, size: number): StoredRecord[] {
    const places = new Uint32Array(size);
    let count = 0;
    for (const row of rows) {
      places[count] = present(this.#placeOfRow[row], 'a row of the collection');
      count += 1;
    }
    assert(count === size, 'as many rows as were announced');
    return Array.from(places.sort(), (place) =>
      present(this.#records[place], 'a row that is found belongs to a record'),
    );
  }

  /** Whether each of as many rows as there are records belongs to one. */
  covers(rows: RowSet): boolean {
    for (const row of rows.rows()) {
      if (!this.hasRow(row)) return false;
    }
    return rows.size === this.#places.size;
  }

  moment(): TableMoment {
    if (this.#records.length === this.#places.size) {
      const records = this.#records.slice() as StoredRecord[];
      return { records, rows: this.#rowOfPlace.slice(0, records.length) };
    }
    const records: StoredRecord[] = [];
    const rows = new Uint32Array(this.#places.size);
    this.#records.forEach((record, place) => {
      if (record === undefined) return;
      rows[records.length] = this.#rowOfPlace[place] as number;
      records.push(record);
    });
    return { records, rows };
  }

  #bind(place: number, row: number): void {
    if (row >= this.#placeOfRow.length) {
      this.#placeOfRow = grown(this.#placeOfRow, row + 1, NOBODY);
    }
    this.#placeOfRow[row] = place;
    this.#rowOfPlace[place] = row;
  }

  #placeOf(id: string): number {
    return present(this.#places.get(id), 'there is a record of that id');
  }

  /** Takes the empty places out. */
  #close(): void {
    const { records, rows } = this.moment();
    this.#records = records as StoredRecord[];
    this.#rowOfPlace = new Uint32Array(rows.length);
    this.#placeOfRow = new Uint32Array(0);
    records.forEach((record, place) => {
      this.#places.set(record.id, place);
      this.#bind(place, rows[place] as number);
    });
  }
}

function grown(array: Uint32Array, length: number, filling: number): Uint32Array {
  const larger = new Uint32Array(Math.max(length, LEAST_PLACES, array.length * 2)).fill(filling);
  larger.set(array);
  return larger;
}
