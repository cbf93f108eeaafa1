export { executeBlock } from './block.ts';
export type { BlockEnvironment, ExecutedBlock } from './block-run.ts';
export {
  type BlockAttributes,
  type BuiltBlock,
  buildBlock,
} from './builder.ts';
export { type CallOutcome, estimateGas, simulateCall } from './call.ts';
export type { BlockContext } from './context.ts';
export { executionErrors } from './errors.ts';
export type { SkippedTransaction, TxSource } from './fill.ts';
export { executionLimits } from './limits.ts';
export type { TransactionOutcome } from './outcome.ts';
