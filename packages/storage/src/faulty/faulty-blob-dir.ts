import { assert, type Durability } from '@lucerna/base';
import { type BlobDir, checkBlobName } from '../blob-dir.ts';
import { storageErrors } from '../errors.ts';
import { joinParts, readBlob } from '../memory-blob-dir.ts';
import type { Faults } from './faults.ts';
import { withFlippedBit } from './faulty-file.ts';

/** A blob, or none. */
type Contents = Uint8Array | undefined;

/** One name: what the medium holds under it, and what came after it in the system's memory only. */
type Entry = { durable: Contents; changes: Contents[] };

/** The blobs of one folder. It outlives the handles that are opened on it. */
export class BlobMedium {
  readonly #entries = new Map<string, Entry>();
  /** A change whose caller got an error before the crash: not visible, but perhaps on its way. */
  #unanswered: { readonly name: string; readonly contents: Contents } | undefined;

  names(): string[] {
    return [...this.#entries.keys()].filter((name) => this.blob(name) !== undefined).sort();
  }

  blob(name: string): Contents {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    return entry.changes.length > 0 ? entry.changes.at(-1) : entry.durable;
  }

  usedBytes(): number {
    let bytes = 0;
    for (const name of this.#entries.keys()) bytes += this.blob(name)?.length ?? 0;
    return bytes;
  }

  change(name: string, contents: Contents): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.changes.push(contents);
    else this.#entries.set(name, { durable: undefined, changes: [contents] });
  }

  leaveUnanswered(name: string, contents: Contents): void {
    this.#unanswered ??= { name, contents };
  }

  harden(name: string): void {
    this.#entries.set(name, { durable: this.blob(name), changes: [] });
  }

  flipBit(name: string, bit: number): void {
    const bytes = this.blob(name);
    assert(bytes !== undefined && bit >>> 3 < bytes.length, 'a bit that is flipped is in the blob');
    const entry = this.#entries.get(name) as Entry;
    const flipped = withFlippedBit(bytes, bit);
    if (entry.changes.length > 0) entry.changes[entry.changes.length - 1] = flipped;
    else entry.durable = flipped;
  }

  /** Whatever the system has taken is kept; it decides on the change that was not answered. */
  loseProcess(faults: Faults): void {
    const change = this.#unanswered;
    this.#unanswered = undefined;
    if (change === undefined || faults.random.below(2) === 0) return;
    this.change(change.name, change.contents);
  }

  /** Under each name, some first of the changes are kept and the rest is lost. */
  losePower(faults: Faults): void {
    for (const entry of this.#entries.values()) {
      const kept = faults.random.below(entry.changes.length + 1);
      if (kept > 0) entry.durable = entry.changes[kept - 1];
      entry.changes = [];
    }
  }
}

/** An open folder of blobs of a faulty disk. */
export class FaultyBlobDir implements BlobDir {
  readonly #medium: BlobMedium;
  readonly #faults: Faults;
  readonly #freeBytes: () => number;
  #closed = false;
  #syncFailed = false;

  /** @param freeBytes room that is left on the disk */
  constructor(medium: BlobMedium, faults: Faults, freeBytes: () => number) {
    this.#medium = medium;
    this.#faults = faults;
    this.#freeBytes = freeBytes;
  }

  async names(): Promise<readonly string[]> {
    this.#checkOpen();
    return this.#medium.names();
  }

  async size(name: string): Promise<number | undefined> {
    this.#check(name);
    return this.#medium.blob(name)?.length;
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    this.#check(name);
    const bytes = readBlob(this.#medium.blob(name), name, offset, length);
    if (this.#faults.next() !== undefined) {
      throw storageErrors.create('FILE_READ_FAILED', 'injected');
    }
    return bytes;
  }

  async write(
    name: string,
    parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    level: Durability,
  ): Promise<void> {
    this.#check(name);
    this.#checkSynced();
    const bytes = await joinParts(parts, this.#freeBytes());
    this.#checkOpen();
    this.#change(name, bytes, level);
  }

  async remove(name: string, level: Durability): Promise<void> {
    this.#check(name);
    this.#checkSynced();
    this.#change(name, undefined, level);
  }

  async close(): Promise<void> {
    this.disconnect();
  }

  /** What a crash does to a handle. */
  disconnect(): void {
    this.#closed = true;
  }

  #change(name: string, contents: Contents, level: Durability): void {
    const failure = this.#faults.next();
    if (failure !== undefined) {
      if (failure === 'forever') this.#medium.leaveUnanswered(name, contents);
      throw storageErrors.create('FILE_WRITE_FAILED', 'injected', { name });
    }
    this.#medium.change(name, contents);
    if (level === 'process') return;
    if (this.#faults.next() !== undefined) {
      this.#syncFailed = true;
      throw storageErrors.create('FILE_SYNC_FAILED', 'injected', { name });
    }
    if (this.#faults.hardens()) this.#medium.harden(name);
  }

  #check(name: string): void {
    this.#checkOpen();
    checkBlobName(name);
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED');
  }

  #checkSynced(): void {
    if (this.#syncFailed) throw storageErrors.create('FILE_SYNC_FAILED', 'an earlier one failed');
  }
}
