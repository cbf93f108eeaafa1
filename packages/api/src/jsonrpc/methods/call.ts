import { present, toHex, toQuantity } from '@lucerna/base';
import type { NodeApi } from '../../node-api.ts';
import { type BlockParameter, block, LATEST, stateHeight } from '../block-parameter.ts';
import { defineMethod, type Method } from '../method.ts';
import { optional, type Param, paramError, required } from '../params.ts';
import { type ParsedRequest, transactionRequest } from '../transaction-request.ts';

const request: Param<ParsedRequest> = required('transaction', transactionRequest, 'The call.');
const atBlock: Param<BlockParameter> = optional(
  'block',
  block,
  LATEST,
  'Height, tag, hash or EIP-1898 object of the block whose state is used.',
);

/** Simulations. */
export const callMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_call',
    summary: 'What a call would return; nothing is kept of its effects.',
    params: [request, atBlock],
    result: { name: 'returnData', summary: 'Bytes. A revert is error 3 with its data.' },
    handler: async (node, call, at) => {
      requireChain(node, call);
      const result = await node.call(call, stateHeight(node, at));
      if (result.status === 1) return toHex(result.returnData);
      throw present(result.error, 'a call that fails has its reason');
    },
  }),
  defineMethod({
    name: 'eth_estimateGas',
    summary: 'The least gas limit with which a transaction would succeed.',
    params: [request, atBlock],
    result: { name: 'gas', summary: 'Quantity. A revert is error 3 with its data.' },
    handler: async (node, call, at) => {
      requireChain(node, call);
      return toQuantity(await node.estimateGas(call, stateHeight(node, at)));
    },
  }),
];

/**
 * Requests that name a chain mean that one.
 *
 * @throws `RPC_PARAMS_INVALID`
 */
export function requireChain(node: NodeApi, { chainId }: ParsedRequest): void {
  if (chainId === undefined || chainId === node.chainId) return;
  throw paramError(`chainId does not match the node's (have ${chainId}, want ${node.chainId})`);
}
