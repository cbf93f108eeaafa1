import { toHex } from '@lucerna/base';
import { apiLimits } from '../../limits.ts';
import type { MineOptions } from '../../node-api.ts';
import { looseQuantity, toSafeNumber } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { objectOf, optional, type ParamSchema, paramError, required } from '../params.ts';
import { sendRequest } from '../transaction-request.ts';
import { requireChain } from './call.ts';

const timestampForm: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => {
    const timestamp = looseQuantity.parse(value, path);
    const max = apiLimits.values.timestampSeconds;
    if (timestamp > BigInt(max)) throw paramError(`${path}: a timestamp is at most ${max} seconds`);
    return Number(timestamp);
  },
};

const mineFields = objectOf({ timestamp: timestampForm, blocks: looseQuantity });

/** anvil's forms: a timestamp, or an object with `timestamp` and `blocks`. */
const mineOptions: ParamSchema<MineOptions> = {
  expected: 'a timestamp in seconds, or an object with timestamp and blocks',
  schema: { oneOf: [looseQuantity.schema, mineFields.schema] },
  parse: (value, path): MineOptions => {
    if (typeof value !== 'object') {
      return { timestamp: timestampForm.parse(value, path) };
    }
    const { timestamp, blocks } = mineFields.parse(value, path);
    return {
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(blocks === undefined ? {} : { blocks: toSafeNumber(blocks) }),
    };
  },
};

/** Methods that use the node's keys or make it work; of use on dev chains. */
export const devMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_sendTransaction',
    summary: "Completes, signs and sends a transaction of one of the node's accounts.",
    params: [
      required('transaction', sendRequest, 'The transaction; `from` is one of eth_accounts.'),
    ],
    result: { name: 'hash', summary: 'Hash of the transaction.' },
    handler: async (node, request) => {
      requireChain(node, request);
      return toHex(await node.sendFromAccount(request));
    },
  }),
  defineMethod({
    name: 'evm_mine',
    summary: 'Makes a block now, or several.',
    params: [optional('options', mineOptions, {}, 'Timestamp of the first block; how many.')],
    result: { name: 'zero', summary: 'Always 0x0, as anvil answers.' },
    handler: async (node, options) => {
      await node.mine(options);
      return '0x0';
    },
  }),
];
