import { LruCache, toHexKey } from '@lucerna/base';
import { stateLimits } from '../limits.ts';

/**
 * The codes that a snapshot need not include once more: the last ones, as both sides remember them.
 * A limit that differs makes snapshots that the other side refuses: it is part of the format.
 */
export class RecentCodes {
  readonly #names = new LruCache<string, true>(stateLimits.values.snapshotCodes);

  /** Whether the next account with this code includes it. To be asked once for each account. */
  isDue(codeHash: Uint8Array): boolean {
    const name = toHexKey(codeHash);
    if (this.#names.get(name) !== undefined) return false;
    this.#names.set(name, true);
    return true;
  }
}
