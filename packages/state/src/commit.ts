import { assert, compareBytes, EMPTY_BYTES, equalBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp } from '@lucerna/protocol';
import { KEYSPACES, type Keyspace, type KvReader, WriteBatch } from '@lucerna/storage';
import { encodeAccount, hasStorage } from './account.ts';
import {
  type AccountChange,
  compareStorageChanges,
  type StateDiff,
  type StorageChange,
} from './diff.ts';
import { stateErrors } from './errors.ts';
import { latestState } from './flat.ts';
import type { StateReader } from './reader.ts';
import { corruptRow, historyKey, prefixRange, storageKey, wordFromRow } from './rows.ts';
import { nodeBytes } from './trie/pools.ts';
import {
  accountTrieKey,
  accountTrieNodes,
  storageTrieKey,
  storageTrieNodes,
} from './trie/source.ts';
import { Trie } from './trie/trie.ts';
import { trimWord, ZERO_WORD } from './word.ts';

/** Where a diff belongs. */
export type CommitOptions = {
  /** State root that the reader's state has. */
  readonly parentRoot: Uint8Array;
  /** Height of the block that made the diff. */
  readonly height: number;
  /** Whether to write the rows from which `stateAt` answers. */
  readonly history: boolean;
};

/** What a diff does to the store. */
export type CommittedDiff = {
  readonly stateRoot: Uint8Array;
  /** The diff with the storage roots of all accounts, and with every slot that a deletion cleared. */
  readonly diff: StateDiff;
  /** Flat rows, nodes of the tries, code and history. */
  readonly batch: WriteBatch;
};

/** Where a commit gets the tries that it changes. Both must be those of the state that it reads. */
export type CommitTries = {
  /** The account trie, which has this root. */
  readonly accounts: (root: Uint8Array) => Trie;
  /** The storage trie, which has this root, of the account whose address hashes to `addressHash`. */
  readonly storage: (addressHash: Uint8Array, root: Uint8Array) => Trie;
};

/** What a change of a flat row does to the trie that commits to it. */
type TrieChange = {
  /** Key of the flat row. */
  readonly key: Uint8Array;
  /** Hash of the address or slot: the key in the trie. */
  readonly hash: Uint8Array;
  /** What the trie must have there, going by the flat row; undefined: nothing. */
  readonly before: Uint8Array | undefined;
  /** What it has from now on. */
  readonly after: Uint8Array | undefined;
};

/**
 * Applies `diff` to the tries and the flat state in `reader`, without writing anything: the new
 * state is there once the caller has published the batch. Committing the completed diff again, on
 * the same state, gives the same root and the same batch: that is how recovery works.
 *
 * @throws `STATE_DIFF_MISMATCH` when an account or slot is not what the diff says it was,
 *   `STATE_CORRUPT` when a row that is needed is missing or damaged, also when a changed account or
 *   slot was not in its trie what its flat row says
 */
export function commitDiff(
  reader: KvReader,
  diff: StateDiff,
  options: CommitOptions,
): CommittedDiff {
  const tries: CommitTries = {
    accounts: (root) => new Trie(accountTrieNodes(reader), root),
    storage: (addressHash, root) => new Trie(storageTrieNodes(reader, addressHash), root),
  };
  return commitWith(tries, reader, diff, options);
}

/** As {@link commitDiff}, with these tries. After an error they are half changed. */
export function commitWith(
  tries: CommitTries,
  reader: KvReader,
  diff: StateDiff,
  options: CommitOptions,
): CommittedDiff {
  const latest = latestState(reader);
  const batch = new WriteBatch();
  const inTrie: TrieChange[] = [];
  const accounts: AccountChange[] = [];
  const storage: StorageChange[] = [];
  const listed = groupByAddress(diff);
  for (const [index, change] of diff.accounts.entries()) {
    const before = change.before === undefined ? undefined : encodeAccount(change.before);
    checkBefore(reader, latest, change.address, before);
    const addressHash = keccak256(change.address);
    const slots = completeSlots(reader, latest, change, listed[index] ?? []);
    const storageRoot = commitStorage(tries, batch, change, addressHash, slots, options);
    const after = change.after === undefined ? undefined : { ...change.after, storageRoot };
    const completed = { ...change, after };
    const encoded = commitAccount(batch, completed, before, options);
    inTrie.push({ key: change.address, hash: addressHash, before, after: encoded });
    accounts.push(completed);
    for (const slot of slots) storage.push(slot);
  }
  for (const { codeHash, code } of diff.code) batch.put(KEYSPACES.code, codeHash, code);
  const trie = tries.accounts(options.parentRoot);
  applyChanges(trie, KEYSPACES.accounts, inTrie);
  const { root: stateRoot, writes } = trie.commit();
  for (const [path, encoded] of writes) {
    write(batch, KEYSPACES.accountTrie, accountTrieKey(path), encoded);
  }
  return { stateRoot, diff: { accounts, storage, code: diff.code }, batch };
}

/** The storage changes of each account, by its position. */
function groupByAddress({ accounts, storage }: StateDiff): readonly StorageChange[][] {
  let next = 0;
  const groups = accounts.map(({ address }) => {
    const start = next;
    for (let change = storage[next]; change !== undefined; change = storage[next]) {
      if (!equalBytes(change.address, address)) break;
      next += 1;
    }
    return storage.slice(start, next);
  });
  assert(next === storage.length, 'storage belongs to accounts of the diff, in their order');
  return groups;
}

/** Checks that the account is as it was; `before` is what its row must be. */
function checkBefore(
  reader: KvReader,
  latest: StateReader,
  address: Uint8Array,
  before: Uint8Array | undefined,
): void {
  const row = reader.get(KEYSPACES.accounts, address);
  // An account has one encoding only: comparing bytes spares decoding the row.
  if (row === undefined || before === undefined ? row === before : equalBytes(row, before)) return;
  const held = latest.account(address);
  throw stateErrors.create('STATE_DIFF_MISMATCH', 'an account is not as it was', {
    address: toHex(address),
    expected: before === undefined ? null : toHex(before),
    actual: held === undefined ? null : toHex(encodeAccount(held)),
  });
}

/**
 * The changes of an account's slots: those that are listed, and, when its storage is cleared, one to
 * zero for every other slot that it has.
 */
function completeSlots(
  reader: KvReader,
  latest: StateReader,
  account: AccountChange,
  listed: readonly StorageChange[],
): readonly StorageChange[] {
  for (const change of listed) checkSlotBefore(latest, change);
  if (!losesStorage(account)) return listed;
  const { address } = account;
  const slots = [...listed];
  const known = new Set(listed.map(({ slot }) => toHex(slot)));
  for (const [key, row] of reader.range(KEYSPACES.storage, prefixRange(address))) {
    const slot = key.slice(address.length);
    if (known.has(toHex(slot))) continue;
    const word = wordFromRow(KEYSPACES.storage, key, row);
    slots.push({ address, slot, before: word, after: ZERO_WORD });
  }
  return slots.sort(compareStorageChanges);
}

function checkSlotBefore(latest: StateReader, { address, slot, before }: StorageChange): void {
  const held = latest.storage(address, slot);
  if (equalBytes(held, before)) return;
  throw stateErrors.create('STATE_DIFF_MISMATCH', 'a slot is not as it was', {
    address: toHex(address),
    slot: toHex(slot),
    expected: toHex(before),
    actual: toHex(held),
  });
}

/** Writes the rows of the slots; returns the account's new storage root. */
function commitStorage(
  tries: CommitTries,
  batch: WriteBatch,
  account: AccountChange,
  addressHash: Uint8Array,
  slots: readonly StorageChange[],
  { height, history }: CommitOptions,
): Uint8Array {
  const oldRoot = account.before?.storageRoot ?? EMPTY_TRIE_ROOT;
  if (slots.length === 0 && !losesStorage(account)) return oldRoot;
  for (const change of slots) {
    const key = storageKey(change.address, change.slot);
    const value = trimWord(change.after);
    assert(account.after !== undefined || value.length === 0, 'who is deleted has no storage');
    write(batch, KEYSPACES.storage, key, value.length === 0 ? undefined : value);
    if (history) {
      batch.put(KEYSPACES.storageHistory, historyKey(key, height), trimWord(change.before));
    }
  }
  const trie = tries.storage(addressHash, oldRoot);
  const changes = slots.map(slotInTrie);
  applyChanges(trie, KEYSPACES.storage, changes);
  const { root, writes } = trie.commit();
  if (losesStorage(account)) checkNothingElse(addressHash, changes, root);
  for (const [path, encoded] of writes) {
    write(batch, KEYSPACES.storageTrie, storageTrieKey(addressHash, path), encoded);
  }
  return root;
}

function slotInTrie({ address, slot, before, after }: StorageChange): TrieChange {
  return {
    key: storageKey(address, slot),
    hash: keccak256(slot),
    before: wordInTrie(before),
    after: wordInTrie(after),
  };
}

function wordInTrie(word: Uint8Array): Uint8Array | undefined {
  const value = trimWord(word);
  return value.length === 0 ? undefined : encodeRlp(value);
}

/**
 * Makes the changes in the order of their keys: what comes next then mostly shares its way, and the
 * pages of the store that it reads, with what came before.
 *
 * That the trie had what the diff says was there is checked for whoever made the diff with a reader that
 * asks no trie: a flat row that has lost its key is then taken for none, and the new root would be one of
 * a state that nobody had.
 *
 * @throws `STATE_CORRUPT` naming the flat row when the trie had something else than that
 */
function applyChanges(trie: Trie, flat: Keyspace, changes: TrieChange[]): void {
  changes.sort((left, right) => compareBytes(left.hash, right.hash));
  for (const { key, hash, before, after } of changes) {
    const held = trie.replace(hash, after);
    if (held === undefined || before === undefined ? held === before : equalBytes(held, before)) {
      continue;
    }
    const says = held === undefined ? 'does not have it' : `says ${toHex(held)}`;
    throw corruptRow(flat, key, `the trie ${says}`);
  }
}

/** A cleared storage trie holds what `slots` set; more is left where flat rows were missing. */
function checkNothingElse(
  addressHash: Uint8Array,
  slots: readonly TrieChange[],
  root: Uint8Array,
): void {
  const trie = new Trie();
  for (const { hash, after } of slots) if (after !== undefined) trie.put(hash, after);
  if (equalBytes(trie.commit().root, root)) return;
  throw corruptRow(KEYSPACES.storageTrie, addressHash, 'the trie has slots without a flat row');
}

/** True when the account had something in storage and all of it goes. */
function losesStorage({ before, after, storageCleared }: AccountChange): boolean {
  const isCleared = storageCleared || after === undefined;
  return isCleared && before !== undefined && hasStorage(before);
}

/**
 * Writes the rows of an account, whose storage root is final and whose row was `before`; returns what
 * its row is now.
 */
function commitAccount(
  batch: WriteBatch,
  { address, after }: AccountChange,
  before: Uint8Array | undefined,
  { height, history }: CommitOptions,
): Uint8Array | undefined {
  const encoded = after === undefined ? undefined : encodeAccount(after, nodeBytes);
  write(batch, KEYSPACES.accounts, address, encoded);
  if (history) {
    batch.put(KEYSPACES.accountHistory, historyKey(address, height), before ?? EMPTY_BYTES);
  }
  return encoded;
}

function write(
  batch: WriteBatch,
  keyspace: Keyspace,
  key: Uint8Array,
  value: Uint8Array | undefined,
): void {
  if (value === undefined) batch.delete(keyspace, key);
  else batch.put(keyspace, key, value);
}
