import {
  assert,
  bytesToBigInt,
  concatBytes,
  EMPTY_BYTES,
  fixedBytes,
  minimalBytes,
} from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { encodeUtf8 } from '../utf8.ts';
import { Address, type Value } from '../vm/value.ts';
import { VALUE_TAGS } from './value-tags.ts';

/** Bytes of a slot's number and of the word in it. */
export const WORD_BYTES = 32;

const PREFIX: Uint8Array = encodeUtf8('zx.storage.');
const SLOTS = 1n << 256n;

/** The slot of a state variable: keccak("zx.storage." ‖ name). */
export function variableSlot(name: string): Uint8Array {
  return keccak256(concatBytes(PREFIX, encodeUtf8(name)));
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
  const length = key.length + 2 * WORD_BYTES;
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
 * The one form of a value as a map's key: its tag, then its bytes. Different values have different
 * keys, whatever their kinds: 1, "1" and true are three keys.
 */
export function canonicalKey(value: Value): Uint8Array {
  const [tag, payload] = valuePayload(value);
  const key = new Uint8Array(1 + payload.length);
  key[0] = tag;
  key.set(payload, 1);
  return key;
}

/** The tag of a value and its fewest bytes: false, 0, null and the empty text have none. */
export function valuePayload(value: Value): [tag: number, payload: Uint8Array] {
  if (value === null) return [VALUE_TAGS.null, EMPTY_BYTES];
  if (typeof value === 'string') return [VALUE_TAGS.string, encodeUtf8(value)];
  if (value instanceof Uint8Array) return [VALUE_TAGS.bytes, value];
  if (value instanceof Address) return [VALUE_TAGS.address, value.bytes];
  if (typeof value === 'boolean') {
    return [VALUE_TAGS.boolean, value ? Uint8Array.of(1) : EMPTY_BYTES];
  }
  const integer = BigInt(value);
  if (integer < 0n) return [VALUE_TAGS.negative, minimalBytes(-integer)];
  return [VALUE_TAGS.natural, minimalBytes(integer)];
}

/**
 * The slots in which a value continues that does not fit its head word: keccak(head slot) + n, modulo
 * 2²⁵⁶, for n from 0.
 */
export function continuationSlots(headSlot: Uint8Array, count: number): Uint8Array[] {
  assert(headSlot.length === WORD_BYTES, 'a slot has 32 bytes');
  if (count === 0) return [];
  const first = bytesToBigInt(keccak256(headSlot));
  return Array.from({ length: count }, (_, index) =>
    fixedBytes((first + BigInt(index)) % SLOTS, WORD_BYTES),
  );
}
