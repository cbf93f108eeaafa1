export { type AccessListOutcome, createAccessList } from './access-list.ts';
export { executeBlock } from './block.ts';
export type { BlockEnvironment, ExecutedBlock } from './block-run.ts';
export {
  type BlockAttributes,
  type BuiltBlock,
  buildBlock,
} from './builder.ts';
export { type CallOutcome, estimateGas, simulateCall } from './call.ts';
export type { BlockContext } from './context.ts';
export { checkCode } from './engines.ts';
export { executionErrors } from './errors.ts';
export type { SkippedTransaction, TxSource } from './fill.ts';
export { executionLimits } from './limits.ts';
export type { ExecutionStatistics, TransactionOutcome } from './outcome.ts';
export { overrideContext, overrideState } from './overrides.ts';
export { stateAfter } from './pending.ts';
export {
  type SimulatedBlockOutcome,
  type SimulationBase,
  type SimulationOptions,
  simulateBlocks,
} from './simulate-blocks.ts';
export { type TraceOptions, traceBlock, traceCall, traceTransactionAt } from './trace/trace.ts';
export type { CallEntry, CallExit, CallTracer } from './trace/tracer.ts';
export { executeTransaction } from './transaction.ts';
