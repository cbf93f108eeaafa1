import { EMPTY_BYTES, fixedBytes, toHexKey } from '@lucerna/base';
import { EMPTY_KECCAK, pureSignatureEngine } from '@lucerna/crypto';
import {
  EMPTY_TRIE_ROOT,
  encodeBlock,
  type RecoveredTransaction,
  unsignedTransaction,
} from '@lucerna/protocol';
import { verifyAccountProof } from '@lucerna/state';
import {
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type Keyspace,
  type KvStore,
  WriteBatch,
} from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { checkState } from '../src/archive/check-state.ts';
import { describeArchive } from '../src/archive/describe-archive.ts';
import { importBlocks } from '../src/archive/import-blocks.ts';
import { decodeBaseRecord } from '../src/base-record.ts';
import type { Chain } from '../src/chain.ts';
import { chainLimits } from '../src/limits.ts';
import type { ChainOptions } from '../src/open-chain.ts';
import type { Patch } from '../src/patch-record.ts';
import { blocksOf, diskWith, fileOf, recordsOf, stateOf, WORK } from './support/archives.ts';
import { branchOn, follow } from './support/branches.ts';
import {
  ADDRESSES,
  attributesOn,
  grow,
  memoryDisk,
  openOn,
  sourceOf,
  testGenesis,
  transfer,
} from './support/ledger.ts';

const DEV: Partial<ChainOptions> = { genesis: testGenesis(), cheats: 'allowed' };
const [ALICE, BOB] = ADDRESSES as readonly [Uint8Array, Uint8Array, Uint8Array];
const STRANGER = fixedBytes(0xbeefn, 20);
const SLOT = fixedBytes(1n, 32);
const WORD = fixedBytes(0x77n, 32);
const COIN = 10n ** 18n;

async function openDev(): Promise<Chain> {
  return openOn(memoryDisk(), DEV);
}

/** A transaction of somebody whose key nobody has. */
function unsigned(
  from: Uint8Array,
  nonce: bigint,
  to: Uint8Array,
  value = 1n,
): RecoveredTransaction {
  const fees = { maxPriorityFeePerGas: 1n, maxFeePerGas: 10n ** 12n };
  const common = { type: 2, chainId: 31_337n, nonce, gasLimit: 21_000n, accessList: [] } as const;
  return unsignedTransaction({ ...common, ...fees, to, value, data: EMPTY_BYTES }, from);
}

function setBalance(chain: Chain, address: Uint8Array, balance: bigint): Promise<void> {
  return chain.patch((journal) => journal.setBalance(address, balance), []);
}

function balance(chain: Chain, address: Uint8Array, height?: number): bigint {
  return chain.state(height).account(address)?.balance ?? 0n;
}

async function growLifted(chain: Chain, baseFeePerGas: bigint): Promise<void> {
  const attributes = { ...attributesOn(chain), lifted: true as const, baseFeePerGas };
  await chain.commit(chain.build({ ...attributes, gasLimit: 1_000_000n }, sourceOf([])).executed);
}

describe('a patch', () => {
  it('changes the state of the head, not of the blocks before, and the next block builds on it', async () => {
    const chain = await openDev();
    await grow(chain, [transfer(0, 0, BOB, 5n)]);
    const head = chain.head();
    const before = balance(chain, ALICE);
    await chain.patch((journal) => {
      journal.setBalance(ALICE, 7n * COIN);
      journal.setNonce(STRANGER, 3n);
      journal.setCode(STRANGER, Uint8Array.of(1, 2));
      journal.setStorage(STRANGER, SLOT, WORD);
    }, []);
    expect(chain.point()).toEqual({ height: 1, ordinal: 1 });
    expect(chain.head()).toBe(head);
    expect(chain.stateRoot()).not.toEqual(head.header.stateRoot);
    expect(balance(chain, ALICE)).toBe(7n * COIN);
    expect(balance(chain, ALICE, 0)).toBe(1000n * COIN);
    expect(chain.state().storage(STRANGER, SLOT)).toEqual(WORD);
    const executed = await grow(chain, [transfer(0, 1, BOB, COIN)]);
    expect(executed.block.header.parentHash).toEqual(head.hash);
    expect(chain.point()).toEqual({ height: 2, ordinal: 0 });
    expect(balance(chain, ALICE)).toBeLessThan(6n * COIN);
    expect(balance(chain, ALICE, 1)).toBe(7n * COIN);
    expect(balance(chain, ALICE, 0)).toBe(1000n * COIN);
    expect(before).not.toBe(7n * COIN);
    await chain.verify();
  });

  it('is told to its own listeners, and so is one that was taken back', async () => {
    const chain = await openDev();
    const told: string[] = [];
    chain.onHead(() => told.push('head'));
    chain.onPatch(({ touched }) => told.push(touched.map(toHexKey).join()));
    await setBalance(chain, BOB, 1n);
    await chain.rewind({ height: 0, ordinal: 0 });
    expect(told).toEqual([toHexKey(BOB), toHexKey(BOB)]);
    await setBalance(chain, STRANGER, 2n);
    await grow(chain, []);
    await setBalance(chain, ALICE, 2n);
    told.length = 0;
    const heads: string[] = [];
    chain.onHead(({ touched }) => heads.push(...touched.map(toHexKey)));
    await chain.rewind({ height: 0, ordinal: 0 });
    expect(told).toEqual(['head']);
    expect(heads.sort()).toEqual([ALICE, STRANGER].map(toHexKey).sort());
  });

  it('that fails or changes nothing leaves no trace', async () => {
    const file = createMemoryFile();
    const chain = await openOn(memoryDisk(file), DEV);
    const bytes = file.size();
    const error = new Error('changed my mind');
    const failing = chain.patch((journal) => {
      journal.setBalance(ALICE, 1n);
      throw error;
    }, []);
    await expect(failing).rejects.toBe(error);
    const tooMuch = chain.patch((journal) => journal.addBalance(ALICE, (1n << 256n) - 1n), []);
    await expect(tooMuch).rejects.toMatchObject({ code: 'BALANCE_OVERFLOW' });
    await setBalance(chain, ALICE, 1000n * COIN);
    await chain.patch(undefined, []);
    await chain.rewind(chain.point());
    expect(chain.point()).toEqual({ height: 0, ordinal: 0 });
    expect(file.size()).toBe(bytes);
  });

  it('makes a block that was built before it stale', async () => {
    const chain = await openDev();
    const { executed } = chain.build(attributesOn(chain), sourceOf([transfer(0, 0, BOB, 1n)]));
    await setBalance(chain, STRANGER, 1n);
    await expect(chain.commit(executed)).rejects.toMatchObject({ code: 'CHAIN_NOT_ON_HEAD' });
    await grow(chain, [transfer(0, 0, BOB, 1n)]);
    await chain.verify();
  });

  it('is proved against the root of the patched state, also later', async () => {
    const chain = await openDev();
    await grow(chain, [transfer(0, 0, BOB, 5n)]);
    await setBalance(chain, STRANGER, 9n);
    const root = chain.stateRoot();
    const noTurn = async (): Promise<void> => undefined;
    for (let later = 0; later < 3; later += 1) {
      const proof = await chain.prove(1, STRANGER, [], noTurn);
      expect(proof.balance).toBe(9n);
      expect(verifyAccountProof(root, STRANGER, proof.accountProof)?.balance).toBe(9n);
      await grow(chain, [transfer(1, later, STRANGER, 1n)]);
      await setBalance(chain, BOB, BigInt(later) * COIN + 10n * COIN);
    }
    // A patch that comes while the log is read is passed like all others.
    let isFirst = true;
    const proof = await chain.prove(1, STRANGER, [], async () => {
      if (isFirst) await setBalance(chain, STRANGER, 12_345n);
      isFirst = false;
    });
    expect(proof.balance).toBe(9n);
    const overtaken = chain.prove(1, STRANGER, [], async () => {
      await chain.rewind({ height: 4, ordinal: 0 });
    });
    await expect(overtaken).rejects.toMatchObject({ code: 'CHAIN_REORGANISED' });
  });

  it('is refused beyond a number for one block', async () => {
    const chain = await openDev();
    const limit = chainLimits.values.patchesOfBlock;
    const { ordinal } = await reachOrdinal(chain, limit);
    expect(ordinal).toBe(limit);
    await expect(setBalance(chain, BOB, 5n)).rejects.toMatchObject({
      code: 'CHAIN_PATCHES_EXCEEDED',
    });
    await grow(chain, []);
    await setBalance(chain, BOB, 5n);
    expect(balance(chain, BOB)).toBe(5n);
  });

  it('that has left is gone, and the next one takes its ordinal', async () => {
    const chain = await openDev();
    await setBalance(chain, STRANGER, 1n);
    await setBalance(chain, STRANGER, 2n);
    await setBalance(chain, BOB, 3n);
    await chain.rewind({ height: 0, ordinal: 1 });
    expect(chain.point()).toEqual({ height: 0, ordinal: 1 });
    expect([balance(chain, STRANGER), balance(chain, BOB)]).toEqual([1n, 1000n * COIN]);
    await expect(chain.rewind({ height: 0, ordinal: 2 })).rejects.toMatchObject({
      code: 'STATE_FUTURE',
    });
    await setBalance(chain, BOB, 4n);
    expect(chain.point()).toEqual({ height: 0, ordinal: 2 });
    await grow(chain, []);
    // Without an ordinal all patches of the block stay.
    await chain.rewind({ height: 0 });
    expect(chain.point()).toEqual({ height: 0, ordinal: 2 });
    await chain.verify();
  });
});

/** Patches until there are so many. */
async function reachOrdinal(chain: Chain, ordinal: number): Promise<{ readonly ordinal: number }> {
  for (let made = chain.point().ordinal; made < ordinal; made += 1) {
    await setBalance(chain, STRANGER, BigInt(made) + 1n);
  }
  return chain.point();
}

describe('a reorganisation', () => {
  it('keeps the patches of its ancestor, and takes those of the blocks that go', async () => {
    const [chain, other] = [await openDev(), await openDev()];
    for (const each of [chain, other]) {
      await grow(each, [transfer(0, 0, BOB, 1n)]);
      await setBalance(each, STRANGER, 4n);
    }
    await grow(chain, [transfer(0, 1, BOB, 1n)]);
    await setBalance(chain, STRANGER, 5n);
    const branch = [
      await grow(other, [transfer(0, 1, BOB, 2n)]),
      await grow(other, [transfer(0, 2, BOB, 2n)]),
    ];
    await chain.reorganise(branch.map(({ block }) => encodeBlock(block)));
    expect(chain.point()).toEqual({ height: 3, ordinal: 0 });
    expect(chain.stateRoot()).toEqual(other.stateRoot());
    expect(balance(chain, STRANGER, 1)).toBe(4n);
    expect(balance(chain, STRANGER, 0)).toBe(0n);
    await chain.verify();
    const { chain: plain } = await follow(await branchOn([], 2, 5));
    const fromGenesis = [1, 2].map(async (height) =>
      encodeBlock((await plain.block(height))!.block),
    );
    await chain.reorganise(await Promise.all(fromGenesis));
    expect(chain.stateRoot()).toEqual(plain.stateRoot());
    await chain.verify();
  });
});

describe('notes', () => {
  it('are kept beside the chain, in order of their keys, and outlive everything', async () => {
    const file = createMemoryFile();
    const disk = memoryDisk(file);
    let chain = await openOn(disk, DEV);
    const value = (byte: number): Uint8Array => Uint8Array.of(byte);
    await chain.patch(undefined, [
      { key: 'snapshot/2', value: value(2) },
      { key: 'snapshot/1', value: value(1) },
      { key: 'settings', value: EMPTY_BYTES },
    ]);
    await chain.patch(
      (journal) => journal.setBalance(BOB, 1n),
      [{ key: 'snapshot/10', value: value(10) }],
    );
    expect(chain.point()).toEqual({ height: 0, ordinal: 1 });
    const rewound = [{ key: 'snapshot/2', value: undefined }];
    await chain.rewind({ height: 0, ordinal: 0 }, { notes: rewound });
    await chain.rewind({ height: 0, ordinal: 0 }, { notes: [{ key: 'z', value: value(9) }] });
    for (const store of [undefined, createMemoryStore()]) {
      expect([...chain.notes('snapshot/')].map(({ key }) => key)).toEqual([
        'snapshot/1',
        'snapshot/10',
      ]);
      expect(chain.note('settings')).toEqual(EMPTY_BYTES);
      expect(chain.note('snapshot/2')).toBeUndefined();
      expect(chain.note('z')).toEqual(value(9));
      expect(chain.point()).toEqual({ height: 0, ordinal: 0 });
      await chain.verify();
      await chain.close();
      chain = await openOn(store === undefined ? disk : memoryDisk(file, store), DEV);
    }
  });

  it('are bounded in number and size', async () => {
    const chain = await openDev();
    const { notes, noteBytes } = chainLimits.values;
    const limit = { code: 'NOTE_LIMIT' };
    const large = chain.patch(undefined, [{ key: 'large', value: new Uint8Array(noteBytes + 1) }]);
    await expect(large).rejects.toMatchObject(limit);
    const many = Array.from({ length: notes }, (_, index) => ({
      key: `n${index}`,
      value: EMPTY_BYTES,
    }));
    await chain.patch(undefined, many);
    const more = chain.patch(undefined, [{ key: 'more', value: EMPTY_BYTES }]);
    await expect(more).rejects.toMatchObject(limit);
    const rewinding = chain.rewind(chain.point(), { notes: [{ key: 'more', value: EMPTY_BYTES }] });
    await expect(rewinding).rejects.toMatchObject(limit);
    await chain.patch(undefined, [
      { key: 'n5', value: undefined },
      { key: 'more', value: EMPTY_BYTES },
    ]);
    expect(chain.note('more')).toEqual(EMPTY_BYTES);
  });
});

describe('a chain that allows no cheats', () => {
  const refused = { code: 'CHAIN_CHEATS_REFUSED' };

  it('makes none', async () => {
    const chain = await openOn(memoryDisk(), { genesis: testGenesis() });
    await expect(setBalance(chain, BOB, 1n)).rejects.toMatchObject(refused);
    const note = [{ key: 'a', value: EMPTY_BYTES }];
    await expect(chain.patch(undefined, note)).rejects.toMatchObject(refused);
    await expect(chain.rewind({ height: 0 }, { notes: note })).rejects.toMatchObject(refused);
    const lifted = chain.build(
      { ...attributesOn(chain), lifted: true, baseFeePerGas: 1n },
      sourceOf([]),
    );
    await expect(chain.commit(lifted.executed)).rejects.toMatchObject(refused);
    expect(chain.point()).toEqual({ height: 0, ordinal: 0 });
  });

  it.each([
    ['a patch', (chain: Chain) => setBalance(chain, BOB, 1n)],
    ['a lifted block', (chain: Chain) => growLifted(chain, 9n)],
    ['an unsigned transaction', (chain: Chain) => grow(chain, [unsigned(ALICE, 0n, BOB)])],
    [
      'a patch that was taken back',
      async (chain: Chain) => {
        await setBalance(chain, BOB, 1n);
        await chain.rewind({ height: 0, ordinal: 0 });
      },
    ],
  ])('does not open a log with %s, nor a state or blocks made with it', async (_, cheat) => {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const chain = await openOn(memoryDisk(file, store), DEV);
    await cheat(chain);
    const [isHead, archive, state] = [
      chain.point().ordinal === 0 && chain.head().header.height === 0,
      await blocksOf(chain),
      await stateOf(chain),
    ];
    await chain.close();
    for (const rows of [store, createMemoryStore()]) {
      await expect(openOn(memoryDisk(file, rows))).rejects.toMatchObject(refused);
      const again = await openOn(memoryDisk(file, rows), { cheats: 'allowed' });
      await again.verify();
      await again.close();
    }
    if (isHead) return;
    await expect(openOn(await diskWith(state))).rejects.toMatchObject(refused);
    const strict = await openOn(memoryDisk(), { genesis: testGenesis() });
    await expect(importBlocks(strict, fileOf(archive), WORK)).rejects.toMatchObject(refused);
    expect(strict.point()).toEqual({ height: 0, ordinal: 0 });
  });
});

describe('what only a dev chain has', () => {
  it('is read as it was written: unsigned senders, lifted headers, bodies', async () => {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const first = await openOn(memoryDisk(file, store), DEV);
    await setBalance(first, STRANGER, COIN);
    await grow(first, [transfer(0, 0, BOB, 1n), unsigned(STRANGER, 0n, BOB, 2n)]);
    await growLifted(first, 123n);
    await first.close();
    const chain = await openOn(memoryDisk(file, store), DEV);
    const { transactions } = (await chain.block(1))!.block;
    expect(transactions.map((each) => each.unsigned)).toEqual([undefined, true]);
    expect(transactions[1]!.sender).toEqual(STRANGER);
    expect(chain.transactionOfNonce(STRANGER, 0n)).toEqual({ height: 1, index: 1 });
    expect(chain.head().header).toMatchObject({ baseFeePerGas: 123n, gasLimit: 1_000_000n });
    await grow(chain, []);
    await chain.verify();
  });

  it('adds up: what patches make and take is counted, also in what they undo', async () => {
    const chain = await openDev();
    await setBalance(chain, STRANGER, (1n << 256n) - 1n);
    await setBalance(chain, ALICE, 0n);
    await setBalance(chain, BOB, (1n << 256n) - 1n);
    const { minted, destroyed, totalBalance, genesisSupply } = await chain.verify();
    expect(minted).toBe((1n << 257n) - 2n - 1000n * COIN);
    expect(destroyed).toBe(1000n * COIN);
    expect(totalBalance).toBe(genesisSupply + minted - destroyed);
    await chain.rewind({ height: 0, ordinal: 1 });
    expect(await chain.verify()).toMatchObject({ minted: (1n << 256n) - 1n, destroyed: 0n });
  });

  it('lets a transaction come again where its nonce does, and finds the last one there is', async () => {
    const chain = await openDev();
    const again = transfer(0, 0, BOB, 5n);
    await grow(chain, [transfer(1, 0, ALICE, 1n), again]);
    await chain.patch((journal) => journal.setNonce(ALICE, 0n), []);
    await grow(chain, [again]);
    expect(chain.findTransaction(again.hash)).toEqual({ height: 2, index: 0 });
    expect(chain.transactionOfNonce(ALICE, 0n)).toEqual({ height: 2, index: 0 });
    expect([...chain.transactionsOf(ALICE, undefined, 'older')]).toEqual([
      { height: 2, index: 0 },
      { height: 1, index: 1 },
      { height: 1, index: 0 },
    ]);
    await chain.verify();
    await chain.rewind({ height: 1 });
    expect(chain.findTransaction(again.hash)).toEqual({ height: 1, index: 1 });
    expect(chain.transactionOfNonce(ALICE, 0n)).toEqual({ height: 1, index: 1 });
    await chain.verify();
    await chain.rewind({ height: 0 });
    expect(chain.findTransaction(again.hash)).toBeUndefined();
  });
});

describe('archives of a patched chain', () => {
  async function patched(): Promise<{ readonly chain: Chain; readonly store: KvStore }> {
    const store = createMemoryStore();
    const chain = await openOn(memoryDisk(createMemoryFile(), store), DEV);
    await setBalance(chain, STRANGER, COIN);
    await grow(chain, [transfer(0, 0, BOB, 1n), unsigned(STRANGER, 0n, BOB)]);
    await setBalance(chain, BOB, 5n * COIN);
    await setBalance(chain, BOB, 6n * COIN);
    await growLifted(chain, 77n);
    await setBalance(chain, ALICE, 7n * COIN);
    return { chain, store };
  }

  it('of blocks have its patches, those before the first block too, and go on where one ended', async () => {
    const { chain } = await patched();
    const copy = await openOn(memoryDisk(), DEV);
    const first = fileOf(await blocksOf(chain, { to: 1 }));
    expect(await importBlocks(copy, first, WORK)).toEqual({ imported: 1, known: 0 });
    expect(copy.point()).toEqual({ height: 1, ordinal: 2 });
    // Everything again: what is known is passed over.
    const all = fileOf(await blocksOf(chain));
    expect(await importBlocks(copy, all, WORK)).toEqual({ imported: 1, known: 1 });
    expect(await importBlocks(copy, all, WORK)).toEqual({ imported: 0, known: 2 });
    expect([copy.point(), copy.stateRoot()]).toEqual([chain.point(), chain.stateRoot()]);
    await copy.verify();
    const late = fileOf(await blocksOf(chain, { from: 2 }));
    const empty = await openOn(memoryDisk(), DEV);
    await expect(importBlocks(empty, late, WORK)).rejects.toMatchObject({
      code: 'CHAIN_NOT_ON_HEAD',
    });
  });

  it('of blocks stop at a patch that is not the next one, or of another state', async () => {
    const { chain } = await patched();
    const all = fileOf(await blocksOf(chain));
    const other = await openOn(memoryDisk(), DEV);
    await setBalance(other, STRANGER, 2n * COIN);
    const diverging = importBlocks(other, all, WORK);
    await expect(diverging).rejects.toMatchObject({ code: 'CHAIN_NOT_ON_HEAD' });
    const ahead = await openOn(memoryDisk(), DEV);
    await grow(ahead, []);
    const behind = importBlocks(ahead, all, WORK);
    await expect(behind).rejects.toMatchObject({ code: 'CHAIN_NOT_ON_HEAD' });
    const lie = lyingPatch(EMPTY_KECCAK);
    await expect(ahead.importPatch(lie)).rejects.toMatchObject({ code: 'STATE_DIFF_MISMATCH' });
    const codeless = lyingPatch(new Uint8Array(32));
    await expect(ahead.importPatch(codeless)).rejects.toMatchObject({ code: 'STATE_DIFF_INVALID' });
  });

  it('of its state begin a chain at the same point, which goes on as the other', async () => {
    const { chain } = await patched();
    const snapshot = await stateOf(chain);
    expect(await describeArchive(fileOf(snapshot))).toMatchObject({
      height: 2,
      hash: chain.head().hash,
      stateRoot: chain.stateRoot(),
    });
    await checkState(fileOf(snapshot), pureSignatureEngine, WORK);
    const late = await openOn(await diskWith(snapshot), DEV);
    expect(late.point()).toEqual({ height: 2, ordinal: 1 });
    expect(late.stateRoot()).toEqual(chain.stateRoot());
    for (const each of [chain, late]) {
      await setBalance(each, STRANGER, 99n);
      await grow(each, [transfer(0, 1, BOB, 3n)]);
      await each.verify();
    }
    expect(late.head().hash).toEqual(chain.head().hash);
    await late.rewind({ height: 2, ordinal: 1 });
    expect(late.stateRoot()).not.toEqual(chain.stateRoot());
    await late.verify();
    const below = late.rewind({ height: 2, ordinal: 0 });
    await expect(below).rejects.toMatchObject({ code: 'BLOCKS_PRUNED' });
    // From the base on both have the same archive, whose patches keep their ordinals.
    const more = fileOf(await blocksOf(chain, { from: 3 }));
    expect(await importBlocks(late, more, WORK)).toEqual({ imported: 1, known: 0 });
    expect([late.point(), late.head()]).toEqual([chain.point(), chain.head()]);
    const again = await stateOf(late);
    const base = decodeBaseRecord((await recordsOf(again))[0]!);
    expect(base.patched).toMatchObject({ ordinal: 0, stateRoot: late.stateRoot() });
  });
});

/** A patch that says that somebody had nothing. */
function lyingPatch(codeHash: Uint8Array): Patch {
  const account = { nonce: 0n, balance: 5n, storageRoot: EMPTY_TRIE_ROOT, codeHash };
  const change = { address: ALICE, before: undefined, after: account, storageCleared: false };
  return {
    height: 1,
    ordinal: 1,
    stateRoot: new Uint8Array(32),
    diff: { accounts: [change], storage: [], code: [] },
  };
}

describe('a check of a patched chain', () => {
  const mismatch = { code: 'CHAIN_INDEX_MISMATCH' };

  async function damaged(keyspace: Keyspace, damage: (row: Uint8Array) => Uint8Array | undefined) {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const first = await openOn(memoryDisk(file, store), DEV);
    await setBalance(first, STRANGER, 2n * COIN);
    await grow(first, [transfer(0, 0, BOB, 1n)]);
    await first.patch(
      (journal) => journal.setBalance(BOB, 1n),
      [{ key: 'note', value: Uint8Array.of(1) }],
    );
    await first.close();
    const [row] = [...store.range(keyspace)];
    const batch = new WriteBatch();
    const changed = damage(row![1]);
    if (changed === undefined) batch.delete(keyspace, row![0]);
    else batch.put(keyspace, row![0], changed);
    await store.commit(batch, 'process');
    const chain = await openOn(memoryDisk(file, store), DEV);
    return chain.verify();
  }

  it.each([
    KEYSPACES.patches,
    KEYSPACES.notes,
    KEYSPACES.addressTransactions,
    KEYSPACES.senderNonces,
  ])('misses a row of $name', async (keyspace) => {
    await expect(damaged(keyspace, () => undefined)).rejects.toMatchObject(mismatch);
  });

  it('sees a patch and a note that are others', async () => {
    const flipped = (row: Uint8Array): Uint8Array =>
      row.map((byte, at) => (at === 9 ? byte ^ 1 : byte));
    await expect(damaged(KEYSPACES.patches, flipped)).rejects.toMatchObject(mismatch);
    const other = (): Uint8Array => Uint8Array.of(2);
    await expect(damaged(KEYSPACES.notes, other)).rejects.toMatchObject(mismatch);
  });

  it('sees rows that no block has', async () => {
    for (const keyspace of [KEYSPACES.creations, KEYSPACES.notes, KEYSPACES.addressTransactions]) {
      const store = createMemoryStore();
      const disk = memoryDisk(createMemoryFile(), store);
      await (await openOn(disk, DEV)).close();
      const batch = new WriteBatch();
      batch.put(keyspace, new Uint8Array(32), EMPTY_BYTES);
      await store.commit(batch, 'process');
      const chain = await openOn(disk, DEV);
      await expect(chain.verify()).rejects.toMatchObject(mismatch);
    }
  });
});
