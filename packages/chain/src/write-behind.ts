import type { Durability, Log } from '@lucerna/base';
import type { OverlayStore } from '@lucerna/storage';
import type { BlockLog } from './block-log.ts';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';

/** When what is published goes to the store. Defaults are the limits of the package. */
export type WriteBehindPolicy = {
  /** Blocks after which a flush begins. */
  readonly flushBlocks: number;
  /** Bytes of pending changes, or of unsynced log, after which a flush begins. */
  readonly flushBytes: number;
  /** Bytes of pending changes above which blocks are refused. */
  readonly backlogBytes: number;
};

/** The policy of a chain whose opener has no wishes. */
export const DEFAULT_WRITE_BEHIND: WriteBehindPolicy = {
  flushBlocks: chainLimits.values.flushBlocks,
  flushBytes: chainLimits.values.flushBytes,
  backlogBytes: chainLimits.values.backlogBytes,
};

type Parts = {
  readonly overlay: OverlayStore;
  readonly log: BlockLog;
  readonly durability: Durability;
  readonly sink: Log;
};

/**
 * Moves published blocks to the store in groups, in the background. A failed flush loses nothing: the
 * changes stay visible in memory and the log has them. It is tried again after as much new work as
 * makes a flush due, and by every commit once the backlog is full, so attempts never outrun blocks.
 */
export class WriteBehind {
  readonly #parts: Parts;
  readonly #policy: WriteBehindPolicy;
  #running: Promise<void> | undefined;
  #blocks = 0;
  /** Pending bytes at the last failure: only what comes on top makes the next attempt due. */
  #failedBytes = 0;
  #failures = 0;
  #lastError: unknown;

  constructor(parts: Parts, policy: WriteBehindPolicy) {
    this.#parts = parts;
    this.#policy = policy;
  }

  /** To be called after each publication: begins a flush when one is due, and does not wait. */
  published(): void {
    this.#blocks += 1;
    if (this.#running === undefined && this.#isDue()) this.#start();
  }

  /**
   * Resolves when one more block may be published.
   *
   * @throws `CHAIN_BACKLOG` while too much is pending and the store does not take it
   */
  async admit(): Promise<void> {
    const { overlay } = this.#parts;
    if (overlay.pendingBytes < this.#policy.backlogBytes) return;
    await this.#attempt();
    if (overlay.pendingBytes < this.#policy.backlogBytes) return;
    throw chainErrors.create(
      'CHAIN_BACKLOG',
      undefined,
      { pendingBytes: overlay.pendingBytes, limit: this.#policy.backlogBytes },
      this.#lastError,
    );
  }

  /** Resolves when everything published before this call is in the store. @throws as the store did */
  async flush(): Promise<void> {
    // The running one may have begun before the last publication.
    await this.#running;
    await this.#attempt();
    if (this.#failures > 0) throw this.#lastError;
  }

  /** Resolves when no flush is running. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** The last flush. Ends without error in any case: what the store lacks, the log has. */
  async close(): Promise<void> {
    await this.#running;
    const { overlay, log, sink } = this.#parts;
    let left = chainLimits.values.closeFlushAttempts;
    while (overlay.pendingWrites > 0 && left > 0 && log.failure === undefined) {
      await this.#attempt();
      left -= 1;
    }
    if (overlay.pendingWrites === 0) return;
    sink.warn('The database is behind the block log; the next start makes up for it', {
      pendingWrites: overlay.pendingWrites,
    });
  }

  #isDue(): boolean {
    const { overlay, log } = this.#parts;
    const { flushBlocks, flushBytes } = this.#policy;
    if (this.#blocks >= flushBlocks) return true;
    if (overlay.pendingBytes - this.#failedBytes >= flushBytes) return true;
    return this.#failures === 0 && log.unsyncedBytes >= flushBytes;
  }

  async #attempt(): Promise<void> {
    if (this.#running === undefined) this.#start();
    await this.#running;
  }

  #start(): void {
    this.#blocks = 0;
    this.#running = this.#flushOnce();
  }

  async #flushOnce(): Promise<void> {
    const { overlay, durability, sink } = this.#parts;
    try {
      await overlay.flush(durability);
      this.#failures = 0;
      this.#failedBytes = 0;
      this.#lastError = undefined;
    } catch (error) {
      this.#failures += 1;
      this.#failedBytes = overlay.pendingBytes;
      this.#lastError = error;
      sink.warn('Writing to the database failed; the changes are kept and tried again', {
        failures: this.#failures,
        pendingBytes: overlay.pendingBytes,
        error: error instanceof Error ? error.message : String(error),
      });
    } finally {
      this.#running = undefined;
    }
  }
}
