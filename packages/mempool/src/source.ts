import { assert } from '@lucerna/base';
import { effectiveTip, type RecoveredTransaction } from '@lucerna/protocol';
import { BinaryHeap } from './heap.ts';
import type { PoolEntry, SenderQueue } from './sender-queue.ts';

/**
 * The executable transactions of a pool in the order in which a block should take them. Has the
 * shape of the block builder's transaction source. Valid until the pool's next step.
 */
export type PoolSource = {
  /** The next transaction; undefined when nothing is left for this base fee. */
  readonly next: () => RecoveredTransaction | undefined;
  /** The one given last could not be included: the later ones of its sender are not offered. */
  readonly skipSender: () => void;
};

/** A sender's first transaction that has not been offered yet. */
type Head = {
  readonly queue: SenderQueue;
  readonly index: number;
  /** How many of the sender's transactions may enter the block. */
  readonly ready: number;
  readonly entry: PoolEntry;
  readonly tip: bigint;
};

/**
 * Merges the queues of all senders by effective tip at `baseFee`, equal tips in order of arrival.
 * O(senders) to make, O(log senders) a transaction.
 *
 * @param version counts the pool's changes: a source must not outlive the pool as it was
 */
export function poolSource(
  queues: Iterable<SenderQueue>,
  baseFee: bigint,
  version: () => number,
): PoolSource {
  const headAt = (queue: SenderQueue, index: number, ready: number): Head | undefined => {
    if (index >= ready) return undefined;
    const entry = queue.entries()[index] as PoolEntry;
    return {
      queue,
      index,
      ready,
      entry,
      tip: effectiveTip(entry.transaction.transaction, baseFee),
    };
  };
  const heads: Head[] = [];
  for (const queue of queues) {
    const head = headAt(queue, 0, queue.readyAt(baseFee));
    if (head !== undefined) heads.push(head);
  }
  const heap = new BinaryHeap(heads, comesBefore);
  const versionAtStart = version();
  let last: Head | undefined;
  return {
    next: (): RecoveredTransaction | undefined => {
      assert(version() === versionAtStart, 'a source is not used after its pool has changed');
      // The sender's next one enters the race only now, when it is known that the last was taken.
      const successor = last && headAt(last.queue, last.index + 1, last.ready);
      if (successor !== undefined) heap.push(successor);
      last = heap.pop();
      return last?.entry.transaction;
    },
    skipSender: (): void => {
      last = undefined;
    },
  };
}

function comesBefore(left: Head, right: Head): boolean {
  if (left.tip !== right.tip) return left.tip > right.tip;
  return left.entry.arrival < right.entry.arrival;
}
