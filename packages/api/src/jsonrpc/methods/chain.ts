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
    aliases: ['eth_requestAccounts'],
    summary: 'The accounts that the node signs for, and the impersonated ones.',
    params: [],
    result: { name: 'accounts', summary: 'Addresses; none on a network.' },
    handler: (node) => node.accounts().map(toHex),
  }),
  defineMethod({
    name: 'eth_coinbase',
    summary: 'Who gets the tips of the next block.',
    params: [],
    result: { name: 'coinbase', summary: 'Address.' },
    handler: (node) => toHex(node.pendingBlock().block.header.coinbase),
  }),
  defineMethod({
    name: 'eth_mining',
    summary: 'Whether the node looks for proofs of work.',
    params: [],
    result: { name: 'mining', summary: 'Always false: there is no proof of work.' },
    handler: () => false,
  }),
  defineMethod({
    name: 'eth_hashrate',
    summary: 'How many proofs of work the node tries a second.',
    params: [],
    result: { name: 'hashrate', summary: 'Always 0x0.' },
    handler: () => '0x0',
  }),
  defineMethod({
    name: 'eth_protocolVersion',
    summary: 'Version of the protocol between nodes.',
    params: [],
    result: { name: 'version', summary: 'Quantity; 0x1.' },
    handler: () => '0x1',
  }),
];
