import { assert, compareBytes, equalBytes, toHex } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, encodeRlp } from '@lucerna/protocol';
import { KEYSPACES, type Keyspace, WriteBatch } from '@lucerna/storage';
import { encodeAccount } from '../account.ts';
import { stateLimits } from '../limits.ts';
import { storageKey } from '../rows.ts';
import { TrieBuilder } from '../trie/bulk-build.ts';
import { accountTrieKey, storageTrieKey } from '../trie/source.ts';
import { everySoManyRows } from '../turns.ts';
import type { StateSummary } from '../verify.ts';
import { trimWord } from '../word.ts';
import { RecentCodes } from './recent-codes.ts';
import {
  decodeSnapshotItem,
  invalidSnapshot,
  type SnapshotAccount,
  type SnapshotPosition,
  type SnapshotSlot,
  splitSnapshotChunk,
} from './snapshot-codec.ts';

/** What a whole snapshot holds. */
export type ImportedState = StateSummary & { readonly stateRoot: Uint8Array };

/** The account whose slots are being added. Its bytes are not views of the chunk. */
type OpenAccount = Omit<SnapshotAccount, 'kind' | 'code'> & {
  /** Hash of the address. */
  readonly hash: Uint8Array;
  /** Builds the storage trie, once there is a slot. */
  storage: TrieBuilder | undefined;
  /** Hash of the last slot. */
  slotHash: Uint8Array | undefined;
};

/**
 * Makes the rows of a state from the chunks of a snapshot: flat rows, code, and the nodes of all
 * tries, the same rows that a store has that got this state block by block (code that no account
 * has any more is not among them). Memory: a chunk, a batch, and the paths to the last keys.
 *
 * A snapshot says by itself only that it is one: it is the state that was asked for when `finish`
 * gives the root that was asked for. Until then the rows are nobody's state, and after an error they
 * have to be thrown away. With a sink that does nothing, this checks a snapshot.
 */
export class StateImporter {
  readonly #sink: (batch: WriteBatch) => Promise<void>;
  readonly #step: () => Promise<void> | undefined;
  readonly #accountTrie: TrieBuilder;
  readonly #recentCodes = new RecentCodes();
  #batch = new WriteBatch();
  #batchBytes = 0;
  #open: OpenAccount | undefined;
  #chunks = 0;
  #accounts = 0;
  #totalBalance = 0n;
  /** False during a call, after an error and at the end. */
  #isReady = true;

  /**
   * @param sink takes the rows, a bounded batch at a time, for a store that holds no state yet; the
   *   next batch comes when it has resolved. What it throws, `add` and `finish` throw
   * @param takeTurn awaited every so many rows
   */
  constructor(
    sink: (batch: WriteBatch) => Promise<void>,
    takeTurn: () => Promise<void> = async () => undefined,
  ) {
    this.#sink = sink;
    this.#step = everySoManyRows(takeTurn);
    this.#accountTrie = new TrieBuilder((path, encoded) => {
      this.#put(KEYSPACES.accountTrie, accountTrieKey(path), encoded);
    });
  }

  /**
   * Takes the next chunk; nothing of it is kept. One call after the other.
   *
   * @throws `SNAPSHOT_INVALID` with the number of the `chunk` and of the `item` in it, when the bytes
   *   are not a chunk or it does not continue the last one
   */
  async add(chunk: Uint8Array): Promise<void> {
    this.#begin();
    const items = splitSnapshotChunk(chunk, this.#chunks);
    for (const [index, encoded] of items.entries()) {
      const position = { chunk: this.#chunks, item: index };
      const item = decodeSnapshotItem(encoded, position);
      if (item.kind === 'account') this.#addAccount(item, position);
      else this.#addSlot(item, position);
      if (this.#batchBytes >= stateLimits.values.snapshotBatchBytes) await this.#flush();
      const turn = this.#step();
      if (turn !== undefined) await turn;
    }
    this.#chunks += 1;
    this.#isReady = true;
  }

  /** The end of the snapshot: hands over the last rows and says what state it was. */
  async finish(): Promise<ImportedState> {
    this.#begin();
    this.#closeAccount();
    const stateRoot = this.#accountTrie.finish();
    await this.#flush();
    return { stateRoot, accounts: this.#accounts, totalBalance: this.#totalBalance };
  }

  #begin(): void {
    assert(this.#isReady, 'one call at a time, none after an error, and none after the end');
    this.#isReady = false;
  }

  #addAccount(item: SnapshotAccount, position: SnapshotPosition): void {
    const hash = keccak256(item.address);
    if (this.#open !== undefined && compareBytes(hash, this.#open.hash) <= 0) {
      throw invalidSnapshot(position, 'the account does not come after the last one', {
        address: toHex(item.address),
      });
    }
    this.#closeAccount();
    if (!equalBytes(item.codeHash, EMPTY_KECCAK)) this.#addCode(item, position);
    this.#open = {
      address: item.address.slice(),
      nonce: item.nonce,
      balance: item.balance,
      codeHash: item.codeHash.slice(),
      hash,
      storage: undefined,
      slotHash: undefined,
    };
    this.#accounts += 1;
    this.#totalBalance += item.balance;
  }

  #addCode({ codeHash, code }: SnapshotAccount, position: SnapshotPosition): void {
    const isDue = this.#recentCodes.isDue(codeHash);
    if (isDue !== (code !== undefined)) {
      const problem = isDue ? 'the code is missing' : 'the code has come a short while before';
      throw invalidSnapshot(position, problem, { codeHash: toHex(codeHash) });
    }
    if (code !== undefined) this.#put(KEYSPACES.code, codeHash.slice(), code.slice());
  }

  #addSlot({ slot, word }: SnapshotSlot, position: SnapshotPosition): void {
    const account = this.#open;
    if (account === undefined) throw invalidSnapshot(position, 'a slot before the first account');
    const hash = keccak256(slot);
    if (account.slotHash !== undefined && compareBytes(hash, account.slotHash) <= 0) {
      throw invalidSnapshot(position, 'the slot does not come after the last one', {
        address: toHex(account.address),
        slot: toHex(slot),
      });
    }
    account.slotHash = hash;
    account.storage ??= new TrieBuilder((path, encoded) => {
      this.#put(KEYSPACES.storageTrie, storageTrieKey(account.hash, path), encoded);
    });
    const value = trimWord(word);
    account.storage.put(hash, encodeRlp(value));
    this.#put(KEYSPACES.storage, storageKey(account.address, slot), value);
  }

  /** The last account is complete: its slots are all there, and with them its storage root. */
  #closeAccount(): void {
    if (this.#open === undefined) return;
    const { address, nonce, balance, codeHash, hash, storage } = this.#open;
    const storageRoot = storage === undefined ? EMPTY_TRIE_ROOT : storage.finish();
    const encoded = encodeAccount({ nonce, balance, storageRoot, codeHash });
    this.#put(KEYSPACES.accounts, address, encoded);
    this.#accountTrie.put(hash, encoded);
    this.#open = undefined;
  }

  #put(keyspace: Keyspace, key: Uint8Array, value: Uint8Array): void {
    this.#batch.put(keyspace, key, value);
    this.#batchBytes += key.length + value.length;
  }

  async #flush(): Promise<void> {
    if (this.#batch.size === 0) return;
    const batch = this.#batch;
    this.#batch = new WriteBatch();
    this.#batchBytes = 0;
    await this.#sink(batch);
  }
}
