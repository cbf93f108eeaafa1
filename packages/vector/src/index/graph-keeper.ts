import type { Clock } from '@lucerna/base';
import type { RowStore } from './row-store.ts';

/** A round over all rows of a segment after which nothing leads to those that were dead before it. */
type Repair = {
  readonly segment: number;
  /** Rows that were dead when it began. */
  readonly dead: readonly number[];
  /** Slots from here on are still to be looked at, up to `end`. */
  next: number;
  readonly end: number;
};

/** How long a slice of work takes; a step of it is shorter by far. */
const SLICE_MS = 8;
/** Steps of a slice where the clock stands still. */
const SLICE_STEPS = 256;
/** How many rows one step of a repair looks at. */
const REPAIR_ROWS = 32;
/** A repair looks at every row: it is worth it when one in so many is dead… */
const DEAD_SHARE = 8;
/** …and when there are this many. */
const DEAD_ROWS = 256;
/** One in so many: then every row that is added pays for a part of the repair. */
const DEBT_SHARE = 2;
/** How many rows it has to look at for each. */
const DEBT_ROWS = 4;

/**
 * Keeps the graph of an index: puts rows into it that wait, and frees the places of rows that are dead.
 * It does nothing while somebody pins the rows, so that a snapshot finds the graph of its moment.
 */
export class GraphKeeper {
  readonly #store: RowStore;
  readonly #clock: Clock;
  /** There is a graph once so many rows are live. */
  readonly #fromRows: number;
  #repair: Repair | undefined;
  /** Rows that additions still have to look at. */
  #debtRows = 0;
  /** Rows that wait are put in in ascending order, from here on and then from the beginning. */
  #cursor = 0;

  constructor(store: RowStore, clock: Clock, fromRows: number) {
    this.#store = store;
    this.#clock = clock;
    this.#fromRows = fromRows;
  }

  /** Whether there is something to do; `isSettling`: also what could be left for later. */
  hasWork(isSettling: boolean): boolean {
    const { segments, dead, isPinned } = this.#store;
    if (isPinned) return false;
    if (segments.some((_, number) => this.#store.isEmptied(number))) return true;
    if (this.#repair !== undefined || this.#mayInsert()) return true;
    return isSettling ? dead.size > 0 : this.#isRepairDue(DEAD_SHARE);
  }

  /** Some milliseconds of work, or what there is. */
  slice(isSettling: boolean): void {
    const sinceMs = this.#clock.nowMs();
    for (let step = 0; step < SLICE_STEPS && this.hasWork(isSettling); step += 1) {
      this.#step(isSettling);
      // In either direction: the clock may be set.
      if (Math.abs(this.#clock.nowMs() - sinceMs) >= SLICE_MS) return;
    }
  }

  /**
   * For `count` rows that are added: where places are not freed as fast as they are taken, a part of
   * the repair that frees them. Whatever the background does, memory stays bounded.
   */
  payDebt(count: number): void {
    if (this.#store.isPinned || !this.#isRepairDue(DEBT_SHARE)) return;
    this.#debtRows += count * DEBT_ROWS;
    while (this.#debtRows >= REPAIR_ROWS && this.#isRepairDue(DEBT_SHARE)) {
      this.#debtRows -= REPAIR_ROWS;
      if (this.#repair === undefined) this.#startRepair();
      else this.#stepRepair();
    }
    this.#debtRows %= REPAIR_ROWS;
  }

  #step(isSettling: boolean): void {
    const { dead } = this.#store;
    if (this.#store.dropEmptySegments()) {
      this.#repair = undefined;
      return;
    }
    // Repairs first: there is one for many rows only, and without it memory grows.
    if (this.#repair !== undefined) this.#stepRepair();
    else if (this.#isRepairDue(DEAD_SHARE) || this.#isMostlyDead()) this.#startRepair();
    else if (this.#mayInsert()) this.#insertNext();
    else if (isSettling && dead.size > 0) this.#startRepair();
  }

  #isRepairDue(share: number): boolean {
    const { dead, live } = this.#store;
    return dead.size >= Math.max(DEAD_ROWS, live.size / share);
  }

  /**
   * Whether rows wait for a graph in which most are dead. They would find few rows to link to, and none
   * that link back: no walk would ever reach them.
   */
  #isMostlyDead(): boolean {
    const { segments } = this.#store;
    return this.#mayInsert() && segments.some(({ dead, indexed }) => dead > indexed);
  }

  /** Whether a row waits that is wanted in the graph. A graph once begun is kept up. */
  #mayInsert(): boolean {
    const { live, waiting } = this.#store;
    const isBegun = waiting.size < live.size;
    return waiting.size > 0 && (isBegun || live.size >= this.#fromRows);
  }

  #insertNext(): void {
    const { waiting } = this.#store;
    const row = nextRow(waiting.words, this.#cursor) ?? nextRow(waiting.words, 0);
    if (row === undefined) return;
    this.#store.insert(row);
    this.#cursor = row + 1;
  }

  /** Begins with the segment that the first dead row belongs to. */
  #startRepair(): void {
    const { dead, segments, segmentRows } = this.#store;
    const [first = 0] = dead.rows();
    const segment = Math.floor(first / segmentRows);
    const end = (segment + 1) * segmentRows;
    const rows = [...dead.rows()].filter((row) => row < end);
    this.#repair = { segment, dead: rows, next: 0, end: segments[segment]?.rows ?? 0 };
  }

  #stepRepair(): void {
    const repair = this.#repair;
    if (repair === undefined) return;
    const { end, dead } = repair;
    const to = Math.min(end, repair.next + REPAIR_ROWS);
    this.#store.segments[repair.segment]?.repair(repair.next, to);
    repair.next = to;
    if (to < end) return;
    this.#repair = undefined;
    for (const row of dead) this.#store.release(row);
  }
}

/** The first row of a bitmap that is not below `from`. */
function nextRow(words: Uint32Array, from: number): number | undefined {
  let index = from >>> 5;
  if (index >= words.length) return undefined;
  let word = (words[index] as number) & (-1 << (from & 31));
  while (word === 0) {
    index += 1;
    if (index >= words.length) return undefined;
    word = words[index] as number;
  }
  return index * 32 + 31 - Math.clz32(word & -word);
}
