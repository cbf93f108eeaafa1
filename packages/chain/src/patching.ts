import { assert, equalBytes, toHex, toHexKey } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import { type StateCommitter, type StateDiff, stateErrors, stateLimits } from '@lucerna/state';
import { KEYSPACES, type KvReader, type OverlayStore, WriteBatch } from '@lucerna/storage';
import type { CanonicalIndex, Publication } from './canonical-index.ts';
import { chainErrors } from './errors.ts';
import { chainLimits } from './limits.ts';
import type { Patch } from './patch-record.ts';
import { addSums, lastPatchUpTo, NO_SUMS } from './patch-rows.ts';

/** What a patch is made on. */
export type PatchParts = {
  readonly overlay: OverlayStore;
  readonly committer: StateCommitter;
  readonly index: CanonicalIndex;
};

/** A patch that nobody has written yet. */
export type PreparedPatch = {
  readonly patch: Patch;
  /** What has to be published once it is in the log. */
  readonly publication: NonNullable<Publication['patch']>;
};

/**
 * What `diff` makes of the state of the head. A patch counts as a part of its block: the history keeps
 * what was before the block, and so gets a row only where it has none.
 *
 * @throws `CHAIN_PATCHES_EXCEEDED`, `LOG_RECORD_TOO_LARGE`; `STATE_DIFF_MISMATCH` when the state is
 *   another than the diff says it was
 */
export function preparePatch(
  { overlay, committer, index }: PatchParts,
  diff: StateDiff,
): PreparedPatch {
  const { height, ordinal: last } = index.point;
  const ordinal = last + 1;
  const limit = chainLimits.values.patchesOfBlock;
  if (ordinal > limit) {
    throw chainErrors.create('CHAIN_PATCHES_EXCEEDED', undefined, { height, limit });
  }
  const committed = committer.commit(overlay, diff, {
    parentRoot: index.stateRoot,
    height,
    history: height > index.kept.prunedTo,
  });
  checkSize(committed.diff);
  const sums = addSums(lastPatchUpTo(overlay, index.point) ?? NO_SUMS, committed.diff);
  const { stateRoot } = committed;
  return {
    patch: { height, ordinal, stateRoot, diff: committed.diff },
    publication: {
      height,
      ordinal,
      stateRoot,
      ...sums,
      batch: withoutKnownHistory(overlay, committed.batch),
    },
  };
}

/**
 * Of a diff that comes from elsewhere: accounts have no code that nobody has.
 *
 * @throws `STATE_DIFF_INVALID`
 */
export function checkCodes(reader: KvReader, { accounts, code }: StateDiff): void {
  const brought = new Set(code.map(({ codeHash }) => toHexKey(codeHash)));
  for (const { address, after } of accounts) {
    if (after === undefined || equalBytes(after.codeHash, EMPTY_KECCAK)) continue;
    if (brought.has(toHexKey(after.codeHash))) continue;
    if (reader.get(KEYSPACES.code, after.codeHash) !== undefined) continue;
    const fields = { address: toHex(address), codeHash: toHex(after.codeHash) };
    throw stateErrors.create('STATE_DIFF_INVALID', 'an account without its code', fields);
  }
}

/** What could not be read again is not written. */
function checkSize({ accounts, storage, code }: StateDiff): void {
  const { diffAccounts, diffStorage, diffCodes } = stateLimits.values;
  const fits =
    accounts.length <= diffAccounts && storage.length <= diffStorage && code.length <= diffCodes;
  if (fits) return;
  throw chainErrors.create('LOG_RECORD_TOO_LARGE', 'the patch changes too much', {
    accounts: accounts.length,
    slots: storage.length,
  });
}

function withoutKnownHistory(overlay: OverlayStore, batch: WriteBatch): WriteBatch {
  const kept = new WriteBatch();
  for (const { keyspace, key, value } of batch.writes()) {
    const isHistory =
      keyspace === KEYSPACES.accountHistory || keyspace === KEYSPACES.storageHistory;
    if (isHistory && overlay.get(keyspace, key) !== undefined) continue;
    assert(value !== undefined || !isHistory, 'a patch takes no history away');
    if (value === undefined) kept.delete(keyspace, key);
    else kept.put(keyspace, key, value);
  }
  return kept;
}
