import { compareBytes, EMPTY_BYTES, equalBytes, isLucernaError } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import {
  address20,
  bit,
  bytes,
  type Codec,
  decodeWith,
  EMPTY_TRIE_ROOT,
  encodeWith,
  hash32,
  list,
  listItems,
  protocolErrors,
  record,
  uint64,
  uint256,
} from '@lucerna/protocol';
import type { Account } from './account.ts';
import { stateErrors } from './errors.ts';
import { stateLimits } from './limits.ts';
import { isZeroWord, wordCodec } from './word.ts';

/** What happened to an account; an account whose storage alone has changed is listed too. */
export type AccountChange = {
  readonly address: Uint8Array;
  /** As before the block; undefined when there was none. */
  readonly before: Account | undefined;
  /** As after the block; undefined when it is gone. */
  readonly after: Account | undefined;
  /**
   * The account had storage and was deleted, maybe to be created again: whatever slots it had are
   * zero now, except those that `storage` lists with another value, be it the old one.
   */
  readonly storageCleared: boolean;
};

/** What happened to one slot of an account that is listed in `accounts`. Words of 32 bytes. */
export type StorageChange = {
  readonly address: Uint8Array;
  readonly slot: Uint8Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
};

/** Code that an account of the diff has from now on. */
export type CodeEntry = { readonly codeHash: Uint8Array; readonly code: Uint8Array };

/**
 * All that one block did to the state, with what is needed to undo it. Accounts are ordered by
 * address, storage by address and slot, code by hash; nothing is listed twice.
 */
export type StateDiff = {
  readonly accounts: readonly AccountChange[];
  readonly storage: readonly StorageChange[];
  readonly code: readonly CodeEntry[];
};

/** A diff that changes nothing. */
export const EMPTY_DIFF: StateDiff = { accounts: [], storage: [], code: [] };

/** A hash that is left out, in the encoding, when it is the usual one. */
function hashOr(usual: Uint8Array): Codec<Uint8Array> {
  return {
    toRlp: (value) => (equalBytes(value, usual) ? EMPTY_BYTES : value),
    fromRlp: (item, path) => {
      if (item instanceof Uint8Array && item.length === 0) return usual;
      const value = hash32.fromRlp(item, path);
      if (!equalBytes(value, usual)) return value;
      throw protocolErrors.create('RLP_NOT_CANONICAL', path, { path });
    },
    toJson: hash32.toJson,
  };
}

/** Most accounts have neither storage nor code: 64 bytes less in the log for each. */
const slimAccount = record<Account>({
  nonce: uint64,
  balance: uint256,
  storageRoot: hashOr(EMPTY_TRIE_ROOT),
  codeHash: hashOr(EMPTY_KECCAK),
});

/** An account, or nothing: an empty list. */
const accountOrNone: Codec<Account | undefined> = {
  toRlp: (value) => (value === undefined ? [] : slimAccount.toRlp(value)),
  fromRlp: (item, path) =>
    listItems(item, path).length === 0 ? undefined : slimAccount.fromRlp(item, path),
  toJson: (value) => (value === undefined ? null : slimAccount.toJson(value)),
};

const flag: Codec<boolean> = {
  toRlp: (value) => bit.toRlp(value ? 1 : 0),
  fromRlp: (item, path) => bit.fromRlp(item, path) === 1,
  toJson: (value) => value,
};

const codeBytes = bytes(stateLimits.values.diffCodeBytes);

/** Only the code is written; its hash follows. */
const codeEntry: Codec<CodeEntry> = {
  toRlp: (value) => codeBytes.toRlp(value.code),
  fromRlp: (item, path) => {
    const code = codeBytes.fromRlp(item, path);
    return { codeHash: keccak256(code), code };
  },
  toJson: (value) => codeBytes.toJson(value.code),
};

/** Codec of a diff; its `fromRlp` does not check the order, {@link decodeDiff} does. */
const diffCodec: Codec<StateDiff> = record<StateDiff>({
  accounts: list(
    record<AccountChange>({
      address: address20,
      before: accountOrNone,
      after: accountOrNone,
      storageCleared: flag,
    }),
    stateLimits.values.diffAccounts,
  ),
  storage: list(
    record<StorageChange>({
      address: address20,
      slot: hash32,
      before: wordCodec,
      after: wordCodec,
    }),
    stateLimits.values.diffStorage,
  ),
  code: list(codeEntry, stateLimits.values.diffCodes),
});

/** The diff as RLP, for the block log. */
export function encodeDiff(diff: StateDiff): Uint8Array {
  return encodeWith(diffCodec, diff);
}

/**
 * The inverse of {@link encodeDiff}.
 *
 * @throws `STATE_DIFF_INVALID` when the bytes are no diff, or its parts are out of order or do not
 *   belong together
 */
export function decodeDiff(encoded: Uint8Array): StateDiff {
  const diff = decodeItems(encoded);
  checkOrder('accounts', diff.accounts, (left, right) => compareBytes(left.address, right.address));
  checkOrder('storage', diff.storage, compareStorageChanges);
  checkOrder('code', diff.code, (left, right) => compareBytes(left.codeHash, right.codeHash));
  let account = 0;
  for (const change of diff.storage) {
    while (account < diff.accounts.length && isBefore(diff.accounts[account], change)) account += 1;
    const owner = diff.accounts[account];
    if (owner === undefined || !equalBytes(owner.address, change.address)) {
      throw stateErrors.create('STATE_DIFF_INVALID', 'storage of an account that is not listed');
    }
    if (owner.after === undefined && !isZeroWord(change.after)) {
      throw stateErrors.create('STATE_DIFF_INVALID', 'storage of an account that is deleted');
    }
  }
  return diff;
}

/** The order of storage changes: by address, then by slot. */
export function compareStorageChanges(left: StorageChange, right: StorageChange): number {
  return compareBytes(left.address, right.address) || compareBytes(left.slot, right.slot);
}

function decodeItems(encoded: Uint8Array): StateDiff {
  try {
    return decodeWith(diffCodec, encoded, 'diff', stateLimits.values.diffItems);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    throw stateErrors.create('STATE_DIFF_INVALID', error.message, error.fields, error);
  }
}

function checkOrder<T>(name: string, items: readonly T[], compare: (l: T, r: T) => number): void {
  let last: T | undefined;
  for (const item of items) {
    if (last !== undefined && compare(last, item) >= 0) {
      throw stateErrors.create('STATE_DIFF_INVALID', `${name} are not in strict order`);
    }
    last = item;
  }
}

function isBefore(account: AccountChange | undefined, change: StorageChange): boolean {
  return account !== undefined && compareBytes(account.address, change.address) < 0;
}
