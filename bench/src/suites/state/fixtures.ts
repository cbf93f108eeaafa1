import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareBytes, fixedBytes, present, type SeededRandom, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  type Database,
  openDataDirectory,
  openDirectoryStore,
} from '@lucerna/platform-node/directory';
import { EMPTY_TRIE_ROOT } from '@lucerna/protocol';
import {
  type Account,
  type AccountChange,
  commitDiff,
  EMPTY_ACCOUNT,
  encodeAccount,
  type StateDiff,
} from '@lucerna/state';
import type { KvStore } from '@lucerna/storage';

/** The address of the seeded account `index`. */
export function addressOf(index: number): Uint8Array {
  return keccak256(fixedBytes(BigInt(index), 8)).slice(12);
}

/** Fields of usual lengths, other ones for every `version`. */
export function accountOf(index: number, version: number): Account {
  const nonce = BigInt((index % 500) + version);
  return { ...EMPTY_ACCOUNT, nonce, balance: BigInt(index + 1) * 1_000_000_007n ** 2n };
}

/** Key and value in the account trie. */
export type TrieRow = readonly [key: Uint8Array, value: Uint8Array];

export function trieRow(index: number, version: number): TrieRow {
  return [keccak256(addressOf(index)), encodeAccount(accountOf(index, version))];
}

export function trieRows(indexes: readonly number[], version: number): readonly TrieRow[] {
  return indexes.map((index) => trieRow(index, version));
}

/** 0, 1, … count − 1. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** `count` of the numbers below `bound`, each at most once, in random order. */
export function sample(random: SeededRandom, count: number, bound: number): readonly number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.below(bound));
  return [...chosen];
}

/** The diff that brings the accounts from one version to another; undefined: there are none yet. */
export function diffOf(
  changes: readonly { readonly index: number; readonly from: number | undefined }[],
  version: number,
): StateDiff {
  const accounts = changes.map(
    ({ index, from }): AccountChange => ({
      address: addressOf(index),
      before: from === undefined ? undefined : accountOf(index, from),
      after: accountOf(index, version),
      storageCleared: false,
    }),
  );
  accounts.sort((left, right) => compareBytes(left.address, right.address));
  return { accounts, storage: [], code: [] };
}

/** A database as the product opens it, in a folder of its own. */
export type BenchStore = {
  readonly store: KvStore;
  readonly folder: string;
  readonly close: () => Promise<void>;
};

/**
 * A new, empty database, in the system's temporary folder or in `LUCERNA_BENCH_DIR`: figures of
 * durable writes are those of the disk that this is on.
 */
export async function openBenchStore(database: Database = 'lmdb'): Promise<BenchStore> {
  const parent = process.env['LUCERNA_BENCH_DIR'] ?? tmpdir();
  const folder = await mkdtemp(join(parent, 'lucerna-bench-'));
  try {
    const directory = await openDataDirectory(join(folder, 'data'), { database });
    const store = await orClose(directory, () => openDirectoryStore(directory));
    const close = async (): Promise<void> => {
      await store.close();
      await directory.close();
      await rm(folder, { recursive: true, force: true });
    };
    return { store, folder, close };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What `prepare` makes of something that is open, and which is closed when that fails. */
export async function orClose<T>(
  opened: { readonly close: () => Promise<void> },
  prepare: () => Promise<T>,
): Promise<T> {
  try {
    return await prepare();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** A database with a state of `count` seeded accounts of version 0, and its root. */
export async function openBenchState(
  count: number,
  others: readonly AccountChange[] = [],
): Promise<BenchStore & { readonly stateRoot: Uint8Array }> {
  const opened = await openBenchStore();
  return orClose(opened, async () => {
    const seeded = diffOf(
      upTo(count).map((index) => ({ index, from: undefined })),
      0,
    );
    const accounts = [...seeded.accounts, ...others];
    accounts.sort((left, right) => compareBytes(left.address, right.address));
    const options = { parentRoot: EMPTY_TRIE_ROOT, height: 0, history: false };
    const { stateRoot, batch } = commitDiff(opened.store, { ...seeded, accounts }, options);
    await opened.store.commit(batch, 'power');
    return { ...opened, stateRoot };
  });
}

/** One digest of many results. */
export function digestOf(results: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const result of results) hash.update(result);
  return hash.digest('hex');
}

/** A root as the hash of a result. */
export function rootHash(root: Uint8Array): string {
  return toHex(root);
}

/** The element that is `index` elements on, round and round. */
export function cycled<T>(items: readonly T[], index: number): T {
  return present(items[index % items.length], 'there is at least one');
}
