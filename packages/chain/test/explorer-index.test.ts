import { fixedBytes, toHexKey } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { EMPTY_TRIE_ROOT, NATIVE_ADDRESSES, nativeCode } from '@lucerna/protocol';
import type { StateDiff } from '@lucerna/state';
import { createMemoryFile, createMemoryStore, KEYSPACES, type Keyspace } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { explorerKeys } from '../src/explorer-index.ts';
import { branchOn, follow, rowsWithoutLog } from './support/branches.ts';
import { contractAddress, deployment, deploymentBy, pay, put } from './support/contract.ts';
import {
  ADDRESSES,
  COINBASE,
  grow,
  memoryDisk,
  openMemoryChain,
  openOn,
  testGenesis,
  transfer,
} from './support/ledger.ts';

const [ALICE, BOB, CAROL] = ADDRESSES as readonly [Uint8Array, Uint8Array, Uint8Array];
const at = (height: number, index = 0) => ({ height, index });

describe('the index of transactions', () => {
  it('has sender, recipient and new contract, each transaction once', async () => {
    const chain = await openMemoryChain();
    const contract = contractAddress(0, 0n);
    await grow(chain, [deployment(0, 0n), transfer(1, 0, BOB, 1n)]);
    await grow(chain, [put(1, 1n, contract, 1n, 5n), pay(0, 1n, CAROL, 1n)]);
    await grow(chain, []);
    await grow(chain, [pay(2, 0n, contract, 0n)]);
    const of = (address: Uint8Array) => [...chain.transactionsOf(address, undefined, 'newer')];
    expect(of(ALICE)).toEqual([at(1), at(2, 1)]);
    expect(of(BOB)).toEqual([at(1, 1), at(2)]);
    expect(of(CAROL)).toEqual([at(2, 1), at(4)]);
    expect(of(contract)).toEqual([at(1), at(2), at(4)]);
    expect(of(COINBASE)).toEqual([]);
    expect(chain.creationOf(contract)).toEqual(at(1));
    expect(chain.creationOf(BOB)).toBeUndefined();
    expect(chain.transactionOfNonce(BOB, 1n)).toEqual(at(2));
    expect(chain.transactionOfNonce(BOB, 2n)).toBeUndefined();
    expect(chain.transactionOfNonce(contract, 0n)).toBeUndefined();
    // From anywhere, also from where there is nothing.
    const pages: readonly [ReturnType<typeof at>, 'newer' | 'older', unknown][] = [
      [at(0), 'newer', [at(1), at(2), at(4)]],
      [at(1), 'newer', [at(2), at(4)]],
      [at(3, 7), 'older', [at(2), at(1)]],
      [at(4), 'older', [at(2), at(1)]],
      [at(4), 'newer', []],
      [at(0), 'older', []],
      [at(2, Number.MAX_SAFE_INTEGER), 'newer', [at(4)]],
      [at(2, Number.MAX_SAFE_INTEGER), 'older', [at(2), at(1)]],
    ];
    for (const [from, direction, expected] of pages) {
      expect([...chain.transactionsOf(contract, from, direction)]).toEqual(expected);
    }
    await chain.verify();
    await chain.rewind({ height: 1 });
    expect(of(contract)).toEqual([at(1)]);
    await chain.rewind({ height: 0 });
    expect([of(contract), of(ALICE), chain.creationOf(contract)]).toEqual([[], [], undefined]);
  });

  it('has no contract of a creation that failed', async () => {
    const chain = await openMemoryChain();
    const { transaction } = deployment(0, 0n);
    const { executed } = { executed: await grow(chain, [deployment(0, 0n)]) };
    const failed = executed.receipts.map((receipt) => ({ ...receipt, status: 0 as const }));
    const keys = explorerKeys({ ...executed, receipts: failed }, executed.diff);
    expect(transaction.to).toBeNull();
    expect(keys.map(([keyspace]) => keyspace)).not.toContain(KEYSPACES.creations);
    expect(explorerKeys(executed, executed.diff).map(([keyspace]) => keyspace)).toContain(
      KEYSPACES.creations,
    );
  });

  it('has whoever contracts have called, and as new contracts those that got code', async () => {
    const chain = await openMemoryChain();
    const transactions = [transfer(0, 0, BOB, 1n), transfer(1, 0, CAROL, 1n)];
    const executed = await grow(chain, transactions);
    const [called, created, old] = [0x71n, 0x72n, 0x73n].map((each) => fixedBytes(each, 20)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const code = Uint8Array.of(1);
    const account = { nonce: 1n, balance: 0n, storageRoot: EMPTY_TRIE_ROOT };
    const none = { ...account, codeHash: EMPTY_KECCAK };
    const some = { ...account, codeHash: keccak256(code) };
    const change = (address: Uint8Array, before: typeof none | undefined, after: typeof none) => ({
      address,
      before,
      after,
      storageCleared: false,
    });
    const diff: StateDiff = {
      accounts: [
        change(called, none, none),
        change(created, undefined, some),
        change(old, some, { ...some, balance: 5n }),
      ],
      storage: [],
      code: [],
    };
    const participants = [
      [called, old],
      [created, called],
    ];
    const keys = explorerKeys({ ...executed, participants }, diff);
    const rows = (keyspace: Keyspace): readonly string[] =>
      keys.filter(([each]) => each === keyspace).map(([, key]) => toHexKey(key));
    const key = (address: Uint8Array, index: number): string =>
      `${toHexKey(address)}${'1'.padStart(16, '0')}${String(index).padStart(8, '0')}`;
    expect(rows(KEYSPACES.addressTransactions)).toEqual([
      key(ALICE, 0),
      key(BOB, 0),
      key(called, 0),
      key(old, 0),
      key(BOB, 1),
      key(CAROL, 1),
      key(created, 1),
      key(called, 1),
    ]);
    expect(rows(KEYSPACES.creations)).toEqual([key(created, 1)]);
  });

  it('has a contract that another contract has made, until its block goes', async () => {
    const factory = NATIVE_ADDRESSES['create2-factory'];
    const genesis = testGenesis();
    const code = nativeCode('create2-factory');
    const alloc = [...genesis.alloc, { address: factory, balance: 0n, nonce: 1n, code }];
    const chain = await openMemoryChain({ genesis: testGenesis({ alloc }) });
    const { transaction, address } = deploymentBy(factory, 0, 0n, fixedBytes(9n, 32));
    await grow(chain, [transfer(1, 0, CAROL, 1n), transaction]);
    expect(chain.creationOf(address)).toEqual(at(1, 1));
    expect([...chain.transactionsOf(address, undefined, 'newer')]).toEqual([at(1, 1)]);
    expect([...chain.transactionsOf(factory, undefined, 'newer')]).toEqual([at(1, 1)]);
    await chain.verify();
    await chain.rewind({ height: 0 });
    expect(chain.creationOf(address)).toBeUndefined();
    await chain.verify();
  });

  it('is written with its block to the log, and the same when the store is made again', async () => {
    const chain = await openMemoryChain();
    const { executed } = chain.build(
      {
        timestamp: chain.head().header.timestamp,
        coinbase: COINBASE,
        gasLimit: 30_000_000n,
        mixHash: new Uint8Array(32),
      },
      { next: sourceOfOne(), skipSender: () => undefined },
    );
    const somebody = fixedBytes(0x99n, 20);
    const [file, store] = [createMemoryFile(), createMemoryStore()];
    const first = await openOn(memoryDisk(file, store), { genesis: testGenesis() });
    await first.commit({ ...executed, participants: [[somebody]] });
    await first.close();
    const fresh = createMemoryStore();
    const again = await openOn(memoryDisk(file, fresh));
    expect([...again.transactionsOf(somebody, undefined, 'older')]).toEqual([at(1)]);
    await again.verify();
    await again.rewind({ height: 0 });
    expect([...again.transactionsOf(somebody, undefined, 'older')]).toEqual([]);
    await again.close();
  });

  it('has the same rows however a chain came to its blocks', async () => {
    const blocks = await branchOn([], 6, 71);
    const other = await branchOn(blocks.slice(0, 2), 3, 72);
    const straight = await follow(blocks);
    const roundabout = await follow([...blocks.slice(0, 2), ...other]);
    await roundabout.chain.reorganise(blocks.slice(2));
    for (const each of [straight, roundabout]) await each.chain.close();
    const rows = rowsWithoutLog(straight.store);
    const found = rowsWithoutLog(roundabout.store);
    const { addressTransactions, senderNonces, creations } = KEYSPACES;
    for (const { name } of [addressTransactions, senderNonces, creations]) {
      expect(rows.get(name)!.length, name).toBeGreaterThan(0);
      expect(found.get(name), name).toEqual(rows.get(name));
    }
  });
});

function sourceOfOne() {
  const transactions = [transfer(0, 0, BOB, 1n)];
  return () => transactions.shift();
}
