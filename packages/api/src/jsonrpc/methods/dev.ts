import { toHex } from '@lucerna/base';
import { defineMethod, type Method } from '../method.ts';
import { required } from '../params.ts';
import { sendRequest } from '../transaction-request.ts';
import { requireChain } from './call.ts';
import { devBlockMethods } from './dev-block.ts';
import { devHistoryMethods } from './dev-history.ts';
import { devInfoMethods } from './dev-info.ts';
import { defineDevMethod } from './dev-method.ts';
import { devMiningMethods } from './dev-mining.ts';
import { devStateMethods } from './dev-state.ts';
import { devTimeMethods } from './dev-time.ts';

/** Methods that use the node's keys or change what a dev chain is. */
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
  defineDevMethod({
    name: 'eth_sendUnsignedTransaction',
    summary: 'Completes and sends a transaction of any account, without its key.',
    params: [required('transaction', sendRequest, 'The transaction.')],
    result: { name: 'hash', summary: 'Hash of the transaction.' },
    handler: async ({ node }, request) => {
      requireChain(node, request);
      return toHex(await node.sendFromAccount(request, 'without'));
    },
  }),
  ...devMiningMethods,
  ...devTimeMethods,
  ...devStateMethods,
  ...devBlockMethods,
  ...devHistoryMethods,
  ...devInfoMethods,
];
