import { assert, concatBytes, EMPTY_BYTES, type SeededRandom } from '@lucerna/base';
import { type AppendFile, checkReadRange } from '../append-file.ts';
import { storageErrors } from '../errors.ts';
import type { Faults } from './faults.ts';

/** What a disk writes at once. */
const SECTOR_BYTES = 512;

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

  /** Flips a bit wherever its byte is. @param bit number of the bit in the file, from 0 */
  flipBit(bit: number): void {
    const at = bit >>> 3;
    assert(at < this.#visible.length, 'a bit that is flipped is in the file');
    let size = this.#durable.length;
    /** The change that has brought the byte, and where it is in there; none: it is durable. */
    let owner: { readonly index: number; readonly offset: number } | undefined;
    for (const [index, change] of this.#changes.entries()) {
      if (change.kind === 'append' && at >= size && at < size + change.bytes.length) {
        owner = { index, offset: at - size };
      }
      size = change.kind === 'append' ? size + change.bytes.length : change.size;
    }
    if (owner === undefined) {
      this.#durable = withFlippedBit(this.#durable, bit);
    } else {
      const change = this.#changes[owner.index] as Extract<Change, { kind: 'append' }>;
      const bytes = withFlippedBit(change.bytes, 8 * owner.offset + (bit & 7));
      this.#changes[owner.index] = { kind: 'append', bytes };
    }
    this.#visible = withFlippedBit(this.#visible, bit);
  }

  /** What the power takes; see {@link PowerLoss}. */
  losePower(faults: Faults): void {
    const kept = faults.random.below(this.#changes.length + 1);
    const torn = this.#changes[kept];
    const tornLength =
      torn?.kind === 'append' ? faults.random.below(torn.bytes.length + 1) : undefined;
    this.#durable =
      faults.powerLoss === 'prefix'
        ? this.#prefix(kept, tornLength)
        : this.#sectors(faults.random, kept, tornLength ?? 0);
    this.#visible = this.#durable;
    this.#changes = [];
  }

  /** Some first changes are kept, the next one, if it is an append, up to any byte. */
  #prefix(kept: number, tornLength: number | undefined): Uint8Array {
    let bytes = this.#durable;
    for (const change of this.#changes.slice(0, kept)) bytes = apply(bytes, change);
    const torn = this.#changes[kept];
    return torn?.kind === 'append' ? concatBytes(bytes, torn.bytes.subarray(0, tornLength)) : bytes;
  }

  /**
   * The length becomes that of some first changes, and perhaps of a part of the next; each sector that
   * was touched becomes what it was after any number of changes. What a truncation that has reached
   * the medium cut off does not come back.
   */
  #sectors(random: SeededRandom, kept: number, tornLength: number): Uint8Array {
    const states = [this.#durable];
    for (const change of this.#changes) states.push(apply(states.at(-1) as Uint8Array, change));
    const bytes = new Uint8Array((states[kept] as Uint8Array).length + tornLength);
    const cuts = this.#changes.map((change) =>
      change.kind === 'truncate' ? change.size : Number.POSITIVE_INFINITY,
    );
    const untouched = Math.min(this.#durable.length, ...cuts);
    bytes.set(this.#durable.subarray(0, Math.min(untouched, bytes.length)));
    const first = Math.floor(untouched / SECTOR_BYTES) * SECTOR_BYTES;
    for (let start = first; start < bytes.length; start += SECTOR_BYTES) {
      const writes = random.below(states.length);
      const state = states[writes] as Uint8Array;
      const cut = Math.min(state.length, ...cuts.slice(writes, kept));
      const end = Math.min(start + SECTOR_BYTES, cut, bytes.length);
      if (end > start) bytes.set(state.subarray(start, end), start);
    }
    return bytes;
  }
}

function apply(bytes: Uint8Array, change: Change): Uint8Array {
  return change.kind === 'append' ? concatBytes(bytes, change.bytes) : bytes.slice(0, change.size);
}

/** A copy in which one bit is the other one. */
export function withFlippedBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
  return flipped;
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
    if (this.#faults.hardens()) this.#medium.harden();
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
