export {
  type Account,
  EMPTY_ACCOUNT,
  encodeAccount,
} from './account.ts';
export { type CommitOptions, type CommittedDiff, commitDiff } from './commit.ts';
export { type CommitterLimits, StateCommitter } from './committer.ts';
export {
  type AccountChange,
  type CodeEntry,
  decodeDiff,
  EMPTY_DIFF,
  encodeDiff,
  type StateDiff,
  type StorageChange,
} from './diff.ts';
export { stateErrors } from './errors.ts';
export { confirmedState, latestState } from './flat.ts';
export { genesisDiff } from './genesis.ts';
export { deleteHistory, stateAt } from './history.ts';
export { StateJournal } from './journal.ts';
export { stateLimits } from './limits.ts';
export { proveAccount, proveStorage, verifyAccountProof, verifyStorageProof } from './proof.ts';
export type { StateReader } from './reader.ts';
export { exportState } from './snapshot/export-state.ts';
export { type ImportedState, StateImporter } from './snapshot/import-state.ts';
export { listRoot } from './trie/list-root.ts';
export { verifyTrieProof } from './trie/proof.ts';
export { proveRange, type RangeProof, verifyRangeProof } from './trie/range-proof.ts';
export { accountTrieNodes, type NodeSource, storageTrieNodes } from './trie/source.ts';
export type { StoredTrie } from './trie/stored-nodes.ts';
export type { NodeWrite, TrieCommit } from './trie/trie.ts';
export { type StateSummary, verifyState } from './verify.ts';
export { ZERO_WORD } from './word.ts';
