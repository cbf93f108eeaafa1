export {
  type Account,
  EMPTY_ACCOUNT,
  encodeAccount,
} from './account.ts';
export { type CommitOptions, type CommittedDiff, commitDiff } from './commit.ts';
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
export { latestState } from './flat.ts';
export { genesisDiff } from './genesis.ts';
export { stateAt } from './history.ts';
export { StateJournal } from './journal.ts';
export { stateLimits } from './limits.ts';
export { proveAccount, proveStorage } from './proof.ts';
export type { StateReader } from './reader.ts';
export { listRoot } from './trie/list-root.ts';
export type { NodeSource } from './trie/source.ts';
export type { NodeWrite, TrieCommit } from './trie/trie.ts';
export { type StateSummary, verifyState } from './verify.ts';
export { ZERO_WORD } from './word.ts';
