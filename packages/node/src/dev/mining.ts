import type { MineOptions, MiningMode } from '@lucerna/api';
import type { Cancel } from '@lucerna/base';
import { nodeErrors } from '../errors.ts';
import { nodeLimits } from '../limits.ts';
import { makeBlock } from './block-maker.ts';
import { type DevCore, nowSeconds } from './core.ts';
import { chainTime, checkTimestamp } from './dev-clock.ts';
import { valueFor } from './settings.ts';

/** When a dev chain makes blocks. */
export type Mining =
  /** At once for every executable transaction. */
  | { readonly mode: 'automine' }
  /** At fixed times, empty or not. */
  | { readonly mode: 'interval'; readonly blockTimeMs: number }
  /** Both. */
  | { readonly mode: 'mixed'; readonly blockTimeMs: number }
  /** Only when asked to. */
  | { readonly mode: 'manual' };

/** The same as the API has it. @throws `BLOCK_INTERVAL_OUT_OF_RANGE` */
export function miningModeOf(mining: Mining): MiningMode {
  const automine = mining.mode === 'automine' || mining.mode === 'mixed';
  if (!('blockTimeMs' in mining)) return { automine, intervalMs: 0 };
  checkInterval(mining.blockTimeMs, 1);
  return { automine, intervalMs: mining.blockTimeMs };
}

/** @throws `BLOCK_INTERVAL_OUT_OF_RANGE` */
export function checkInterval(intervalMs: number, minimum: number): void {
  const limit = nodeLimits.values.blockIntervalMs;
  if (Number.isSafeInteger(intervalMs) && intervalMs >= minimum && intervalMs <= limit) return;
  const detail = `${intervalMs} is not ${minimum} to ${limit} ms`;
  throw nodeErrors.create('BLOCK_INTERVAL_OUT_OF_RANGE', detail, { intervalMs, limit });
}

/** Makes blocks by itself: for transactions, and by the clock. */
export class Miner {
  readonly #core: DevCore;
  #nextDrain: Promise<void> | undefined;
  #cancelTick: Cancel | undefined;

  constructor(core: DevCore) {
    this.#core = core;
  }

  /** Transactions that arrive while a block is being made share the drain that follows it. */
  async drain(): Promise<void> {
    const { queue, checkRunning } = this.#core;
    checkRunning();
    if (this.#nextDrain !== undefined) return this.#nextDrain;
    const drain = queue.run(async () => {
      this.#nextDrain = undefined;
      await this.#drainNow();
    });
    this.#nextDrain = drain;
    // A drain that a full queue refuses never runs: the next transaction needs another one.
    drain.catch(() => {
      if (this.#nextDrain === drain) this.#nextDrain = undefined;
    });
    return drain;
  }

  async #drainNow(): Promise<void> {
    const { settings, mining, takeTurn } = this.#core;
    // Each turn takes transactions out of the pool, so this ends.
    while (mining().automine) {
      await takeTurn();
      const made = await makeBlock(this.#core, { allowEmpty: false });
      if (!made) return;
      await settings.save();
    }
  }

  /** With automine, makes blocks of what a change of the state or the settings has let in. */
  async drainIfPending(): Promise<void> {
    const { pool, mining } = this.#core;
    if (mining().automine && pool.counts().pending > 0) await this.drain();
  }

  /** Makes blocks by the clock as the settings now say. */
  restart(): void {
    this.stop();
    const { intervalMs } = this.#core.mining();
    if (intervalMs > 0) this.#schedule(this.#core.clock.nowMs() + intervalMs, intervalMs);
  }

  stop(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #schedule(dueMs: number, intervalMs: number): void {
    const { clock } = this.#core;
    const cancel = clock.schedule(Math.max(0, dueMs - clock.nowMs()), () => {
      this.#tick()
        .catch((error: unknown) => {
          this.#core.log.error('block was not made', { reason: String(error) });
        })
        .finally(() => {
          // Stopped, or begun anew with another interval.
          if (this.#cancelTick !== cancel) return;
          // A node that fell behind does not make the missed blocks up, and one whose clock was set
          // back does not wait until that time comes again.
          const nowMs = clock.nowMs();
          const nextMs = Math.max(dueMs + intervalMs, nowMs);
          this.#schedule(Math.min(nextMs, nowMs + intervalMs), intervalMs);
        });
    });
    this.#cancelTick = cancel;
  }

  async #tick(): Promise<void> {
    await this.#core.queue.run(async () => {
      await makeBlock(this.#core, { allowEmpty: true });
      await this.#core.settings.save();
    });
  }
}

/** `DevApi.mine`, in the queue. */
export async function mineBlocks(core: DevCore, options: MineOptions): Promise<void> {
  const { blocks = 1, timestamp, intervalSeconds } = options;
  const limit = nodeLimits.values.minedBlocksPerCall;
  if (!Number.isSafeInteger(blocks) || blocks < 1 || blocks > limit) {
    const detail = `${blocks} is not 1 to ${limit}`;
    throw nodeErrors.create('BLOCK_COUNT_OUT_OF_RANGE', detail, { blocks, limit });
  }
  try {
    for (let made = 0; made < blocks; made += 1) {
      await core.takeTurn();
      const time = made === 0 && timestamp !== undefined ? timestamp : later(core, intervalSeconds);
      if (time !== undefined) checkTimestamp(time, core.chain.head().header);
      await makeBlock(core, { allowEmpty: true, timestamp: time });
    }
  } finally {
    await core.settings.save();
  }
}

/**
 * The time of a block that is to be so much after the one before it, and after now. A time that was
 * set for this block, or for all blocks, goes before it.
 */
function later(core: DevCore, intervalSeconds: number | undefined): number | undefined {
  // Clients send 0 when no interval was asked for.
  if (intervalSeconds === undefined || intervalSeconds === 0) return undefined;
  const { height, timestamp } = core.chain.head().header;
  const settings = core.settings.current;
  const isSet =
    valueFor(settings.nextTimestamp, height + 1) !== undefined ||
    settings.timestampIntervalSeconds !== undefined;
  if (isSet) return undefined;
  return Math.max(timestamp, chainTime(settings, nowSeconds(core))) + intervalSeconds;
}
