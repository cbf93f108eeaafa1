import { assert, type Cancel } from '@lucerna/base';
import type { BlockView } from '@lucerna/protocol';
import { chainLimits } from './limits.ts';

/**
 * A new head. Everything about it can be read when listeners are told.
 *
 * When other blocks took the place of some, each of the new ones has an event of its own, in order;
 * all of them are part of the chain by the first event. When the chain only went back, the one event
 * has the block that is the head again. Transactions of removed blocks that no new block has are
 * gone: nobody puts them back into a pool, whoever wants them sends them again.
 */
export type HeadEvent = BlockView & {
  /** Blocks that made way for this one, the highest first. Mostly none. */
  readonly reverted: readonly BlockView[];
  /**
   * Addresses of the accounts that this block has changed. The first event of several, or the one of
   * going back, has those of all the blocks that came or went: the state is that of the last one.
   */
  readonly touched: readonly Uint8Array[];
};

/** Called with every new head, in order. Must not throw. */
export type HeadListener = (event: HeadEvent) => void;

/** The state of the head has changed without a block, or such changes were taken back. */
export type PatchEvent = {
  /** Addresses of the accounts that have changed. */
  readonly touched: readonly Uint8Array[];
};

/** Called with every such change. Must not throw. */
export type PatchListener = (event: PatchEvent) => void;

/** Who wants to know of something. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Calls `listener` with every event from now on. */
  add(listener: (event: Event) => void): Cancel {
    assert(this.#listeners.size < chainLimits.values.headListeners, 'listeners stop listening');
    const own = (event: Event): void => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** All listeners are told, whatever one of them does: what they are told of is done already. */
  announce(events: readonly Event[]): void {
    const failures: unknown[] = [];
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
