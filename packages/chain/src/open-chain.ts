import type { Durability, Log, Progress } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import type { Genesis } from '@lucerna/protocol';
import { StateCommitter } from '@lucerna/state';
import { type AppendFile, type KvStore, OverlayStore } from '@lucerna/storage';
import { BlockBodies } from './block-bodies.ts';
import { BlockLog } from './block-log.ts';
import { CanonicalIndex } from './canonical-index.ts';
import { Chain } from './chain.ts';
import type { Cheats } from './cheats.ts';
import { type HeadEvent, Listeners, type PatchEvent } from './head-listeners.ts';
import { logFirstStore } from './log-first-store.ts';
import { recover } from './recovery.ts';
import { checkHistory } from './retention.ts';
import { DEFAULT_WRITE_BEHIND, WriteBehind, type WriteBehindPolicy } from './write-behind.ts';

/** What a chain needs from its platform. It closes log and store, also when opening it fails. */
export type ChainPorts = {
  /** The block log: the truth. */
  readonly log: AppendFile;
  /** State and indexes: made up from the log where they lack something. */
  readonly store: KvStore;
  readonly signatures: SignatureEngine;
  readonly sink: Log;
};

/** How a chain is to be. */
export type ChainOptions = {
  /** Starts a new chain, or must be that of the stored one. Undefined: the stored one. */
  readonly genesis?: Genesis | undefined;
  /** What a block outlives once `commit` has resolved. */
  readonly durability: Durability;
  /**
   * For how many blocks behind the head the older states can be read: 0 for none,
   * `Number.POSITIVE_INFINITY` for all. What was not kept does not come back when this is raised; when
   * it is lowered, what is too much goes in the course of the next blocks.
   */
  readonly history: number;
  /**
   * Whether the state may be changed without a block, transactions may lack a signature and headers
   * need not follow their parents': on a dev chain only. By default all of it is refused.
   */
  readonly cheats?: Cheats;
  readonly writeBehind?: Partial<WriteBehindPolicy>;
  /** Told how many bytes of the log were read, of those that opening has to read. */
  readonly onProgress?: Progress | undefined;
};

/**
 * Opens the chain of a log and a store, making the store up to the log; starts it with
 * `options.genesis` when there is none.
 *
 * @throws `CHAIN_GENESIS_MISMATCH`, `CHAIN_GENESIS_MISSING`, `CHAIN_STORE_AHEAD`,
 *   `CHAIN_SCHEMA_UNSUPPORTED`, `CHAIN_REPLAY_MISMATCH`, `CHAIN_CHEATS_REFUSED`, `CHAIN_BACKLOG`,
 *   `LOG_*`, `STORE_*`, `FILE_*`, `GENESIS_INVALID`, `RULES_*`; of a log that begins with a snapshot also
 *   `SNAPSHOT_INCOMPLETE`, `SNAPSHOT_INVALID`, `CHAIN_SUPPLY_MISMATCH`, `CHAIN_INDEX_MISMATCH`
 */
export async function openChain(ports: ChainPorts, options: ChainOptions): Promise<Chain> {
  const { sink, signatures } = ports;
  const { durability, history, cheats = 'refused', onProgress = () => undefined } = options;
  const log = new BlockLog(ports.log, sink);
  const overlay = OverlayStore.open(logFirstStore(log, ports.store));
  const index = new CanonicalIndex(overlay);
  const bodies = new BlockBodies(log, index, overlay);
  const writeBehind = new WriteBehind(
    { overlay, log, durability, sink },
    { ...DEFAULT_WRITE_BEHIND, ...options.writeBehind },
  );
  const release = async (): Promise<void> => {
    await writeBehind.idle();
    await log.idle();
    await ports.store.close();
    await ports.log.close();
  };
  try {
    checkHistory(history);
    const committer = new StateCommitter();
    const recovering = { log, overlay, committer, index, bodies, writeBehind, signatures, cheats };
    const wanted = { genesis: options.genesis, history, onProgress };
    const { genesis, burned: burnedBefore } = await recover(recovering, wanted);
    // Blocks that a crash left unsynced are about to be shown as part of the chain.
    if (durability === 'power') await log.sync();
    return new Chain(
      {
        ...recovering,
        listeners: new Listeners<HeadEvent>(),
        patchListeners: new Listeners<PatchEvent>(),
        genesis,
        burnedBefore,
        durability,
        history,
      },
      release,
    );
  } catch (error) {
    await release();
    throw error;
  }
}
