import { ByteTable } from './byte-table.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { ADDRESS_BYTES } from './keys.ts';
import type { PoolCounts, PoolStatus } from './pool-event.ts';
import { NOBODY, type PoolEntry, type SenderQueue } from './sender-queue.ts';
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
  readonly #byAddress = new ByteTable<SenderQueue>(ADDRESS_BYTES, (queue, address) =>
    queue.isOf(address),
  );
  /** In the order in which they came. */
  readonly #queues = new Set<SenderQueue>();
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

  get(address: Uint8Array): SenderQueue | undefined {
    return this.#byAddress.get(address);
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
    return this.#settle(queue, queue.stirred);
  }

  /** @param run whether more than the number of queued ones may have changed */
  #settle(queue: SenderQueue, run: boolean): readonly PoolEntry[] {
    const { ready, parked, queued, size } = queue;
    const isNew = ready + parked + queued === 0;
    const promoted = run ? this.#settleRun(queue) : NOBODY;
    queue.settleQueued();
    this.#counts.queued += queue.queued - queued;
    this.#tails?.update(queue);
    if (size === 0) {
      this.#byAddress.delete(queue.address);
      this.#queues.delete(queue);
    } else if (isNew) {
      this.#byAddress.add(queue.address, queue);
      this.#queues.add(queue);
    }
    return promoted;
  }

  #settleRun(queue: SenderQueue): readonly PoolEntry[] {
    const { ready, parked, readyCap, parkedCap } = queue;
    const promoted = queue.settleRun(this.#baseFee);
    this.#counts.pending += queue.ready - ready;
    this.#counts.parked += queue.parked - parked;
    // Mostly a queue only grows behind its lowest fee cap, and keeps its place.
    if (queue.ready === 0) this.#ready.remove(queue);
    else if (ready === 0 || readyCap !== queue.readyCap) this.#ready.update(queue);
    if (queue.parked === 0) this.#parked.remove(queue);
    else if (parked === 0 || parkedCap !== queue.parkedCap) this.#parked.update(queue);
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
      for (const entry of this.#settle(queue, true)) promoted.push(entry);
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
