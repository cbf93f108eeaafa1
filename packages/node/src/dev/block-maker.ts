import { toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { BlockAttributes, TxSource } from '@lucerna/execution';
import { carriedGasLimit, type Header, nextBaseFee } from '@lucerna/protocol';
import { type DevCore, nowSeconds } from './core.ts';
import { nextTimestamp } from './dev-clock.ts';
import { valueFor } from './settings.ts';

/** What the next block of a dev chain says where the rules leave a choice, or the user takes one. */
export function blockAttributes(
  core: Pick<DevCore, 'chain' | 'clock' | 'settings'>,
): BlockAttributes {
  const { chain } = core;
  const { header: head, hash } = chain.head();
  const settings = core.settings.current;
  const rules = chain.rulesAt(head.height + 1);
  const carried = carriedGasLimit(head.gasLimit, rules);
  const gasLimit = settings.gasLimit ?? carried;
  const baseFeePerGas = valueFor(settings.nextBaseFee, head.height + 1);
  // Nothing else is lifted: the log then says which blocks the rules alone do not explain.
  const isLifted = gasLimit !== carried || baseFeePerGas !== undefined;
  return {
    timestamp: nextTimestamp(settings, { head, nowSeconds: nowSeconds(core) }),
    coinbase: settings.coinbase ?? chain.genesis.coinbase,
    gasLimit,
    // A dev chain has no validators to draw a mix from; it only has to differ from block to block.
    mixHash: valueFor(settings.nextMix, head.height + 1) ?? keccak256(hash),
    ...(isLifted ? { lifted: true } : {}),
    ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
  };
}

/** Base fee of the next block, wei per gas. */
export function baseFeeAfterHead({ chain, settings }: Pick<DevCore, 'chain' | 'settings'>): bigint {
  const { header } = chain.head();
  return (
    valueFor(settings.current.nextBaseFee, header.height + 1) ??
    nextBaseFee(header, chain.rulesAt(header.height + 1))
  );
}

/** How one block is to be. */
export type BlockOptions = {
  readonly allowEmpty: boolean;
  /** Default: the pool. */
  readonly source?: TxSource;
  /** Seconds since the Unix epoch. Default: what clock and settings say. */
  readonly timestamp?: number | undefined;
};

/**
 * Makes and commits one block over the head; false when it would be empty and may not be. What was set
 * for this block is then used up in memory; the caller saves the settings.
 */
export async function makeBlock(core: DevCore, options: BlockOptions): Promise<boolean> {
  const { chain, pool, senders } = core;
  const { allowEmpty, source = pool.source() } = options;
  const usual = blockAttributes(core);
  const attributes = { ...usual, timestamp: options.timestamp ?? usual.timestamp };
  const { executed, skipped } = chain.build(attributes, source);
  for (const { hash, error } of skipped) {
    // The pool took it for executable; kept, it would be offered to every block from now on.
    core.log.warn('transaction dropped', { hash: toHex(hash), reason: error.message });
    pool.step({ kind: 'remove', hash });
    senders.refuse(hash, error);
  }
  if (executed.block.transactions.length === 0 && !allowEmpty) return false;
  await chain.commit(executed);
  useUp(core, executed.block.header, options.timestamp !== undefined);
  if (core.settings.current.logging) core.reporter.report(executed.block);
  return true;
}

/** What was set for the block of this header is set no more, and the clock goes on from its time. */
function useUp(
  core: DevCore,
  { height, timestamp }: Pick<Header, 'height' | 'timestamp'>,
  isTimed: boolean,
): void {
  const { settings } = core;
  const { nextTimestamp: exact, nextBaseFee: fee, nextMix: mix } = settings.current;
  const { offsetSeconds: shown, timestampIntervalSeconds: interval } = settings.current;
  const isSet = isTimed || exact?.height === height || interval !== undefined;
  const offsetSeconds = timestamp - nowSeconds(core);
  if (isSet && offsetSeconds !== shown) settings.amend({ offsetSeconds });
  if (exact !== undefined || fee !== undefined || mix !== undefined) {
    settings.amend({ nextTimestamp: undefined, nextBaseFee: undefined, nextMix: undefined });
  }
}
