import { present } from '@lucerna/base';
import type { AppendFile } from '../append-file.ts';
import type { BlobDir } from '../blob-dir.ts';
import type { KvStore } from '../kv-store.ts';
import { type FailureMode, type FaultPlan, Faults } from './faults.ts';
import { BlobMedium, FaultyBlobDir } from './faulty-blob-dir.ts';
import { FaultyFile, FileMedium } from './faulty-file.ts';
import { FaultyStore, type RowBit, type RowPart, StoreMedium } from './faulty-store.ts';

/** `process`: `kill -9`, the system goes on. `power`: the system's memory is lost too. */
export type CrashKind = 'process' | 'power';

/**
 * A disk in memory that fails on purpose, for tests: files, stores and folders of blobs under one
 * count of operations, with a model of the volatile memory that lies over a medium.
 *
 * What was appended, committed or written is visible at once. It is durable after the file's `sync`;
 * the commit (or a later one) at level `power`; the blob's write or removal at that level. Until then
 * a power loss takes any last part of it, or of what is in a file any sectors. Each blob is lost or
 * kept for itself.
 *
 * ```ts
 * const disk = new FaultyDisk({ seed: 7, failAt: 12, mode: 'forever' });
 * await work(disk.openFile('log'), disk.openStore('store')).catch(() => undefined);
 * await disk.crash('power');
 * check(disk.openFile('log'), disk.openStore('store')); // what a restart finds
 * ```
 *
 * Operations are reads of files and blobs, appends, truncations, syncs, commits, and writes and
 * removals of blobs, which at level `power` are followed by one for their sync. A sweep runs the same work with
 * `failAt` 1, 2, 3, … until a run ends with fewer `operations` than that. Everything follows from the
 * plan and the calls: no clock, no chance.
 */
export class FaultyDisk {
  readonly #faults: Faults;
  readonly #files = new Map<string, FileMedium>();
  readonly #stores = new Map<string, StoreMedium>();
  readonly #blobDirs = new Map<string, BlobMedium>();
  #open: (FaultyFile | FaultyStore | FaultyBlobDir)[] = [];

  constructor(plan: FaultPlan = {}) {
    this.#faults = new Faults(plan);
  }

  /** Operations so far. */
  get operations(): number {
    return this.#faults.operations;
  }

  /** Syncs so far that did not fail; see `skipSync` of the plan. */
  get syncs(): number {
    return this.#faults.syncs;
  }

  /** From now on, the operation with this number fails; the disk's first one has number 1. */
  failAt(operation: number, mode: FailureMode = 'once'): void {
    this.#faults.failAt(operation, mode);
  }

  /** The file of that name with what is in it; a new one is empty. */
  openFile(name: string): AppendFile {
    const medium = mediumOf(this.#files, name, () => new FileMedium());
    return this.#opened(new FaultyFile(medium, this.#faults, () => this.#freeBytes()));
  }

  /** The store of that name with what is in it; a new one is empty. */
  openStore(name: string): KvStore {
    const medium = mediumOf(this.#stores, name, () => new StoreMedium());
    return this.#opened(new FaultyStore(medium, this.#faults, () => this.#freeBytes()));
  }

  /** The folder of that name with the blobs in it; a new one is empty. */
  openBlobDir(name: string): BlobDir {
    const medium = mediumOf(this.#blobDirs, name, () => new BlobMedium());
    return this.#opened(new FaultyBlobDir(medium, this.#faults, () => this.#freeBytes()));
  }

  /**
   * Flips a bit of a file, as a medium does that decays.
   *
   * @param bit its number in the file, from 0; without it, the seed decides
   * @returns the number of the bit
   */
  flipFileBit(name: string, bit?: number): number {
    const medium = present(this.#files.get(name), 'a file of that name was opened');
    const flipped = bit ?? this.#faults.random.below(8 * medium.bytes.length);
    medium.flipBit(flipped);
    return flipped;
  }

  /** The same of a blob of the folder `directory`. */
  flipBlobBit(directory: string, name: string, bit?: number): number {
    const medium = present(this.#blobDirs.get(directory), 'a folder of that name was opened');
    const { length } = present(medium.blob(name), 'a blob of that name is there');
    const flipped = bit ?? this.#faults.random.below(8 * length);
    medium.flipBit(name, flipped);
    return flipped;
  }

  /**
   * The same of the key or the value of a row of the store `name`. A row whose key was flipped is from
   * then on where that key belongs.
   *
   * @param at the row, and perhaps the bit; without it, the seed decides among all rows
   * @returns the row with its right key, and the number of the bit
   */
  async flipRowBit(name: string, part: RowPart, at?: RowBit): Promise<Required<RowBit>> {
    const medium = present(this.#stores.get(name), 'a store of that name was opened');
    return medium.flipBit(part, this.#faults.random, at);
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
    for (const blobs of this.#blobDirs.values()) {
      blobs.loseProcess(this.#faults);
      if (kind === 'power') blobs.losePower(this.#faults);
    }
    if (kind === 'process') return;
    for (const file of this.#files.values()) file.losePower(this.#faults);
  }

  #opened<T extends FaultyFile | FaultyStore | FaultyBlobDir>(handle: T): T {
    this.#open.push(handle);
    return handle;
  }

  #freeBytes(): number {
    // Not counted where nothing is full: it goes over all rows.
    if (this.#faults.capacityBytes === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    let used = 0;
    for (const medium of this.#files.values()) used += medium.bytes.length;
    for (const medium of this.#stores.values()) used += medium.usedBytes();
    for (const medium of this.#blobDirs.values()) used += medium.usedBytes();
    return Math.max(0, this.#faults.capacityBytes - used);
  }
}

function mediumOf<M>(media: Map<string, M>, name: string, make: () => M): M {
  const medium = media.get(name) ?? make();
  media.set(name, medium);
  return medium;
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
