export type { FailureMode, FaultPlan, PowerLoss } from './faults.ts';
export {
  type CrashKind,
  createFaultyFile,
  createFaultyStore,
  FaultyDisk,
  type SingleFaultyFile,
  type SingleFaultyStore,
} from './faulty-disk.ts';
export type { RowBit, RowPart } from './faulty-store.ts';
