import { assert } from '@lucerna/base';
import {
  KEYSPACES,
  type Keyspace,
  type KvEntry,
  type KvReader,
  type WriteBatch,
} from '@lucerna/storage';
import type { StateDiff } from './diff.ts';
import { latestState } from './flat.ts';
import type { StateReader } from './reader.ts';
import { accountFromRow, historyKey, prefixRange, storageKey, wordFromRow } from './rows.ts';

/**
 * The state after the block of `height`, in a store that keeps history from there on: a history row
 * holds what was there before the block of its height, so the first one above `height` is the answer,
 * and without one nothing has changed since. Code is never deleted and needs no history.
 *
 * What has not changed since is read as by `latestState`, without asking a trie: those of older heights
 * are not there.
 *
 * The caller knows which heights the store has; below them the answers would be those of the oldest.
 */
export function stateAt(reader: KvReader, height: number): StateReader {
  assert(Number.isSafeInteger(height) && height >= 0, 'a height is a natural number');
  const latest = latestState(reader);
  return {
    account: (address) => {
      const entry = firstAbove(reader, KEYSPACES.accountHistory, address, height);
      if (entry === undefined) return latest.account(address);
      const [key, row] = entry;
      return row.length === 0 ? undefined : accountFromRow(KEYSPACES.accountHistory, key, row);
    },
    storage: (address, slot) => {
      const flatKey = storageKey(address, slot);
      const entry = firstAbove(reader, KEYSPACES.storageHistory, flatKey, height);
      if (entry === undefined) return latest.storage(address, slot);
      return wordFromRow(KEYSPACES.storageHistory, ...entry);
    },
    code: latest.code,
  };
}

/**
 * Adds to `batch` the deletion of every history row that the block of `height`, which made `diff`, has
 * or would have: what it kept of the state before it. `diff` is the completed one of `commitDiff`.
 */
export function deleteHistory(batch: WriteBatch, diff: StateDiff, height: number): void {
  for (const { address } of diff.accounts) {
    batch.delete(KEYSPACES.accountHistory, historyKey(address, height));
  }
  for (const { address, slot } of diff.storage) {
    batch.delete(KEYSPACES.storageHistory, historyKey(storageKey(address, slot), height));
  }
}

/** The history row of `key` with the lowest height above `height`. */
function firstAbove(
  reader: KvReader,
  keyspace: Keyspace,
  key: Uint8Array,
  height: number,
): KvEntry | undefined {
  const range = { ...prefixRange(key), from: historyKey(key, height + 1), limit: 1 };
  for (const entry of reader.range(keyspace, range)) return entry;
  return undefined;
}
