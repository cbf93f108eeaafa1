import { toHex, toQuantity } from '@lucerna/base';
import { type BlockParameter, block, LATEST, stateHeight } from '../block-parameter.ts';
import { address, storageSlot } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { optional, type Param, required } from '../params.ts';
import { isPending } from './block.ts';

const accountAddress: Param<Uint8Array> = required('address', address, 'The account.');
const atBlock: Param<BlockParameter> = optional(
  'block',
  block,
  LATEST,
  'Height, tag, hash or EIP-1898 object of the block whose state is read.',
);

/** What the state says about one account. */
export const accountMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getBalance',
    summary: 'The balance of an account.',
    params: [accountAddress, atBlock],
    result: { name: 'balance', summary: 'Wei, as a quantity.' },
    handler: (node, account, at) =>
      toQuantity(node.account(stateHeight(node, at), account).balance),
  }),
  defineMethod({
    name: 'eth_getTransactionCount',
    summary: 'The nonce of the next transaction of an account.',
    params: [accountAddress, atBlock],
    result: { name: 'nonce', summary: 'Quantity; for `pending` it counts the pool as well.' },
    handler: (node, account, at) =>
      toQuantity(
        isPending(at)
          ? node.pendingNonce(account)
          : node.account(stateHeight(node, at), account).nonce,
      ),
  }),
  defineMethod({
    name: 'eth_getCode',
    summary: 'The code of a contract.',
    params: [accountAddress, atBlock],
    result: { name: 'code', summary: 'Bytes; 0x for an account without code.' },
    handler: (node, account, at) => toHex(node.code(stateHeight(node, at), account)),
  }),
  defineMethod({
    name: 'eth_getStorageAt',
    summary: "One word of a contract's storage.",
    params: [accountAddress, required('slot', storageSlot, 'Position of the word.'), atBlock],
    result: { name: 'word', summary: '32 bytes.' },
    handler: (node, account, slot, at) => toHex(node.storage(stateHeight(node, at), account, slot)),
  }),
];
