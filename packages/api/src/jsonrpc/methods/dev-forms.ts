import { fixedBytes, fromHex } from '@lucerna/base';
import { apiLimits } from '../../limits.ts';
import { looseQuantity, looseQuantity256, toSafeNumber } from '../forms.ts';
import { formError, objectOf, type ParamSchema, paramError } from '../params.ts';

/** Beyond this many a time is milliseconds, as anvil has it: the year 33,658 in seconds. */
const MAX_PLAIN_SECONDS = 1_000_000_000_000n;

/** A number of seconds since the Unix epoch. */
export const timestamp: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => boundedSeconds(looseQuantity.parse(value, path), path),
};

/** The same, or a number of milliseconds, as JavaScript clocks give it. */
export const timestampOrMs: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => {
    const given = looseQuantity.parse(value, path);
    return boundedSeconds(given > MAX_PLAIN_SECONDS ? given / 1_000n : given, path);
  },
};

/** A duration in seconds. */
export const seconds: ParamSchema<number> = timestamp;

function boundedSeconds(value: bigint, path: string): number {
  const max = apiLimits.values.timestampSeconds;
  if (value > BigInt(max)) throw paramError(`${path}: at most ${max} seconds`);
  return Number(value);
}

/** How many of something: hex, decimal text or JSON number. */
export const count: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => toSafeNumber(looseQuantity.parse(value, path)),
};

/** A storage slot as a number of any form. */
export const looseSlot: ParamSchema<Uint8Array> = {
  ...looseQuantity256,
  parse: (value, path): Uint8Array => fixedBytes(looseQuantity256.parse(value, path), 32),
};

/** What `anvil_dumpState` has answered. */
export const stateDump: ParamSchema<Uint8Array> = {
  expected: 'a dump of anvil_dumpState as 0x hex',
  schema: { type: 'string', pattern: '^0x(?:[0-9a-fA-F]{2})*$' },
  parse: (value, path): Uint8Array => {
    if (typeof value !== 'string') throw formError(path, stateDump.expected, value);
    const max = apiLimits.values.stateDumpBytes;
    if (value.length > 2 + 2 * max) throw paramError(`${path}: longer than ${max} bytes`);
    return fromHex(value);
  },
};

/** Argument of `anvil_reset`: what viem and hardhat send when there is nothing to fork. */
export const resetOptions: ParamSchema<object> = objectOf({
  forking: objectOf({}, ['jsonRpcUrl', 'blockNumber']),
});
