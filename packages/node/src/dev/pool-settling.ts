import type { Note } from '@lucerna/chain';
import { mempoolLimits } from '@lucerna/mempool';
import {
  type Codec,
  decodeWith,
  encodeWith,
  list,
  type RecoveredTransaction,
} from '@lucerna/protocol';
import type { DevCore } from './core.ts';
import {
  fillPool,
  type KeptTransaction,
  keptTransaction,
  recallTransaction,
} from './pool-contents.ts';

/**
 * What is to be in the pool. It is written together with what replaces the chain, and goes once the
 * pool's journal, which is another file, has it: after a crash in between, the journal is about a chain
 * that is no more.
 */
const POOL_KEY = 'dev/pool';

const { transactions } = mempoolLimits.values;
const poolCodec: Codec<readonly KeptTransaction[]> = list(keptTransaction, transactions);
/** A transaction is a list of three. */
const MAX_ITEMS = 4 * transactions + 1;

/** The note that has the pool filled with `kept`, also by the next start. */
export function noteOfPool(
  kept: readonly KeptTransaction[],
): Note & { readonly value: Uint8Array } {
  return { key: POOL_KEY, value: encodeWith(poolCodec, kept) };
}

/** The same, for what is followed by {@link settlePool}: none where the pool is and stays empty. */
export function notesOfPool(
  { chain, pool }: Pick<DevCore, 'chain' | 'pool'>,
  kept: readonly KeptTransaction[],
): readonly Note[] {
  const isSettled = pool.size === 0 && kept.length === 0 && chain.note(POOL_KEY) === undefined;
  return isSettled ? [] : [noteOfPool(kept)];
}

/**
 * Lets the pool follow chain and settings that were replaced, and puts `transactions` into it.
 * {@link poolSettled} is to follow.
 */
export function settlePool(core: DevCore, transactions: readonly RecoveredTransaction[]): void {
  core.pool.step({ kind: 'clear' });
  core.pool.step({ kind: 'floor', minGasPrice: core.settings.current.minGasPrice });
  core.attributesChanged();
  fillPool(core, transactions);
}

/**
 * Resolves when the pool's journal has what {@link settlePool} did: the note is needed no more. It stays
 * where the journal could not be written.
 */
export async function poolSettled(core: DevCore): Promise<void> {
  const { chain, pool, settings, log } = core;
  if (chain.note(POOL_KEY) === undefined) return;
  if (!(await pool.recorded())) return;
  settings.forget(POOL_KEY);
  try {
    await settings.save();
  } catch (error) {
    // All that was asked for is done. The note goes with whatever is written next.
    log.warn('the pool is filled anew by the next start', { reason: String(error) });
  }
}

/** Fills the pool with what a crash has kept from its journal. To be called when that is replayed. */
export async function recoverPool(core: DevCore): Promise<void> {
  const value = core.chain.note(POOL_KEY);
  if (value === undefined) return;
  const kept = decodeWith(poolCodec, value, 'pool', MAX_ITEMS);
  settlePool(core, kept.map(recallTransaction));
  await poolSettled(core);
}
