import { IndexedHeap } from './indexed-heap.ts';
import type { PoolCounts, PoolStatus } from './pool-event.ts';
import type { PoolEntry, SenderQueue } from './sender-queue.ts';
import { Tails } from './tails.ts';

const READY_SLOT = 0;
const PARKED_SLOT = 1;
const TAIL_SLOT = 2;

/**
 * The queues of all senders, with what finds those that a change concerns: two heaps that say whose
 * ready part another base fee makes shorter or longer, so that none is looked at in vain, and one of
 * the tails, which is made when a full pool first needs it at a base fee.
 */
export class Senders {
  #baseFee: bigint;
  readonly #queues = new Map<string, SenderQueue>();
  readonly #counts: Record<PoolStatus, number> = { pending: 0, parked: 0, queued: 0 };
  /** Queues with pending transactions: the one that a rising base fee shortens first. */
  readonly #ready = new IndexedHeap<SenderQueue>(
    READY_SLOT,
    (left, right) => left.readyCap < right.readyCap,
  );
  /** Queues with parked transactions: the one that a falling base fee lengthens first. */
  readonly #parked = new IndexedHeap<SenderQueue>(
    PARKED_SLOT,
    (left, right) => left.parkedCap > right.parkedCap,
  );
  #tails: Tails | undefined;

  /** @param baseFee of the next block, wei per gas */
  constructor(baseFee: bigint) {
    this.#baseFee = baseFee;
  }

  get(senderKey: string): SenderQueue | undefined {
    return this.#queues.get(senderKey);
  }

  all(): IterableIterator<SenderQueue> {
    return this.#queues.values();
  }

  counts(): PoolCounts {
    return { ...this.#counts };
  }

  /** The tails as they are now; valid until the next change. */
  tails(): Tails {
    this.#tails ??= new Tails(TAIL_SLOT, this.#queues.values(), this.#baseFee);
    return this.#tails;
  }

  /**
   * After every change of `queue`, which may be new, or empty and then goes: brings it, the counts
   * and the heaps up to date. The entries that became pending.
   */
  settle(queue: SenderQueue): readonly PoolEntry[] {
    const { counts, readyCap, parkedCap } = queue;
    const { pending, parked, queued } = counts;
    const promoted = queue.settle(this.#baseFee);
    this.#counts.pending += counts.pending - pending;
    this.#counts.parked += counts.parked - parked;
    this.#counts.queued += counts.queued - queued;
    // Mostly a queue only grows behind its lowest fee cap, and keeps its place.
    if (counts.pending === 0) this.#ready.remove(queue);
    else if (pending === 0 || readyCap !== queue.readyCap) this.#ready.update(queue);
    if (counts.parked === 0) this.#parked.remove(queue);
    else if (parked === 0 || parkedCap !== queue.parkedCap) this.#parked.update(queue);
    this.#tails?.update(queue);
    if (queue.size === 0) this.#queues.delete(queue.senderKey);
    else if (pending + parked + queued === 0) this.#queues.set(queue.senderKey, queue);
    return promoted;
  }

  /** Settles `changed` and whatever else another base fee concerns; the entries that became pending. */
  settleAt(baseFee: bigint, changed: Iterable<SenderQueue>): readonly PoolEntry[] {
    if (baseFee !== this.#baseFee) {
      this.#baseFee = baseFee;
      this.#tails?.clear();
      this.#tails = undefined;
    }
    const promoted: PoolEntry[] = [];
    const settle = (queue: SenderQueue): void => {
      for (const entry of this.settle(queue)) promoted.push(entry);
    };
    for (const queue of changed) settle(queue);
    for (;;) {
      const queue = this.#ready.peek();
      if (queue === undefined || queue.readyCap >= baseFee) break;
      settle(queue);
    }
    for (;;) {
      const queue = this.#parked.peek();
      if (queue === undefined || queue.parkedCap < baseFee) break;
      settle(queue);
    }
    return promoted;
  }
}
