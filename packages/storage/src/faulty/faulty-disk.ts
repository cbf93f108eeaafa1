import type { AppendFile } from '../append-file.ts';
import type { KvStore } from '../kv-store.ts';
import { type FailureMode, type FaultPlan, Faults } from './faults.ts';
import { FaultyFile, FileMedium } from './faulty-file.ts';
import { FaultyStore, StoreMedium } from './faulty-store.ts';

/** `process`: `kill -9`, the system goes on. `power`: the system's memory is lost too. */
export type CrashKind = 'process' | 'power';

/**
 * A disk in memory that fails on purpose, for tests: files and stores under one count of operations,
 * with a model of the volatile memory that lies over a medium.
 *
 * What was appended or committed is visible at once. It is durable after the file's `sync`, or the
 * commit (or a later one) at level `power`. Until then a power loss takes any last part of it.
 *
 * ```ts
 * const disk = new FaultyDisk({ seed: 7, failAt: 12, mode: 'forever' });
 * await work(disk.openFile('log'), disk.openStore('store')).catch(() => undefined);
 * await disk.crash('power');
 * check(disk.openFile('log'), disk.openStore('store')); // what a restart finds
 * ```
 *
 * Operations are file reads, appends, truncations, syncs and commits. A sweep runs the same work with
 * `failAt` 1, 2, 3, … until a run ends with fewer `operations` than that. Everything follows from the
 * plan and the calls: no clock, no chance.
 */
export class FaultyDisk {
  readonly #faults: Faults;
  readonly #files = new Map<string, FileMedium>();
  readonly #stores = new Map<string, StoreMedium>();
  #open: (FaultyFile | FaultyStore)[] = [];

  constructor(plan: FaultPlan = {}) {
    this.#faults = new Faults(plan);
  }

  /** Operations so far. */
  get operations(): number {
    return this.#faults.operations;
  }

  /** From now on, the operation with this number fails; the disk's first one has number 1. */
  failAt(operation: number, mode: FailureMode = 'once'): void {
    this.#faults.failAt(operation, mode);
  }

  /** The file of that name with what is in it; a new one is empty. */
  openFile(name: string): AppendFile {
    let medium = this.#files.get(name);
    if (medium === undefined) {
      medium = new FileMedium();
      this.#files.set(name, medium);
    }
    const file = new FaultyFile(medium, this.#faults, () => this.#freeBytes());
    this.#open.push(file);
    return file;
  }

  /** The store of that name with what is in it; a new one is empty. */
  openStore(name: string): KvStore {
    let medium = this.#stores.get(name);
    if (medium === undefined) {
      medium = new StoreMedium();
      this.#stores.set(name, medium);
    }
    const store = new FaultyStore(medium, this.#faults);
    this.#open.push(store);
    return store;
  }

  /**
   * Ends the process, or the power. What is open counts as closed from now on; what is opened again
   * shows what is left, and works: a planned failure is over.
   */
  async crash(kind: CrashKind): Promise<void> {
    for (const handle of this.#open) handle.disconnect();
    this.#open = [];
    this.#faults.heal();
    for (const store of this.#stores.values()) {
      if (kind === 'power') await store.losePower(this.#faults);
      else await store.loseProcess(this.#faults);
    }
    if (kind === 'process') return;
    for (const file of this.#files.values()) file.losePower(this.#faults);
  }

  #freeBytes(): number {
    let used = 0;
    for (const medium of this.#files.values()) used += medium.bytes.length;
    return Math.max(0, this.#faults.capacityBytes - used);
  }
}

/** One file of a faulty disk of its own. */
export type SingleFaultyFile = AppendFile & {
  readonly disk: FaultyDisk;
  /** Crashes the disk and gives what a restart finds. */
  readonly crash: (kind: CrashKind) => Promise<SingleFaultyFile>;
};

/** A file that fails on purpose. See {@link FaultyDisk}. */
export function createFaultyFile(plan: FaultPlan = {}): SingleFaultyFile {
  return singleFile(new FaultyDisk(plan));
}

function singleFile(disk: FaultyDisk): SingleFaultyFile {
  const file = disk.openFile('file');
  return {
    disk,
    size: () => file.size(),
    append: (bytes) => file.append(bytes),
    read: (offset, length) => file.read(offset, length),
    sync: () => file.sync(),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
    crash: async (kind): Promise<SingleFaultyFile> => {
      await disk.crash(kind);
      return singleFile(disk);
    },
  };
}

/** One store of a faulty disk of its own. */
export type SingleFaultyStore = KvStore & {
  readonly disk: FaultyDisk;
  /** Crashes the disk and gives what a restart finds. */
  readonly crash: (kind: CrashKind) => Promise<SingleFaultyStore>;
};

/** A store that fails on purpose. See {@link FaultyDisk}. */
export function createFaultyStore(plan: FaultPlan = {}): SingleFaultyStore {
  return singleStore(new FaultyDisk(plan));
}

function singleStore(disk: FaultyDisk): SingleFaultyStore {
  const store = disk.openStore('store');
  return {
    disk,
    get: (keyspace, key) => store.get(keyspace, key),
    range: (keyspace, range) => store.range(keyspace, range),
    snapshot: () => store.snapshot(),
    commit: (batch, level) => store.commit(batch, level),
    close: () => store.close(),
    crash: async (kind): Promise<SingleFaultyStore> => {
      await disk.crash(kind);
      return singleStore(disk);
    },
  };
}
