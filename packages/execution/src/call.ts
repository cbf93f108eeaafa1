import { assert, EMPTY_BYTES } from '@lucerna/base';
import {
  type AccessListEntry,
  type FeeMarketTransaction,
  intrinsicGas,
  protocolErrors,
} from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import { applyTransaction, checkFees } from './apply.ts';
import type { BlockContext } from './context.ts';
import { executionErrors } from './errors.ts';
import { executionLimits } from './limits.ts';
import type { TransactionOutcome } from './outcome.ts';

/** A transaction that nobody has signed and that leaves nothing behind. */
export type CallRequest = {
  /** Default: the zero address. */
  readonly from?: Uint8Array | undefined;
  /** Null creates a contract. */
  readonly to: Uint8Array | null;
  /** Wei. */
  readonly value?: bigint | undefined;
  readonly data?: Uint8Array | undefined;
  /** Gas limit; the node's own limit for calls is the default and the maximum. */
  readonly gas?: bigint | undefined;
  /** Wei for one unit of gas. With none of the three prices, gas costs nothing. */
  readonly gasPrice?: bigint | undefined;
  readonly maxFeePerGas?: bigint | undefined;
  readonly maxPriorityFeePerGas?: bigint | undefined;
  readonly accessList?: readonly AccessListEntry[] | undefined;
};

/** What the call would do. */
export type CallOutcome = Pick<TransactionOutcome, 'status' | 'gasUsed' | 'returnData' | 'error'>;

const ZERO_ADDRESS: Uint8Array = new Uint8Array(20);
const CALL_GAS = BigInt(executionLimits.values.callGas);

/**
 * What `request` would do as a transaction on `state` (eth_call). Any sender goes, also one with
 * code, whatever its nonce; funds for value and for gas at the named price must be there, as in
 * go-ethereum. `state` is only read.
 *
 * @throws `TX_INTRINSIC_GAS`, `TX_TIP_ABOVE_FEE_CAP`, `TX_FEE_CAP_TOO_LOW`,
 *   `TX_INSUFFICIENT_FUNDS`, `CALL_FEES_CONFLICT`
 */
export function simulateCall(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
): CallOutcome {
  const journal = new StateJournal(state);
  const sender = request.from ?? ZERO_ADDRESS;
  const tx = asTransaction(request, context.chainId, journal.nonce(sender));
  const required = intrinsicGas(tx, context.rules);
  if (tx.gasLimit < required) {
    throw protocolErrors.create('TX_INTRINSIC_GAS', `have ${tx.gasLimit}, want ${required}`, {
      gasLimit: tx.gasLimit,
      intrinsicGas: required,
    });
  }
  // Who names no price is not asked for the base fee either.
  const baseFeePerGas = tx.maxFeePerGas === 0n ? 0n : context.baseFeePerGas;
  const { coinbase, rules } = context;
  checkFees(journal, { baseFeePerGas, coinbase, rules }, sender, tx);
  const outcome = applyTransaction(journal, { baseFeePerGas, coinbase, rules }, sender, tx);
  const { status, gasUsed, returnData, error } = outcome;
  return { status, gasUsed, returnData, error };
}

/**
 * The least gas limit with which `request` succeeds on `state`: for a transfer exactly its
 * intrinsic gas. `state` is only read.
 *
 * @throws what {@link simulateCall} throws, the error of a call that fails whatever its gas
 *   (`ENGINE_MISSING`), `CALL_GAS_ALLOWANCE` when it needs more than the request, the block or the
 *   node's limit for calls allows
 */
export function estimateGas(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
): bigint {
  // Nothing that can run today uses gas beyond the intrinsic, so no search is needed.
  const required = intrinsicGas(asTransaction(request, context.chainId, 0n), context.rules);
  const allowance = smallest(request.gas ?? context.gasLimit, context.gasLimit, CALL_GAS);
  if (required > allowance) {
    throw executionErrors.create('CALL_GAS_ALLOWANCE', `(${allowance})`, { required, allowance });
  }
  const outcome = simulateCall(state, context, { ...request, gas: required });
  if (outcome.error !== undefined) throw outcome.error;
  assert(outcome.gasUsed === required, 'a transfer uses its intrinsic gas');
  return required;
}

/** The request as the transaction that it stands for; type 2 can say all that the others can. */
function asTransaction(request: CallRequest, chainId: bigint, nonce: bigint): FeeMarketTransaction {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = request;
  if (gasPrice !== undefined && (maxFeePerGas ?? maxPriorityFeePerGas) !== undefined) {
    throw executionErrors.create('CALL_FEES_CONFLICT');
  }
  const feeCap = gasPrice ?? maxFeePerGas ?? 0n;
  const tipCap = gasPrice ?? maxPriorityFeePerGas ?? 0n;
  if (tipCap > feeCap) {
    throw protocolErrors.create(
      'TX_TIP_ABOVE_FEE_CAP',
      `maxPriorityFeePerGas: ${tipCap}, maxFeePerGas: ${feeCap}`,
      { maxFeePerGas: feeCap, maxPriorityFeePerGas: tipCap },
    );
  }
  return {
    type: 2,
    chainId,
    nonce,
    maxPriorityFeePerGas: tipCap,
    maxFeePerGas: feeCap,
    gasLimit: smallest(request.gas ?? CALL_GAS, CALL_GAS),
    to: request.to,
    value: request.value ?? 0n,
    data: request.data ?? EMPTY_BYTES,
    accessList: request.accessList ?? [],
  };
}

function smallest(first: bigint, ...others: readonly bigint[]): bigint {
  return others.reduce((least, value) => (value < least ? value : least), first);
}
