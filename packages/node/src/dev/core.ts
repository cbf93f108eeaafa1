import type { MiningMode } from '@lucerna/api';
import type { SerialQueue } from '@lucerna/base';
import type { BlockReporter } from '../block-reporter.ts';
import type { SealerParts } from '../sealer.ts';
import type { SettingsStore } from './settings-store.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { WaitingSenders } from './waiting-senders.ts';

/** What the parts of a dev sealer share. */
export type DevCore = SealerParts & {
  readonly settings: SettingsStore;
  readonly snapshots: SnapshotStore;
  /** When blocks are made. */
  readonly mining: () => MiningMode;
  /** What the clock of a chain without blocks shows first, in seconds; undefined: the real time. */
  readonly firstSeconds: number | undefined;
  /** Those whose transactions wait for the block that is made for them. */
  readonly senders: WaitingSenders;
  readonly reporter: BlockReporter;
  /** Everything that changes the chain goes through it: nothing comes between a build and its commit. */
  readonly queue: SerialQueue;
  /** Awaited in long work: others go first. @throws `NODE_CLOSED` once the sealer is stopped */
  readonly takeTurn: () => Promise<void>;
  /** @throws `NODE_CLOSED` once the sealer is stopped */
  readonly checkRunning: () => void;
};

/** Seconds of the real clock. */
export function nowSeconds({ clock }: Pick<DevCore, 'clock'>): number {
  return Math.floor(clock.nowMs() / 1_000);
}

/** What the clock of a chain without blocks is ahead of the real one, in seconds. */
export function initialOffset(core: Pick<DevCore, 'chain' | 'clock' | 'firstSeconds'>): number {
  const realSeconds = nowSeconds(core);
  const first = core.firstSeconds ?? realSeconds;
  return Math.max(first, core.chain.genesis.timestamp) - realSeconds;
}
