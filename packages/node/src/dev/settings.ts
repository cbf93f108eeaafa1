import type { MiningMode } from '@lucerna/api';
import {
  address20,
  type Codec,
  decodeWith,
  encodeWith,
  hash32,
  type JsonObject,
  list,
  record,
  safeUint,
  uint64,
  uint256,
} from '@lucerna/protocol';
import { nodeLimits } from '../limits.ts';
import { flag, optional, safeInt, version } from './codecs.ts';

/** What holds for one block only. When its height is not that of the next block, it is used up. */
export type ForBlock<T> = { readonly height: number; readonly value: T };

/** Everything that the user of a dev chain has set, and that a start must find again. */
export type DevSettings = {
  /** What the clock of the chain is ahead of the real one, in seconds. */
  readonly offsetSeconds: number;
  readonly nextTimestamp: ForBlock<number> | undefined;
  /** Each block is this much later than its parent, whatever the clock says. */
  readonly timestampIntervalSeconds: number | undefined;
  /** Addresses that send without a key. */
  readonly impersonated: readonly Uint8Array[];
  /** All addresses do. */
  readonly autoImpersonate: boolean;
  /** Undefined: that of the genesis. */
  readonly coinbase: Uint8Array | undefined;
  /** Wei per gas. */
  readonly nextBaseFee: ForBlock<bigint> | undefined;
  readonly nextMix: ForBlock<Uint8Array> | undefined;
  /** Undefined: as the head's. */
  readonly gasLimit: bigint | undefined;
  /** Wei per gas. */
  readonly minGasPrice: bigint;
  /** What was set while the node ran; undefined: as it was started. */
  readonly mining: MiningMode | undefined;
  readonly logging: boolean;
  /** Id of the next snapshot: none is given twice. */
  readonly nextSnapshot: bigint;
  /** How often everything was replaced by something else. */
  readonly generation: number;
};

/** Those that a snapshot leaves alone: how the node works, not what the chain is. */
export const KEPT_SETTINGS = ['mining', 'logging', 'nextSnapshot', 'generation'] as const;

/** What holds before anybody has set anything. */
export const INITIAL_SETTINGS: DevSettings = {
  offsetSeconds: 0,
  nextTimestamp: undefined,
  timestampIntervalSeconds: undefined,
  impersonated: [],
  autoImpersonate: false,
  coinbase: undefined,
  nextBaseFee: undefined,
  nextMix: undefined,
  gasLimit: undefined,
  minGasPrice: 0n,
  mining: undefined,
  logging: true,
  nextSnapshot: 0n,
  generation: 0,
};

function forBlock<T>(value: Codec<T>): Codec<ForBlock<T> | undefined> {
  return optional(record<ForBlock<T>>({ height: safeUint, value }));
}

type Versioned = DevSettings & { readonly version: number };

const settingsCodec: Codec<Versioned, JsonObject> = record<Versioned>({
  version: version(1),
  offsetSeconds: safeInt,
  nextTimestamp: forBlock(safeUint),
  timestampIntervalSeconds: optional(safeUint),
  impersonated: list(address20, nodeLimits.values.impersonated),
  autoImpersonate: flag,
  coinbase: optional(address20),
  nextBaseFee: forBlock(uint256),
  nextMix: forBlock(hash32),
  gasLimit: optional(uint64),
  minGasPrice: uint256,
  mining: optional(record<MiningMode>({ automine: flag, intervalMs: safeUint })),
  logging: flag,
  nextSnapshot: uint64,
  generation: safeUint,
});

export function encodeSettings(settings: DevSettings): Uint8Array {
  return encodeWith(settingsCodec, { version: 1, ...settings });
}

/** @throws `RLP_*` */
export function decodeSettings(bytes: Uint8Array): DevSettings {
  const { version: _, ...settings } = decodeWith(settingsCodec, bytes, 'settings');
  return settings;
}

/** The value for the block of `height`, if one was set for it. */
export function valueFor<T>(setting: ForBlock<T> | undefined, height: number): T | undefined {
  return setting?.height === height ? setting.value : undefined;
}

/** What was set for the block of height `from` is for that of `to`: the head has moved in between. */
export function retarget(settings: DevSettings, from: number, to: number): DevSettings {
  const moved = <T>(setting: ForBlock<T> | undefined): ForBlock<T> | undefined =>
    setting?.height === from ? { ...setting, height: to } : undefined;
  return {
    ...settings,
    nextTimestamp: moved(settings.nextTimestamp),
    nextBaseFee: moved(settings.nextBaseFee),
    nextMix: moved(settings.nextMix),
  };
}
