import { assert, equalBytes, present, toHex, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { ADDRESS_BYTES } from '@lucerna/protocol';
import {
  type Account,
  EMPTY_ACCOUNT,
  equalAccounts,
  hasStorage,
  isEmptyAccount,
} from './account.ts';
import type { AccountChange, CodeEntry, StateDiff, StorageChange } from './diff.ts';
import { stateErrors } from './errors.ts';
import type { StateReader } from './reader.ts';
import { isZeroWord, WORD_BYTES, ZERO_WORD } from './word.ts';

/** One past the largest balance. */
const BALANCE_END = 1n << 256n;

/**
 * The precompile RIPEMD-160, whose touch outlives a revert. In mainnet block 2,675,119 clients
 * deleted this empty account although the call that had touched it failed; the rules keep that
 * (execution-specs, `incorporate_child_on_error`).
 */
const RIPEMD_KEY = '0000000000000000000000000000000000000003';

type SlotEntry = {
  readonly slot: Uint8Array;
  /** As before the block. */
  readonly before: Uint8Array;
  value: Uint8Array;
};

type AccountEntry = {
  readonly address: Uint8Array;
  readonly key: string;
  /** As before the block. */
  readonly before: Account | undefined;
  account: Account | undefined;
  /** What was stored before the block does not count any more. */
  storageCleared: boolean;
  slots: Map<string, SlotEntry>;
};

/**
 * The changes of a block on top of a state: every write can be taken back up to a checkpoint, and
 * transactions end by the rules of Ethereum as of Paris (EIP-161 for empty accounts).
 *
 * ```ts
 * const journal = new StateJournal(latestState(reader));
 * const checkpoint = journal.checkpoint();
 * journal.transfer(from, to, 10n);
 * journal.revertTo(checkpoint);
 * journal.endTransaction();
 * const diff = journal.diff();
 * ```
 *
 * What it holds is bounded by the gas of the block, or by whoever writes without gas.
 * Byte strings that go in are kept and byte strings that come out are shared: do not write to them.
 */
export class StateJournal implements StateReader {
  readonly #reader: StateReader;
  readonly #accounts = new Map<string, AccountEntry>();
  #lastAddress: Uint8Array | undefined;
  #lastEntry: AccountEntry | undefined;
  readonly #codes = new Map<string, Uint8Array>();
  /** Accounts that this transaction has touched in the sense of EIP-161. */
  readonly #touched = new Set<AccountEntry>();
  /** What takes back each write of this transaction. */
  readonly #undo: (() => void)[] = [];
  /** Number of the first entry of `#undo`, so that checkpoints of ended transactions are known. */
  #undoStart = 0;

  constructor(reader: StateReader) {
    this.#reader = reader;
  }

  /** The account, undefined when there is none. Its `storageRoot` is that of before the block. */
  account(address: Uint8Array): Account | undefined {
    return this.#entry(address).account;
  }

  /** Wei of the account; 0 when there is none. */
  balance(address: Uint8Array): bigint {
    return this.#entry(address).account?.balance ?? 0n;
  }

  /** Nonce of the account; 0 when there is none. */
  nonce(address: Uint8Array): bigint {
    return this.#entry(address).account?.nonce ?? 0n;
  }

  /** Code hash of the account; that of no code when there is none. */
  codeHash(address: Uint8Array): Uint8Array {
    return (this.#entry(address).account ?? EMPTY_ACCOUNT).codeHash;
  }

  /** Code by its hash. @throws `STATE_CORRUPT` when it is missing */
  code(codeHash: Uint8Array): Uint8Array {
    const changed = this.#codes.size > 0 ? this.#codes.get(toHexKey(codeHash)) : undefined;
    return changed ?? this.#reader.code(codeHash);
  }

  /** The word in a slot. */
  storage(address: Uint8Array, slot: Uint8Array): Uint8Array {
    return this.#slot(this.#entry(address), slot).value;
  }

  /** True for an account that EIP-161 calls dead: absent or empty. */
  isDead(address: Uint8Array): boolean {
    const { account } = this.#entry(address);
    return account === undefined || isEmptyAccount(account);
  }

  /** Sets the balance, creating the account. @throws `BALANCE_OVERFLOW` */
  setBalance(address: Uint8Array, balance: bigint): void {
    assert(balance >= 0n, 'a balance is not negative');
    this.#update(this.#entry(address), { balance: checkedBalance(address, balance) });
  }

  /**
   * Adds to the balance, creating the account unless `amount` is 0; touches it in any case.
   *
   * @throws `BALANCE_OVERFLOW`, and nothing has changed
   */
  addBalance(address: Uint8Array, amount: bigint): void {
    assert(amount >= 0n, 'an amount is not negative');
    if (amount === 0n) this.touch(address);
    else this.setBalance(address, this.balance(address) + amount);
  }

  /** Takes from the balance. The caller has checked that it suffices. Touches the account. */
  subtractBalance(address: Uint8Array, amount: bigint): void {
    assert(amount >= 0n, 'an amount is not negative');
    const balance = this.balance(address);
    assert(amount <= balance, 'the caller checks the balance');
    if (amount === 0n) this.touch(address);
    else this.setBalance(address, balance - amount);
  }

  /**
   * Moves wei; both accounts are touched. The caller has checked that the balance suffices. To
   * oneself, or of nothing, it changes and creates nothing.
   *
   * @throws `BALANCE_OVERFLOW`, and nothing has changed
   */
  transfer(from: Uint8Array, to: Uint8Array, value: bigint): void {
    assert(value >= 0n && value <= this.balance(from), 'the caller checks the balance');
    if (value === 0n || equalBytes(from, to)) {
      this.touch(from);
      this.touch(to);
      return;
    }
    checkedBalance(to, this.balance(to) + value);
    this.subtractBalance(from, value);
    this.addBalance(to, value);
  }

  /** Sets the nonce, creating the account. */
  setNonce(address: Uint8Array, nonce: bigint): void {
    assert(nonce >= 0n && nonce < 1n << 64n, 'a nonce has 64 bits (EIP-2681)');
    this.#update(this.#entry(address), { nonce });
  }

  /** Sets the code, creating the account. */
  setCode(address: Uint8Array, code: Uint8Array): void {
    const codeHash = keccak256(code);
    // Not undone: a code that no account refers to is not part of the diff.
    if (code.length > 0) this.#codes.set(toHexKey(codeHash), code);
    this.#update(this.#entry(address), { codeHash });
  }

  /**
   * Sets the word in a slot, creating the account: an account that has nothing but storage is empty
   * and does not outlive the transaction.
   */
  setStorage(address: Uint8Array, slot: Uint8Array, value: Uint8Array): void {
    assert(value.length === WORD_BYTES, 'a word has 32 bytes');
    const entry = this.#entry(address);
    if (entry.account === undefined) this.#update(entry, {});
    else this.#touch(entry);
    this.#setSlot(this.#slot(entry, slot), value);
  }

  /** Removes the account, its storage with it. */
  deleteAccount(address: Uint8Array): void {
    this.#delete(this.#entry(address));
  }

  /**
   * Notes that the transaction has involved the account in what may change state: if it is empty at
   * the end of the transaction, it goes (EIP-161). Creates nothing.
   */
  touch(address: Uint8Array): void {
    this.#touch(this.#entry(address));
  }

  /** The point to which {@link revertTo} goes back. Checkpoints nest. */
  checkpoint(): number {
    return this.#undoStart + this.#undo.length;
  }

  /** Takes back everything since `checkpoint`, which is of the transaction that is under way. */
  revertTo(checkpoint: number): void {
    const length = checkpoint - this.#undoStart;
    assert(length >= 0 && length <= this.#undo.length, 'a checkpoint of this transaction');
    while (this.#undo.length > length) present(this.#undo.pop(), 'it is longer than length')();
  }

  /** Ends the transaction: touched accounts that are empty go, and nothing can be taken back now. */
  endTransaction(): void {
    for (const entry of this.#touched) {
      if (entry.account !== undefined && isEmptyAccount(entry.account)) this.#delete(entry);
    }
    this.#touched.clear();
    // One more, so that no checkpoint of this transaction is one of the next.
    this.#undoStart += this.#undo.length + 1;
    this.#undo.length = 0;
  }

  /**
   * All changes since the reader's state. Every transaction must have ended. The storage roots are
   * those of before the block: `commitDiff` fills them in.
   */
  diff(): StateDiff {
    assert(this.#undo.length === 0 && this.#touched.size === 0, 'the transaction has ended');
    const accounts: AccountChange[] = [];
    const storage: StorageChange[] = [];
    const codes = new Map<string, CodeEntry>();
    for (const entry of inKeyOrder(this.#accounts)) {
      const { address, before, account: after } = entry;
      const storageCleared = entry.storageCleared && before !== undefined && hasStorage(before);
      const changes = changedSlots(entry, storageCleared);
      if (!storageCleared && changes.length === 0 && equalAccounts(before, after)) continue;
      accounts.push({ address, before, after, storageCleared });
      for (const change of changes) storage.push(change);
      if (after === undefined) continue;
      const key = toHexKey(after.codeHash);
      const code = this.#codes.get(key);
      if (code !== undefined) codes.set(key, { codeHash: after.codeHash, code });
    }
    return { accounts, storage, code: inKeyOrder(codes) };
  }

  #entry(address: Uint8Array): AccountEntry {
    // One account is asked about many things in a row, by the same array.
    if (address === this.#lastAddress) return this.#lastEntry as AccountEntry;
    const entry = this.#entryOf(address);
    this.#lastAddress = address;
    this.#lastEntry = entry;
    return entry;
  }

  #entryOf(address: Uint8Array): AccountEntry {
    assert(address.length === ADDRESS_BYTES, 'an address has 20 bytes');
    const key = toHexKey(address);
    let entry = this.#accounts.get(key);
    if (entry === undefined) {
      const before = this.#reader.account(address);
      const slots = new Map<string, SlotEntry>();
      entry = { address, key, before, account: before, storageCleared: false, slots };
      this.#accounts.set(key, entry);
    }
    return entry;
  }

  #slot(entry: AccountEntry, slot: Uint8Array): SlotEntry {
    assert(slot.length === WORD_BYTES, 'the key of a slot has 32 bytes');
    const key = toHexKey(slot);
    let held = entry.slots.get(key);
    if (held === undefined) {
      const { before: account, address } = entry;
      const before = account === undefined ? ZERO_WORD : this.#reader.storage(address, slot);
      held = { slot, before, value: entry.storageCleared ? ZERO_WORD : before };
      entry.slots.set(key, held);
    }
    return held;
  }

  #touch(entry: AccountEntry): void {
    if (this.#touched.has(entry)) return;
    this.#touched.add(entry);
    if (entry.key === RIPEMD_KEY) return;
    this.#undo.push(() => {
      this.#touched.delete(entry);
    });
  }

  #update(entry: AccountEntry, change: Partial<Account>): void {
    this.#touch(entry);
    const before = entry.account;
    entry.account = { ...(before ?? EMPTY_ACCOUNT), ...change };
    this.#undo.push(() => {
      entry.account = before;
    });
  }

  #setSlot(held: SlotEntry, value: Uint8Array): void {
    const before = held.value;
    held.value = value;
    this.#undo.push(() => {
      held.value = before;
    });
  }

  #delete(entry: AccountEntry): void {
    const { account, storageCleared, slots } = entry;
    entry.account = undefined;
    entry.storageCleared = true;
    // A new map, because a slot that is first met from now on is zero, and is not after a revert.
    entry.slots = new Map();
    this.#undo.push(() => {
      entry.account = account;
      entry.storageCleared = storageCleared;
      entry.slots = slots;
    });
  }
}

function checkedBalance(address: Uint8Array, balance: bigint): bigint {
  if (balance < BALANCE_END) return balance;
  throw stateErrors.create('BALANCE_OVERFLOW', undefined, { address: toHex(address) });
}

/** Slots that are not as before; of a cleared storage also those that are again as before. */
function changedSlots(entry: AccountEntry, storageCleared: boolean): StorageChange[] {
  const changes: StorageChange[] = [];
  for (const { slot, before, value } of inKeyOrder(entry.slots)) {
    const isKept = equalBytes(before, value);
    if (isKept && (!storageCleared || isZeroWord(value))) continue;
    changes.push({ address: entry.address, slot, before, after: value });
  }
  return changes;
}

/** The values by their keys, which are hex text and so have the order of the bytes. */
function inKeyOrder<T>(map: ReadonlyMap<string, T>): T[] {
  const entries = [...map].sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([, value]) => value);
}
