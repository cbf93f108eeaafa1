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
export { type ImportedBlocks, type ImportingChain, importBlocks } from './archive/import-blocks.ts';
export { Chain, type ChainExtent } from './chain.ts';
export type { Cheats } from './cheats.ts';
export { chainErrors } from './errors.ts';
export { readStoredGenesis } from './genesis.ts';
export type { HeadEvent, HeadListener, PatchEvent, PatchListener } from './head-listeners.ts';
export { chainLimits } from './limits.ts';
export type { StoredNote } from './notes.ts';
export { type ChainOptions, type ChainPorts, openChain } from './open-chain.ts';
export type { ChainPoint, Note, Patch } from './patch-record.ts';
export type { ChainFigures, VerifyWork } from './verify.ts';
export type { WriteBehindPolicy } from './write-behind.ts';
export type { DevBlockOptions, RewindOptions, RewindTarget } from './writer.ts';
