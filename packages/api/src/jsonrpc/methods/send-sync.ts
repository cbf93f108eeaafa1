import { type Cancel, toHex } from '@lucerna/base';
import type { JsonObject } from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import { apiLimits } from '../../limits.ts';
import { data, looseQuantity } from '../forms.ts';
import { defineServiceMethod, type Method, type MethodContext } from '../method.ts';
import { optional, type Param, type ParamSchema, paramError, required } from '../params.ts';
import { sendRequest } from '../transaction-request.ts';
import { requireChain } from './call.ts';
import { readReceipt } from './transaction.ts';

const timeoutForm: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => {
    const timeoutMs = looseQuantity.parse(value, path);
    const max = apiLimits.values.sendSyncMaxMs;
    if (timeoutMs > BigInt(max)) throw paramError(`${path}: at most ${max} ms`);
    return Number(timeoutMs);
  },
};

const timeout: Param<number> = optional(
  'timeout',
  timeoutForm,
  apiLimits.values.sendSyncMs,
  'Milliseconds to wait at most; 20,000 by default, 0 not at all.',
);
const receiptResult = {
  name: 'receipt',
  summary: 'The receipt. Error 4 with the hash as data when it is in no block by then.',
};

/** Sending and waiting in one request. */
export const sendSyncMethods: readonly Method[] = [
  defineServiceMethod({
    name: 'eth_sendRawTransactionSync',
    summary: 'Takes a signed transaction and waits for its block (EIP-7966).',
    params: [required('transaction', data, 'The signed transaction (EIP-2718).'), timeout],
    result: receiptResult,
    handler: async (context, raw, timeoutMs) =>
      waitForReceipt(context, await context.node.sendRaw(raw), timeoutMs),
  }),
  defineServiceMethod({
    name: 'eth_sendTransactionSync',
    summary: 'Does what eth_sendTransaction does and waits for the block.',
    params: [
      required('transaction', sendRequest, 'The transaction; `from` is one of eth_accounts.'),
      timeout,
    ],
    result: receiptResult,
    handler: async (context, request, timeoutMs) => {
      requireChain(context.node, request);
      return waitForReceipt(context, await context.node.sendFromAccount(request), timeoutMs);
    },
  }),
];

async function waitForReceipt(
  { node, clock, departure }: MethodContext,
  hash: Uint8Array,
  timeoutMs: number,
): Promise<JsonObject> {
  const receipt = await readReceipt(node, hash);
  if (receipt !== undefined) return receipt;
  // Without a clock nothing would end the waiting.
  if (clock !== undefined && timeoutMs > 0) {
    const isMined = await new Promise<boolean>((resolve) => {
      let stay: Cancel | undefined;
      const stop = clock.schedule(timeoutMs, () => finish(false));
      const leave = node.onHead(() => {
        if (node.findTransaction(hash) !== undefined) finish(true);
      });
      const finish = (mined: boolean): void => {
        stop();
        leave();
        stay?.();
        resolve(mined);
      };
      stay = departure?.onGone(() => finish(false));
      // Its block may have come while the receipt was looked for.
      if (node.findTransaction(hash) !== undefined) finish(true);
    });
    const mined = isMined ? await readReceipt(node, hash) : undefined;
    if (mined !== undefined) return mined;
  }
  throw apiErrors.create('TX_SYNC_TIMEOUT', undefined, { hash: toHex(hash) });
}
