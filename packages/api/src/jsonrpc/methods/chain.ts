import { toHex, toQuantity } from '@lucerna/base';
import { defineMethod, type Method } from '../method.ts';

/** What the node says about the chain and itself. */
export const chainMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_chainId',
    summary: 'The chain id that transactions are signed for (EIP-695).',
    params: [],
    result: { name: 'chainId', summary: 'Quantity.' },
    handler: (node) => toQuantity(node.chainId),
  }),
  defineMethod({
    name: 'eth_blockNumber',
    summary: 'The height of the latest block.',
    params: [],
    result: { name: 'blockNumber', summary: 'Quantity.' },
    handler: (node) => toQuantity(node.head().header.height),
  }),
  defineMethod({
    name: 'eth_syncing',
    summary: 'Whether the node is still catching up.',
    params: [],
    result: { name: 'syncing', summary: 'False: it has caught up.' },
    handler: (node) => node.syncing(),
  }),
  defineMethod({
    name: 'eth_accounts',
    summary: 'The accounts that the node signs for.',
    params: [],
    result: { name: 'accounts', summary: 'Addresses; none on a network.' },
    handler: (node) => node.accounts().map(toHex),
  }),
];
