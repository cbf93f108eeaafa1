import type { BlockOverrides, CallOverrides, SlotWord, StateOverride } from '@lucerna/protocol';
import { apiLimits } from '../limits.ts';
import {
  address,
  data,
  hash,
  quantity64,
  quantity256,
  storageSlot,
  toSafeNumber,
} from './forms.ts';
import {
  formError,
  objectOf,
  optional,
  type Param,
  type ParamSchema,
  paramError,
} from './params.ts';

/** Slots and their words, as an object from slot to word. */
const slotWords: ParamSchema<readonly SlotWord[]> = {
  expected: 'an object from storage slots to words',
  schema: { type: 'object', additionalProperties: storageSlot.schema },
  parse: (value, path): readonly SlotWord[] => {
    const entries = entriesOf(value, path, slotWords.expected, apiLimits.values.overriddenSlots);
    return entries.map(([slot, word]) => ({
      slot: storageSlot.parse(slot, `${path}.${slot}`),
      word: storageSlot.parse(word, `${path}.${slot}`),
    }));
  },
};

const accountFields = objectOf(
  { balance: quantity256, nonce: quantity64, code: data, state: slotWords, stateDiff: slotWords },
  ['movePrecompileToAddress'],
);

/** What accounts are to have: an object from addresses to what is different. */
export const stateOverrides: ParamSchema<readonly StateOverride[]> = {
  expected: 'an object from addresses to balance, nonce, code, state or stateDiff',
  schema: { type: 'object', additionalProperties: accountFields.schema },
  parse: (value, path): readonly StateOverride[] => {
    const limit = apiLimits.values.overriddenAccounts;
    return entriesOf(value, path, stateOverrides.expected, limit).map(([key, fields]) => {
      const account = accountFields.parse(fields, `${path}.${key}`);
      if (account.state !== undefined && account.stateDiff !== undefined) {
        throw paramError(`${path}.${key}: both state and stateDiff`);
      }
      return { address: address.parse(key, `${path}: address`), ...account };
    });
  },
};

const blockFields = objectOf(
  {
    number: quantity64,
    time: quantity64,
    gasLimit: quantity64,
    feeRecipient: address,
    prevRandao: hash,
    baseFeePerGas: quantity256,
    // What go-ethereum called them first.
    coinbase: address,
    random: hash,
    baseFee: quantity256,
  },
  ['withdrawals', 'blobBaseFee', 'beaconRoot'],
);

/** What of the block is to be different. */
export const blockOverrides: ParamSchema<BlockOverrides> = {
  ...blockFields,
  parse: (value, path): BlockOverrides => {
    const given = blockFields.parse(value, path);
    const { number, time, gasLimit } = given;
    const coinbase = given.feeRecipient ?? given.coinbase;
    const mixHash = given.prevRandao ?? given.random;
    const baseFeePerGas = given.baseFeePerGas ?? given.baseFee;
    if (time !== undefined && time > BigInt(apiLimits.values.timestampSeconds)) {
      throw paramError(`${path}.time: at most ${apiLimits.values.timestampSeconds} seconds`);
    }
    return {
      ...(number === undefined ? {} : { height: toSafeNumber(number) }),
      ...(time === undefined ? {} : { timestamp: Number(time) }),
      ...(gasLimit === undefined ? {} : { gasLimit }),
      ...(coinbase === undefined ? {} : { coinbase }),
      ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
      ...(mixHash === undefined ? {} : { mixHash }),
    };
  },
};

/** The parameter of methods that simulate a call. */
export const stateOverridesParam: Param<readonly StateOverride[]> = optional(
  'stateOverrides',
  stateOverrides,
  [],
  'What accounts have instead: by address balance, nonce, code, and either state (all storage) or stateDiff.',
);

/** The parameter of methods that simulate a call. */
export const blockOverridesParam: Param<BlockOverrides> = optional(
  'blockOverrides',
  blockOverrides,
  {},
  'What of the block is different: number, time, gasLimit, feeRecipient, prevRandao, baseFeePerGas.',
);

/** What a call finds different; undefined when that is nothing. */
export function callOverrides(
  state: readonly StateOverride[],
  block: BlockOverrides,
): CallOverrides | undefined {
  if (state.length === 0 && Object.keys(block).length === 0) return undefined;
  return { state, block };
}

function entriesOf(
  value: unknown,
  path: string,
  expected: string,
  max: number,
): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw formError(path, expected, value);
  }
  const entries = Object.entries(value);
  if (entries.length > max) throw paramError(`${path}: more than ${max} entries`);
  return entries;
}
