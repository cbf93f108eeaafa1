import { concatBytes, equalBytes, fixedBytes, toHexKey } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import { ADDRESS_BYTES, createAddress, type TransactionPosition } from '@lucerna/protocol';
import type { StateDiff } from '@lucerna/state';
import {
  KEYSPACES,
  type Keyspace,
  type KvEntry,
  type KvReader,
  storageErrors,
} from '@lucerna/storage';
import { heightKey } from './index-rows.ts';
import type { BlockBody } from './record.ts';

/** A key of one of the three indexes; the rows have no values. */
export type ExplorerKey = readonly [keyspace: Keyspace, key: Uint8Array];

/** Bytes of a position at the end of a key: height and index in the block. */
const POSITION_BYTES = 12;

/** One past the largest index that a key can have. */
const INDEX_END = 2 ** 32;

/**
 * The rows by which the transactions of a block are found: by whoever took part in them, by sender and
 * nonce, and by the contracts that they have created. The same block always has the same rows, and no
 * other one has them, so that they go with it.
 *
 * @param diff what the block did to the state: who got code. Of a base it is not known
 */
export function explorerKeys(
  { block, receipts, participants }: Omit<BlockBody, 'lifted'>,
  diff: StateDiff,
): readonly ExplorerKey[] {
  const { header, transactions } = block;
  const gotCode = accountsWithNewCode(diff);
  const keys: ExplorerKey[] = [];
  for (const [index, { sender, transaction }] of transactions.entries()) {
    const position = positionKey({ height: header.height, index });
    const isSuccess = receipts[index]?.status === 1;
    const recipient = transaction.to ?? createAddress(sender, transaction.nonce);
    const others = participants[index] ?? [];
    for (const address of distinct(sender, recipient, others)) {
      keys.push([KEYSPACES.addressTransactions, concatBytes(address, position)]);
    }
    const nonce = fixedBytes(transaction.nonce, 8);
    keys.push([KEYSPACES.senderNonces, concatBytes(sender, nonce, position)]);
    if (!isSuccess) continue;
    if (transaction.to === null) {
      keys.push([KEYSPACES.creations, concatBytes(recipient, position)]);
      gotCode.delete(toHexKey(recipient));
    }
    for (const address of others) {
      // Another transaction of the block may have touched it before: the first one gets it.
      if (!gotCode.delete(toHexKey(address))) continue;
      keys.push([KEYSPACES.creations, concatBytes(address, position)]);
    }
  }
  return keys;
}

/**
 * The transactions in which `address` took part, before or after `from`, which is not among them.
 *
 * @param from undefined: from the last one on, or from the first one
 */
export function* transactionsOf(
  reader: KvReader,
  address: Uint8Array,
  from: TransactionPosition | undefined,
  direction: 'newer' | 'older',
): Generator<TransactionPosition, void, undefined> {
  const first = concatBytes(address, new Uint8Array(POSITION_BYTES));
  const end = concatBytes(address, new Uint8Array(POSITION_BYTES).fill(0xff));
  const at = from === undefined ? undefined : clamped(from);
  const range =
    direction === 'newer'
      ? { from: at === undefined ? first : concatBytes(address, positionKey(following(at))) }
      : { from: first, reverse: true };
  const to =
    direction === 'older' && at !== undefined ? concatBytes(address, positionKey(at)) : end;
  for (const [key] of reader.range(KEYSPACES.addressTransactions, { ...range, to })) {
    yield positionOf(key);
  }
}

/** The transaction that used this nonce; the last one, where cheats have let it come again. */
export function transactionOfNonce(
  reader: KvReader,
  sender: Uint8Array,
  nonce: bigint,
): TransactionPosition | undefined {
  for (const position of positionsOfNonce(reader, sender, nonce)) return position;
  return undefined;
}

/**
 * All transactions up to the block of `height` that used this nonce, the last one first.
 *
 * @param height undefined: of the whole chain
 */
export function* positionsOfNonce(
  reader: KvReader,
  sender: Uint8Array,
  nonce: bigint,
  height?: number,
): Generator<TransactionPosition, void, undefined> {
  const prefix = concatBytes(sender, fixedBytes(nonce, 8));
  const rows = positions(reader, KEYSPACES.senderNonces, prefix, height);
  for (const [key] of rows) yield positionOf(key);
}

/** The transaction that created the contract; the last one, where there are several. */
export function creationOf(
  reader: KvReader,
  contract: Uint8Array,
): TransactionPosition | undefined {
  for (const [key] of positions(reader, KEYSPACES.creations, contract)) return positionOf(key);
  return undefined;
}

/** The keys that are `prefix` and a position, the last one first. */
function positions(
  reader: KvReader,
  keyspace: Keyspace,
  prefix: Uint8Array,
  height?: number,
): Iterable<KvEntry> {
  const end =
    height === undefined
      ? new Uint8Array(POSITION_BYTES).fill(0xff)
      : positionKey({ height: height + 1, index: 0 });
  const from = concatBytes(prefix, new Uint8Array(POSITION_BYTES));
  const to = concatBytes(prefix, end);
  return reader.range(keyspace, { from, to, reverse: true });
}

/** Who has code after the block and had none before. */
function accountsWithNewCode({ accounts }: StateDiff): Set<string> {
  const found = new Set<string>();
  for (const { address, before, after } of accounts) {
    const hadCode = before !== undefined && !equalBytes(before.codeHash, EMPTY_KECCAK);
    if (hadCode || after === undefined || equalBytes(after.codeHash, EMPTY_KECCAK)) continue;
    found.add(toHexKey(address));
  }
  return found;
}

/** Each of them once. */
function distinct(
  sender: Uint8Array,
  recipient: Uint8Array,
  others: readonly Uint8Array[],
): readonly Uint8Array[] {
  const ends = equalBytes(sender, recipient) ? [sender] : [sender, recipient];
  if (others.length === 0) return ends;
  return [...new Map([...ends, ...others].map((each) => [toHexKey(each), each])).values()];
}

function positionKey({ height, index }: TransactionPosition): Uint8Array {
  return concatBytes(heightKey(height), fixedBytes(BigInt(index), 4));
}

/** Whatever a caller asks from, as a position that a key can have. */
function clamped({ height, index }: TransactionPosition): TransactionPosition {
  return index < INDEX_END ? { height, index } : { height: height + 1, index: 0 };
}

function following({ height, index }: TransactionPosition): TransactionPosition {
  return clamped({ height, index: index + 1 });
}

function positionOf(key: Uint8Array): TransactionPosition {
  if (key.length < ADDRESS_BYTES + POSITION_BYTES) {
    throw storageErrors.create('STORE_CORRUPT', 'a key without a position');
  }
  const view = new DataView(key.buffer, key.byteOffset + key.length - POSITION_BYTES);
  return { height: Number(view.getBigUint64(0)), index: view.getUint32(8) };
}
