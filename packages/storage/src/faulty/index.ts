export type { FailureMode, FaultPlan } from './faults.ts';
export {
  type CrashKind,
  createFaultyFile,
  createFaultyStore,
  FaultyDisk,
  type SingleFaultyFile,
  type SingleFaultyStore,
} from './faulty-disk.ts';
