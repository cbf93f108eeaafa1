import type { LucernaError } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import type { BlockRun } from './block-run.ts';
import { isRefusal } from './transaction.ts';

/** Where the builder's transactions come from, best first. */
export type TxSource = {
  readonly next: () => RecoveredTransaction | undefined;
  /** The one given last was not included: the later ones of its sender are not to be offered. */
  readonly skipSender: () => void;
};

/** A transaction that its source should not have offered, and why not. */
export type SkippedTransaction = { readonly hash: Uint8Array; readonly error: LucernaError };

/** When a block is full, apart from its gas limit. */
export type BlockRoom = {
  /** Least gas of a transaction: with less left, nothing fits. */
  readonly gasTransaction: bigint;
  /** Most bytes of the encoded block. */
  readonly bytes: number;
  readonly transactions: number;
  /** Most transactions that are passed over, because they do not fit or cannot be included. */
  readonly passedOver: number;
};

/** Upper bounds of what the block's encoding needs beside raw transactions: its header, RLP frames. */
export const BLOCK_FRAME_BYTES = 1_024;
export const TRANSACTION_FRAME_BYTES = 5;

/**
 * Adds to `run` what `source` offers, until the block or the source is at its end. Returns what
 * cannot be included. What only does not fit is left out without a word: it keeps for a later block.
 */
export function fillBlock(
  run: BlockRun,
  source: TxSource,
  room: BlockRoom,
): readonly SkippedTransaction[] {
  const skipped: SkippedTransaction[] = [];
  let bytesLeft = room.bytes - BLOCK_FRAME_BYTES;
  let passedOver = 0;
  while (
    run.gasAvailable >= room.gasTransaction &&
    run.transactions.length < room.transactions &&
    passedOver < room.passedOver
  ) {
    const transaction = source.next();
    if (transaction === undefined) break;
    const bytes = transaction.raw.length + TRANSACTION_FRAME_BYTES;
    const hasRoom = bytes <= bytesLeft;
    const error = hasRoom ? refusal(run, transaction) : undefined;
    if (hasRoom && error === undefined) {
      bytesLeft -= bytes;
      continue;
    }
    passedOver += 1;
    source.skipSender();
    if (error !== undefined && error.code !== 'TX_GAS_LEFT') {
      skipped.push({ hash: transaction.hash, error });
    }
  }
  return skipped;
}

/** Why `transaction` cannot be included; undefined when it now is. */
function refusal(run: BlockRun, transaction: RecoveredTransaction): LucernaError | undefined {
  try {
    run.add(transaction);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error;
  }
}
