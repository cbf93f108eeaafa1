import { concatBytes, fixedBytes, isLucernaError, type LucernaError, toHex } from '@lucerna/base';
import type { Keyspace, KvRange } from '@lucerna/storage';
import { type Account, decodeAccount } from './account.ts';
import { stateErrors } from './errors.ts';
import { padWord, ZERO_WORD } from './word.ts';

/** The key of a slot in the `storage` keyspace. */
export function storageKey(address: Uint8Array, slot: Uint8Array): Uint8Array {
  const key = new Uint8Array(address.length + slot.length);
  key.set(address);
  key.set(slot, address.length);
  return key;
}

/** The key of what `key` held before the block of `height`, in a history keyspace. */
export function historyKey(key: Uint8Array, height: number): Uint8Array {
  return concatBytes(key, fixedBytes(BigInt(height), 8));
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: Uint8Array): KvRange {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  // Nothing of the same length comes after ff…ff, so the range is open at that end.
  if (length === 0) return { from: prefix };
  const to = prefix.slice(0, length);
  to[length - 1] = (to[length - 1] as number) + 1;
  return { from: prefix, to };
}

/** The account that a row holds. @throws `STATE_CORRUPT` naming the row */
export function accountFromRow(keyspace: Keyspace, key: Uint8Array, row: Uint8Array): Account {
  try {
    return decodeAccount(row);
  } catch (error) {
    if (isLucernaError(error)) throw corruptRow(keyspace, key, error.message);
    throw error;
  }
}

/** The word that a row holds. @throws `STATE_CORRUPT` naming the row */
export function wordFromRow(keyspace: Keyspace, key: Uint8Array, row: Uint8Array): Uint8Array {
  if (row.length === 0) return ZERO_WORD;
  const word = padWord(row);
  if (word === undefined)
    throw corruptRow(keyspace, key, 'the word has leading zeros or too many bytes');
  return word;
}

/** The error for a row that is missing or damaged: names keyspace and key, also in its fields. */
export function corruptRow(keyspace: Keyspace, key: Uint8Array, problem: string): LucernaError {
  const fields = { keyspace: keyspace.name, key: toHex(key) };
  return stateErrors.create('STATE_CORRUPT', `${keyspace.name} ${fields.key}: ${problem}`, fields);
}
