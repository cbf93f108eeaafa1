import { toHex } from '@lucerna/base';
import type { Mempool } from '@lucerna/mempool';
import {
  address20,
  bytes,
  type Codec,
  decodeTransaction,
  protocolLimits,
  type RecoveredTransaction,
  record,
  transactionHash,
} from '@lucerna/protocol';
import type { SealerParts } from '../sealer.ts';
import { flag } from './codecs.ts';

/** A transaction as snapshots and dumps keep it: with its sender, so that no signature is recovered. */
export type KeptTransaction = {
  readonly raw: Uint8Array;
  readonly sender: Uint8Array;
  readonly unsigned: boolean;
};

export const keptTransaction: Codec<KeptTransaction> = record<KeptTransaction>({
  raw: bytes(protocolLimits.values.transactionBytes),
  sender: address20,
  unsigned: flag,
});

export function keepTransaction(transaction: RecoveredTransaction): KeptTransaction {
  const { raw, sender, unsigned = false } = transaction;
  return { raw, sender, unsigned };
}

/** @throws `RLP_*`, `TX_*` */
export function recallTransaction({
  raw,
  sender,
  unsigned,
}: KeptTransaction): RecoveredTransaction {
  const transaction = decodeTransaction(raw);
  const recalled = { transaction, raw, hash: transactionHash(raw), sender };
  return unsigned ? { ...recalled, unsigned } : recalled;
}

/** What waits in the pool, so that giving it back in this order gives the same pool. */
export function keepPool(pool: Mempool): readonly KeptTransaction[] {
  return pool.content().map(({ transaction }) => keepTransaction(transaction));
}

/** Adds `transactions` to the pool. What does not fit any more is dropped, and the log says so. */
export function fillPool(
  { pool, clock, log }: Pick<SealerParts, 'pool' | 'clock' | 'log'>,
  transactions: readonly RecoveredTransaction[],
): void {
  const nowMs = clock.nowMs();
  for (const transaction of transactions) {
    for (const effect of pool.step({ kind: 'transaction', transaction, nowMs, origin: 'local' })) {
      if (effect.kind !== 'rejected') continue;
      const { error } = effect;
      log.warn('transaction dropped', { hash: toHex(effect.hash), reason: error.message });
    }
  }
}
