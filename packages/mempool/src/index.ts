export { mempoolErrors } from './errors.ts';
export { type JournalFiles, type JournalOptions, PoolJournal } from './journal.ts';
export {
  type JournalLimits,
  mempoolLimits,
  NETWORK_POOL_LIMITS,
  type PoolLimits,
} from './limits.ts';
export { Mempool } from './mempool.ts';
export type {
  DropReason,
  PoolCounts,
  PoolEffect,
  PoolEvent,
  PooledTransaction,
  PoolHead,
  PoolOrigin,
  PoolStatus,
  SenderView,
} from './pool-event.ts';
export type { PoolSource } from './source.ts';
