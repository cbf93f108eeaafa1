import {
  assert,
  compareBytes,
  EMPTY_BYTES,
  equalBytes,
  type Progress,
  present,
  toHex,
} from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { ADDRESS_BYTES, encodeRlp } from '@lucerna/protocol';
import { KEYSPACES, type Keyspace, type KvReader } from '@lucerna/storage';
import { type Account, hasCode, hasStorage } from './account.ts';
import { stateErrors } from './errors.ts';
import { stateLimits } from './limits.ts';
import { accountFromRow, corruptRow, prefixRange, storageKey, wordFromRow } from './rows.ts';
import { hashOrder } from './snapshot/hash-order.ts';
import { nodeEntry, type TrieEntry } from './trie/entries.ts';
import {
  accountTrieKey,
  accountTrieNodes,
  storageTrieKey,
  storageTrieNodes,
} from './trie/source.ts';
import { type StoredTrie, storedNodes } from './trie/stored-nodes.ts';
import { everySoManyRows } from './turns.ts';
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

/** All flat rows that one trie must have, in the order of their hashes. */
type FlatRows<R extends FlatRow> = {
  readonly keyspace: Keyspace;
  /** What their keys begin with before the part that is hashed. */
  readonly prefix: Uint8Array;
  readonly rows: AsyncGenerator<R, void, undefined>;
};

/** An account's flat row, understood. */
type AccountRow = FlatRow & { readonly account: Account };

/**
 * Checks that `reader` holds exactly the state with root `stateRoot`: every node of the account trie
 * and of all storage tries is there and has the hash that its parent says, no other node is stored,
 * the flat rows say what the tries say and nothing else, and every account's code is there.
 * Memory is bounded, whatever the state. History rows cannot be told from the state and are not looked
 * at. `reader` must not change meanwhile: pass a snapshot.
 *
 * @param takeTurn awaited every so many rows
 * @param onProgress told accounts and slots, of all of them once they are counted
 * @throws `STATE_CORRUPT` with the `keyspace` and the `key` of the first row found wrong; of a flat
 *   row that is missing only the `keyPrefix` and the `keyHash` of the rest are known
 */
export async function verifyState(
  reader: KvReader,
  stateRoot: Uint8Array,
  takeTurn: () => Promise<void>,
  onProgress: Progress = () => undefined,
): Promise<StateSummary> {
  return new StateCheck(reader, takeTurn, onProgress).run(stateRoot);
}

/** One check: the tries are walked, and all that is stored is stepped through in the same order. */
class StateCheck {
  readonly #reader: KvReader;
  readonly #step: () => Promise<void> | undefined;
  readonly #onProgress: Progress;
  /** Accounts and slots that are right, and all of them once they were counted. */
  #done = 0;
  #total: number | undefined;
  #accounts = 0;
  #totalBalance = 0n;

  constructor(reader: KvReader, takeTurn: () => Promise<void>, onProgress: Progress) {
    this.#reader = reader;
    this.#onProgress = onProgress;
    this.#step = everySoManyRows(() => {
      onProgress(this.#done, this.#total);
      return takeTurn();
    });
  }

  async run(stateRoot: Uint8Array): Promise<StateSummary> {
    const reader = this.#reader;
    this.#total = await this.#count();
    await stepThrough(reader, KEYSPACES.accountTrie, async (nextNode) => {
      await stepThrough(reader, KEYSPACES.storageTrie, async (nextStorageNode) => {
        const trie = { nodes: accountTrieNodes(reader), root: stateRoot };
        const rows = this.#accountRows();
        const flat = { keyspace: KEYSPACES.accounts, prefix: EMPTY_BYTES, rows };
        await this.#checkTrie(trie, accountTrieKey, nextNode, flat, async (row) => {
          await this.#checkAccount(row, nextStorageNode);
        });
      });
    });
    await this.#checkStorageOwners();
    await this.#checkCode();
    this.#onProgress(this.#done, this.#total);
    return { accounts: this.#accounts, totalBalance: this.#totalBalance };
  }

  /** How many accounts and slots there are. */
  async #count(): Promise<number> {
    let count = 0;
    for (const keyspace of [KEYSPACES.accounts, KEYSPACES.storage]) {
      for (const _ of this.#reader.range(keyspace)) {
        const turn = this.#step();
        if (turn !== undefined) await turn;
        count += 1;
      }
    }
    return count;
  }

  async *#accountRows(): AsyncGenerator<AccountRow, void, undefined> {
    const { accounts } = KEYSPACES;
    for await (const key of this.#inOrder(() => this.#addresses(), ADDRESS_BYTES)) {
      const value = present(this.#reader.get(accounts, key), 'a lookup finds what a range has');
      yield { hash: keccak256(key), key, value, account: accountFromRow(accounts, key, value) };
    }
  }

  async *#slotRows(address: Uint8Array): AsyncGenerator<FlatRow, void, undefined> {
    const { storage } = KEYSPACES;
    for await (const slot of this.#inOrder(() => this.#slots(address), WORD_BYTES)) {
      const key = storageKey(address, slot);
      const row = present(this.#reader.get(storage, key), 'a lookup finds what a range has');
      const word = wordFromRow(storage, key, row);
      if (isZeroWord(word)) throw corruptRow(storage, key, 'a slot that is zero has no row');
      yield { hash: keccak256(slot), key, value: encodeRlp(row) };
    }
  }

  #inOrder(keys: () => Iterable<Uint8Array>, keyBytes: number): AsyncGenerator<Uint8Array> {
    const maxKeys = stateLimits.values.snapshotSortKeys;
    return hashOrder(keys, { keyBytes, maxKeys, step: this.#step });
  }

  *#addresses(): Generator<Uint8Array, void, undefined> {
    for (const [key] of this.#reader.range(KEYSPACES.accounts)) {
      if (key.length !== ADDRESS_BYTES) throw corruptRow(KEYSPACES.accounts, key, 'not an address');
      yield key;
    }
  }

  *#slots(address: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (const [key] of this.#reader.range(KEYSPACES.storage, prefixRange(address))) {
      if (key.length !== ADDRESS_BYTES + WORD_BYTES) {
        throw corruptRow(KEYSPACES.storage, key, 'not an address and a slot');
      }
      yield key.subarray(ADDRESS_BYTES);
    }
  }

  /**
   * Walks `trie` and steps through its stored nodes and through the flat rows with it: all three have
   * the same order, so what one has more or less shows at once.
   *
   * @param visit takes each flat row that is right
   */
  async #checkTrie<R extends FlatRow>(
    trie: StoredTrie,
    nodeKey: (path: Uint8Array) => Uint8Array,
    nextNode: NextRow,
    flat: FlatRows<R>,
    visit: (row: R) => Promise<void> | void = () => undefined,
  ): Promise<void> {
    const { rows } = flat;
    try {
      for (const { path, node, encoded } of storedNodes(trie)) {
        const turn = this.#step();
        if (turn !== undefined) await turn;
        if (encoded !== undefined) nextNode(nodeKey(path));
        const entry = nodeEntry(path, node);
        if (entry === undefined) continue;
        const row = verifyRow(flat, (await rows.next()).value ?? undefined, entry);
        const visiting = visit(row);
        if (visiting !== undefined) await visiting;
        this.#done += 1;
      }
      const surplus = (await rows.next()).value ?? undefined;
      if (surplus === undefined) return;
      throw corruptRow(flat.keyspace, surplus.key, 'the trie does not have it');
    } finally {
      await rows.return();
    }
  }

  /** The storage of an account, whose turn comes in the order of the address hashes, and its code. */
  async #checkAccount({ hash, key, account }: AccountRow, nextNode: NextRow): Promise<void> {
    const reader = this.#reader;
    this.#accounts += 1;
    this.#totalBalance += account.balance;
    if (hasStorage(account)) {
      const trie = { nodes: storageTrieNodes(reader, hash), root: account.storageRoot };
      const flat = { keyspace: KEYSPACES.storage, prefix: key, rows: this.#slotRows(key) };
      await this.#checkTrie(trie, (path) => storageTrieKey(hash, path), nextNode, flat);
    }
    if (hasCode(account) && reader.get(KEYSPACES.code, account.codeHash) === undefined) {
      throw corruptRow(KEYSPACES.code, account.codeHash, 'the code is missing');
    }
  }

  /** No slot belongs to an address that has no storage. */
  async #checkStorageOwners(): Promise<void> {
    const reader = this.#reader;
    let owner: Uint8Array | undefined;
    for (const [key] of reader.range(KEYSPACES.storage)) {
      const turn = this.#step();
      if (turn !== undefined) await turn;
      const address = key.subarray(0, ADDRESS_BYTES);
      if (owner !== undefined && equalBytes(owner, address)) continue;
      const row = reader.get(KEYSPACES.accounts, address);
      if (row === undefined || !hasStorage(accountFromRow(KEYSPACES.accounts, address, row))) {
        throw corruptRow(KEYSPACES.storage, key, 'the account has no storage');
      }
      owner = address;
    }
  }

  /** All code is what its hash says. */
  async #checkCode(): Promise<void> {
    for (const [key, code] of this.#reader.range(KEYSPACES.code)) {
      const turn = this.#step();
      if (turn !== undefined) await turn;
      if (!equalBytes(keccak256(code), key)) {
        throw corruptRow(KEYSPACES.code, key, 'the code has another hash');
      }
    }
  }
}

/** `row` is the flat row that belongs to the trie's entry. */
function verifyRow<R extends FlatRow>(
  { keyspace, prefix }: FlatRows<R>,
  row: R | undefined,
  [hash, value]: TrieEntry,
): R {
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
  return row;
}

/** Takes the key that the next row must have. */
type NextRow = (key: Uint8Array) => void;

/** `visit` names, in order, all keys of the keyspace, each of which it has found by a lookup. */
async function stepThrough(
  reader: KvReader,
  keyspace: Keyspace,
  visit: (next: NextRow) => Promise<void>,
): Promise<void> {
  const surplus = (key: Uint8Array): Error =>
    corruptRow(keyspace, key, 'no node of the trie belongs there');
  const rows = reader.range(keyspace)[Symbol.iterator]();
  try {
    await visit((key) => {
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
