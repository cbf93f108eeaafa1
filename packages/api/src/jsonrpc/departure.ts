import type { Cancel } from '@lucerna/base';

/**
 * Whether somebody still waits for an answer. What is done for a caller that has gone ends early: a
 * batch with its next entry, waiting for a block at once.
 */
export class Departure {
  #isGone = false;
  #listeners: Set<() => void> | undefined;

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls `listener` when the caller goes, or now if it has gone. */
  onGone(listener: () => void): Cancel {
    if (this.#isGone) {
      listener();
      return () => undefined;
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => {
      this.#listeners?.delete(listener);
    };
  }

  /** The caller has gone, or has its answer. */
  announce(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener();
  }
}
