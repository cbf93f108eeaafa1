import { assert, type Cancel } from '@lucerna/base';
import { Mempool, type PoolEffect, type PoolEvent, type PoolJournal } from '@lucerna/mempool';
import type { RecoveredTransaction } from '@lucerna/protocol';
import { nodeLimits } from './limits.ts';

/** Called with a transaction that has become pending. Must not throw, nor change the pool. */
type PendingListener = (transaction: RecoveredTransaction) => void;

/** A pool that tells what becomes pending in it, and keeps a journal, whoever has made the step. */
export class ObservedPool extends Mempool {
  readonly #listeners = new Set<PendingListener>();
  #journal: PoolJournal | undefined;
  #recorded: Promise<void> = Promise.resolve();

  override step(event: PoolEvent): readonly PoolEffect[] {
    const effects = super.step(event);
    if (this.#journal !== undefined && effects.length > 0) {
      this.#takeDown(this.#journal, event, effects);
    }
    if (this.#listeners.size > 0) for (const effect of effects) this.#tell(effect);
    return effects;
  }

  /** Takes down in `journal` what every step from now on does. */
  keepIn(journal: PoolJournal): void {
    this.#journal = journal;
  }

  /** Resolves when what has been taken down outlives the process; false when the journal has ended. */
  async recorded(): Promise<boolean> {
    await this.#recorded;
    await this.#journal?.flush();
    return this.#journal?.stopped !== true;
  }

  /** Calls `listener` with every transaction that becomes pending from now on. */
  onPending(listener: PendingListener): Cancel {
    assert(this.#listeners.size < nodeLimits.values.poolListeners, 'listeners stop listening');
    const own: PendingListener = (transaction) => listener(transaction);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** A transaction that was sent waits for {@link recorded}: with automine it is in a block before. */
  #takeDown(journal: PoolJournal, event: PoolEvent, effects: readonly PoolEffect[]): void {
    if (event.kind === 'transaction') journal.note(event, effects);
    else this.#recorded = bothDone(this.#recorded, journal.record(event, effects));
  }

  #tell(effect: PoolEffect): void {
    const isPending =
      effect.kind === 'promoted' || (effect.kind === 'accepted' && effect.status === 'pending');
    // A later effect of the same step may have taken it out again.
    const transaction = isPending ? this.get(effect.hash) : undefined;
    if (transaction === undefined) return;
    for (const listener of this.#listeners) listener(transaction);
  }
}

/** A step with nothing to take down is done before earlier ones are. */
async function bothDone(earlier: Promise<void>, later: Promise<void>): Promise<void> {
  await earlier;
  await later;
}
