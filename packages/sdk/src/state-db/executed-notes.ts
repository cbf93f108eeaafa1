import type { Chain, Note } from '@lucerna/chain';
import type { SignatureEngine } from '@lucerna/crypto';
import { type RecoveredTransaction, recoverTransaction } from '@lucerna/protocol';

/** Executed transactions that are in no block yet are notes of the chain: they outlive the process. */
const PREFIX = 'state-db/executed/';
/** So that the keys are in the order of the numbers. */
const DIGITS = 16;

/** A transaction in its note. */
export type ExecutedTransaction = {
  readonly transaction: RecoveredTransaction;
  /** Counts up from 0, over restarts. */
  readonly ordinal: number;
};

/** The note that keeps a transaction. */
export function noteOf({ transaction, ordinal }: ExecutedTransaction): Note {
  return { key: keyOf(ordinal), value: transaction.raw };
}

/** The note that takes it away. */
export function noteWithout({ ordinal }: ExecutedTransaction): Note {
  return { key: keyOf(ordinal), value: undefined };
}

/** All that are kept, in the order in which they were executed. @throws `TX_*` for damaged ones */
export function storedTransactions(
  chain: Pick<Chain, 'notes'>,
  signatures: SignatureEngine,
): readonly ExecutedTransaction[] {
  return [...chain.notes(PREFIX)].map(({ key, value }) => ({
    transaction: recoverTransaction(value, signatures),
    ordinal: Number(key.slice(PREFIX.length)),
  }));
}

function keyOf(ordinal: number): string {
  return `${PREFIX}${ordinal.toString().padStart(DIGITS, '0')}`;
}
