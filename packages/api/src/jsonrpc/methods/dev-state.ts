import type { DevApi } from '../../dev-api.ts';
import type { NodeApi } from '../../node-api.ts';
import { address, data, hash, looseQuantity, looseQuantity256 } from '../forms.ts';
import type { Method } from '../method.ts';
import { flag, type Param, paramError, required } from '../params.ts';
import { looseSlot } from './dev-forms.ts';
import { defineDevMethod, defineDevSetter, NOTHING } from './dev-method.ts';

const account: Param<Uint8Array> = required('address', address, 'The account.');

/** What accounts have, and who may send in their name. */
export const devStateMethods: readonly Method[] = [
  defineDevSetter({
    name: 'anvil_setBalance',
    aliases: ['hardhat_setBalance', 'tenderly_setBalance'],
    summary: 'Sets the balance of an account.',
    params: [account, required('balance', looseQuantity256, 'Wei.')],
    set: (dev, of, wei) => dev.setBalance(of, wei),
  }),
  defineDevMethod({
    name: 'anvil_addBalance',
    aliases: ['hardhat_addBalance', 'tenderly_addBalance'],
    summary: 'Adds to the balance of an account.',
    params: [account, required('amount', looseQuantity256, 'Wei.')],
    result: NOTHING,
    handler: async ({ dev, node }, of, wei) => {
      await addBalance(dev, node, of, wei);
      return null;
    },
  }),
  defineDevSetter({
    name: 'anvil_setNonce',
    aliases: ['hardhat_setNonce', 'evm_setAccountNonce'],
    summary: 'Sets the nonce of an account.',
    params: [account, required('nonce', looseQuantity, 'Of its next transaction.')],
    set: (dev, of, nonce) => dev.setNonce(of, nonce),
  }),
  defineDevSetter({
    name: 'anvil_setCode',
    aliases: ['hardhat_setCode'],
    summary: 'Sets the code of an account.',
    params: [account, required('code', data, 'A compiled contract (.zxc); 0x takes it away.')],
    set: (dev, of, code) => dev.setCode(of, code),
  }),
  defineDevSetter({
    name: 'anvil_setStorageAt',
    aliases: ['hardhat_setStorageAt'],
    summary: "Sets one word of a contract's storage.",
    params: [
      account,
      required('slot', looseSlot, 'Position of the word.'),
      required('word', hash, '32 bytes.'),
    ],
    set: (dev, of, slot, word) => dev.setStorage(of, slot, word),
    answer: true,
  }),
  defineDevSetter({
    name: 'anvil_impersonateAccount',
    aliases: ['hardhat_impersonateAccount'],
    summary: 'eth_sendTransaction from this address needs no key from now on.',
    params: [account],
    set: (dev, of) => dev.impersonate(of),
  }),
  defineDevSetter({
    name: 'anvil_stopImpersonatingAccount',
    aliases: ['hardhat_stopImpersonatingAccount'],
    summary: 'Ends what anvil_impersonateAccount began.',
    params: [account],
    set: (dev, of) => dev.stopImpersonating(of),
  }),
  defineDevSetter({
    name: 'anvil_autoImpersonateAccount',
    aliases: ['hardhat_autoImpersonateAccount'],
    summary: 'eth_sendTransaction needs no key for any address, or again does.',
    params: [required('enabled', flag, 'True or false.')],
    set: (dev, enabled) => dev.autoImpersonate(enabled),
  }),
  defineDevSetter({
    name: 'anvil_removePoolTransactions',
    summary: 'Takes the transactions of one sender out of the pool.',
    params: [account],
    set: (dev, of) => dev.dropTransactionsOf(of),
  }),
];

async function addBalance(dev: DevApi, node: NodeApi, of: Uint8Array, wei: bigint): Promise<void> {
  const sum = node.account(node.head().header.height, of).balance + wei;
  if (sum >= 2n ** 256n) throw paramError('the balance would have more than 256 bits');
  await dev.setBalance(of, sum);
}
