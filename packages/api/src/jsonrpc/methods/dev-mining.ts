import { toHex } from '@lucerna/base';
import type { JsonObject, JsonValue } from '@lucerna/protocol';
import type { DevApi, MineOptions } from '../../dev-api.ts';
import { apiLimits } from '../../limits.ts';
import type { NodeApi } from '../../node-api.ts';
import { formatBlock } from '../format.ts';
import { hash, looseQuantity, toSafeNumber } from '../forms.ts';
import type { Method } from '../method.ts';
import {
  flag,
  objectOf,
  optional,
  type Param,
  type ParamSchema,
  paramError,
  required,
} from '../params.ts';
import { decodeRevertReason } from '../revert.ts';
import { readBlock } from './block.ts';
import { count, seconds, timestamp } from './dev-forms.ts';
import { defineDevMethod, defineDevSetter, NOTHING } from './dev-method.ts';

const mineFields = objectOf({ timestamp, blocks: looseQuantity });

/** anvil's forms: a timestamp, or an object with `timestamp` and `blocks`. */
const mineOptions: ParamSchema<MineOptions> = {
  expected: 'a timestamp in seconds, or an object with timestamp and blocks',
  schema: { oneOf: [looseQuantity.schema, mineFields.schema] },
  parse: (value, path): MineOptions => {
    if (typeof value !== 'object') return { timestamp: timestamp.parse(value, path) };
    const given = mineFields.parse(value, path);
    return {
      ...(given.timestamp === undefined ? {} : { timestamp: given.timestamp }),
      ...(given.blocks === undefined ? {} : { blocks: toSafeNumber(given.blocks) }),
    };
  },
};

const mineParam: Param<MineOptions> = optional(
  'options',
  mineOptions,
  {},
  'Timestamp of the first block; how many.',
);

/** When blocks are made, and out of what. */
export const devMiningMethods: readonly Method[] = [
  defineDevMethod({
    name: 'evm_mine',
    summary: 'Makes a block now, or several.',
    params: [mineParam],
    result: { name: 'zero', summary: 'Always 0x0, as anvil answers.' },
    handler: async ({ dev }, options) => {
      await dev.mine(options);
      return '0x0';
    },
  }),
  defineDevMethod({
    name: 'anvil_mine_detailed',
    aliases: ['evm_mine_detailed'],
    summary: 'Makes a block now, or several, and tells what is in them.',
    params: [mineParam],
    result: {
      name: 'blocks',
      summary: 'With whole transactions, and the output and the reason of a revert in each.',
    },
    handler: ({ dev, node }, options) => mineDetailed(dev, node, options),
  }),
  defineDevMethod({
    name: 'anvil_mine',
    aliases: ['hardhat_mine'],
    summary: 'Makes blocks now.',
    params: [
      optional('blocks', count, 1, 'How many; one by default.'),
      optional('interval', seconds, undefined, 'Seconds between them; by default as time goes by.'),
    ],
    result: NOTHING,
    handler: async ({ dev }, blocks, intervalSeconds) => {
      if (blocks === 0) return null;
      await dev.mine({ blocks, ...(intervalSeconds === undefined ? {} : { intervalSeconds }) });
      return null;
    },
  }),
  defineDevMethod({
    name: 'anvil_getAutomine',
    aliases: ['hardhat_getAutomine'],
    summary: 'Whether every transaction gets a block at once.',
    params: [],
    result: { name: 'automine', summary: 'True or false.' },
    handler: ({ dev }) => dev.mining().automine,
  }),
  defineDevSetter({
    name: 'anvil_setAutomine',
    aliases: ['evm_setAutomine'],
    summary: 'Whether every transaction gets a block at once.',
    params: [required('enabled', flag, 'True or false.')],
    set: (dev, enabled) => dev.setAutomine(enabled),
  }),
  defineDevMethod({
    name: 'anvil_getIntervalMining',
    summary: 'The time between blocks that are made by the clock.',
    params: [],
    result: { name: 'interval', summary: 'Seconds as a JSON number; null: there are none.' },
    handler: ({ dev }) => {
      const { intervalMs } = dev.mining();
      return intervalMs === 0 ? null : intervalMs / 1_000;
    },
  }),
  defineDevSetter({
    name: 'anvil_setIntervalMining',
    aliases: ['evm_setIntervalMining'],
    summary: 'Makes blocks by the clock from now on.',
    params: [required('interval', seconds, 'Seconds between blocks; 0 ends it.')],
    set: (dev, interval) => dev.setIntervalMining(interval * 1_000),
  }),
  defineDevMethod({
    name: 'anvil_dropTransaction',
    aliases: ['hardhat_dropTransaction'],
    summary: 'Takes a transaction out of the pool.',
    params: [required('hash', hash, 'Hash of the transaction.')],
    result: { name: 'hash', summary: 'Its hash; null when it was not in the pool.' },
    handler: async ({ dev }, transaction) =>
      (await dev.dropTransaction(transaction)) ? toHex(transaction) : null,
  }),
  defineDevSetter({
    name: 'anvil_dropAllTransactions',
    aliases: ['hardhat_dropAllTransactions'],
    summary: 'Empties the pool.',
    params: [],
    set: (dev) => dev.dropAllTransactions(),
  }),
];

async function mineDetailed(dev: DevApi, node: NodeApi, options: MineOptions): Promise<JsonValue> {
  const max = apiLimits.values.minedDetails;
  if ((options.blocks ?? 1) > max) throw paramError(`at most ${max} blocks with details`);
  const from = node.head().header.height + 1;
  await dev.mine(options);
  const to = Math.min(node.head().header.height, from + max - 1);
  const blocks: JsonValue[] = [];
  for (let height = from; height <= to; height += 1) {
    const block = await formatDetailed(node, height);
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

/** A block with what its transactions have returned; undefined when it is no longer there. */
async function formatDetailed(node: NodeApi, height: number): Promise<JsonObject | undefined> {
  const view = await readBlock(node, { kind: 'height', height });
  if (view === undefined) return undefined;
  const whole = formatBlock(view.block, { full: true, pending: false });
  const block = { ...whole, totalDifficulty: '0x0' };
  if (view.block.transactions.length === 0) return block;
  const traces = await node.traceBlock(height, {});
  const transactions = whole['transactions'] as readonly JsonObject[];
  return {
    ...block,
    transactions: transactions.map((transaction, index) => {
      const { output, error } = traces[index]?.calls ?? {};
      if (output === undefined) return transaction;
      const reason = error === undefined ? undefined : decodeRevertReason(output);
      return {
        ...transaction,
        ...(reason === undefined ? {} : { revertReason: reason }),
        output: toHex(output),
      };
    }),
  };
}
