import { assert, type Durability, equalBytes, type SeededRandom } from '@lucerna/base';
import { storageErrors } from '../errors.ts';
import { keyText } from '../key-text.ts';
import type { Keyspace } from '../keyspaces.ts';
import {
  type KvEntry,
  type KvRange,
  type KvSnapshot,
  type KvStore,
  WriteBatch,
} from '../kv-store.ts';
import { createMemoryStore } from '../memory-store.ts';
import type { Faults } from './faults.ts';
import { withFlippedBit } from './faulty-file.ts';

/** Which bytes of a row. */
export type RowPart = 'key' | 'value';

/** A row, and a bit of its key or value. */
export type RowBit = {
  readonly keyspace: Keyspace;
  readonly key: Uint8Array;
  readonly bit?: number;
};

type Row = {
  readonly keyspace: Keyspace;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
};

/** The rows of one store: what the medium holds, and the commits that only the system's memory holds. */
export class StoreMedium {
  readonly #keyspaces = new Map<number, Keyspace>();
  #durable = createMemoryStore();
  #visible = createMemoryStore();
  #unsynced: WriteBatch[] = [];
  /** A commit whose caller got an error before the crash: not visible, but perhaps on its way. */
  #unanswered: WriteBatch | undefined;

  get rows(): KvStore {
    return this.#visible;
  }

  async commit(batch: WriteBatch): Promise<void> {
    for (const { keyspace } of batch.writes()) this.#keyspaces.set(keyspace.id, keyspace);
    this.#unsynced.push(batch);
    await this.#visible.commit(batch, 'process');
  }

  leaveUnanswered(batch: WriteBatch): void {
    for (const { keyspace } of batch.writes()) this.#keyspaces.set(keyspace.id, keyspace);
    this.#unanswered ??= batch;
  }

  /** Bytes of all keys and values that can be seen. */
  usedBytes(): number {
    let bytes = 0;
    for (const { key, value } of this.#allRows()) bytes += key.length + value.length;
    return bytes;
  }

  /** Bytes that the visible rows take more after `batch`; negative for less. */
  growthBytes(batch: WriteBatch): number {
    const changed = new Map<string, number>();
    let growth = 0;
    for (const { keyspace, key, value } of batch.writes()) {
      const name = `${keyspace.id}:${keyText(key)}`;
      const now = value === undefined ? 0 : key.length + value.length;
      growth += now - (changed.get(name) ?? this.#rowBytes(keyspace, key));
      changed.set(name, now);
    }
    return growth;
  }

  /**
   * Flips a bit of the key or the value of a row, on the medium and in what is visible.
   *
   * @param at the row, and the number of the bit in its key or value, from 0; without it, or without
   *   the number, `random` decides among what has bytes
   * @returns the row as it was
   */
  async flipBit(part: RowPart, random: SeededRandom, at?: RowBit): Promise<Required<RowBit>> {
    const rows = this.#allRows().filter(
      (row) =>
        row[part].length > 0 &&
        (at === undefined || (row.keyspace.id === at.keyspace.id && equalBytes(row.key, at.key))),
    );
    assert(rows.length > 0, 'a bit that is flipped is in the store');
    const row = rows[random.below(rows.length)] as Row;
    const { keyspace, key, value } = row;
    const bit = at?.bit ?? random.below(8 * row[part].length);
    assert(bit < 8 * row[part].length, 'a bit that is flipped is in the row');
    const damage = new WriteBatch();
    if (part === 'value') {
      damage.put(keyspace, key, withFlippedBit(value, bit));
    } else {
      damage.delete(keyspace, key);
      damage.put(keyspace, withFlippedBit(key, bit), value);
    }
    const durable = this.#durable.get(keyspace, key);
    if (durable !== undefined && equalBytes(durable, value)) {
      await this.#durable.commit(damage, 'process');
    }
    // Behind the commits that are on their way to the medium, lest they mend it.
    await this.commit(damage);
    return { keyspace, key, bit };
  }

  #allRows(): Row[] {
    const rows: Row[] = [];
    for (const keyspace of this.#keyspaces.values()) {
      for (const [key, value] of this.#visible.range(keyspace)) rows.push({ keyspace, key, value });
    }
    return rows;
  }

  #rowBytes(keyspace: Keyspace, key: Uint8Array): number {
    const value = this.#visible.get(keyspace, key);
    return value === undefined ? 0 : key.length + value.length;
  }

  async harden(): Promise<void> {
    await this.#commitToMedium(this.#unsynced.length);
  }

  /** Whatever the system has taken is kept; it decides on the commit that was not answered. */
  async loseProcess(faults: Faults): Promise<void> {
    if (this.#unanswered !== undefined && faults.random.below(2) === 1) {
      await this.commit(this.#unanswered);
    }
    this.#unanswered = undefined;
  }

  /** Of the unsynced commits, some first ones are kept and the rest is lost. */
  async losePower(faults: Faults): Promise<void> {
    await this.loseProcess(faults);
    await this.#commitToMedium(faults.random.below(this.#unsynced.length + 1));
    this.#unsynced = [];
    this.#visible = await this.#copyOfDurable();
  }

  async #commitToMedium(count: number): Promise<void> {
    for (const batch of this.#unsynced.splice(0, count)) {
      await this.#durable.commit(batch, 'process');
    }
  }

  async #copyOfDurable(): Promise<KvStore> {
    const all = new WriteBatch();
    for (const keyspace of this.#keyspaces.values()) {
      for (const [key, value] of this.#durable.range(keyspace)) all.put(keyspace, key, value);
    }
    const copy = createMemoryStore();
    await copy.commit(all, 'process');
    return copy;
  }
}

/** An open store of a faulty disk. */
export class FaultyStore implements KvStore {
  readonly #medium: StoreMedium;
  readonly #faults: Faults;
  readonly #freeBytes: () => number;
  #closed = false;

  /** @param freeBytes room that is left on the disk */
  constructor(medium: StoreMedium, faults: Faults, freeBytes: () => number) {
    this.#medium = medium;
    this.#faults = faults;
    this.#freeBytes = freeBytes;
  }

  get(keyspace: Keyspace, key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    return this.#medium.rows.get(keyspace, key);
  }

  *range(keyspace: Keyspace, range: KvRange = {}): Generator<KvEntry, void, undefined> {
    this.#checkOpen();
    for (const entry of this.#medium.rows.range(keyspace, range)) {
      yield entry;
      this.#checkOpen();
    }
  }

  snapshot(): KvSnapshot {
    this.#checkOpen();
    const { get, range, release } = this.#medium.rows.snapshot();
    return {
      get: (keyspace, key) => {
        this.#checkOpen();
        return get(keyspace, key);
      },
      range: (keyspace, bounds) => {
        this.#checkOpen();
        return range(keyspace, bounds);
      },
      release,
    };
  }

  async commit(batch: WriteBatch, level: Durability): Promise<void> {
    this.#checkOpen();
    const failure = this.#faults.next();
    if (failure !== undefined) {
      if (failure === 'forever') this.#medium.leaveUnanswered(batch);
      throw storageErrors.create('STORE_WRITE_FAILED', 'injected', { writes: batch.size });
    }
    this.#checkRoom(batch);
    await this.#medium.commit(batch);
    if (level === 'power' && this.#faults.hardens()) await this.#medium.harden();
  }

  async close(): Promise<void> {
    this.disconnect();
  }

  /** What a crash does to a handle. */
  disconnect(): void {
    this.#closed = true;
  }

  #checkRoom(batch: WriteBatch): void {
    const room = this.#freeBytes();
    if (room === Number.POSITIVE_INFINITY) return;
    const growth = this.#medium.growthBytes(batch);
    if (growth <= 0 || growth <= room) return;
    throw storageErrors.create('STORE_WRITE_FAILED', 'no room on the disk', { room, growth });
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('STORE_CLOSED');
  }
}
