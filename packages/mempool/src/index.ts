export { mempoolErrors } from './errors.ts';
export { mempoolLimits, type PoolLimits } from './limits.ts';
export { Mempool } from './mempool.ts';
export type {
  DropReason,
  PoolEffect,
  PoolEvent,
  PooledTransaction,
  PoolHead,
  PoolStatus,
  SenderView,
} from './pool-event.ts';
export type { PoolSource } from './source.ts';
