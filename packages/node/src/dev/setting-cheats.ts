import type { DevApi } from '@lucerna/api';
import { equalBytes, type Fields } from '@lucerna/base';
import type { PoolEvent } from '@lucerna/mempool';
import { MAX_BLOCK_GAS_LIMIT } from '@lucerna/protocol';
import { nodeErrors } from '../errors.ts';
import { nodeLimits } from '../limits.ts';
import { type DevCore, nowSeconds } from './core.ts';
import { chainTime, checkTimestamp } from './dev-clock.ts';
import { checkInterval, type Miner } from './mining.ts';
import type { DevSettings, ForBlock } from './settings.ts';

/**
 * Changes settings in the queue, from those that there are when its turn comes; `follow` lets others go
 * by them before anything else changes.
 */
type Change = (
  change: (core: DevCore) => Partial<DevSettings>,
  follow?: () => void,
) => Promise<void>;

/** Changes settings durably, then lets pool and miner go by them. */
function changer(core: DevCore, miner: Miner): Change {
  return async (change, follow) => {
    await core.queue.run(async () => {
      core.checkRunning();
      await core.settings.change(change(core));
      follow?.();
      core.attributesChanged();
    });
    await miner.drainIfPending();
  };
}

/** What holds for the next block only. */
function forNextBlock<T>({ chain }: DevCore, value: T): ForBlock<T> {
  return { height: chain.head().header.height + 1, value };
}

type TimeCheats = Pick<
  DevApi,
  'increaseTime' | 'setBlockTimestampInterval' | 'setNextBlockTimestamp' | 'setTime'
>;

/** The clock of the chain. */
export function timeCheats(core: DevCore, miner: Miner): TimeCheats {
  const change = changer(core, miner);
  return {
    increaseTime: async (seconds) => {
      await change(({ settings, chain }) => {
        const shown = chainTime(settings.current, nowSeconds(core)) + seconds;
        // Also where the head's time is later than what the clock shows.
        checkTimestamp(Math.max(shown, seconds), { timestamp: 0 });
        checkTimestamp(chain.head().header.timestamp + seconds, { timestamp: 0 });
        return { offsetSeconds: settings.current.offsetSeconds + seconds };
      });
      return core.settings.current.offsetSeconds;
    },
    setTime: async (timestamp) => {
      let movedSeconds = 0;
      await change(({ chain, settings }) => {
        checkTimestamp(timestamp, chain.head().header);
        const realSeconds = nowSeconds(core);
        movedSeconds = timestamp - chainTime(settings.current, realSeconds);
        return { offsetSeconds: timestamp - realSeconds, nextTimestamp: undefined };
      });
      return movedSeconds;
    },
    setNextBlockTimestamp: (timestamp) =>
      change(({ chain }) => {
        checkTimestamp(timestamp, chain.head().header);
        return { nextTimestamp: forNextBlock(core, timestamp) };
      }),
    setBlockTimestampInterval: (seconds) =>
      change(({ chain }) => {
        checkTimestamp(chain.head().header.timestamp + (seconds ?? 0), chain.head().header);
        return { timestampIntervalSeconds: seconds };
      }),
  };
}

type SenderCheats = Pick<DevApi, 'autoImpersonate' | 'impersonate' | 'stopImpersonating'>;

/** Who sends without a key. */
export function senderCheats(core: DevCore, miner: Miner): SenderCheats {
  const change = changer(core, miner);
  const without = (address: Uint8Array): readonly Uint8Array[] =>
    core.settings.current.impersonated.filter((other) => !equalBytes(other, address));
  return {
    impersonate: (address) =>
      change(() => {
        const impersonated = [...without(address), address];
        const limit = nodeLimits.values.impersonated;
        if (impersonated.length > limit) {
          throw nodeErrors.create('IMPERSONATED_FULL', undefined, { limit });
        }
        return { impersonated };
      }),
    stopImpersonating: (address) => change(() => ({ impersonated: without(address) })),
    autoImpersonate: (enabled) => change(() => ({ autoImpersonate: enabled })),
  };
}

type BlockCheats = Pick<
  DevApi,
  'setBlockGasLimit' | 'setCoinbase' | 'setMinGasPrice' | 'setNextBlockBaseFee' | 'setPrevRandao'
>;

/** What the next headers say, and what gets into their blocks. */
export function blockCheats(core: DevCore, miner: Miner): BlockCheats {
  const change = changer(core, miner);
  return {
    setNextBlockBaseFee: (baseFeePerGas) =>
      change(() => ({ nextBaseFee: forNextBlock(core, checked(baseFeePerGas, WEI)) })),
    setMinGasPrice: (wei) =>
      change(
        () => ({ minGasPrice: checked(wei, WEI) }),
        () => core.pool.step({ kind: 'floor', minGasPrice: wei }),
      ),
    setCoinbase: (coinbase) => change(() => ({ coinbase })),
    setPrevRandao: (mix) => change(() => ({ nextMix: forNextBlock(core, mix) })),
    setBlockGasLimit: (gasLimit) =>
      change(({ chain }) => {
        const { minimumGasLimit: min } = chain.rulesAt(chain.head().header.height + 1);
        return { gasLimit: checked(gasLimit, { min, max: MAX_BLOCK_GAS_LIMIT }) };
      }),
  };
}

type Range = { readonly min: bigint; readonly max: bigint };

const WEI: Range = { min: 0n, max: 2n ** 256n - 1n };

/** @throws `HEADER_VALUE_OUT_OF_RANGE` */
function checked(value: bigint, { min, max }: Range): bigint {
  if (value >= min && value <= max) return value;
  const fields: Fields = { value, min, max };
  throw nodeErrors.create('HEADER_VALUE_OUT_OF_RANGE', `${value} is not ${min} to ${max}`, fields);
}

type MiningCheats = Pick<DevApi, 'mining' | 'setAutomine' | 'setIntervalMining' | 'setLogging'>;

/** When blocks are made: two switches that do not turn each other. */
export function miningCheats(core: DevCore, miner: Miner): MiningCheats {
  const change = changer(core, miner);
  const { mining } = core;
  return {
    mining,
    setAutomine: (automine) => change(() => ({ mining: { ...mining(), automine } })),
    setIntervalMining: async (intervalMs) => {
      checkInterval(intervalMs, 0);
      await change(
        () => ({ mining: { ...mining(), intervalMs } }),
        () => miner.restart(),
      );
    },
    setLogging: (logging) => change(() => ({ logging })),
  };
}

type PoolCheats = Pick<DevApi, 'dropAllTransactions' | 'dropTransaction' | 'dropTransactionsOf'>;

/** The pool, as its owner may empty it. It goes by the queue: a snapshot must not see half of it. */
export function poolCheats({ queue, pool, checkRunning }: DevCore): PoolCheats {
  /** Whether anything was dropped. It does not come back by a crash. */
  const drop = (event: PoolEvent): Promise<boolean> =>
    queue.run(async () => {
      checkRunning();
      const before = pool.size;
      pool.step(event);
      await pool.recorded();
      return pool.size < before;
    });
  return {
    dropTransaction: (hash) => drop({ kind: 'remove', hash }),
    dropAllTransactions: async () => {
      await drop({ kind: 'clear' });
    },
    dropTransactionsOf: async (address) => {
      await drop({ kind: 'remove-sender', address });
    },
  };
}
