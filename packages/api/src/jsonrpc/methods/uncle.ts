import type { JsonValue } from '@lucerna/protocol';
import type { NodeApi } from '../../node-api.ts';
import { type BlockParameter, blockNumber } from '../block-parameter.ts';
import { hash, index } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { required } from '../params.ts';
import { readPendingOrBlock } from './block.ts';

const countResult = { name: 'count', summary: 'Always 0x0; null when there is no such block.' };
const uncleResult = { name: 'uncle', summary: 'Always null.' };
const byNumber = required('block', blockNumber, 'Height or tag.');
const byHash = required('blockHash', hash, 'Hash of the block.');
const position = required('index', index, 'Position among the uncles, from 0.');

/** Blocks have no uncles; explorers ask for them nevertheless. */
export const uncleMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getUncleCountByBlockNumber',
    summary: 'How many uncles a block has: none.',
    params: [byNumber],
    result: countResult,
    handler: countUncles,
  }),
  defineMethod({
    name: 'eth_getUncleCountByBlockHash',
    summary: 'How many uncles a block has: none.',
    params: [byHash],
    result: countResult,
    handler: (node, blockHash) => countUncles(node, { kind: 'hash', hash: blockHash }),
  }),
  defineMethod({
    name: 'eth_getUncleByBlockNumberAndIndex',
    summary: 'An uncle of a block: there is none.',
    params: [byNumber, position],
    result: uncleResult,
    handler: () => null,
  }),
  defineMethod({
    name: 'eth_getUncleByBlockHashAndIndex',
    summary: 'An uncle of a block: there is none.',
    params: [byHash, position],
    result: uncleResult,
    handler: () => null,
  }),
];

async function countUncles(node: NodeApi, parameter: BlockParameter): Promise<JsonValue> {
  return (await readPendingOrBlock(node, parameter)) === undefined ? null : '0x0';
}
