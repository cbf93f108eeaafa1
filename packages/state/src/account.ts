import { type BytePool, equalBytes } from '@lucerna/base';
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
  return decodeWith(accountCodec, encoded, 'account');
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
