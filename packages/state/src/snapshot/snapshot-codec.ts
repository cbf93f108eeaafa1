import { assert, equalBytes, type Fields, isLucernaError, type LucernaError } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import {
  address20,
  bytes,
  decodeRlp,
  encodeRlp,
  encodeRlpList,
  hash32,
  listItems,
  type RlpItem,
  splitRlpList,
  uint64,
  uint256,
} from '@lucerna/protocol';
import { stateErrors } from '../errors.ts';
import { stateLimits } from '../limits.ts';
import { isZeroWord, wordCodec } from '../word.ts';

// A snapshot is a sequence of items in the order of the tries: every account, by the hash of its
// address, and behind it all its slots, by the hash of the slot. A chunk is an RLP list of any number
// of consecutive items; that it begins in the middle of an account's slots, one sees from its first
// item. How many elements an item has says what it is:
//
//   [slot, word]                              a slot of the last account
//   [address, nonce, balance]                 an account without code
//   [address, nonce, balance, codeHash]       one whose code has come a short while before
//   [address, nonce, balance, codeHash, code] one with its code
//
// Storage roots are left out: they follow from the slots. docs/spec/snapshot.md has the same at length.

/** An account of a snapshot. */
export type SnapshotAccount = {
  readonly kind: 'account';
  readonly address: Uint8Array;
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly codeHash: Uint8Array;
  /** Its code, when the snapshot has it here. */
  readonly code: Uint8Array | undefined;
};

/** A slot that is not zero, of the account before it. */
export type SnapshotSlot = {
  readonly kind: 'slot';
  readonly slot: Uint8Array;
  readonly word: Uint8Array;
};

/** Where in a snapshot: both counted from 0; without `item` the chunk as a whole. */
export type SnapshotPosition = { readonly chunk: number; readonly item?: number };

/** Elements of a slot's item. */
const SLOT_ELEMENTS = 2;
/** The item of most elements, and itself: what decoding one makes. */
const MAX_RLP_ITEMS = 6;

const codeBytes = bytes(stateLimits.values.diffCodeBytes);

/** The item of an account, encoded. */
export function encodeSnapshotAccount(account: Omit<SnapshotAccount, 'kind'>): Uint8Array {
  const { address, nonce, balance, codeHash, code } = account;
  const item: RlpItem[] = [address20.toRlp(address), uint64.toRlp(nonce), uint256.toRlp(balance)];
  if (!equalBytes(codeHash, EMPTY_KECCAK)) item.push(hash32.toRlp(codeHash));
  if (code !== undefined) {
    assert(item.length === 4, 'an account without code has none to include');
    item.push(codeBytes.toRlp(code));
  }
  return encodeRlp(item);
}

/** The item of a slot, encoded. */
export function encodeSnapshotSlot(slot: Uint8Array, word: Uint8Array): Uint8Array {
  assert(!isZeroWord(word), 'a slot that is zero is not there');
  return encodeRlp([hash32.toRlp(slot), wordCodec.toRlp(word)]);
}

/** A chunk of items that are encoded already. */
export function encodeSnapshotChunk(items: readonly Uint8Array[]): Uint8Array {
  assert(items.length > 0, 'a chunk has items');
  return encodeRlpList(items);
}

/**
 * The encoded items of chunk number `chunk`, as views of it.
 *
 * @throws `SNAPSHOT_INVALID` when it is no list, too long, or has too many items or none
 */
export function splitSnapshotChunk(encoded: Uint8Array, chunk: number): readonly Uint8Array[] {
  const { snapshotChunkBytes, snapshotChunkItems } = stateLimits.values;
  if (encoded.length > snapshotChunkBytes) {
    throw invalidSnapshot({ chunk }, `${encoded.length} bytes are more than a chunk has`);
  }
  const items = understood({ chunk }, () => splitRlpList(encoded, snapshotChunkItems, 'chunk'));
  if (items.length === 0) throw invalidSnapshot({ chunk }, 'a chunk without items');
  return items;
}

/**
 * An item by itself; its byte strings are views of `encoded`.
 *
 * @throws `SNAPSHOT_INVALID` with the position
 */
export function decodeSnapshotItem(
  encoded: Uint8Array,
  position: SnapshotPosition,
): SnapshotAccount | SnapshotSlot {
  return understood(position, () => {
    const elements = listItems(decodeRlp(encoded, MAX_RLP_ITEMS), 'item');
    return elements.length === SLOT_ELEMENTS
      ? slotFrom(elements, position)
      : accountFrom(elements, position);
  });
}

/** The error for what is wrong at `position`. */
export function invalidSnapshot(
  position: SnapshotPosition,
  problem: string,
  more: Fields = {},
  cause?: unknown,
): LucernaError {
  const { chunk, item } = position;
  const place = item === undefined ? `chunk ${chunk}` : `chunk ${chunk}, item ${item}`;
  const fields = { ...more, ...position };
  return stateErrors.create('SNAPSHOT_INVALID', `${place}: ${problem}`, fields, cause);
}

function slotFrom(elements: readonly RlpItem[], position: SnapshotPosition): SnapshotSlot {
  const [slot, word] = elements as readonly [RlpItem, RlpItem];
  const item: SnapshotSlot = {
    kind: 'slot',
    slot: hash32.fromRlp(slot, 'slot'),
    word: wordCodec.fromRlp(word, 'word'),
  };
  if (isZeroWord(item.word)) throw invalidSnapshot(position, 'a slot that is zero');
  return item;
}

function accountFrom(elements: readonly RlpItem[], position: SnapshotPosition): SnapshotAccount {
  const [address, nonce, balance, codeHash, code] = elements;
  if (address === undefined || nonce === undefined || balance === undefined) {
    throw invalidSnapshot(position, 'an item has 2 to 5 elements');
  }
  const item: SnapshotAccount = {
    kind: 'account',
    address: address20.fromRlp(address, 'address'),
    nonce: uint64.fromRlp(nonce, 'nonce'),
    balance: uint256.fromRlp(balance, 'balance'),
    codeHash: codeHash === undefined ? EMPTY_KECCAK : hash32.fromRlp(codeHash, 'codeHash'),
    code: code === undefined ? undefined : codeBytes.fromRlp(code, 'code'),
  };
  if (codeHash !== undefined && equalBytes(item.codeHash, EMPTY_KECCAK)) {
    throw invalidSnapshot(position, 'the hash of no code is left out');
  }
  if (item.code !== undefined && !equalBytes(keccak256(item.code), item.codeHash)) {
    throw invalidSnapshot(position, 'the code has another hash');
  }
  return item;
}

/** What `decode` gives; what it says about the bytes is said about the snapshot. */
function understood<T>(position: SnapshotPosition, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!isLucernaError(error) || error.code === 'SNAPSHOT_INVALID') throw error;
    throw invalidSnapshot(position, error.message, error.fields, error);
  }
}
