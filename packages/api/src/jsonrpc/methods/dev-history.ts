import { toHex, toHexKey, toQuantity } from '@lucerna/base';
import type { ReorgTransaction } from '../../dev-api.ts';
import { apiLimits } from '../../limits.ts';
import type { NodeApi } from '../../node-api.ts';
import { data, looseQuantity256 } from '../forms.ts';
import type { Method } from '../method.ts';
import {
  arrayOf,
  flag,
  formError,
  optional,
  type ParamSchema,
  paramError,
  required,
} from '../params.ts';
import { type ParsedRequest, sendRequest } from '../transaction-request.ts';
import { requireChain } from './call.ts';
import { count, resetOptions, stateDump } from './dev-forms.ts';
import { DONE, defineDevMethod, defineDevSetter, NOTHING } from './dev-method.ts';

/** A transaction for a reorganisation: signed bytes or a request, and the block that gets it. */
type ReorgEntry = {
  readonly transaction: Uint8Array | ParsedRequest;
  readonly blockOffset: number;
};

const reorgEntry: ParamSchema<ReorgEntry> = {
  expected: 'a transaction (signed bytes or an object) and a block from 0, as an array of two',
  schema: {
    type: 'array',
    items: { oneOf: [data.schema, sendRequest.schema, count.schema] },
    minItems: 2,
    maxItems: 2,
  },
  parse: (value, path): ReorgEntry => {
    if (!Array.isArray(value) || value.length !== 2) {
      throw formError(path, reorgEntry.expected, value);
    }
    const [transaction, blockOffset]: readonly unknown[] = value;
    return {
      transaction:
        typeof transaction === 'string'
          ? data.parse(transaction, `${path}[0]`)
          : sendRequest.parse(transaction, `${path}[0]`),
      blockOffset: count.parse(blockOffset, `${path}[1]`),
    };
  },
};

/** The past of the chain, and all of it at once. */
export const devHistoryMethods: readonly Method[] = [
  defineDevMethod({
    name: 'evm_snapshot',
    aliases: ['anvil_snapshot'],
    summary:
      'Remembers the chain, the pool, the clock, the filters and all settings but the way of mining.',
    params: [],
    result: { name: 'id', summary: 'What evm_revert takes, as a quantity.' },
    handler: async ({ dev }) => toQuantity(await dev.snapshot()),
  }),
  defineDevMethod({
    name: 'evm_revert',
    aliases: ['anvil_revert'],
    summary: 'Goes back to a snapshot, which is used up, as are later ones.',
    params: [required('id', looseQuantity256, 'What evm_snapshot has answered.')],
    result: { name: 'reverted', summary: 'False: there is no such snapshot (any more).' },
    handler: ({ dev }, id) => dev.revert(id),
  }),
  defineDevMethod({
    name: 'anvil_rollback',
    summary: 'Takes blocks off the end of the chain.',
    params: [optional('depth', count, 1, 'How many; one by default.')],
    result: NOTHING,
    handler: async ({ dev, node }, depth) => {
      requireDepth(node, depth, 'Rollback');
      if (depth > 0) await dev.rollback(depth);
      return null;
    },
  }),
  defineDevMethod({
    name: 'anvil_reorg',
    summary: 'Puts as many new blocks in the place of the last ones.',
    params: [
      required('depth', count, 'How many.'),
      optional(
        'transactions',
        arrayOf(reorgEntry, apiLimits.values.reorgTransactions),
        [],
        'Pairs of a transaction and the new block it is for, from 0.',
      ),
    ],
    result: NOTHING,
    handler: async ({ dev, node }, depth, entries) => {
      requireDepth(node, depth, 'Reorg');
      if (depth > 0) await dev.reorg(depth, await signEntries(node, depth, entries));
      return null;
    },
  }),
  defineDevMethod({
    name: 'anvil_dumpState',
    aliases: ['hardhat_dumpState'],
    summary: 'Everything there is, for anvil_loadState here or in another dev chain.',
    params: [optional('historical', flag, true, 'Of no effect: blocks are always in it.')],
    result: { name: 'dump', summary: 'Bytes in the form of this node.' },
    handler: async ({ dev }) => toHex(await dev.dumpState()),
  }),
  defineDevMethod({
    name: 'anvil_loadState',
    aliases: ['hardhat_loadState'],
    summary: 'Puts what was dumped in the place of everything there is.',
    params: [required('dump', stateDump, 'What anvil_dumpState of this node has answered.')],
    result: DONE,
    handler: async ({ dev }, dump) => {
      await dev.loadState(dump);
      return true;
    },
  }),
  defineDevSetter({
    name: 'anvil_reset',
    aliases: ['hardhat_reset'],
    summary: 'Goes back to block 0, without snapshots, pool and settings.',
    params: [optional('options', resetOptions, {}, 'Must not ask for forking.')],
    set: (dev) => dev.reset(),
  }),
];

function requireDepth(node: NodeApi, depth: number, what: string): void {
  const { height } = node.head().header;
  if (depth <= height) return;
  throw paramError(
    `${what} depth must not exceed current chain height: current height ${height}, depth ${depth}`,
  );
}

/** Signs what is not signed; without a nonce, with the next one of its sender after the ancestor. */
async function signEntries(
  node: NodeApi,
  depth: number,
  entries: readonly ReorgEntry[],
): Promise<readonly ReorgTransaction[]> {
  const ancestor = node.head().header.height - depth;
  const nonces = new Map<string, bigint>();
  const signed: ReorgTransaction[] = [];
  for (const { transaction, blockOffset } of inOrder(entries)) {
    if (blockOffset >= depth) {
      throw paramError(
        `Block number for reorg tx will exceed the reorged chain height. Block number ${blockOffset} must not exceed (depth-1) ${depth - 1}`,
      );
    }
    if (transaction instanceof Uint8Array) {
      signed.push({ blockOffset, raw: transaction });
      continue;
    }
    requireChain(node, transaction);
    const sender = toHexKey(transaction.from);
    const nonce =
      transaction.nonce ?? nonces.get(sender) ?? node.account(ancestor, transaction.from).nonce;
    nonces.set(sender, nonce + 1n);
    const { raw } = await node.signTransaction({ ...transaction, nonce });
    signed.push({ blockOffset, raw });
  }
  return signed;
}

/** Block by block, each in the order given, which is the order of nonces. */
function inOrder(entries: readonly ReorgEntry[]): readonly ReorgEntry[] {
  return [...entries].sort((left, right) => left.blockOffset - right.blockOffset);
}
