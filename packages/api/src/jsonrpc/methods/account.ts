import { toHex, toQuantity } from '@lucerna/base';
import { apiLimits } from '../../limits.ts';
import { type BlockParameter, block, isPending, LATEST, statePoint } from '../block-parameter.ts';
import { address, storageSlot } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import {
  arrayOf,
  formError,
  optional,
  type Param,
  type ParamSchema,
  paramError,
  required,
} from '../params.ts';

const accountAddress: Param<Uint8Array> = required('address', address, 'The account.');
const atBlock: Param<BlockParameter> = optional(
  'block',
  block,
  LATEST,
  'Height, tag, hash or EIP-1898 object of the block whose state is read.',
);

type StorageRequest = { readonly account: Uint8Array; readonly slots: readonly Uint8Array[] };

const slotList = arrayOf(storageSlot, apiLimits.values.proofSlots);

const storageRequests: ParamSchema<readonly StorageRequest[]> = {
  expected: 'an object from addresses to arrays of storage slots',
  schema: { type: 'object', additionalProperties: slotList.schema },
  parse: (value, path): readonly StorageRequest[] => readStorageRequests(value, path),
};

/** What the state says about accounts. */
export const accountMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getBalance',
    summary: 'The balance of an account.',
    params: [accountAddress, atBlock],
    result: { name: 'balance', summary: 'Wei, as a quantity.' },
    handler: (node, account, at) => toQuantity(node.account(statePoint(node, at), account).balance),
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
          : node.account(statePoint(node, at), account).nonce,
      ),
  }),
  defineMethod({
    name: 'eth_getCode',
    summary: 'The code of a contract.',
    params: [accountAddress, atBlock],
    result: { name: 'code', summary: 'Bytes; 0x for an account without code.' },
    handler: (node, account, at) => toHex(node.code(statePoint(node, at), account)),
  }),
  defineMethod({
    name: 'eth_getStorageAt',
    summary: "One word of a contract's storage.",
    params: [accountAddress, required('slot', storageSlot, 'Position of the word.'), atBlock],
    result: { name: 'word', summary: '32 bytes.' },
    handler: (node, account, slot, at) => toHex(node.storage(statePoint(node, at), account, slot)),
  }),
  defineMethod({
    name: 'eth_getStorageValues',
    summary: "Words of several contracts' storage.",
    params: [required('requests', storageRequests, 'Slots by address; 1,024 in all.'), atBlock],
    result: { name: 'values', summary: '32 bytes for each slot, by address.' },
    handler: (node, requests, at) => {
      const point = statePoint(node, at);
      return Object.fromEntries(
        requests.map(({ account, slots }) => [
          toHex(account),
          slots.map((slot) => toHex(node.storage(point, account, slot))),
        ]),
      );
    },
  }),
  defineMethod({
    name: 'eth_getAccountInfo',
    summary: 'Nonce, balance and code of an account.',
    params: [accountAddress, atBlock],
    result: { name: 'account', summary: 'Quantities, and the code as bytes.' },
    handler: (node, account, at) => {
      const point = statePoint(node, at);
      const { nonce, balance } = node.account(point, account);
      const code = toHex(node.code(point, account));
      return { balance: toQuantity(balance), nonce: toQuantity(nonce), code };
    },
  }),
];

function readStorageRequests(value: unknown, path: string): readonly StorageRequest[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw formError(path, storageRequests.expected, value);
  }
  let count = 0;
  return Object.entries(value).map(([key, list]) => {
    const account = address.parse(key, `${path}: address`);
    const slots = slotList.parse(list, `${path}.${key}`);
    // An account without slots counts as well: the answer names it.
    count += Math.max(1, slots.length);
    const max = apiLimits.values.proofSlots;
    if (count > max) throw paramError(`${path}: more than ${max} slots`);
    return { account, slots };
  });
}
