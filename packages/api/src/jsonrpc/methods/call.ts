import { present, toHex, toQuantity } from '@lucerna/base';
import type { AccessListEntry, JsonObject } from '@lucerna/protocol';
import type { NodeApi } from '../../node-api.ts';
import { type BlockParameter, block, LATEST, statePoint } from '../block-parameter.ts';
import { blockOverridesParam, callOverrides, stateOverridesParam } from '../call-overrides.ts';
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
    params: [request, atBlock, stateOverridesParam, blockOverridesParam],
    result: { name: 'returnData', summary: 'Bytes. A revert is error 3 with its data.' },
    handler: async (node, call, at, state, blockChanges) => {
      requireChain(node, call);
      const overrides = callOverrides(state, blockChanges);
      const result = await node.call(call, statePoint(node, at), overrides);
      if (result.status === 1) return toHex(result.returnData);
      throw present(result.error, 'a call that fails has its reason');
    },
  }),
  defineMethod({
    name: 'eth_estimateGas',
    summary: 'The least gas limit with which a transaction would succeed.',
    params: [request, atBlock, stateOverridesParam, blockOverridesParam],
    result: { name: 'gas', summary: 'Quantity. A revert is error 3 with its data.' },
    handler: async (node, call, at, state, blockChanges) => {
      requireChain(node, call);
      const overrides = callOverrides(state, blockChanges);
      return toQuantity(await node.estimateGas(call, statePoint(node, at), overrides));
    },
  }),
  defineMethod({
    name: 'eth_createAccessList',
    summary: 'The accounts and slots that a transaction uses (EIP-2930).',
    params: [request, atBlock, stateOverridesParam],
    result: {
      name: 'accessList',
      summary: 'The list, the gas that the transaction uses with it, and `error` when it fails.',
    },
    handler: async (node, call, at, state) => {
      requireChain(node, call);
      const overrides = callOverrides(state, {});
      const result = await node.createAccessList(call, statePoint(node, at), overrides);
      return {
        accessList: formatAccessList(result.accessList),
        gasUsed: toQuantity(result.gasUsed),
        ...(result.error === undefined ? {} : { error: result.error.message }),
      };
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

function formatAccessList(list: readonly AccessListEntry[]): readonly JsonObject[] {
  return list.map(({ address, storageKeys }) => ({
    address: toHex(address),
    storageKeys: storageKeys.map(toHex),
  }));
}
