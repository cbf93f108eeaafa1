import { assert, EMPTY_BYTES, isLucernaError, type LucernaError } from '@lucerna/base';
import {
  type CallRequest,
  type FeeMarketTransaction,
  intrinsicGas,
  MAX_TRANSACTION_NONCE,
  maxFeePerGas,
  protocolErrors,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import { applyTransaction, checkFees } from './apply.ts';
import type { BlockContext } from './context.ts';
import { executionErrors } from './errors.ts';
import { FrameRecorder } from './frame-recorder.ts';
import { executionLimits } from './limits.ts';
import type { TransactionOutcome } from './outcome.ts';
import type { TransactionWatch } from './transaction-watch.ts';

/** What the call would do. */
export type CallOutcome = Pick<TransactionOutcome, 'status' | 'gasUsed' | 'returnData' | 'error'>;

/** Who sends a call that names nobody. */
export const ZERO_ADDRESS: Uint8Array = new Uint8Array(20);
const CALL_GAS = BigInt(executionLimits.values.callGas);

/**
 * What `request` would do as a transaction on `state` (eth_call). Any sender goes, also one with
 * code, whatever its nonce; funds for value and for gas at the named price must be there, as in
 * go-ethereum. A creation returns the code of the new contract. `state` is only read.
 *
 * @throws `TX_INTRINSIC_GAS`, `TX_TIP_ABOVE_FEE_CAP`, `TX_FEE_CAP_TOO_LOW`,
 *   `TX_INSUFFICIENT_FUNDS`, `TX_NONCE_MAX`
 */
export function simulateCall(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
): CallOutcome {
  const { status, gasUsed, returnData, error } = simulate(state, context, request);
  return { status, gasUsed, returnData, error };
}

/**
 * The outcome of {@link simulateCall} with all that a transaction leaves. `watch` is told on the way.
 *
 * @throws as `simulateCall`
 */
export function simulate(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
  watch?: TransactionWatch,
): TransactionOutcome {
  const journal = new StateJournal(state);
  const sender = request.from ?? ZERO_ADDRESS;
  const tx = asTransaction(request, context.chainId, journal.nonce(sender));
  return applyCall(journal, freeOfBaseFee(context, tx), sender, tx, watch);
}

/** Who names no price is not asked for the base fee either. */
export function freeOfBaseFee(context: BlockContext, tx: UnsignedTransaction): BlockContext {
  return maxFeePerGas(tx) === 0n ? { ...context, baseFeePerGas: 0n } : context;
}

/**
 * Applies a call that nobody has signed to the journal, whatever code its sender has.
 *
 * @throws as {@link simulateCall}, and the journal is then as it was
 */
export function applyCall(
  journal: StateJournal,
  context: BlockContext,
  sender: Uint8Array,
  tx: UnsignedTransaction,
  watch?: TransactionWatch,
): TransactionOutcome {
  const required = intrinsicGas(tx, context.rules);
  if (tx.gasLimit < required) {
    throw protocolErrors.create('TX_INTRINSIC_GAS', `have ${tx.gasLimit}, want ${required}`, {
      gasLimit: tx.gasLimit,
      intrinsicGas: required,
    });
  }
  // Only a state that was overridden or cheated with has such a nonce.
  if (tx.nonce > MAX_TRANSACTION_NONCE) {
    throw protocolErrors.create('TX_NONCE_MAX', undefined, { nonce: tx.nonce });
  }
  checkFees(journal, context, sender, tx);
  return applyTransaction(journal, context, sender, tx, watch);
}

/**
 * The least gas limit with which `request` succeeds on `state` and does what it does with plenty: with
 * less it fails, or a call inside it does, or fails for want of gas, which a contract may put up with
 * (Multicall3 can). Gas that is refunded is in it, because it is needed first. `state` is only read.
 *
 * @throws what {@link simulateCall} throws; the error of a call that fails whatever its gas
 *   (`CALL_REVERTED` with the data as hex in the field `data`, `ENGINE_MISSING`, …);
 *   `CALL_GAS_ALLOWANCE` when it needs more than the request, the block, the node's limit for calls
 *   or the sender's funds at the named price allow
 */
export function estimateGas(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
): bigint {
  const required = intrinsicGas(asTransaction(request, context.chainId, 0n), context.rules);
  const allowance = gasAllowance(state, context, request);
  if (allowance < required) throw allowanceError(allowance, required);
  const tracer = new FrameRecorder();
  const outcome = simulate(state, context, { ...request, gas: allowance }, { tracer });
  if (outcome.error !== undefined) {
    const isOutOfGas = isLucernaError(outcome.error, 'OUT_OF_GAS', 'CODE_STORE_OUT_OF_GAS');
    throw isOutOfGas ? allowanceError(allowance, required) : outcome.error;
  }
  const succeeds = (gas: bigint): boolean => {
    const attempt = new FrameRecorder();
    simulate(state, context, { ...request, gas }, { tracer: attempt });
    return attempt.frames === tracer.frames;
  };
  // What it needed before refunds: nearly always the answer, as a call cannot see its gas.
  const needed = outcome.gasUsed + outcome.refund;
  // A frame keeps some gas back from those that it calls, so these need a bit more around them.
  const withReserve = needed + needed / context.rules.subFrameGasQuotient;
  // A failed frame may have taken whatever it was given, and would fail with less as well.
  const tooLittle = tracer.hasWasted ? required - 1n : needed - 1n;
  return leastLimit(tooLittle, allowance, [needed, withReserve + 1n], succeeds);
}

/**
 * The limit between `low`, which does not succeed, and `high`, which does, that succeeds although
 * one less does not: by bisection, after a look at the `guesses`.
 */
function leastLimit(
  low: bigint,
  high: bigint,
  guesses: readonly bigint[],
  succeeds: (limit: bigint) => boolean,
): bigint {
  let [fails, works] = [low, high];
  const look = (limit: bigint): void => {
    if (limit <= fails || limit >= works) return;
    if (succeeds(limit)) works = limit;
    else fails = limit;
  };
  for (const guess of guesses) look(guess);
  while (fails + 1n < works) look((fails + works) / 2n);
  return works;
}

/** The most gas that the call may be given. */
function gasAllowance(state: StateReader, context: BlockContext, request: CallRequest): bigint {
  const { gasLimit } = context;
  const allowance = smallest(request.gas ?? gasLimit, gasLimit, CALL_GAS);
  const sender = request.from ?? ZERO_ADDRESS;
  const { maxFeePerGas: feeCap } = asTransaction(request, context.chainId, 0n);
  if (feeCap === 0n) return allowance;
  const balance = state.account(sender)?.balance ?? 0n;
  const value = request.value ?? 0n;
  if (value >= balance) {
    const fields = { balance, required: value };
    throw protocolErrors.create('TX_INSUFFICIENT_FUNDS', `have ${balance} want ${value}`, fields);
  }
  return smallest(allowance, (balance - value) / feeCap);
}

function allowanceError(allowance: bigint, required: bigint): LucernaError {
  return executionErrors.create('CALL_GAS_ALLOWANCE', `(${allowance})`, { required, allowance });
}

/**
 * The request as the transaction that it stands for; type 2 can say all that the others can.
 *
 * @throws `TX_TIP_ABOVE_FEE_CAP`
 */
export function asTransaction(
  request: CallRequest,
  chainId: bigint,
  nonce: bigint,
): FeeMarketTransaction {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = request;
  const hasCaps = maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined;
  assert(gasPrice === undefined || !hasCaps, 'a request names a gas price or caps, not both');
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
