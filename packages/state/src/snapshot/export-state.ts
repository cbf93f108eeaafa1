import { assert, equalBytes, type Progress } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { ADDRESS_BYTES } from '@lucerna/protocol';
import { KEYSPACES, type KvReader } from '@lucerna/storage';
import { type Account, hasCode, hasStorage } from '../account.ts';
import { latestState } from '../flat.ts';
import { stateLimits } from '../limits.ts';
import type { StateReader } from '../reader.ts';
import { corruptRow, prefixRange, storageKey } from '../rows.ts';
import { everySoManyRows } from '../turns.ts';
import { isZeroWord, WORD_BYTES } from '../word.ts';
import { hashOrder } from './hash-order.ts';
import { RecentCodes } from './recent-codes.ts';
import {
  encodeSnapshotAccount,
  encodeSnapshotChunk,
  encodeSnapshotSlot,
} from './snapshot-codec.ts';

/**
 * The state in `reader` as a snapshot, chunk by chunk; none for the state without accounts. Memory is
 * bounded, whatever the state. `reader` must not change meanwhile: pass a snapshot of the store.
 *
 * Only flat rows and code are read, and they are not compared with the tries. Who must be sure that
 * the chunks give the state with a certain root passes them to a `StateImporter` that keeps nothing.
 *
 * @param chunkBytes how long a chunk may become; an account whose code is longer is one by itself
 * @param takeTurn awaited every so many rows
 * @param onProgress told accounts, of all accounts once they are counted
 * @throws `STATE_CORRUPT`
 */
export async function* exportState(
  reader: KvReader,
  chunkBytes: number,
  takeTurn: () => Promise<void>,
  onProgress: Progress = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { snapshotFillBytes } = stateLimits.values;
  assert(chunkBytes > 0 && chunkBytes <= snapshotFillBytes, 'chunks have a bounded length');
  let items: Uint8Array[] = [];
  let itemBytes = 0;
  for await (const item of new StateExport(reader, takeTurn, onProgress).items()) {
    if (items.length > 0 && itemBytes + item.length + LIST_PREFIX_BYTES > chunkBytes) {
      yield encodeSnapshotChunk(items);
      items = [];
      itemBytes = 0;
    }
    items.push(item);
    itemBytes += item.length;
  }
  if (items.length > 0) yield encodeSnapshotChunk(items);
}

/** The most that an RLP list of a chunk's length has before its items. */
const LIST_PREFIX_BYTES = 4;

/** One export: what it remembers from one account to the next. */
class StateExport {
  readonly #reader: KvReader;
  readonly #latest: StateReader;
  readonly #step: () => Promise<void> | undefined;
  readonly #onProgress: Progress;
  readonly #recentCodes = new RecentCodes();
  /** Accounts so far, and all of them once they were counted. */
  #done = 0;
  #total: number | undefined;

  constructor(reader: KvReader, takeTurn: () => Promise<void>, onProgress: Progress) {
    this.#reader = reader;
    this.#latest = latestState(reader);
    this.#onProgress = onProgress;
    this.#step = everySoManyRows(() => {
      onProgress(this.#done, this.#total);
      return takeTurn();
    });
  }

  /** All items, encoded. */
  async *items(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const address of this.#inOrder(() => this.#addresses(), ADDRESS_BYTES)) {
      const account = this.#latest.account(address);
      assert(account !== undefined, 'a lookup finds what a range has');
      yield encodeSnapshotAccount({ address, ...account, code: this.#codeToInclude(account) });
      if (hasStorage(account)) yield* this.#slotItems(address);
      this.#done += 1;
    }
    this.#onProgress(this.#done, this.#total);
  }

  async *#slotItems(address: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const slot of this.#inOrder(() => this.#slots(address), WORD_BYTES)) {
      const word = this.#latest.storage(address, slot);
      if (isZeroWord(word)) {
        const key = storageKey(address, slot);
        throw corruptRow(KEYSPACES.storage, key, 'a slot that is zero has no row');
      }
      yield encodeSnapshotSlot(slot, word);
    }
  }

  #inOrder(keys: () => Iterable<Uint8Array>, keyBytes: number): AsyncGenerator<Uint8Array> {
    const maxKeys = stateLimits.values.snapshotSortKeys;
    return hashOrder(keys, { keyBytes, maxKeys, step: this.#step });
  }

  *#addresses(): Generator<Uint8Array, void, undefined> {
    let count = 0;
    for (const [key] of this.#reader.range(KEYSPACES.accounts)) {
      if (key.length !== ADDRESS_BYTES) throw corruptRow(KEYSPACES.accounts, key, 'not an address');
      count += 1;
      yield key;
    }
    this.#total = count;
  }

  *#slots(address: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (const [key] of this.#reader.range(KEYSPACES.storage, prefixRange(address))) {
      if (key.length !== ADDRESS_BYTES + WORD_BYTES) {
        throw corruptRow(KEYSPACES.storage, key, 'not an address and a slot');
      }
      yield key.subarray(ADDRESS_BYTES);
    }
  }

  /** The account's code, unless it came a short while before. */
  #codeToInclude(account: Account): Uint8Array | undefined {
    if (!hasCode(account)) return undefined;
    const { codeHash } = account;
    if (!this.#recentCodes.isDue(codeHash)) return undefined;
    const code = this.#latest.code(codeHash);
    if (!equalBytes(keccak256(code), codeHash)) {
      throw corruptRow(KEYSPACES.code, codeHash, 'the code has another hash');
    }
    return code;
  }
}
