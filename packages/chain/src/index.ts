export type {
  ArchiveInfo,
  ArchiveWork,
  BlockRange,
  BlocksArchive,
  StateArchive,
} from './archive/archive.ts';
export { type CheckedState, checkState } from './archive/check-state.ts';
export { describeArchive } from './archive/describe-archive.ts';
export type { StateExportWork } from './archive/export-state.ts';
export { type ImportedBlocks, importBlocks } from './archive/import-blocks.ts';
export {
  Chain,
  type ChainExtent,
  type ChainOptions,
  type ChainPorts,
  openChain,
} from './chain.ts';
export { chainErrors } from './errors.ts';
export { readStoredGenesis } from './genesis.ts';
export type { HeadEvent, HeadListener } from './head-listeners.ts';
export { chainLimits } from './limits.ts';
export type { ChainFigures, VerifyWork } from './verify.ts';
export type { WriteBehindPolicy } from './write-behind.ts';
