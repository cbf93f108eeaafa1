import { assert, compareBytes, EMPTY_BYTES, equalBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { ADDRESS_BYTES, encodeRlp } from '@lucerna/protocol';
import { KEYSPACES, type Keyspace, type KvReader } from '@lucerna/storage';
import { type Account, hasCode, hasStorage } from './account.ts';
import { stateErrors } from './errors.ts';
import { accountFromRow, corruptRow, prefixRange, wordFromRow } from './rows.ts';
import { nodeEntry, type TrieEntry } from './trie/entries.ts';
import {
  accountTrieKey,
  accountTrieNodes,
  storageTrieKey,
  storageTrieNodes,
} from './trie/source.ts';
import { Trie } from './trie/trie.ts';
import { isZeroWord, WORD_BYTES } from './word.ts';

/** What a sound state adds up to. */
export type StateSummary = {
  readonly accounts: number;
  /** Wei of all accounts. */
  readonly totalBalance: bigint;
};

/** A flat row and where the trie must have it. */
type FlatRow = {
  /** Hash of the address or slot: the key in the trie. */
  readonly hash: Uint8Array;
  /** The key of the flat row. */
  readonly key: Uint8Array;
  /** The value that the trie must have. */
  readonly value: Uint8Array;
};

/** All flat rows that one trie must have, by their hash. */
type FlatRows = {
  readonly keyspace: Keyspace;
  /** What their keys begin with before the part that is hashed. */
  readonly prefix: Uint8Array;
  readonly rows: readonly FlatRow[];
};

/** An account's flat row, understood. */
type AccountRow = FlatRow & { readonly account: Account };

/**
 * Checks that `reader` holds exactly the state with root `stateRoot`: every node of the account trie
 * and of all storage tries is there and has the hash that its parent says, no other node is stored,
 * the flat rows say what the tries say and nothing else, and every account's code is there.
 * Takes memory for the flat rows of all accounts, not for the tries. History rows cannot be told
 * from the state and are not looked at. `reader` must not change meanwhile: pass a snapshot.
 *
 * @throws `STATE_CORRUPT` with the `keyspace` and the `key` of the first row found wrong; of a flat
 *   row that is missing only the `keyPrefix` and the `keyHash` of the rest are known
 */
export function verifyState(reader: KvReader, stateRoot: Uint8Array): StateSummary {
  const accounts = flatAccounts(reader);
  stepThrough(reader, KEYSPACES.accountTrie, (nextNode) => {
    verifyTrie(new Trie(accountTrieNodes(reader), stateRoot), accountTrieKey, nextNode, {
      keyspace: KEYSPACES.accounts,
      prefix: EMPTY_BYTES,
      rows: accounts,
    });
  });
  verifyStorage(reader, accounts);
  verifyStorageOwners(reader);
  verifyCode(reader, accounts);
  let totalBalance = 0n;
  for (const { account } of accounts) totalBalance += account.balance;
  return { accounts: accounts.length, totalBalance };
}

/** All flat accounts by the hash of their address. */
function flatAccounts(reader: KvReader): readonly AccountRow[] {
  const accounts: AccountRow[] = [];
  for (const [key, value] of reader.range(KEYSPACES.accounts)) {
    if (key.length !== ADDRESS_BYTES) throw corruptRow(KEYSPACES.accounts, key, 'not an address');
    const account = accountFromRow(KEYSPACES.accounts, key, value);
    accounts.push({ hash: keccak256(key), key, value, account });
  }
  return accounts.sort(byHash);
}

/** All slots of an account by their hash. */
function flatSlots(reader: KvReader, address: Uint8Array): readonly FlatRow[] {
  const slots: FlatRow[] = [];
  for (const [key, row] of reader.range(KEYSPACES.storage, prefixRange(address))) {
    if (key.length !== ADDRESS_BYTES + WORD_BYTES) {
      throw corruptRow(KEYSPACES.storage, key, 'not an address and a slot');
    }
    const word = wordFromRow(KEYSPACES.storage, key, row);
    if (isZeroWord(word))
      throw corruptRow(KEYSPACES.storage, key, 'a slot that is zero has no row');
    slots.push({ hash: keccak256(key.subarray(ADDRESS_BYTES)), key, value: encodeRlp(row) });
  }
  return slots.sort(byHash);
}

/**
 * Walks `trie` and steps through its stored nodes and through the flat rows with it: all three have
 * the same order, so what one has more or less shows at once.
 */
function verifyTrie(
  trie: Trie,
  nodeKey: (path: Uint8Array) => Uint8Array,
  nextNode: NextRow,
  flat: FlatRows,
): void {
  let next = 0;
  for (const [path, node] of trie.walk()) {
    if (node.storedHash !== undefined) nextNode(nodeKey(path));
    const entry = nodeEntry(path, node);
    if (entry === undefined) continue;
    verifyRow(flat, flat.rows[next], entry);
    next += 1;
  }
  const surplus = flat.rows[next];
  if (surplus !== undefined)
    throw corruptRow(flat.keyspace, surplus.key, 'the trie does not have it');
}

/** `row` is the flat row that belongs to the trie's `entry`. */
function verifyRow(
  { keyspace, prefix }: FlatRows,
  row: FlatRow | undefined,
  [hash, value]: TrieEntry,
): void {
  const order = row === undefined ? 1 : compareBytes(row.hash, hash);
  if (row === undefined || order > 0) {
    const fields = { keyspace: keyspace.name, keyPrefix: toHex(prefix), keyHash: toHex(hash) };
    const problem = `${keyspace.name} ${fields.keyPrefix} + the key that hashes to ${fields.keyHash}: no row`;
    throw stateErrors.create('STATE_CORRUPT', problem, fields);
  }
  if (order < 0) throw corruptRow(keyspace, row.key, 'the trie does not have it');
  if (!equalBytes(row.value, value)) {
    throw corruptRow(keyspace, row.key, `the trie says ${toHex(value)}`);
  }
}

/** The storage tries and slots of all accounts, which come in the order of their address hashes. */
function verifyStorage(reader: KvReader, accounts: readonly AccountRow[]): void {
  stepThrough(reader, KEYSPACES.storageTrie, (nextNode) => {
    for (const { hash, key, account } of accounts) {
      if (!hasStorage(account)) continue;
      const trie = new Trie(storageTrieNodes(reader, hash), account.storageRoot);
      verifyTrie(trie, (path) => storageTrieKey(hash, path), nextNode, {
        keyspace: KEYSPACES.storage,
        prefix: key,
        rows: flatSlots(reader, key),
      });
    }
  });
}

/** No slot belongs to an address that has no storage. */
function verifyStorageOwners(reader: KvReader): void {
  let owner: Uint8Array | undefined;
  for (const [key] of reader.range(KEYSPACES.storage)) {
    const address = key.subarray(0, ADDRESS_BYTES);
    if (owner !== undefined && equalBytes(owner, address)) continue;
    const row = reader.get(KEYSPACES.accounts, address);
    if (row === undefined || !hasStorage(accountFromRow(KEYSPACES.accounts, address, row))) {
      throw corruptRow(KEYSPACES.storage, key, 'the account has no storage');
    }
    owner = address;
  }
}

/** All code is what its hash says, and no account lacks its code. */
function verifyCode(reader: KvReader, accounts: readonly AccountRow[]): void {
  for (const [key, code] of reader.range(KEYSPACES.code)) {
    if (!equalBytes(keccak256(code), key)) {
      throw corruptRow(KEYSPACES.code, key, 'the code has another hash');
    }
  }
  for (const { account } of accounts) {
    if (!hasCode(account) || reader.get(KEYSPACES.code, account.codeHash) !== undefined) continue;
    throw corruptRow(KEYSPACES.code, account.codeHash, 'the code is missing');
  }
}

function byHash(left: FlatRow, right: FlatRow): number {
  return compareBytes(left.hash, right.hash);
}

/** Takes the key that the next row must have. */
type NextRow = (key: Uint8Array) => void;

/** `visit` names, in order, all keys of the keyspace, each of which it has found by a lookup. */
function stepThrough(reader: KvReader, keyspace: Keyspace, visit: (next: NextRow) => void): void {
  const surplus = (key: Uint8Array): Error =>
    corruptRow(keyspace, key, 'no node of the trie belongs there');
  const rows = reader.range(keyspace)[Symbol.iterator]();
  try {
    visit((key) => {
      const row = rows.next();
      const found = row.done ? undefined : row.value[0];
      if (found !== undefined && compareBytes(found, key) < 0) throw surplus(found);
      assert(found !== undefined && equalBytes(found, key), 'a range has all that lookups find');
    });
    const row = rows.next();
    if (!row.done) throw surplus(row.value[0]);
  } finally {
    rows.return?.();
  }
}
