import { assert, present } from '@lucerna/base';
import type { SegmentOptions } from '../kernel/layout.ts';
import { levelOf } from '../kernel/levels.ts';
import { Segment } from '../kernel/segment.ts';
import { RowSet } from '../row-set.ts';
import { damagedIndex } from './index-chunks.ts';

/** A segment from which all live rows are gone is given back from this many places on. */
const EMPTY_SEGMENT_ROWS = 1_024;

/**
 * The rows of an index: which there are, where each lies, and which places are free.
 *
 * A row is *live* from when it is added until it is removed. Where there is a graph, a live row
 * *waits* until it is put into it; a row in the graph that is removed is *dead*: its place is free
 * when no other row leads to it any more. While somebody *pins* the rows, no place becomes free.
 */
export class RowStore {
  readonly live: RowSet = new RowSet();
  /** Live rows that are not in the graph; empty where none is kept. */
  readonly waiting: RowSet = new RowSet();
  /** Removed rows whose place is not free. */
  readonly dead: RowSet = new RowSet();
  readonly segments: Segment[] = [];
  readonly options: SegmentOptions;
  /** Another number whenever the memories are others. */
  version = 0;
  /** By segment: how many live rows it has. */
  readonly #liveCounts: number[] = [];
  readonly #waitingCounts: number[] = [];
  #free: number[] = [];
  /** By row: its level in the graph. */
  #levels: Uint8Array = new Uint8Array(0);
  #sequence = 0;
  /** Whether somebody counts on memory that is there but not used yet. */
  #isReserved = false;
  #pins = 0;
  /** Dead rows that are not in the graph and that the segment takes for live: a pin keeps them. */
  readonly #hidden: RowSet = new RowSet();
  readonly #onUnpinned: (() => void)[] = [];

  constructor(options: SegmentOptions) {
    this.options = options;
  }

  /** How many rows belong to a segment; 1 while there is none. */
  get segmentRows(): number {
    return this.segments[0]?.capacity ?? 1;
  }

  /** One more than the highest row in use, or that was. */
  get rows(): number {
    const last = this.segments.at(-1);
    return last === undefined ? 0 : (this.segments.length - 1) * this.segmentRows + last.rows;
  }

  get freeCount(): number {
    return this.#free.length;
  }

  /** Whether the segments take rows for live that are not. */
  get hasHidden(): boolean {
    return this.#hidden.size > 0;
  }

  get isPinned(): boolean {
    return this.#pins > 0;
  }

  get bytes(): number {
    let bytes = this.#levels.byteLength + this.live.words.byteLength * 3;
    for (const segment of this.segments) bytes += segment.bytes;
    return bytes;
  }

  /** How many live rows the segment of that number has. */
  liveIn(number: number): number {
    return this.#liveCounts[number] ?? 0;
  }

  /** How many of them wait to be put into the graph. */
  waitingIn(number: number): number {
    return this.#waitingCounts[number] ?? 0;
  }

  segmentOf(row: number): Segment {
    return present(this.segments[this.#numberOf(row)], 'the row has a segment');
  }

  slotOf(row: number): number {
    return row % this.segmentRows;
  }

  /** Puts a row into the graph that waits. */
  insert(row: number): void {
    assert(this.waiting.has(row), 'the row waits');
    this.segmentOf(row).insert(this.slotOf(row), this.#levels[row] as number);
    this.#endWait(row);
  }

  /**
   * Adds embeddings; `sequence` is the number of the first one among all that were ever added.
   *
   * @throws `VECTOR_MEMORY_EXHAUSTED`; then nothing has changed
   */
  add(values: Float32Array, count: number, sequence: number = this.#sequence): Uint32Array {
    const { dimension } = this.options;
    this.#isReserved = false;
    const rows = new Uint32Array(count);
    const reused = Math.min(count, this.#free.length);
    this.#appendAll(values, rows, reused);
    for (let index = 0; index < reused; index += 1) {
      const row = this.#free.pop() as number;
      this.segmentOf(row).write(this.slotOf(row), values, index * dimension);
      rows[index] = row;
    }
    this.#sequence = sequence + count;
    for (const [offset, row] of rows.entries()) this.#enter(row, sequence + offset);
    return rows;
  }

  /**
   * Takes the memory that so many rows need. No segment is given back before they are added, or none is
   * reserved any more.
   *
   * @throws `VECTOR_MEMORY_EXHAUSTED`
   */
  reserve(count: number): void {
    this.#isReserved = false;
    let missing = count - this.#free.length;
    for (let number = 0; missing > 0; number += 1) {
      if (number === this.segments.length) this.#addSegment();
      const segment = this.segments[number] as Segment;
      const rows = Math.min(missing, segment.capacity - segment.rows);
      segment.reserve(rows);
      missing -= rows;
    }
    this.#isReserved = count > 0;
  }

  /** Takes a live row out. */
  remove(row: number): void {
    assert(this.live.has(row), 'the row is live');
    this.live.delete(row);
    add(this.#liveCounts, this.#numberOf(row), -1);
    if (this.waiting.has(row)) this.#endWait(row);
    const segment = this.segmentOf(row);
    const isIndexed = segment.isIndexed(this.slotOf(row));
    if (!isIndexed && !this.isPinned) {
      this.#release(row);
      return;
    }
    if (isIndexed) segment.markDead(this.slotOf(row));
    else this.#hidden.add(row);
    this.dead.add(row);
  }

  /** Makes the place of a dead row free, to which no other row leads. */
  release(row: number): void {
    assert(!this.isPinned && this.dead.has(row), 'the row is dead');
    this.dead.delete(row);
    this.#release(row);
  }

  /** Keeps what lies at each row until the function that it returns is called. */
  pin(): () => void {
    this.#pins += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#pins -= 1;
      if (this.#pins > 0) return;
      this.#releaseHidden();
      this.#wake();
    };
  }

  /** Resolves when nobody pins the rows, or they are forgotten. */
  async unpinned(): Promise<void> {
    if (this.isPinned) await new Promise<void>((resolve) => this.#onUnpinned.push(resolve));
  }

  /** Forgets everything. */
  clear(): void {
    for (const set of [this.live, this.waiting, this.dead, this.#hidden]) set.clear();
    this.segments.length = 0;
    this.#free = [];
    this.#isReserved = false;
    this.#wake();
  }

  /**
   * Appends rows of a snapshot to a store that had nothing else: those that are `present` are live, the
   * places of the others free.
   */
  restore(values: Float32Array, present: readonly boolean[]): void {
    const rows = new Uint32Array(present.length);
    const start = this.rows;
    this.#appendAll(values, rows, 0);
    assert(rows[0] === start, 'rows are restored in their order');
    for (const [index, row] of rows.entries()) {
      if (present[index] === true) {
        this.#enter(row, row);
        continue;
      }
      this.#release(row);
    }
    this.#sequence = this.rows;
  }

  /** Takes over what an earlier graph had for a row that waits. @throws `VECTOR_SNAPSHOT_CORRUPT` */
  importGraph(row: number, words: Uint32Array): void {
    const read = this.segmentOf(row).importGraph(this.slotOf(row), words);
    if (read !== words.length) throw damagedIndex('its graph has more links than layers');
    this.#endWait(row);
  }

  /** To be called when all rows of the graph were imported. */
  finishImport(): void {
    for (const segment of this.segments) segment.finishImport();
  }

  /** Gives segments back whose live rows are all gone. @returns whether there were any */
  dropEmptySegments(): boolean {
    let isChanged = false;
    for (let number = this.segments.length - 1; number >= 0; number -= 1) {
      if (!this.isEmptied(number)) continue;
      this.#drop(number);
      isChanged = true;
    }
    return isChanged;
  }

  /** Whether a segment holds much and nothing of it is live. */
  isEmptied(number: number): boolean {
    const { rows } = this.segments[number] as Segment;
    if (this.isPinned || this.#isReserved) return false;
    return this.liveIn(number) === 0 && rows >= EMPTY_SEGMENT_ROWS;
  }

  /** Appends the embeddings from `index` on. @throws `VECTOR_MEMORY_EXHAUSTED`; then none of them */
  #appendAll(values: Float32Array, rows: Uint32Array, from: number): void {
    let index = from;
    try {
      while (index < rows.length) index += this.#append(values, index, rows);
    } catch (error) {
      for (const row of rows.subarray(from, index)) this.#release(row);
      throw error;
    }
  }

  /** Appends as many of the embeddings from `index` on as one segment takes. @returns how many */
  #append(values: Float32Array, index: number, rows: Uint32Array): number {
    let number = this.segments.findIndex((segment) => segment.rows < segment.capacity);
    if (number < 0) number = this.#addSegment();
    const segment = this.segments[number] as Segment;
    const count = Math.min(rows.length - index, segment.capacity - segment.rows);
    const first =
      number * this.segmentRows + segment.append(values, index * this.options.dimension, count);
    for (let offset = 0; offset < count; offset += 1) rows[index + offset] = first + offset;
    return count;
  }

  #addSegment(): number {
    this.segments.push(Segment.create(this.options));
    this.#liveCounts.push(0);
    this.#waitingCounts.push(0);
    this.version += 1;
    return this.segments.length - 1;
  }

  /** Makes a row live that has its embedding. */
  #enter(row: number, sequence: number): void {
    this.live.add(row);
    add(this.#liveCounts, this.#numberOf(row), 1);
    if (!this.options.hasGraph) return;
    this.waiting.add(row);
    add(this.#waitingCounts, this.#numberOf(row), 1);
    if (row >= this.#levels.length) {
      const grown = new Uint8Array(Math.max(row + 1, this.#levels.length * 2));
      grown.set(this.#levels);
      this.#levels = grown;
    }
    this.#levels[row] = levelOf(sequence, this.options.maxNeighbors);
  }

  #wake(): void {
    for (const wake of this.#onUnpinned.splice(0)) wake();
  }

  #numberOf(row: number): number {
    return Math.floor(row / this.segmentRows);
  }

  #endWait(row: number): void {
    this.waiting.delete(row);
    add(this.#waitingCounts, this.#numberOf(row), -1);
  }

  #release(row: number): void {
    this.segmentOf(row).release(this.slotOf(row));
    this.#free.push(row);
  }

  /** Makes the places of rows free that were kept by a pin alone. */
  #releaseHidden(): void {
    const rows = [...this.#hidden.rows()];
    this.#hidden.clear();
    for (const row of rows) this.release(row);
  }

  /** Replaces a segment by an empty one, or takes it away where it is the last. */
  #drop(number: number): void {
    const isLast = number === this.segments.length - 1;
    // First what can fail.
    const empty = isLast ? undefined : Segment.create(this.options);
    const isOutside = (row: number): boolean => this.#numberOf(row) !== number;
    this.#free = this.#free.filter(isOutside);
    for (const row of [...this.dead.rows()]) if (!isOutside(row)) this.dead.delete(row);
    if (empty === undefined) {
      this.segments.pop();
      this.#liveCounts.pop();
      this.#waitingCounts.pop();
    } else {
      this.segments[number] = empty;
    }
    this.version += 1;
  }
}

function add(counts: number[], index: number, change: number): void {
  counts[index] = (counts[index] as number) + change;
}
