import { assert, present } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';

/** One transaction of the pool. */
export type PoolEntry = {
  readonly transaction: RecoveredTransaction;
  /** The most it can cost its sender: gas limit · fee cap + value, in wei. */
  readonly cost: bigint;
  /** Position in the order in which the pool took its transactions: breaks ties between equal tips. */
  readonly arrival: number;
};

/**
 * The waiting transactions of one sender, in nonce order, at most one a nonce.
 *
 * The *run* is the contiguous head of the queue: the nonces from the account's own nonce on without
 * a gap. Of the run, the *funded* part is what the balance pays for at full cost, counted from the
 * front. Only the funded part may enter a block; everything else is queued.
 */
export class SenderQueue {
  /** The account's nonce and balance as of the last head that touched it. */
  #nonce: bigint;
  #balance: bigint;
  readonly #entries: PoolEntry[] = [];
  /** Of the run: element i is the cost of the entries 0 … i together. Its length is the run's. */
  readonly #runCosts: bigint[] = [];
  #funded = 0;

  constructor(nonce: bigint, balance: bigint) {
    this.#nonce = nonce;
    this.#balance = balance;
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

  /** The nonce after the run: what the sender's next transaction should carry. */
  get pendingNonce(): bigint {
    return this.#nonce + BigInt(this.#runCosts.length);
  }

  /** All entries in nonce order. Not to be kept across a change. */
  entries(): readonly PoolEntry[] {
    return this.#entries;
  }

  find(nonce: bigint): PoolEntry | undefined {
    const entry = this.#entries[this.#position(nonce)];
    return entry !== undefined && nonceOf(entry) === nonce ? entry : undefined;
  }

  /**
   * What the entries before `nonce` cost together when all of them are there; undefined when a gap
   * comes first, so that nothing is known of what will have been spent by then.
   */
  costBefore(nonce: bigint): bigint | undefined {
    assert(nonce >= this.#nonce, 'nonces below the state nonce are not pooled');
    const distance = nonce - this.#nonce;
    if (distance === 0n) return 0n;
    return this.#runCosts[Number(distance) - 1];
  }

  /** Adds `entry`; the one that held its nonce before, if any, is returned and gone. */
  put(entry: PoolEntry): PoolEntry | undefined {
    const position = this.#position(nonceOf(entry));
    const found = this.#entries[position];
    const replaced = found !== undefined && nonceOf(found) === nonceOf(entry);
    this.#entries.splice(position, replaced ? 1 : 0, entry);
    this.#recount(position);
    return replaced ? found : undefined;
  }

  remove(nonce: bigint): void {
    const position = this.#position(nonce);
    const entry = present(this.#entries[position], 'only a pooled transaction can be removed');
    assert(nonceOf(entry) === nonce, 'the entry has the nonce that is removed');
    this.#entries.splice(position, 1);
    this.#recount(position);
  }

  /**
   * Follows the account to what a new head says of it. Returns the entries whose nonce no longer
   * lies in the window of `window` nonces from `nonce` on; they are gone from the queue.
   */
  follow(nonce: bigint, balance: bigint, window: number): readonly PoolEntry[] {
    this.#nonce = nonce;
    this.#balance = balance;
    const end = this.#position(nonce + BigInt(window));
    const late = this.#entries.splice(end);
    const used = this.#entries.splice(0, this.#position(nonce));
    this.#recount(0);
    return [...used, ...late];
  }

  /** Index of the first entry whose nonce is not below `nonce`. */
  #position(nonce: bigint): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (nonceOf(this.#entries[middle] as PoolEntry) < nonce) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Brings the run and its funding up to date after a change at `position` or behind it. */
  #recount(position: number): void {
    const costs = this.#runCosts;
    if (costs.length > position) costs.length = position;
    let sum = costs.at(-1) ?? 0n;
    for (let index = costs.length; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index] as PoolEntry;
      if (nonceOf(entry) !== this.#nonce + BigInt(index)) break;
      sum += entry.cost;
      costs.push(sum);
    }
    // Costs are natural numbers, so the sums never fall: everything before `position` that was
    // funded still is, unless the balance changed, which always comes with position 0.
    this.#funded = Math.min(this.#funded, position);
    while (this.#funded < costs.length && (costs[this.#funded] as bigint) <= this.#balance) {
      this.#funded += 1;
    }
  }
}

function nonceOf(entry: PoolEntry): bigint {
  return entry.transaction.transaction.nonce;
}
