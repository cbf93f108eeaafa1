import { assert } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import type { HeapItem } from './indexed-heap.ts';
import { wordAt } from './keys.ts';
import type { PoolStatus } from './pool-event.ts';

/** One transaction of the pool. */
export type PoolEntry = {
  readonly transaction: RecoveredTransaction;
  /** The most it can cost its sender: gas limit · fee cap + value, in wei. */
  readonly cost: bigint;
  /** The most wei that it pays for a unit of gas. */
  readonly feeCap: bigint;
  /** Position in the order in which the pool took its transactions: breaks ties between equal tips. */
  readonly arrival: number;
  /** When that was, in milliseconds since the Unix epoch. */
  readonly arrivedMs: number;
  // Where it stands in its sender's queue: kept here, where whoever asks has just been.
  /** In a run: what it and all before it cost together, in wei. */
  runCost: bigint;
  /** In a run: the lowest fee cap of it and all before it; so it never rises along a run. */
  lowestCap: bigint;
  /** Whether it was pending when its queue was settled last. */
  pending: boolean;
};

/** No entry. */
export const NOBODY: readonly PoolEntry[] = [];

/** How many heaps a queue can be in. */
const HEAPS = 3;

/**
 * The waiting transactions of one sender, in nonce order, at most one a nonce.
 *
 * The *run* is the contiguous head of the queue: the nonces from the account's own nonce on without
 * a gap. Of the run, the *funded* part is what the balance pays for at full cost, counted from the
 * front, and not more than the sender may have executable. Of that, the *ready* part is what comes
 * before the first fee cap below the base fee: it may enter a block. So the statuses of a queue are,
 * from the front on: pending, then parked, then queued.
 *
 * Changes leave the ready part as it was until `settleRun`.
 */
export class SenderQueue implements HeapItem {
  readonly address: Uint8Array;
  // The address once more, where it is at hand: each transaction is compared with it.
  readonly #word0: number;
  readonly #word1: number;
  readonly #word2: number;
  readonly #word3: number;
  readonly #word4: number;
  /** The account's nonce and balance as of the last head that touched it. */
  #nonce: bigint;
  #balance: bigint;
  readonly #mostExecutable: number;
  readonly #entries: PoolEntry[] = [];
  /**
   * Of each entry: how far its nonce is from the account's. Searches stay in this array: an entry is
   * somewhere else in memory, and its nonce somewhere else again.
   */
  #offsets: number[] = [];
  /** How many entries the run has. */
  #run = 0;
  #funded = 0;
  // What follows is as of the last `settleRun`, or `settleQueued`: those who order queues by it must not see it change.
  #ready = 0;
  #readyCap = 0n;
  #parkedCap = 0n;
  #parked = 0;
  #queued = 0;
  /** Whether the run or its funding may have changed since. */
  #stirred = false;
  /** So many entries from the front on are pending since the queue was settled last, and unchanged. */
  #unchanged = 0;
  readonly heapPlaces: number[] = new Array<number>(HEAPS).fill(-1);
  /** When the account, or what the queue lacks, changed last; milliseconds since the Unix epoch. */
  changedMs: number;

  constructor(
    account: { readonly address: Uint8Array; readonly nonce: bigint; readonly balance: bigint },
    options: { readonly mostExecutable: number; readonly nowMs: number },
  ) {
    const { address } = account;
    this.address = address;
    this.#word0 = wordAt(address, 0);
    this.#word1 = wordAt(address, 4);
    this.#word2 = wordAt(address, 8);
    this.#word3 = wordAt(address, 12);
    this.#word4 = wordAt(address, 16);
    this.#nonce = account.nonce;
    this.#balance = account.balance;
    this.#mostExecutable = options.mostExecutable;
    this.changedMs = options.nowMs;
  }

  /** Whether it is the queue of `address`, of 20 bytes. */
  isOf(address: Uint8Array): boolean {
    return (
      this.#word0 === wordAt(address, 0) &&
      this.#word1 === wordAt(address, 4) &&
      this.#word2 === wordAt(address, 8) &&
      this.#word3 === wordAt(address, 12) &&
      this.#word4 === wordAt(address, 16)
    );
  }

  get nonce(): bigint {
    return this.#nonce;
  }

  get balance(): bigint {
    return this.#balance;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** How many entries from the front on are contiguous and paid for. */
  get funded(): number {
    return this.#funded;
  }

  /** How many entries from the front on are pending, as of the last `settleRun`. */
  get ready(): number {
    return this.#ready;
  }

  /** The base fee above which fewer entries are pending; only with a ready part. */
  get readyCap(): bigint {
    return this.#readyCap;
  }

  /** The base fee from which on downwards more entries are pending; only with parked ones. */
  get parkedCap(): bigint {
    return this.#parkedCap;
  }

  /** How many entries are parked, as of the last `settleRun`. */
  get parked(): number {
    return this.#parked;
  }

  /** How many entries are queued, as of the last `settleQueued`. */
  get queued(): number {
    return this.#queued;
  }

  /** False while all that has changed since the last `settleRun` is how many are queued. */
  get stirred(): boolean {
    return this.#stirred;
  }

  /** The nonce after the run: what the sender's next transaction should carry. */
  get pendingNonce(): bigint {
    return this.#nonce + BigInt(this.#run);
  }

  /** All entries in nonce order. Not to be kept across a change. */
  entries(): readonly PoolEntry[] {
    return this.#entries;
  }

  /** How far `nonce` is from the account's: its index, once all before it are there. */
  offsetOf(nonce: bigint): number {
    assert(nonce >= this.#nonce, 'nonces below the state nonce are not pooled');
    return Number(nonce - this.#nonce);
  }

  /** The entry whose nonce is so far from the account's. */
  find(offset: number): PoolEntry | undefined {
    const position = this.#position(offset);
    return this.#offsets[position] === offset ? this.#entries[position] : undefined;
  }

  statusAt(index: number): PoolStatus {
    if (index >= this.#funded) return 'queued';
    return index < this.#ready ? 'pending' : 'parked';
  }

  /** How many entries from the front on could enter a block of this base fee. */
  readyAt(baseFee: bigint): number {
    let low = 0;
    let high = this.#funded;
    // Mostly all of them or none.
    if (high === 0 || this.#at(high - 1).lowestCap >= baseFee) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle).lowestCap >= baseFee) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * What the balance must cover for a transaction of this offset and cost: with all that runs before
   * it, and with all that is funded behind the one that it replaces. Behind a gap, itself: nothing is
   * known of what will have been spent by then.
   */
  requiredFor(index: number, cost: bigint): bigint {
    if (index > this.#run) return cost;
    if (index < this.#funded) {
      return this.#at(this.#funded - 1).runCost - this.#at(index).cost + cost;
    }
    return index === 0 ? cost : this.#at(index - 1).runCost + cost;
  }

  /** The status that a transaction of this offset and fee cap would have, once it is paid for. */
  statusFor(index: number, feeCap: bigint, baseFee: bigint): PoolStatus {
    if (index > this.#run || index >= this.#mostExecutable) return 'queued';
    if (feeCap < baseFee) return 'parked';
    return index === 0 || this.#at(index - 1).lowestCap >= baseFee ? 'pending' : 'parked';
  }

  /** Adds `entry` at its offset; the one that held its nonce before, if any, is returned and gone. */
  put(entry: PoolEntry, offset: number): PoolEntry | undefined {
    const position = this.#position(offset);
    const replaced = this.#offsets[position] === offset ? this.#entries[position] : undefined;
    if (replaced !== undefined) {
      this.#entries[position] = entry;
    } else {
      insertAt(this.#entries, position, entry);
      insertAt(this.#offsets, position, offset);
    }
    // Behind a gap it is only one more that is queued.
    if (offset <= this.#run) this.#recount(position);
    return replaced;
  }

  remove(nonce: bigint): void {
    const offset = this.offsetOf(nonce);
    const position = this.#position(offset);
    assert(this.#offsets[position] === offset, 'only a pooled transaction can be removed');
    this.#entries.splice(position, 1);
    this.#offsets.splice(position, 1);
    if (position < this.#run) this.#recount(position);
  }

  /** Takes out the queued entries that `test` is true of, and returns them. */
  removeQueued(test: (entry: PoolEntry) => boolean): readonly PoolEntry[] {
    const removed: PoolEntry[] = [];
    let kept = this.#funded;
    for (let index = kept; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index] as PoolEntry;
      if (test(entry)) {
        removed.push(entry);
      } else {
        this.#entries[kept] = entry;
        this.#offsets[kept] = this.#offsets[index] as number;
        kept += 1;
      }
    }
    this.#entries.length = kept;
    this.#offsets.length = kept;
    this.#recount(this.#funded);
    return removed;
  }

  /**
   * Follows the account to what a new head says of it. Returns the entries whose nonce no longer
   * lies in the window of `window` nonces from `nonce` on; they are gone from the queue.
   */
  follow(nonce: bigint, balance: bigint, window: number): readonly PoolEntry[] {
    const moved = Number(nonce - this.#nonce);
    this.#nonce = nonce;
    this.#balance = balance;
    this.#offsets = this.#offsets.map((offset) => offset - moved);
    const firstLate = firstNotBelow(this.#offsets, window, 0);
    const late = this.#entries.splice(firstLate);
    const firstUnused = firstNotBelow(this.#offsets, 0, 0);
    const used = this.#entries.splice(0, firstUnused);
    this.#offsets = this.#offsets.slice(firstUnused, firstLate);
    this.#recount(0);
    return [...used, ...late];
  }

  /** Brings the ready part up to date; the entries that were not pending before and are now. */
  settleRun(baseFee: bigint): readonly PoolEntry[] {
    const ready = this.readyAt(baseFee);
    let promoted: PoolEntry[] | undefined;
    for (let index = this.#unchanged; index < ready; index += 1) {
      const entry = this.#entries[index] as PoolEntry;
      if (entry.pending) continue;
      entry.pending = true;
      promoted ??= [];
      promoted.push(entry);
    }
    // Entries never move back, so what has been pending is still before the old end.
    const end = Math.min(this.#ready, this.#entries.length);
    for (let index = ready; index < end; index += 1) {
      (this.#entries[index] as PoolEntry).pending = false;
    }
    this.#ready = ready;
    this.#unchanged = ready;
    if (ready > 0) this.#readyCap = this.#at(ready - 1).lowestCap;
    if (ready < this.#funded) this.#parkedCap = this.#at(ready).lowestCap;
    this.#parked = this.#funded - ready;
    this.#stirred = false;
    return promoted ?? NOBODY;
  }

  /** Brings up to date what `settleRun` does not. */
  settleQueued(): void {
    this.#queued = this.#entries.length - this.#funded;
  }

  #at(index: number): PoolEntry {
    return this.#entries[index] as PoolEntry;
  }

  /** Index of the first entry whose offset is not below `offset`. */
  #position(offset: number): number {
    return offset <= this.#run ? offset : firstNotBelow(this.#offsets, offset, this.#run);
  }

  /** Brings the run and its funding up to date after a change at `position` or behind it. */
  #recount(position: number): void {
    this.#stirred = true;
    let run = Math.min(this.#run, position);
    let last = this.#entries[run - 1];
    while (this.#offsets[run] === run) {
      const entry = this.#at(run);
      entry.runCost = last === undefined ? entry.cost : last.runCost + entry.cost;
      entry.lowestCap =
        last === undefined || entry.feeCap < last.lowestCap ? entry.feeCap : last.lowestCap;
      last = entry;
      run += 1;
    }
    this.#run = run;
    // Costs are natural numbers, so the sums never fall: everything before `position` that was
    // funded still is, unless the balance changed, which always comes with position 0.
    this.#funded = Math.min(this.#funded, position);
    const most = Math.min(run, this.#mostExecutable);
    while (this.#funded < most && this.#at(this.#funded).runCost <= this.#balance) {
      this.#funded += 1;
    }
    this.#unchanged = Math.min(this.#unchanged, position);
  }
}

/** Index of the first of the rising `offsets`, from index `from` on, that is not below `offset`. */
function firstNotBelow(offsets: readonly number[], offset: number, from: number): number {
  let low = from;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** In place, and for the few that are behind in a fraction of the time of `splice`. */
function insertAt<T>(items: T[], position: number, item: T): void {
  let place = items.push(item) - 1;
  for (; place > position; place -= 1) items[place] = items[place - 1] as T;
  items[place] = item;
}
