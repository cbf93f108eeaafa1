import { toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { data } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { required } from '../params.ts';

/** `net_*` and `web3_*`. */
export const networkMethods: readonly Method[] = [
  defineMethod({
    name: 'net_version',
    aliases: ['eth_networkId'],
    summary: 'The chain id in decimal digits.',
    params: [],
    result: { name: 'networkId', summary: 'Decimal text.' },
    handler: (node) => node.chainId.toString(),
  }),
  defineMethod({
    name: 'net_listening',
    summary: 'Whether the node accepts connections.',
    params: [],
    result: { name: 'listening', summary: 'Always true: this answer is the proof.' },
    handler: () => true,
  }),
  defineMethod({
    name: 'net_peerCount',
    summary: 'How many other nodes this one is connected to.',
    params: [],
    result: { name: 'peers', summary: 'Quantity; 0x0: the node has no network of its own.' },
    handler: () => '0x0',
  }),
  defineMethod({
    name: 'web3_clientVersion',
    summary: 'Name and version of the node software.',
    params: [],
    result: {
      name: 'clientVersion',
      summary: 'Such as lucerna/v0.1.0; of a dev chain anvil-compatible-lucerna/v0.1.0.',
    },
    handler: (node) => node.clientVersion,
  }),
  defineMethod({
    name: 'web3_sha3',
    summary: 'The Keccak-256 hash of some bytes.',
    params: [required('data', data, 'What to hash.')],
    result: { name: 'hash', summary: '32 bytes.' },
    handler: (_node, input) => toHex(keccak256(input)),
  }),
];
