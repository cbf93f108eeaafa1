import type { DevApi, DevNodeInfo, MiningMode } from '@lucerna/api';
import { concatBytes, fixedBytes, SerialQueue, toHexKey, turnTaker } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { maxFeePerGas, protocolErrors, type SignedTransaction } from '@lucerna/protocol';
import { createBlockReporter } from '../block-reporter.ts';
import { nodeErrors } from '../errors.ts';
import { nodeLimits } from '../limits.ts';
import type { Sealer, SealerFactory, SealerParts } from '../sealer.ts';
import { baseFeeAfterHead, blockAttributes } from './block-maker.ts';
import type { DevCore } from './core.ts';
import { initialOffset, nowSeconds } from './core.ts';
import { chainTime } from './dev-clock.ts';
import { dumpChain } from './dump.ts';
import { reorganise, resetChain, revertTo, rollBack, takeSnapshot } from './history.ts';
import { loadDump, recoverLoad } from './load.ts';
import { Miner, type Mining, mineBlocks, miningModeOf } from './mining.ts';
import { recoverPool } from './pool-settling.ts';
import {
  blockCheats,
  miningCheats,
  poolCheats,
  senderCheats,
  timeCheats,
} from './setting-cheats.ts';
import { SettingsStore } from './settings-store.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { stateCheats } from './state-cheats.ts';
import { WaitingSenders } from './waiting-senders.ts';

const AUTOMINE: MiningMode = { automine: true, intervalMs: 0 };

/**
 * The sealer of a dev chain: the only one that knows cheats. Everything that its user sets is kept with
 * the chain.
 *
 * @param mining takes the place of what was set before; without it that holds, or automine
 * @param timestamp what the clock of a chain without blocks shows first, in seconds; default: the time
 * @throws `BLOCK_INTERVAL_OUT_OF_RANGE`
 */
export function devSealer(mining?: Mining, timestamp?: number): SealerFactory {
  const mode = mining === undefined ? undefined : miningModeOf(mining);
  return {
    cheats: 'allowed',
    create: (parts) => createDevSealer(parts, { mining: mode, timestamp }),
  };
}

/** What the sealer was started with. */
type Given = { readonly mining: MiningMode | undefined; readonly timestamp: number | undefined };

function createDevSealer(parts: SealerParts, given: Given): Sealer {
  let stopped = false;
  /** What is not in a block by now will be in none: whoever waits for it must hear of that. */
  const checkRunning = (): void => {
    if (stopped) throw nodeErrors.create('NODE_CLOSED');
  };
  const core = createCore(parts, given, checkRunning);
  const miner = new Miner(core);
  return {
    start: async (replayPool): Promise<void> => {
      await core.queue.run(async () => {
        await recoverLoad(core);
        await startSettings(core, given);
        core.pool.step({ kind: 'floor', minGasPrice: core.settings.current.minGasPrice });
        core.attributesChanged();
        await replayPool();
        await recoverPool(core);
      });
      try {
        await miner.drainIfPending();
      } catch (error) {
        // A node that can make no block can still be asked.
        core.log.error('block was not made', { reason: String(error) });
      }
      miner.restart();
    },
    attributes: () => blockAttributes(core),
    nextBaseFee: () => baseFeeAfterHead(core),
    checkIncludable: (transaction) => {
      if (core.mining().automine) checkFeeCap(core, transaction);
    },
    transactionAccepted: async (hash) => {
      checkRunning();
      if (core.mining().automine) await core.senders.wait(hash, () => miner.drain());
    },
    exclusive: (task) =>
      core.queue.run(() => {
        checkRunning();
        return task(core.takeTurn);
      }),
    stop: async (): Promise<void> => {
      stopped = true;
      miner.stop();
      await core.queue.idle();
      miner.stop();
      core.reporter.flush();
    },
    dev: createDevApi(core, miner),
    mayImpersonate: mayImpersonate(core),
    impersonated: () => core.settings.current.impersonated,
  };
}

function createCore(
  parts: SealerParts,
  { mining = AUTOMINE, timestamp }: Given,
  checkRunning: () => void,
): DevCore {
  const { chain, clock, log } = parts;
  const settings = new SettingsStore(chain);
  const takeTurn = turnTaker(clock, nodeLimits.values.queryTurnMs);
  return {
    ...parts,
    settings,
    mining: () => settings.current.mining ?? mining,
    firstSeconds: timestamp,
    senders: new WaitingSenders(),
    snapshots: new SnapshotStore(chain),
    reporter: createBlockReporter(clock, log),
    queue: new SerialQueue(nodeLimits.values.sealQueueTasks),
    takeTurn: async () => {
      await takeTurn();
      checkRunning();
    },
    checkRunning,
  };
}

/** What the last run has left unfinished, and what this one was started with. */
async function startSettings(core: DevCore, { mining }: Given): Promise<void> {
  const { chain, settings } = core;
  const exact = settings.current.nextTimestamp;
  const used = exact === undefined ? undefined : chain.header(exact.height)?.header;
  if (used !== undefined) {
    // The block was made, and the process ended before the clock was set to its time.
    const offsetSeconds = used.timestamp - nowSeconds(core);
    settings.amend({ offsetSeconds, nextTimestamp: undefined });
  }
  const { height, timestamp } = chain.head().header;
  const offsetSeconds = initialOffset(core);
  const isNew = height === 0 && settings.current.offsetSeconds === 0 && offsetSeconds !== 0;
  if (isNew) settings.amend({ offsetSeconds });
  // The real clock was set back, or the process ended before what a block had moved was written: all
  // blocks would have the head's time until the clock is there.
  const behindSeconds = timestamp - chainTime(settings.current, nowSeconds(core));
  if (behindSeconds > 0) {
    settings.amend({ offsetSeconds: settings.current.offsetSeconds + behindSeconds });
  }
  const isOverruled = mining !== undefined && settings.current.mining !== undefined;
  if (isOverruled) settings.amend({ mining: undefined });
  try {
    await settings.save();
  } catch (error) {
    // A disk without room is no reason not to be asked; the next change writes them.
    core.log.error('settings were not written', { reason: String(error) });
  }
}

function createDevApi(core: DevCore, miner: Miner): DevApi {
  /** Runs a change of the chain in the queue. */
  const exclusive = <T>(task: () => Promise<T>): Promise<T> =>
    core.queue.run(() => {
      core.checkRunning();
      return task();
    });
  return {
    mine: (options) => exclusive(() => mineBlocks(core, options)),
    ...stateCheats(core, miner),
    ...timeCheats(core, miner),
    ...senderCheats(core, miner),
    ...blockCheats(core, miner),
    ...miningCheats(core, miner),
    ...poolCheats(core),
    snapshot: () => exclusive(() => takeSnapshot(core)),
    revert: (id) => exclusive(() => revertTo(core, id)),
    rollback: (depth) => exclusive(() => rollBack(core, depth)),
    reorg: (depth, transactions) => exclusive(() => reorganise(core, depth, transactions)),
    dumpState: () => exclusive(() => dumpChain(core)),
    loadState: (dump) => exclusive(() => loadDump(core, dump)),
    reset: async () => {
      await exclusive(async () => {
        await resetChain(core);
        miner.restart();
      });
    },
    info: () => describe(core),
  };
}

function describe(core: DevCore): DevNodeInfo {
  const { chain, settings, snapshots } = core;
  const { current } = settings;
  const generation = fixedBytes(BigInt(current.generation), 8);
  return {
    instanceId: keccak256(concatBytes(chain.figures().genesisHash, generation)),
    mining: core.mining(),
    timeOffsetSeconds: current.offsetSeconds,
    blockTimestampIntervalSeconds: current.timestampIntervalSeconds,
    gasLimit: blockAttributes(core).gasLimit,
    baseFeePerGas: baseFeeAfterHead(core),
    minGasPrice: current.minGasPrice,
    snapshots: snapshots
      .places()
      .map(({ id, point, hash }) => ({ id, height: point.height, hash })),
  };
}

/** Looks an address up without going through all of them each time. */
function mayImpersonate({ settings }: DevCore): (address: Uint8Array) => boolean {
  let listed = settings.current.impersonated;
  let keys = new Set(listed.map(toHexKey));
  return (address) => {
    const { impersonated, autoImpersonate } = settings.current;
    if (impersonated !== listed) {
      listed = impersonated;
      keys = new Set(listed.map(toHexKey));
    }
    return autoImpersonate || keys.has(toHexKey(address));
  };
}

/**
 * With automine the base fee falls only when a transaction makes a block, so one that cannot pay it
 * would wait for ever: its sender is told instead.
 */
function checkFeeCap(core: DevCore, transaction: SignedTransaction): void {
  const baseFee = baseFeeAfterHead(core);
  const feeCap = maxFeePerGas(transaction);
  if (feeCap >= baseFee) return;
  throw protocolErrors.create(
    'TX_FEE_CAP_TOO_LOW',
    `maxFeePerGas: ${feeCap}, baseFee: ${baseFee}`,
    { maxFeePerGas: feeCap, baseFeePerGas: baseFee },
  );
}
