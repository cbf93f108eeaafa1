import { type BytePool, equalBytes, rangeToBigInt } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import {
  type Codec,
  decodeWith,
  EMPTY_TRIE_ROOT,
  hash32,
  type JsonObject,
  record,
  rlpLength,
  uint64,
  uint256,
  writeRlp,
} from '@lucerna/protocol';
import { rowBytes } from './trie/pools.ts';

/** What the state holds for an address (yellow paper, section 4.1). Immutable. */
export type Account = {
  /** Transactions sent; for a contract, also contracts created. */
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  /** Root of the trie from keccak(slot) to rlp(word). */
  readonly storageRoot: Uint8Array;
  /** keccak(code); {@link EMPTY_KECCAK} without code. */
  readonly codeHash: Uint8Array;
};

/** Codec of an account: its RLP is the value in the account trie. */
const accountCodec: Codec<Account, JsonObject> = record<Account>({
  nonce: uint64,
  balance: uint256,
  storageRoot: hash32,
  codeHash: hash32,
});

/** An account nothing has happened to. */
export const EMPTY_ACCOUNT: Account = {
  nonce: 0n,
  balance: 0n,
  storageRoot: EMPTY_TRIE_ROOT,
  codeHash: EMPTY_KECCAK,
};

/**
 * The account as RLP: the value in the account trie and in the `accounts` keyspace.
 *
 * @param pool where its bytes come from: {@link nodeBytes} when a trie is to keep them
 */
export function encodeAccount(account: Account, pool: BytePool = rowBytes): Uint8Array {
  const item = accountCodec.toRlp(account);
  const encoded = pool.take(rlpLength(item));
  writeRlp(item, encoded, 0);
  return encoded;
}

/** The inverse of {@link encodeAccount}. @throws `RLP_*` with the `path` */
export function decodeAccount(encoded: Uint8Array): Account {
  return readAccount(encoded) ?? decodeWith(accountCodec, encoded, 'account');
}

/** A string of 32 bytes begins with this, and a list of 56 to 255 bytes with a byte of its length. */
const HASH_PREFIX = 0xa0;
const LIST_PREFIX = 0xf8;
/** Where the hashes stand, counted from the end; each has its prefix before it. */
const STORAGE_ROOT = -65;
const CODE_HASH = -32;

/**
 * Nearly every question to the state decodes an account, so what is right is read here without items on
 * the way. Undefined for all else: the codec says what is wrong with it.
 */
function readAccount(row: Uint8Array): Account | undefined {
  const { length } = row;
  if (row[0] !== LIST_PREFIX || row[1] !== length - 2) return undefined;
  const [rootAt, codeAt] = [length + STORAGE_ROOT, length + CODE_HASH];
  if (row[rootAt - 1] !== HASH_PREFIX || row[codeAt - 1] !== HASH_PREFIX) return undefined;
  const nonceEnd = numberEnd(row, 2, 8);
  if (nonceEnd === undefined) return undefined;
  const balanceEnd = numberEnd(row, nonceEnd, 32);
  if (balanceEnd !== rootAt - 1) return undefined;
  return {
    nonce: numberBefore(row, 2, nonceEnd),
    balance: numberBefore(row, nonceEnd, balanceEnd),
    // Copies: a view of a small array costs more, and would keep all of the row.
    storageRoot: row.slice(rootAt, codeAt - 1),
    codeHash: row.slice(codeAt),
  };
}

/** Where the number at `start` ends; undefined when it is not in its one form, or too long. */
function numberEnd(row: Uint8Array, start: number, maxBytes: number): number | undefined {
  const first = row[start] ?? 0;
  if (first < 0x80) return first === 0 ? undefined : start + 1;
  const bytes = first - 0x80;
  if (bytes > maxBytes) return undefined;
  const leading = row[start + 1] ?? 0;
  const isCanonical = bytes === 0 || (bytes === 1 ? leading >= 0x80 : leading > 0);
  return isCanonical ? start + 1 + bytes : undefined;
}

/** The number between `start` and `end`, which is a byte or stands behind one that tells its length. */
function numberBefore(row: Uint8Array, start: number, end: number): bigint {
  const isOwnEncoding = end === start + 1 && row[start] !== 0x80;
  return rangeToBigInt(row, isOwnEncoding ? start : start + 1, end);
}

/** True for an account that EIP-161 calls empty: no code, nonce 0 and balance 0. */
export function isEmptyAccount(account: Account): boolean {
  return account.nonce === 0n && account.balance === 0n && !hasCode(account);
}

/** True when the account is a contract. */
export function hasCode(account: Account): boolean {
  return !equalBytes(account.codeHash, EMPTY_KECCAK);
}

/** True when some slot of the account is not zero (as of its storage root). */
export function hasStorage(account: Account): boolean {
  return !equalBytes(account.storageRoot, EMPTY_TRIE_ROOT);
}

/** True when both are absent, or equal in every field. */
export function equalAccounts(left: Account | undefined, right: Account | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return (
    left.nonce === right.nonce &&
    left.balance === right.balance &&
    equalBytes(left.storageRoot, right.storageRoot) &&
    equalBytes(left.codeHash, right.codeHash)
  );
}
