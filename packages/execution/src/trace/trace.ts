import { present } from '@lucerna/base';
import type { CallRequest, RecoveredTransaction, TransactionTrace } from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import { asTransaction, simulate } from '../call.ts';
import type { BlockContext } from '../context.ts';
import type { TransactionOutcome } from '../outcome.ts';
import { executeTransaction } from '../transaction.ts';
import { CallBytes, CallRecorder } from './call-recorder.ts';
import { StepBudget, StepRecorder } from './step-recorder.ts';

/** How much of a run is to be told, beside its calls. */
export type TraceOptions = {
  /** Every instruction. */
  readonly steps?: boolean | undefined;
  /** The operands of every instruction. */
  readonly stack?: boolean | undefined;
};

/**
 * Executes the transaction as `executeTransaction` does, and tells how it ran.
 *
 * @throws as `executeTransaction`
 */
export function traceTransaction(
  journal: StateJournal,
  context: BlockContext,
  recovered: RecoveredTransaction,
  options: TraceOptions = {},
): TransactionTrace {
  return traceNext(journal, context, recovered, recorder(options));
}

/**
 * Executes the transactions of a block once more, one at each turn of the iterator. All of them share
 * the limits on instructions and on the bytes of calls.
 *
 * @param state the state before the block
 * @throws as `executeTransaction`
 */
export function* traceBlock(
  state: StateReader,
  context: BlockContext,
  transactions: readonly RecoveredTransaction[],
  options: TraceOptions = {},
): Generator<TransactionTrace, void, void> {
  const journal = new StateJournal(state);
  const steps = new StepBudget();
  const bytes = new CallBytes();
  for (const recovered of transactions) {
    yield traceNext(journal, context, recovered, recorder(options, steps, bytes));
  }
}

/**
 * How the transaction at `index` of a block ran, behind those before it.
 *
 * @param state the state before the block
 * @throws as `executeTransaction`
 */
export function traceTransactionAt(
  state: StateReader,
  context: BlockContext,
  transactions: readonly RecoveredTransaction[],
  index: number,
  options: TraceOptions = {},
): TransactionTrace {
  const traced = present(transactions[index], 'the block has the transaction');
  const journal = new StateJournal(state);
  for (const recovered of transactions.slice(0, index)) {
    executeTransaction(journal, context, recovered, context.gasLimit);
  }
  return traceTransaction(journal, context, traced, options);
}

/** What `simulateCall` does, and how it ran. @throws as `simulateCall` */
export function traceCall(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
  options: TraceOptions = {},
): TransactionTrace {
  const tracer = recorder(options);
  const outcome = simulate(state, context, request, { tracer });
  const { gasLimit } = asTransaction(request, context.chainId, 0n);
  return finished(tracer, undefined, gasLimit, outcome);
}

function traceNext(
  journal: StateJournal,
  context: BlockContext,
  recovered: RecoveredTransaction,
  tracer: CallRecorder,
): TransactionTrace {
  const outcome = executeTransaction(journal, context, recovered, context.gasLimit, { tracer });
  const { hash, transaction } = recovered;
  return finished(tracer, hash, transaction.gasLimit, outcome);
}

function recorder(
  { steps, stack }: TraceOptions,
  budget: StepBudget = new StepBudget(),
  bytes?: CallBytes,
): CallRecorder {
  const wantsSteps = steps === true || stack === true;
  return new CallRecorder(
    wantsSteps ? new StepRecorder(budget, { stack: stack === true }) : undefined,
    bytes,
  );
}

/** The trace, whose outermost frame is the whole transaction, as its receipt has it. */
function finished(
  { root, steps, isTruncated }: CallRecorder,
  transactionHash: Uint8Array | undefined,
  gasLimit: bigint,
  { gasUsed }: TransactionOutcome,
): TransactionTrace {
  return { transactionHash, calls: { ...root, gas: gasLimit, gasUsed }, isTruncated, steps };
}
