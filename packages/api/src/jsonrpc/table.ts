import { assert } from '@lucerna/base';
import type { Method } from './method.ts';
import { accountMethods } from './methods/account.ts';
import { blockMethods } from './methods/block.ts';
import { callMethods } from './methods/call.ts';
import { chainMethods } from './methods/chain.ts';
import { debugMethods } from './methods/debug.ts';
import { devMethods } from './methods/dev.ts';
import { feeMethods } from './methods/fee.ts';
import { filterMethods } from './methods/filter.ts';
import { logMethods } from './methods/log.ts';
import { networkMethods } from './methods/network.ts';
import { otsMethods } from './methods/ots.ts';
import { poolMethods } from './methods/pool.ts';
import { proofMethods } from './methods/proof.ts';
import { q64Methods } from './methods/q64.ts';
import { sendSyncMethods } from './methods/send-sync.ts';
import { signingMethods } from './methods/signing.ts';
import { simulateMethods } from './methods/simulate.ts';
import { subscriptionMethods } from './methods/subscription.ts';
import { transactionMethods } from './methods/transaction.ts';
import { uncleMethods } from './methods/uncle.ts';
import { discoverMethod } from './openrpc.ts';

const methods: readonly Method[] = [
  ...chainMethods,
  ...blockMethods,
  ...transactionMethods,
  ...uncleMethods,
  ...accountMethods,
  ...proofMethods,
  ...sendSyncMethods,
  ...signingMethods,
  ...simulateMethods,
  ...subscriptionMethods,
  ...callMethods,
  ...logMethods,
  ...feeMethods,
  ...filterMethods,
  ...devMethods,
  ...networkMethods,
  ...debugMethods,
  ...otsMethods,
  ...poolMethods,
  ...q64Methods,
];

/** Every method of the API by each of its names. */
export const METHODS: ReadonlyMap<string, Method> = tableOf([...methods, discoverMethod(methods)]);

function tableOf(all: readonly Method[]): ReadonlyMap<string, Method> {
  const entries = all.flatMap((method) =>
    [method.name, ...method.aliases].map((name) => [name, method] as const),
  );
  const table = new Map(entries);
  assert(table.size === entries.length, 'every name is given once');
  return table;
}
