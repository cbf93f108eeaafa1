import { assert, bytesToBigInt, concatBytes, EMPTY_BYTES, fixedBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { encodeUtf8 } from '../utf8.ts';
import type { Scalar } from '../vm/value.ts';
import { valuePayload } from './scalars.ts';

/** Bytes of a slot's number and of the word in it. */
export const WORD_BYTES = 32;

/** Bytes under the hash of a map's entry beside its key: generation and slot of the map. */
export const ENTRY_BYTES: number = 2 * WORD_BYTES;
/** The same of the presence of an entry: its mark as well. */
export const PRESENCE_BYTES: number = 1 + ENTRY_BYTES;
/** Bytes under the hash of a sequence number: mark, number, generation and slot of the map. */
export const SEQUENCE_BYTES: number = 1 + 8 + ENTRY_BYTES;
/** Bytes under the hash that finds the elements of a list: generation and slot of the list. */
export const ELEMENTS_BYTES: number = 2 * WORD_BYTES;

/** No tag of a value: what begins with them is no key. */
const SEQUENCE_MARK = 0x20;
const PRESENCE_MARK = 0x21;

const VARIABLE_PREFIX: Uint8Array = encodeUtf8('zx.storage.');
const LAYOUT_PREFIX: Uint8Array = encodeUtf8('zx.layout.');
const DELEGATED_PREFIX: Uint8Array = encodeUtf8('zx.delegated.');
const SLOTS = 1n << 256n;

/** The slot of what `state_read` and `state_write` share: a plain map of untyped cells. */
export const STATE_SLOT: Uint8Array = keccak256(encodeUtf8('zx.state'));

/** The slot of the contract's ledger: a list of untyped cells. */
export const LEDGER_SLOT: Uint8Array = keccak256(encodeUtf8('zx.ledger'));

/** The slot of a state variable: keccak("zx.storage." ‖ name). */
export function variableSlot(name: string): Uint8Array {
  return keccak256(concatBytes(VARIABLE_PREFIX, encodeUtf8(name)));
}

/** The slot of a variable's fingerprint, for code that is delegated to: keccak("zx.layout." ‖ name). */
export function layoutSlot(name: string): Uint8Array {
  return keccak256(concatBytes(LAYOUT_PREFIX, encodeUtf8(name)));
}

/** The slot that says that code was delegated to: keccak("zx.delegated." ‖ hash of the code). */
export function delegatedSlot(codeHash: Uint8Array): Uint8Array {
  assert(codeHash.length === WORD_BYTES, 'a hash has 32 bytes');
  return keccak256(concatBytes(DELEGATED_PREFIX, codeHash));
}

/**
 * The slot of a map's entry: keccak(key ‖ generation ‖ map slot). The entry of a nested map is the
 * slot of the inner map.
 *
 * @param key of {@link canonicalKey}
 * @param generation how often the map was cleared; 0 for plain maps
 */
export function entrySlot(
  mapSlot: Uint8Array,
  key: Uint8Array,
  generation: bigint = 0n,
): Uint8Array {
  assert(mapSlot.length === WORD_BYTES, 'a slot has 32 bytes');
  const length = key.length + ENTRY_BYTES;
  // Keys are mostly as long as the one before: what an address needs is not made each time.
  if (entryInput.length !== length) entryInput = new Uint8Array(length);
  const input = entryInput;
  if (length > MAX_KEPT_INPUT_BYTES) entryInput = EMPTY_BYTES;
  input.set(key);
  if (generation === 0n) input.fill(0, key.length, key.length + WORD_BYTES);
  else input.set(fixedBytes(generation, WORD_BYTES), key.length);
  input.set(mapSlot, key.length + WORD_BYTES);
  return keccak256(input);
}

/** Longer ones, of text or bytes as a key, are not held on to. */
const MAX_KEPT_INPUT_BYTES = 128;

/** Where the input of the last entry was put together. All of it is written again for the next. */
let entryInput: Uint8Array = EMPTY_BYTES;

/**
 * The slot that says whether an enumerable map has an entry: keccak(0x21 ‖ key ‖ generation ‖ map slot).
 * Its word is the entry's sequence number + 1, zero where there is none.
 *
 * @param key of {@link canonicalKey}
 */
export function presenceSlot(mapSlot: Uint8Array, key: Uint8Array, generation: bigint): Uint8Array {
  assert(mapSlot.length === WORD_BYTES, 'a slot has 32 bytes');
  return keccak256(
    concatBytes(Uint8Array.of(PRESENCE_MARK), key, fixedBytes(generation, WORD_BYTES), mapSlot),
  );
}

/**
 * The slot of the untyped cell that holds the key of an enumerable map's entry by its sequence number,
 * null where the entry was removed: keccak(0x20 ‖ number (8 bytes) ‖ generation ‖ map slot).
 */
export function sequenceSlot(
  mapSlot: Uint8Array,
  sequence: number,
  generation: bigint,
): Uint8Array {
  assert(mapSlot.length === WORD_BYTES, 'a slot has 32 bytes');
  const mark = Uint8Array.of(SEQUENCE_MARK);
  const number = fixedBytes(BigInt(sequence), 8);
  return keccak256(concatBytes(mark, number, fixedBytes(generation, WORD_BYTES), mapSlot));
}

/** The number of the slot of a list's first element: keccak(generation ‖ list slot). */
export function firstElement(listSlot: Uint8Array, generation: bigint): bigint {
  assert(listSlot.length === WORD_BYTES, 'a slot has 32 bytes');
  return bytesToBigInt(keccak256(concatBytes(fixedBytes(generation, WORD_BYTES), listSlot)));
}

/** The slot `index` places behind the slot of this number, modulo 2²⁵⁶. */
export function slotBehind(first: bigint, index: number): Uint8Array {
  return fixedBytes((first + BigInt(index)) % SLOTS, WORD_BYTES);
}

/** The slot of a list's element, from 0: keccak(generation ‖ list slot) + index, modulo 2²⁵⁶. */
export function elementSlot(listSlot: Uint8Array, index: number, generation: bigint): Uint8Array {
  return slotBehind(firstElement(listSlot, generation), index);
}

/**
 * The one form of a value as a map's key: its tag, then its bytes. Different values have different
 * keys, whatever their kinds: 1, "1" and true are three keys.
 */
export function canonicalKey(value: Scalar): Uint8Array {
  const [tag, payload] = valuePayload(value);
  const key = new Uint8Array(1 + payload.length);
  key[0] = tag;
  key.set(payload, 1);
  return key;
}

/**
 * The slots in which a value continues that does not fit its head word: keccak(head slot) + n, modulo
 * 2²⁵⁶, for n from 0.
 */
export function continuationSlots(headSlot: Uint8Array, count: number): Uint8Array[] {
  assert(headSlot.length === WORD_BYTES, 'a slot has 32 bytes');
  if (count === 0) return [];
  const first = bytesToBigInt(keccak256(headSlot));
  return Array.from({ length: count }, (_, index) => slotBehind(first, index));
}
