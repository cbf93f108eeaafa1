import { assert } from '@lucerna/base';
import { KEYSPACES, type KvReader, type WriteBatch } from '@lucerna/storage';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import type { Note } from './patch-record.ts';

/** A note that there is. */
export type StoredNote = { readonly key: string; readonly value: Uint8Array };

/** The notes of a chain: rows of the store, and how many there are. */
export class NoteRows {
  readonly #store: KvReader;
  #count: number | undefined;

  constructor(store: KvReader) {
    this.#store = store;
  }

  get(key: string): Uint8Array | undefined {
    return this.#store.get(KEYSPACES.notes, keyOf(key));
  }

  /** Those whose keys begin with `prefix`, in the order of their keys. */
  *withPrefix(prefix: string): Generator<StoredNote, void, undefined> {
    for (const [bytes, value] of this.#store.range(KEYSPACES.notes, { from: keyOf(prefix) })) {
      const key = textOf(bytes);
      if (!key.startsWith(prefix)) return;
      yield { key, value };
    }
  }

  /** @throws `NOTE_LIMIT` when one of them is too large, or there would be too many */
  check(notes: readonly Note[]): void {
    const { noteKeyBytes, noteBytes, recordNotes, notes: most } = chainLimits.values;
    for (const { key, value } of notes) {
      assert(key.length > 0 && key.length <= noteKeyBytes && isAscii(key), 'a short name');
      const bytes = value?.length ?? 0;
      if (bytes > noteBytes) throw noteLimit(`${key} has ${bytes} bytes`, bytes, noteBytes);
    }
    const keys = new Set(notes.map(({ key }) => key));
    assert(keys.size === notes.length, 'a record has one note of each key');
    const after = this.#countAfter(notes);
    if (after > most) throw noteLimit(`there would be ${after}`, after, most);
    if (notes.length > recordNotes) {
      throw noteLimit(`${notes.length} in one step`, notes.length, recordNotes);
    }
  }

  /** Adds to `batch`, which is published at once, what `notes` say. */
  write(batch: WriteBatch, notes: readonly Note[]): void {
    if (notes.length === 0) return;
    this.#count = this.#countAfter(notes);
    for (const { key, value } of notes) {
      if (value === undefined) batch.delete(KEYSPACES.notes, keyOf(key));
      else batch.put(KEYSPACES.notes, keyOf(key), value);
    }
  }

  #countAfter(notes: readonly Note[]): number {
    if (notes.length === 0) return 0;
    this.#count ??= this.#countRows();
    let count = this.#count;
    const last = new Map(notes.map(({ key, value }) => [key, value]));
    for (const [key, value] of last) {
      count += (value === undefined ? 0 : 1) - (this.get(key) === undefined ? 0 : 1);
    }
    return count;
  }

  #countRows(): number {
    let rows = 0;
    // Values may be large: none of them is held.
    for (const _ of this.#store.range(KEYSPACES.notes)) rows += 1;
    return rows;
  }
}

function noteLimit(detail: string, found: number, limit: number): Error {
  return chainErrors.create('NOTE_LIMIT', detail, { found, limit });
}

function isAscii(key: string): boolean {
  return /^[ -~]+$/.test(key);
}

function keyOf(key: string): Uint8Array {
  return new TextEncoder().encode(key);
}

function textOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}
