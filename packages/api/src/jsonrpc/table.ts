import { assert } from '@lucerna/base';
import type { Method } from './method.ts';
import { accountMethods } from './methods/account.ts';
import { blockMethods } from './methods/block.ts';
import { callMethods } from './methods/call.ts';
import { chainMethods } from './methods/chain.ts';
import { devMethods } from './methods/dev.ts';
import { feeMethods } from './methods/fee.ts';
import { logMethods } from './methods/log.ts';
import { networkMethods } from './methods/network.ts';
import { proofMethods } from './methods/proof.ts';
import { transactionMethods } from './methods/transaction.ts';

/** Every method of the API by name. */
export const METHODS: ReadonlyMap<string, Method> = tableOf([
  ...chainMethods,
  ...blockMethods,
  ...transactionMethods,
  ...accountMethods,
  ...proofMethods,
  ...callMethods,
  ...logMethods,
  ...feeMethods,
  ...devMethods,
  ...networkMethods,
]);

function tableOf(methods: readonly Method[]): ReadonlyMap<string, Method> {
  const table = new Map(methods.map((method) => [method.name, method]));
  assert(table.size === methods.length, 'every method is defined once');
  return table;
}
