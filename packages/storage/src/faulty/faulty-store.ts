import type { Durability } from '@lucerna/base';
import { storageErrors } from '../errors.ts';
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
  #closed = false;

  constructor(medium: StoreMedium, faults: Faults) {
    this.#medium = medium;
    this.#faults = faults;
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
    await this.#medium.commit(batch);
    if (level === 'power') await this.#medium.harden();
  }

  async close(): Promise<void> {
    this.disconnect();
  }

  /** What a crash does to a handle. */
  disconnect(): void {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('STORE_CLOSED');
  }
}
