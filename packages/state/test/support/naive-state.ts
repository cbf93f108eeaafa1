import { RLP } from '@ethereumjs/rlp';
import { toHexKey } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { addressOf, wordOf } from './arbitrary.ts';
import { naiveTrie } from './naive-trie.ts';
import { codeOf, type NaiveAccount } from './state-script.ts';

/** State root and all stored rows, by `keyspace key`, that a model's accounts must have. */
export type NaiveRows = { readonly root: string; readonly rows: ReadonlyMap<string, string> };

/** Everything about a state, made afresh from its accounts. Code rows are left out: they stay. */
export function naiveRows(accounts: ReadonlyMap<number, NaiveAccount>): NaiveRows {
  const rows = new Map<string, string>();
  const leaves = new Map<string, string>();
  for (const [index, account] of accounts) {
    const address = addressOf(index);
    const storageRoot = addStorage(rows, address, account);
    const { nonce, balance, code } = account;
    const encoded = RLP.encode([nonce, balance, storageRoot, keccak_256(codeOf(code))]);
    rows.set(`accounts ${toHexKey(address)}`, toHexKey(encoded));
    leaves.set(hashKey(address), toHexKey(encoded));
  }
  const trie = naiveTrie(leaves);
  for (const [path, node] of trie.rows) rows.set(`account-trie ${spread(path)}`, node);
  return { root: trie.root, rows };
}

/** The rows of one account's storage; returns the storage root. */
function addStorage(
  rows: Map<string, string>,
  address: Uint8Array,
  account: NaiveAccount,
): Uint8Array {
  const slots = new Map<string, string>();
  for (const [slot, value] of account.slots) {
    const digits = value.toString(16);
    const trimmed = digits.padStart(digits.length + (digits.length % 2), '0');
    const encoded = RLP.encode(Buffer.from(trimmed, 'hex'));
    rows.set(`storage ${toHexKey(address)}${toHexKey(wordOf(slot))}`, trimmed);
    slots.set(hashKey(wordOf(slot)), toHexKey(encoded));
  }
  const trie = naiveTrie(slots);
  for (const [path, node] of trie.rows) {
    rows.set(`storage-trie ${hashKey(address)}${spread(path)}`, node);
  }
  return Buffer.from(trie.root, 'hex');
}

function hashKey(bytes: Uint8Array): string {
  return toHexKey(keccak_256(bytes));
}

/** A path of hex digits as the hex of bytes that hold one nibble each. */
function spread(path: string): string {
  return [...path].map((digit) => `0${digit}`).join('');
}
