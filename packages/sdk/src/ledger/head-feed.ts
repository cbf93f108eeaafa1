import type { HeadNotice, NodeApi } from '@lucerna/api';
import { baseErrors, type Cancel } from '@lucerna/base';
import { sdkLimits } from '../limits.ts';

/** Who wants to hear of blocks. Neither call may throw. */
export type HeadListener = {
  readonly head: (notice: HeadNotice) => void;
  /** The ledger is closed: nothing comes any more. */
  readonly closed: () => void;
};

/** Tells any number of listeners of new heads; the chain itself takes only a few. */
export class HeadFeed {
  readonly #listeners = new Set<HeadListener>();
  readonly #stop: Cancel;
  #closed = false;

  constructor(api: Pick<NodeApi, 'onHead'>) {
    this.#stop = api.onHead((notice) => {
      for (const listener of this.#listeners) listener.head(notice);
    });
  }

  /** @throws `QUEUE_FULL` */
  add(listener: HeadListener): Cancel {
    if (this.#closed) {
      listener.closed();
      return () => undefined;
    }
    const capacity = sdkLimits.values.ledgerListeners;
    if (this.#listeners.size >= capacity) {
      throw baseErrors.create('QUEUE_FULL', undefined, { capacity });
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    for (const listener of this.#listeners) listener.closed();
    this.#listeners.clear();
  }
}
