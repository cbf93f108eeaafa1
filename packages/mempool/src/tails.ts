import { effectiveGasPrice } from '@lucerna/protocol';
import { BinaryHeap } from './heap.ts';
import { IndexedHeap } from './indexed-heap.ts';
import type { PoolStatus } from './pool-event.ts';
import type { PoolEntry, SenderQueue } from './sender-queue.ts';

/** The last transaction of a sender, or the last after `depth` others: what can go without a gap. */
export type Tail = {
  readonly queue: SenderQueue;
  readonly depth: number;
  readonly entry: PoolEntry;
  readonly status: PoolStatus;
  /** Wei per gas: of a pending one what it pays at the base fee, of others the fee cap. */
  readonly price: bigint;
};

/** A tail in a cursor, and the place in the heap whose children it stands for; −1 for none. */
type Candidate = { readonly tail: Tail; readonly place: number };

/** Lower leaves first. */
const RANKS: Readonly<Record<PoolStatus, number>> = { queued: 0, parked: 1, pending: 2 };

/** True where a transaction of status `left` may push out one of status `right` at any price. */
export function outranks(left: PoolStatus, right: PoolStatus): boolean {
  return RANKS[left] > RANKS[right];
}

/** What a transaction is worth to a full pool: see {@link Tail}. */
export function priceOf(entry: PoolEntry, status: PoolStatus, baseFee: bigint): bigint {
  if (status !== 'pending') return entry.feeCap;
  return effectiveGasPrice(entry.transaction.transaction, baseFee);
}

/**
 * The tails of all senders at one base fee, the one that should leave a full pool first in front:
 * queued ones before parked ones before pending ones, then the lowest price, then the latest. Only
 * tails leave, so that no eviction strands what the same sender has behind.
 */
export class Tails {
  readonly #baseFee: bigint;
  readonly #tails = new Map<SenderQueue, Tail>();
  readonly #heap: IndexedHeap<SenderQueue>;

  /** @param slot the place of this heap in those that a queue can be in */
  constructor(slot: number, queues: Iterable<SenderQueue>, baseFee: bigint) {
    this.#baseFee = baseFee;
    const tailOf = (queue: SenderQueue): Tail => this.#tails.get(queue) as Tail;
    this.#heap = new IndexedHeap(slot, (left, right) => leavesFirst(tailOf(left), tailOf(right)));
    for (const queue of queues) this.update(queue);
  }

  /** After every change of `queue`. */
  update(queue: SenderQueue): void {
    const tail = tailAt(queue, 0, this.#baseFee);
    if (tail === undefined) {
      this.#heap.remove(queue);
      this.#tails.delete(queue);
    } else {
      this.#tails.set(queue, tail);
      this.#heap.update(queue);
    }
  }

  /** Forgets the queues, which can then be in another heap of this slot. */
  clear(): void {
    this.#heap.clear();
    this.#tails.clear();
  }

  /**
   * Goes through what would leave, in order, without changing anything. `next` gives the next tail;
   * `take` says that the one given last would leave, so that the one before it becomes a tail.
   */
  cursor(): { readonly next: () => Tail | undefined; readonly take: () => void } {
    const frontier = new BinaryHeap<Candidate>([], (left, right) =>
      leavesFirst(left.tail, right.tail),
    );
    const push = (place: number): void => {
      const queue = this.#heap.at(place);
      if (queue !== undefined) frontier.push({ tail: this.#tails.get(queue) as Tail, place });
    };
    let last: Candidate | undefined;
    push(0);
    return {
      next: (): Tail | undefined => {
        if (last !== undefined && last.place >= 0) {
          push(2 * last.place + 1);
          push(2 * last.place + 2);
        }
        last = frontier.pop();
        return last?.tail;
      },
      take: (): void => {
        if (last === undefined) return;
        const { queue, depth } = last.tail;
        const tail = tailAt(queue, depth + 1, this.#baseFee);
        if (tail !== undefined) frontier.push({ tail, place: -1 });
      },
    };
  }
}

function tailAt(queue: SenderQueue, depth: number, baseFee: bigint): Tail | undefined {
  const index = queue.size - 1 - depth;
  const entry = queue.entries()[index];
  if (entry === undefined) return undefined;
  const status = queue.statusAt(index);
  return { queue, depth, entry, status, price: priceOf(entry, status, baseFee) };
}

function leavesFirst(left: Tail, right: Tail): boolean {
  const ranks = RANKS[left.status] - RANKS[right.status];
  if (ranks !== 0) return ranks < 0;
  if (left.price !== right.price) return left.price < right.price;
  return left.entry.arrival > right.entry.arrival;
}
