import { assert } from '@lucerna/base';
import { deleteHistory, type StateDiff } from '@lucerna/state';
import { WriteBatch } from '@lucerna/storage';
import { chainLimits } from './limits.ts';

/** How far back the states of a store can be read. */
export type Kept = {
  /** The lowest height whose state can be read. */
  readonly historyFrom: number;
  /** Blocks up to this height have no history rows. Never above `historyFrom`. */
  readonly prunedTo: number;
};

/** What a publication does to the history, besides the rows that its blocks bring. */
export type Retention = Kept & {
  /** Deletes the rows of the blocks that leave. */
  readonly batch: WriteBatch;
};

/** The chain keeps its blocks up to `from`, and afterwards has new ones up to `to`. */
export type Growth = { readonly from: number; readonly to: number };

/** A number of blocks behind the head, or all of them. */
export function checkHistory(history: number): void {
  const isNatural = Number.isSafeInteger(history) && history >= 0;
  assert(isNatural || history === Number.POSITIVE_INFINITY, 'a number of blocks, or all');
}

/** For a store that begins with the state of one block. */
export function beginRetention(height: number): Retention {
  return { historyFrom: height, prunedTo: height, batch: new WriteBatch() };
}

/**
 * Which history rows go when the chain grows, so that `history` states behind the head are left. The
 * same blocks with the same `history` delete the same rows at the same heights, so a store that is
 * made again is the same one. When more was kept than is wanted now, a limited number of blocks goes
 * with each new one.
 *
 * @param diffsAt what the block of a height, the new ones included, and its patches did to the state
 */
export async function planRetention(
  history: number,
  kept: Kept,
  { from, to }: Growth,
  diffsAt: (height: number) => readonly StateDiff[] | Promise<readonly StateDiff[]>,
): Promise<Retention> {
  // What lies above `from` was removed with its blocks.
  let prunedTo = Math.min(kept.prunedTo, from);
  const readable = history === 0 ? to : Math.min(kept.historyFrom, from);
  const target = Math.max(readable, to - history);
  const batch = new WriteBatch();
  let left = (to - from) * chainLimits.values.prunedBlocks;
  while (prunedTo < target && left > 0) {
    if (history === 0 && prunedTo >= from) {
      // New blocks without history have no rows.
      prunedTo = to;
      break;
    }
    prunedTo += 1;
    left -= 1;
    for (const diff of await diffsAt(prunedTo)) deleteHistory(batch, diff, prunedTo);
  }
  return { historyFrom: Math.max(readable, prunedTo), prunedTo, batch };
}
