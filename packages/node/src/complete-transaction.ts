import type { TransactionRequest } from '@lucerna/api';
import { assert } from '@lucerna/base';
import { protocolErrors, protocolLimits, type UnsignedTransaction } from '@lucerna/protocol';

/** What a request leaves open is filled with these. */
export type TransactionDefaults = {
  readonly chainId: bigint;
  readonly nonce: () => bigint;
  /** The least gas with which the request succeeds. */
  readonly gasLimit: () => bigint;
  /** Base fee of the next block, wei per gas. */
  readonly baseFeePerGas: bigint;
  /** A tip that gets into the next block, wei per gas. */
  readonly priorityFeePerGas: bigint;
};

/**
 * The transaction that `eth_sendTransaction` means. The type follows from the fields that were given:
 * a gas price makes it legacy (type 1 with an access list), everything else type 2.
 *
 * @throws `TX_TOO_LARGE` when the data alone is more than a transaction holds
 */
export function completeTransaction(
  request: TransactionRequest,
  defaults: TransactionDefaults,
): UnsignedTransaction {
  const { length } = request.data;
  if (length > protocolLimits.values.transactionBytes) {
    throw protocolErrors.create('TX_TOO_LARGE', undefined, { length });
  }
  const hasCaps = request.maxFeePerGas !== undefined || request.maxPriorityFeePerGas !== undefined;
  assert(request.gasPrice === undefined || !hasCaps, 'a request has a gas price or caps, not both');
  const type = request.type ?? (request.gasPrice === undefined ? 2 : legacyType(request));
  const common = {
    chainId: defaults.chainId,
    nonce: request.nonce ?? defaults.nonce(),
    gasLimit: request.gas ?? defaults.gasLimit(),
    to: request.to,
    value: request.value,
    data: request.data,
  };
  const { accessList } = request;
  if (type === 2) return { type, ...common, ...feeCaps(request, defaults), accessList };
  const gasPrice = request.gasPrice ?? defaults.baseFeePerGas + defaults.priorityFeePerGas;
  return type === 1 ? { type, ...common, gasPrice, accessList } : { type, ...common, gasPrice };
}

function legacyType(request: TransactionRequest): 0 | 1 {
  return request.accessList.length === 0 ? 0 : 1;
}

/** The default cap lets the base fee double before the transaction is stuck. */
function feeCaps(
  request: TransactionRequest,
  defaults: TransactionDefaults,
): { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint } {
  if (request.gasPrice !== undefined) {
    return { maxFeePerGas: request.gasPrice, maxPriorityFeePerGas: request.gasPrice };
  }
  const maxPriorityFeePerGas = request.maxPriorityFeePerGas ?? defaults.priorityFeePerGas;
  return {
    maxPriorityFeePerGas,
    maxFeePerGas: request.maxFeePerGas ?? 2n * defaults.baseFeePerGas + maxPriorityFeePerGas,
  };
}
