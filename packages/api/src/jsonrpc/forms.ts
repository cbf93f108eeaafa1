import { assert, fixedBytes, fromHexKey } from '@lucerna/base';
import { apiLimits } from '../limits.ts';
import { formError, type ParamSchema, paramError, textForm } from './params.ts';

/** `length` bytes, digits of either case. */
function fixedForm(length: number): ParamSchema<Uint8Array> {
  return textForm(
    `${length} bytes as 0x hex`,
    new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`),
    (text) => fromHexKey(text.slice(2)),
  );
}

/** An address of either case; the checksum is the user interface's matter, as in geth. */
export const address: ParamSchema<Uint8Array> = fixedForm(20);

/** A block or transaction hash. */
export const hash: ParamSchema<Uint8Array> = fixedForm(32);

/** Bytes, at most `paramDataBytes` of them. */
export const data: ParamSchema<Uint8Array> = textForm(
  'bytes as 0x hex with an even number of digits',
  /^0x(?:[0-9a-fA-F]{2})*$/,
  (text, path) => {
    const max = apiLimits.values.paramDataBytes;
    if (text.length > 2 + 2 * max) throw paramError(`${path}: longer than ${max} bytes`);
    return fromHexKey(text.slice(2));
  },
);

/** A natural number of at most `bits` bits as hex without leading zeros. */
function quantityForm(bits: number): ParamSchema<bigint> {
  return textForm(
    `a number of at most ${bits} bits as 0x hex without leading zeros`,
    new RegExp(`^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,${bits / 4 - 1}})$`),
    (text) => BigInt(text),
  );
}

/** Gas and nonces. */
export const quantity64: ParamSchema<bigint> = quantityForm(64);

/** Wei. */
export const quantity256: ParamSchema<bigint> = quantityForm(256);

/** A storage slot: at most 32 bytes, of which leading zeros may be left out. */
export const storageSlot: ParamSchema<Uint8Array> = textForm(
  'a storage slot of at most 32 bytes as 0x hex',
  /^0x[0-9a-fA-F]{1,64}$/,
  (text) => fixedBytes(BigInt(text), 32),
);

/** A storage slot and whether it was written with all of its digits. */
export type StorageKey = { readonly slot: Uint8Array; readonly isFull: boolean };

/** A storage slot whose written form matters to the answer. */
export const storageKey: ParamSchema<StorageKey> = {
  ...storageSlot,
  parse: (value, path): StorageKey => ({
    slot: storageSlot.parse(value, path),
    isFull: typeof value === 'string' && value.length === 66,
  }),
};

/** A number of at most `bits` bits as cheat methods get it: hex, decimal text or JSON number. */
function looseForm(bits: number): ParamSchema<bigint> {
  const expected = 'a number as 0x hex, as decimal text or as a JSON number';
  const decimals = (2n ** BigInt(bits)).toString().length;
  const pattern = new RegExp(`^(?:0x[0-9a-fA-F]{1,${bits / 4}}|[0-9]{1,${decimals}})$`);
  return {
    expected,
    schema: {
      oneOf: [
        { type: 'string', pattern: pattern.source },
        { type: 'integer', minimum: 0 },
      ],
    },
    parse: (value, path): bigint => {
      const valid =
        typeof value === 'number'
          ? Number.isSafeInteger(value) && value >= 0
          : typeof value === 'string' && pattern.test(value);
      if (!valid) throw formError(path, expected, value);
      const parsed = BigInt(value as string | number);
      if (parsed >= 2n ** BigInt(bits)) throw paramError(`${path}: more than ${bits} bits`);
      return parsed;
    },
  };
}

/** Counts, times, nonces and gas in any form. */
export const looseQuantity: ParamSchema<bigint> = looseForm(64);

/** Wei and storage slots in any form. */
export const looseQuantity256: ParamSchema<bigint> = looseForm(256);

/** A list index. What no list is long enough for reads as the largest safe number. */
export const index: ParamSchema<number> = {
  ...quantity64,
  parse: (value, path): number => toSafeNumber(quantity64.parse(value, path)),
};

/** `value`, or the largest safe number in its place: for heights and indexes, where both mean "none". */
export function toSafeNumber(value: bigint): number {
  assert(value >= 0n, 'a height or an index is a natural number');
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** Percentiles for `eth_feeHistory`: numbers from 0 to 100 that do not decrease. */
export const percentiles: ParamSchema<readonly number[]> = {
  expected: 'an array of numbers from 0 to 100 that do not decrease',
  schema: {
    type: 'array',
    items: { type: 'number', minimum: 0, maximum: 100 },
    maxItems: apiLimits.values.feeHistoryPercentiles,
  },
  parse: (value, path): readonly number[] => {
    if (!Array.isArray(value)) throw formError(path, percentiles.expected, value);
    if (value.length > apiLimits.values.feeHistoryPercentiles) {
      throw paramError(`${path}: more than ${apiLimits.values.feeHistoryPercentiles} percentiles`);
    }
    let previous = 0;
    return value.map((entry: unknown, position) => {
      if (typeof entry !== 'number' || !(entry >= previous && entry <= 100)) {
        throw formError(`${path}[${position}]`, percentiles.expected, entry);
      }
      previous = entry;
      return entry;
    });
  },
};
