import { assert, concatBytes, EMPTY_BYTES } from '@lucerna/base';
import { type AppendFile, checkReadRange } from '../append-file.ts';
import { storageErrors } from '../errors.ts';
import type { Faults } from './faults.ts';

/** A change that the system has taken and the medium has not. */
type Change =
  | { readonly kind: 'append'; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number };

/**
 * The bytes of one file: what the medium holds, and what only the system's memory holds. It outlives
 * the handles that are opened on it.
 */
export class FileMedium {
  #durable: Uint8Array = EMPTY_BYTES;
  #changes: Change[] = [];
  #visible: Uint8Array = EMPTY_BYTES;

  get bytes(): Uint8Array {
    return this.#visible;
  }

  change(change: Change): void {
    this.#changes.push(change);
    this.#visible = apply(this.#visible, change);
  }

  harden(): void {
    this.#durable = this.#visible;
    this.#changes = [];
  }

  /**
   * The unsynced changes reach the medium in their order, as far as they do: some first ones are kept,
   * the next one, if it is an append, up to any byte, and the rest is lost.
   */
  losePower(faults: Faults): void {
    const kept = faults.random.below(this.#changes.length + 1);
    let bytes = this.#durable;
    for (const change of this.#changes.slice(0, kept)) bytes = apply(bytes, change);
    const torn = this.#changes[kept];
    if (torn?.kind === 'append') {
      const length = faults.random.below(torn.bytes.length + 1);
      bytes = apply(bytes, { kind: 'append', bytes: torn.bytes.subarray(0, length) });
    }
    this.#durable = bytes;
    this.#visible = bytes;
    this.#changes = [];
  }
}

function apply(bytes: Uint8Array, change: Change): Uint8Array {
  return change.kind === 'append' ? concatBytes(bytes, change.bytes) : bytes.slice(0, change.size);
}

/** An open file of a faulty disk. */
export class FaultyFile implements AppendFile {
  readonly #medium: FileMedium;
  readonly #faults: Faults;
  readonly #freeBytes: () => number;
  #closed = false;
  #syncFailed = false;

  /** @param freeBytes room that is left on the disk */
  constructor(medium: FileMedium, faults: Faults, freeBytes: () => number) {
    this.#medium = medium;
    this.#faults = faults;
    this.#freeBytes = freeBytes;
  }

  size(): number {
    return this.#medium.bytes.length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#checkUsable();
    const failure = this.#faults.next();
    if (failure !== undefined) {
      this.#keep(bytes, this.#faults.random.below(bytes.length + 1));
      throw storageErrors.create('FILE_WRITE_FAILED', 'injected');
    }
    const room = this.#freeBytes();
    if (bytes.length > room) {
      this.#keep(bytes, room);
      throw storageErrors.create('FILE_DISK_FULL', 'injected', { room, length: bytes.length });
    }
    this.#keep(bytes, bytes.length);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#checkOpen();
    checkReadRange(offset, length, this.size());
    if (this.#faults.next() !== undefined)
      throw storageErrors.create('FILE_READ_FAILED', 'injected');
    return this.#medium.bytes.slice(offset, offset + length);
  }

  async sync(): Promise<void> {
    this.#checkUsable();
    if (this.#faults.next() !== undefined) {
      this.#syncFailed = true;
      throw storageErrors.create('FILE_SYNC_FAILED', 'injected');
    }
    this.#medium.harden();
  }

  async truncate(size: number): Promise<void> {
    this.#checkUsable();
    assert(size >= 0 && size <= this.size(), 'a file is only cut where it has bytes');
    if (this.#faults.next() !== undefined)
      throw storageErrors.create('FILE_WRITE_FAILED', 'injected');
    this.#medium.change({ kind: 'truncate', size });
  }

  /** Without a sync, as the system does it. */
  async close(): Promise<void> {
    this.disconnect();
  }

  /** What a crash does to a handle. */
  disconnect(): void {
    this.#closed = true;
  }

  #keep(bytes: Uint8Array, length: number): void {
    this.#medium.change({ kind: 'append', bytes: bytes.slice(0, length) });
  }

  #checkOpen(): void {
    if (this.#closed) throw storageErrors.create('FILE_CLOSED');
  }

  #checkUsable(): void {
    this.#checkOpen();
    if (this.#syncFailed) throw storageErrors.create('FILE_SYNC_FAILED', 'an earlier one failed');
  }
}
