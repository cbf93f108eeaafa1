import type { Cancel, Clock, Log } from '@lucerna/base';
import type { OwnedCollection } from '../collection/parts.ts';
import { vectorLimits } from '../limits.ts';

/** What background work works with. */
export type BackgroundOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether logs are to be kept short: not by readers. */
  readonly compacts: boolean;
};

/** A collection that may have something to do. */
type Busy = {
  /** When it was changed last; of the clock, which may jump. */
  changedMs: number;
};

/** When a collection is to be compacted. */
type Need = 'none' | 'later' | 'now' | 'urgent';

/**
 * Does what collections leave for later: a slice of the work of an index at a time, in turn, and one
 * compaction at a time. Between any two, everything else that waits in the process goes first. Without
 * changes nothing is scheduled.
 */
export class BackgroundWork {
  readonly #options: BackgroundOptions;
  /** Whose turn is longest ago comes first. */
  readonly #busy = new Map<OwnedCollection, Busy>();
  /** Whose compaction has failed a short while ago. */
  readonly #resting = new Map<OwnedCollection, Cancel>();
  /** Closed, or about to be; a compaction of one may still run, and end. */
  readonly #forgotten = new WeakSet<OwnedCollection>();
  #compaction: Promise<void> | undefined;
  #cancel: Cancel | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** Has to be called when a collection was opened, and after each of its changes. */
  notice(collection: OwnedCollection): void {
    if (this.#forgotten.has(collection)) return;
    const changedMs = this.#options.clock.nowMs();
    const busy = this.#busy.get(collection);
    if (busy === undefined) this.#busy.set(collection, { changedMs });
    else busy.changedMs = changedMs;
    this.#wake(vectorLimits.values.workPauseMs);
  }

  /** A collection that is about to be closed: nothing is begun with it any more. */
  forget(collection: OwnedCollection): void {
    this.#forgotten.add(collection);
    this.#busy.delete(collection);
    this.#resting.get(collection)?.();
    this.#resting.delete(collection);
  }

  /** Begins nothing any more. What runs is waited for by the collection that it is done for. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    for (const collection of [...this.#resting.keys()]) this.forget(collection);
    this.#busy.clear();
  }

  /** Lets the next turn come in `delayMs` at the latest. */
  #wake(delayMs: number): void {
    if (this.#isClosed || delayMs >= this.#dueMs) return;
    this.#cancel?.();
    this.#dueMs = delayMs;
    this.#cancel = this.#options.clock.schedule(delayMs, () => {
      this.#cancel = undefined;
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#turn();
    });
  }

  #turn(): void {
    const { workPauseMs, compactionQuietMs } = vectorLimits.values;
    this.#compactUrgent();
    if (this.#workOnce()) {
      this.#wake(workPauseMs);
      return;
    }
    let isAnyNearlyDue = false;
    for (const [collection, busy] of [...this.#busy]) {
      const need = this.#compactionNeed(collection, busy);
      if (need === 'none') {
        this.#busy.delete(collection);
      } else if (need !== 'later' && this.#compaction === undefined) {
        this.#busy.delete(collection);
        this.#compact(collection);
      } else {
        isAnyNearlyDue = true;
      }
    }
    if (isAnyNearlyDue) this.#wake(compactionQuietMs);
  }

  /** A log that has grown far is cut even while there is always other work. */
  #compactUrgent(): void {
    if (this.#compaction !== undefined) return;
    for (const [collection, busy] of this.#busy) {
      if (this.#compactionNeed(collection, busy) !== 'urgent') continue;
      this.#compact(collection);
      return;
    }
  }

  /** One slice for the first collection that has work; false when none has. */
  #workOnce(): boolean {
    for (const [collection, busy] of this.#busy) {
      if (!collection.hasWork()) continue;
      try {
        collection.work();
      } catch (error) {
        this.#options.log.error('background work has failed', {
          collection: collection.id,
          reason: String(error),
        });
        this.#busy.delete(collection);
        return true;
      }
      // Behind the others: a map keeps the order of insertion.
      this.#busy.delete(collection);
      this.#busy.set(collection, busy);
      return true;
    }
    return false;
  }

  #compactionNeed(collection: OwnedCollection, { changedMs }: Busy): Need {
    if (!this.#options.compacts || this.#resting.has(collection)) return 'none';
    const { logBytes, snapshotBytes } = collection.statistics();
    const { compactionLogBytes, compactionRatio, compactionUrgentRatio, compactionQuietMs } =
      vectorLimits.values;
    if (logBytes < Math.max(compactionLogBytes, compactionRatio * snapshotBytes)) return 'none';
    const urgentBytes = compactionUrgentRatio * Math.max(compactionLogBytes, snapshotBytes);
    if (logBytes >= urgentBytes) return 'urgent';
    // A difference in either direction: the clock may have been set back.
    const sinceMs = Math.abs(this.#options.clock.nowMs() - changedMs);
    return sinceMs >= compactionQuietMs ? 'now' : 'later';
  }

  #compact(collection: OwnedCollection): void {
    const { log, clock } = this.#options;
    this.#compaction = collection.compact().then(
      () => this.#endCompaction(collection),
      (error: unknown) => {
        if (!this.#isClosed && !this.#forgotten.has(collection)) {
          log.warn('a collection could not be compacted', {
            collection: collection.id,
            reason: String(error),
          });
          const wake = (): void => {
            this.#resting.delete(collection);
            this.notice(collection);
          };
          const { compactionRetryMs } = vectorLimits.values;
          this.#resting.set(collection, clock.schedule(compactionRetryMs, wake));
        }
        this.#endCompaction(collection);
      },
    );
  }

  /** Others may wait for their compaction, and this one may have grown meanwhile. */
  #endCompaction(collection: OwnedCollection): void {
    this.#compaction = undefined;
    if (this.#isClosed) return;
    this.notice(collection);
  }
}
