import { concatBytes, fixedBytes, LucernaError, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  encodeBlock,
  encodeHeader,
  headerHash,
  type RecoveredTransaction,
  rulesAt,
} from '@lucerna/protocol';
import {
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type Keyspace,
  WriteBatch,
} from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { readStoredGenesis } from '../src/genesis.ts';
import type { HeadEvent } from '../src/head-listeners.ts';
import { openChain } from '../src/open-chain.ts';
import { contractAddress, deployment, put } from './support/contract.ts';
import {
  ADDRESSES,
  attributesOn,
  COINBASE,
  FORKS,
  grow,
  makeScript,
  memoryDisk,
  openMemoryChain,
  openOn,
  sourceOf,
  testGenesis,
  transfer,
  workload,
} from './support/ledger.ts';
import { recordingSink } from './support/sink.ts';

const STRANGER = fixedBytes(0xabcdn, 20);

describe('a new chain', () => {
  it('begins with its genesis block', async () => {
    const chain = await openMemoryChain();
    const { header, hash } = chain.head();
    expect(header.height).toBe(0);
    expect(headerHash(header)).toEqual(hash);
    expect(chain.header(0)).toEqual({ header, hash });
    expect(chain.heightOf(hash)).toBe(0);
    expect(await chain.block(0)).toEqual({
      block: { header, hash, transactions: [] },
      receipts: [],
    });
    expect(chain.state().account(ADDRESSES[0]!)?.balance).toBe(1000n * 10n ** 18n);
    expect(chain.genesis).toEqual(testGenesis());
    expect(await chain.block(1)).toBeUndefined();
    expect(chain.header(1)).toBeUndefined();
    const figures = await chain.verify();
    expect(figures).toMatchObject({ height: 0, accounts: 3, burned: 0n, transactions: 0 });
  });

  it('needs a genesis', async () => {
    await expect(openOn(memoryDisk())).rejects.toMatchObject({ code: 'CHAIN_GENESIS_MISSING' });
  });

  it('refuses a genesis that cannot start a chain, and writes nothing', async () => {
    const file = createMemoryFile();
    const genesis = testGenesis({ chainId: 0n });
    const opening = openOn(memoryDisk(file), { genesis });
    await expect(opening).rejects.toMatchObject({ code: 'GENESIS_INVALID' });
    expect(file.size()).toBe(0);
  });
});

describe('a committed block', () => {
  it('is visible as a whole: head, body, receipts, indexes and state', async () => {
    const chain = await openMemoryChain();
    const payment = transfer(0, 0, STRANGER, 5n);
    const { block, receipts } = await grow(chain, [payment]);
    expect(chain.head()).toEqual({ header: block.header, hash: block.hash });
    expect(chain.header(1)).toEqual(chain.head());
    expect(chain.heightOf(block.hash)).toBe(1);
    expect(chain.findTransaction(payment.hash)).toEqual({ height: 1, index: 0 });
    expect(chain.state().account(STRANGER)?.balance).toBe(5n);
    expect(await chain.block(1)).toEqual({ block, receipts });
    expect(receipts).toHaveLength(1);
    expect(chain.heightOf(new Uint8Array(32))).toBeUndefined();
    expect(chain.findTransaction(new Uint8Array(32))).toBeUndefined();
  });

  it('is read back from the log with its senders, without recovering signatures', async () => {
    const disk = memoryDisk();
    const chain = await openOn(disk, { genesis: testGenesis() });
    const committed = [];
    for (const transactions of workload(5)) committed.push(await grow(chain, transactions));
    await chain.close();
    const reopened = await openChain(
      {
        log: disk.log(),
        store: disk.store(),
        signatures: {
          ...pureSignatureEngine,
          recover: () => {
            throw new Error('no signature is recovered on reads');
          },
        },
        sink: recordingSink(),
      },
      { durability: 'process', history: Number.POSITIVE_INFINITY },
    );
    for (const { block, receipts } of committed) {
      expect(await reopened.block(block.header.height)).toEqual({ block, receipts });
    }
  });

  it('is read from the log once, as long as it is among the latest ones used', async () => {
    const { genesis, blocks } = await makeScript(2);
    const file = createMemoryFile();
    const store = createMemoryStore();
    const chain = await openOn(memoryDisk(file, store), { genesis });
    for (const executed of blocks) await chain.commit(executed);
    await chain.close();
    let reads = 0;
    const counting = {
      ...file,
      read: (offset: number, length: number) => {
        reads += 1;
        return file.read(offset, length);
      },
    };
    const reopened = await openOn(memoryDisk(counting, store));
    const first = await reopened.block(1);
    const before = reads;
    expect(await reopened.block(1)).toBe(first);
    expect(reads).toBe(before);
    await reopened.block(2);
    expect(reads).toBeGreaterThan(before);
  });

  it('is told to the listeners when everything about it can be read', async () => {
    const chain = await openMemoryChain();
    const events: HeadEvent[] = [];
    const cancel = chain.onHead((event) => {
      expect(chain.head().hash).toEqual(event.block.hash);
      expect(chain.state().account(STRANGER)?.balance).toBe(BigInt(events.length + 1));
      events.push(event);
    });
    await grow(chain, [transfer(0, 0, STRANGER, 1n)]);
    await grow(chain, [transfer(0, 1, STRANGER, 1n)]);
    cancel();
    cancel();
    await grow(chain, [transfer(0, 2, STRANGER, 1n)]);
    expect(events.map(({ block }) => block.header.height)).toEqual([1, 2]);
    const touched = events[0]!.touched;
    expect(touched).toHaveLength(3);
    for (const address of [ADDRESSES[0]!, STRANGER, COINBASE])
      expect(touched).toContainEqual(address);
  });

  it('stays committed when a listener throws, and the other listeners are told', async () => {
    const chain = await openMemoryChain();
    let told = 0;
    chain.onHead(() => {
      throw new Error('a bug');
    });
    chain.onHead(() => {
      told += 1;
    });
    await expect(grow(chain, [])).rejects.toThrow('a bug');
    expect(chain.head().header.height).toBe(1);
    expect(told).toBe(1);
  });

  it('must follow the head', async () => {
    const chain = await openMemoryChain();
    const first = chain.build(attributesOn(chain), sourceOf([transfer(0, 0, STRANGER, 1n)]));
    const second = chain.build(attributesOn(chain), sourceOf([transfer(1, 0, STRANGER, 2n)]));
    const outcomes = await Promise.allSettled([
      chain.commit(first.executed),
      chain.commit(second.executed),
    ]);
    expect(outcomes[0]?.status).toBe('fulfilled');
    expect(outcomes[1]).toMatchObject({ reason: { code: 'CHAIN_NOT_ON_HEAD' } });
    expect(chain.head().hash).toEqual(first.executed.block.hash);
    expect(chain.state().account(STRANGER)?.balance).toBe(1n);
    await chain.verify();
  });

  it('is refused by a closed chain', async () => {
    const chain = await openMemoryChain();
    const { executed } = chain.build(attributesOn(chain), sourceOf([]));
    await chain.close();
    await chain.close();
    await expect(chain.commit(executed)).rejects.toMatchObject({ code: 'CHAIN_CLOSED' });
    await expect(chain.block(0)).rejects.toMatchObject({ code: 'CHAIN_CLOSED' });
    await expect(chain.verify()).rejects.toMatchObject({ code: 'CHAIN_CLOSED' });
  });
});

describe('a state row that is lost under an open chain', () => {
  /** A chain on what `transactions` have made, and its store, which holds all of it. */
  async function stored(...transactions: RecoveredTransaction[]) {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const first = await openOn(memoryDisk(file, store), { genesis: testGenesis() });
    await grow(first, transactions);
    await first.close();
    const chain = await openOn(memoryDisk(file, store));
    const lose = async (keyspace: Keyspace, key: Uint8Array): Promise<void> => {
      expect(store.get(keyspace, key)).toBeDefined();
      const batch = new WriteBatch();
      batch.delete(keyspace, key);
      await store.commit(batch, 'process');
    };
    return { chain, store, lose };
  }

  function corrupt(keyspace: Keyspace, key: Uint8Array): unknown {
    const fields = { keyspace: keyspace.name, key: toHex(key) };
    return expect.objectContaining({ code: 'STATE_CORRUPT', fields });
  }

  it('is no account without money: queries refuse, and so does a block that pays it', async () => {
    const { chain, lose } = await stored(transfer(0, 0, STRANGER, 5n));
    await lose(KEYSPACES.accounts, STRANGER);
    const head = chain.head();
    const failure = corrupt(KEYSPACES.accounts, STRANGER);
    expect(() => chain.state().account(STRANGER)).toThrow(failure);
    const proving = chain.prove(1, STRANGER, [], async () => undefined);
    await expect(proving).rejects.toEqual(failure);
    const paying = [transfer(0, 1, STRANGER, 1n)];
    expect(() => chain.build(attributesOn(chain), sourceOf(paying))).toThrow(failure);
    expect(chain.head()).toBe(head);
    const other = fixedBytes(0xabcen, 20);
    expect(chain.state().account(other)).toBeUndefined();
    await grow(chain, [transfer(0, 1, other, 7n)]);
    expect(chain.state().account(other)?.balance).toBe(7n);
    expect(() => chain.state().account(STRANGER)).toThrow(failure);
  });

  it('is no sender without money: a block of its transactions refuses, and skips none', async () => {
    const { chain, lose } = await stored(transfer(0, 0, STRANGER, 5n));
    const transaction = transfer(0, 1, STRANGER, 1n);
    await lose(KEYSPACES.accounts, transaction.sender);
    const failure = corrupt(KEYSPACES.accounts, transaction.sender);
    expect(() => chain.build(attributesOn(chain), sourceOf([transaction]))).toThrow(failure);
  });

  it('is no slot that is zero: queries refuse, and so does a block that sets it', async () => {
    const notes = contractAddress(0, 0n);
    const { chain, store, lose } = await stored(
      deployment(0, 0n),
      put(0, 1n, notes, 1n, 11n),
      put(0, 2n, notes, 2n, 22n),
    );
    const [lost, kept] = [11, 22].map((word) => {
      const row = [...store.range(KEYSPACES.storage)].find(([, value]) => value[0] === word);
      return row![0].slice(notes.length);
    }) as [Uint8Array, Uint8Array];
    await lose(KEYSPACES.storage, concatBytes(notes, lost));
    const failure = corrupt(KEYSPACES.storage, concatBytes(notes, lost));
    expect(() => chain.state().storage(notes, lost)).toThrow(failure);
    expect(chain.state().storage(notes, kept)).toEqual(fixedBytes(22n, 32));
    expect(chain.state().storage(notes, fixedBytes(0xffffn, 32))).toEqual(new Uint8Array(32));
    const setting = [put(0, 3n, notes, 1n, 5n)];
    expect(() => chain.build(attributesOn(chain), sourceOf(setting))).toThrow(failure);
    await grow(chain, [put(0, 3n, notes, 2n, 5n)]);
    expect(chain.state().storage(notes, kept)).toEqual(fixedBytes(5n, 32));
  });
});

describe('states of older blocks', () => {
  it('are those that these blocks had', async () => {
    const disk = memoryDisk();
    const chain = await openOn(disk, { genesis: testGenesis() });
    const balances = [chain.state().account(ADDRESSES[0]!)!.balance];
    for (const transactions of workload(8)) {
      await grow(chain, transactions);
      balances.push(chain.state().account(ADDRESSES[0]!)!.balance);
    }
    expect(new Set(balances).size).toBeGreaterThan(3);
    await chain.close();
    const reopened = await openOn(disk);
    for (const [height, balance] of balances.entries()) {
      expect(reopened.state(height).account(ADDRESSES[0]!)?.balance).toBe(balance);
    }
    expect(() => reopened.state(9)).toThrow(expect.objectContaining({ code: 'STATE_FUTURE' }));
  });

  it('are refused where they are not kept, and kept from the moment that this is wanted', async () => {
    const disk = memoryDisk();
    const without = await openOn(disk, { genesis: testGenesis(), history: 0 });
    await grow(without, [transfer(0, 0, STRANGER, 1n)]);
    await grow(without, [transfer(0, 1, STRANGER, 1n)]);
    expect(() => without.state(1)).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }));
    expect(without.state(2).account(STRANGER)?.balance).toBe(2n);
    await without.close();
    const withHistory = await openOn(disk, { history: 1 });
    await grow(withHistory, [transfer(0, 2, STRANGER, 1n)]);
    expect(withHistory.state(2).account(STRANGER)?.balance).toBe(2n);
    expect(() => withHistory.state(1)).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }));
    await withHistory.close();
    const again = await openOn(disk, { history: 0 });
    expect(again.state(2).account(STRANGER)?.balance).toBe(2n);
    await grow(again, [transfer(0, 3, STRANGER, 1n)]);
    expect(() => again.state(3)).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }));
  });
});

describe('an imported block', () => {
  it('gives the same chain, also across forks of the rules', async () => {
    const genesis = testGenesis({ forks: FORKS });
    const { blocks } = await makeScript(8, genesis);
    const other = await openMemoryChain({ genesis });
    for (const { block } of blocks) {
      const { header, hash } = await other.import(encodeBlock(block));
      expect(hash).toEqual(block.hash);
      expect(encodeHeader(header)).toEqual(encodeHeader(block.header));
    }
    expect(other.rulesAt(5)).toEqual(rulesAt(FORKS, 5));
    expect([2, 4, 5].map((height) => other.rulesAt(height).name)).toEqual([
      'initial',
      'dearer',
      'steeper',
    ]);
    for (const { block } of blocks) {
      const price = block.header.height < 3 ? 21_000n : 23_000n;
      const ofAccessList = 4_300n;
      const gas = block.transactions.reduce(
        (sum, { transaction }) => sum + price + (transaction.type === 1 ? ofAccessList : 0n),
        0n,
      );
      expect(block.header.gasUsed).toBe(gas);
    }
    expect(
      blocks.every(({ block }) => block.header.gasUsed > 0n === (block.header.height !== 3)),
    ).toBe(true);
    const plain = await openMemoryChain();
    await expect(async () => {
      for (const { block } of blocks) await plain.import(encodeBlock(block));
    }).rejects.toThrow(LucernaError);
    await other.verify();
  });

  it('is refused when it is known, follows another block, or its header lies', async () => {
    const { blocks } = await makeScript(3);
    const encoded = blocks.map(({ block }) => encodeBlock(block));
    const chain = await openMemoryChain();
    await expect(chain.import(encoded[1]!)).rejects.toMatchObject({ code: 'CHAIN_NOT_ON_HEAD' });
    await chain.import(encoded[0]!);
    await expect(chain.import(encoded[0]!)).rejects.toMatchObject({ code: 'CHAIN_BLOCK_KNOWN' });
    const { header, transactions } = blocks[1]!.block;
    const lie = encodeBlock({ header: { ...header, stateRoot: new Uint8Array(32) }, transactions });
    await expect(chain.import(lie)).rejects.toMatchObject({ code: 'BLOCK_STATE_ROOT' });
    await expect(chain.import(encoded[1]!.slice(1))).rejects.toThrow(LucernaError);
    expect(chain.head().header.height).toBe(1);
    const both = await Promise.allSettled([chain.import(encoded[1]!), chain.import(encoded[2]!)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect((await chain.verify()).height).toBe(3);
  });
});

describe('a reopened chain', () => {
  it('equals the one that was closed', async () => {
    const { genesis, blocks } = await makeScript(6);
    for (const flushBlocks of [1, 3, 100]) {
      const store = createMemoryStore();
      const disk = memoryDisk(createMemoryFile(), store);
      const chain = await openOn(disk, { genesis, writeBehind: { flushBlocks } });
      for (const executed of blocks) await chain.commit(executed);
      const figures = await chain.verify();
      await chain.close();
      const sink = recordingSink();
      const reopened = await openOn(disk, {}, sink);
      expect(sink.lines).toEqual([]);
      expect(reopened.genesis).toEqual(genesis);
      expect(reopened.head()).toEqual(chain.head());
      expect(await reopened.verify()).toEqual(figures);
      expect([...store.range(KEYSPACES.blocks)]).toHaveLength(7);
    }
  });

  it('is made up from the log alone when the store is lost', async () => {
    const { genesis, blocks } = await makeScript(6);
    const file = createMemoryFile();
    const store = createMemoryStore();
    const chain = await openOn(memoryDisk(file, store), { genesis });
    for (const executed of blocks) await chain.commit(executed);
    await chain.close();
    for (const flushBlocks of [1, 2, 100]) {
      const other = createMemoryStore();
      const rebuilt = await openOn(memoryDisk(file, other), { writeBehind: { flushBlocks } });
      expect(rebuilt.head()).toEqual(chain.head());
      await rebuilt.verify();
      await rebuilt.close();
      for (const keyspace of Object.values(KEYSPACES)) {
        expect([...other.range(keyspace)]).toEqual([...store.range(keyspace)]);
      }
    }
  });

  it('knows its genesis, and refuses another one by naming what differs', async () => {
    const disk = memoryDisk();
    expect(await readStoredGenesis(disk.log())).toBeUndefined();
    const chain = await openOn(disk, { genesis: testGenesis() });
    await grow(chain, []);
    await chain.close();
    expect(await readStoredGenesis(disk.log())).toEqual(testGenesis());
    expect((await openOn(disk, { genesis: testGenesis() })).head().header.height).toBe(1);
    const others = {
      chainId: testGenesis({ chainId: 5n }),
      gasLimit: testGenesis({ gasLimit: 20_000_000n }),
      coinbase: testGenesis({ coinbase: STRANGER }),
      forks: testGenesis({ forks: FORKS }),
      alloc: testGenesis({ alloc: testGenesis().alloc.slice(1) }),
    };
    for (const [field, genesis] of Object.entries(others)) {
      for (const store of [disk.store(), createMemoryStore()]) {
        const opening = openOn({ ...disk, store: () => store }, { genesis });
        await expect(opening).rejects.toMatchObject({
          code: 'CHAIN_GENESIS_MISMATCH',
          message: expect.stringContaining(field),
        });
      }
    }
  });

  it('is refused when the store belongs to another log', async () => {
    const genesis = testGenesis();
    const other = testGenesis({ timestamp: 1_800_000_000 });
    const made = async (ofGenesis: typeof genesis, seed: number, count: number) => {
      const file = createMemoryFile();
      const store = createMemoryStore();
      const chain = await openOn(memoryDisk(file, store), { genesis: ofGenesis });
      for (const transactions of workload(count, seed)) await grow(chain, transactions);
      await chain.close();
      return { file, store };
    };
    const left = await made(genesis, 1, 5);
    const right = await made(genesis, 2, 8);
    const foreign = await made(other, 1, 5);
    const codeOf = async (file: typeof left.file, store: typeof left.store): Promise<unknown> =>
      openOn(memoryDisk(file, store)).then(
        () => 'opened',
        (error: LucernaError) => error.code,
      );
    expect(await codeOf(left.file, foreign.store)).toBe('CHAIN_GENESIS_MISMATCH');
    expect(await codeOf(left.file, right.store)).toBe('CHAIN_STORE_AHEAD');
    expect(await codeOf(right.file, left.store)).toBe('CHAIN_STORE_AHEAD');
    expect(await codeOf(createMemoryFile(), left.store)).toBe('CHAIN_STORE_AHEAD');
    expect(await codeOf(left.file, left.store)).toBe('opened');
  });

  it('is refused when the store has another format', async () => {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const chain = await openOn(memoryDisk(file, store), { genesis: testGenesis() });
    await chain.close();
    const { WriteBatch } = await import('@lucerna/storage');
    const [[key, value]] = [...store.range(KEYSPACES.meta)] as [[Uint8Array, Uint8Array]];
    const status = value.slice();
    // Behind the list prefix, which is one or two bytes long, the first field is the schema.
    status[status[0]! > 0xf7 ? 2 : 1] = 9;
    const batch = new WriteBatch();
    batch.put(KEYSPACES.meta, key, status);
    await store.commit(batch, 'process');
    const opening = openOn(memoryDisk(file, store));
    await expect(opening).rejects.toMatchObject({ code: 'CHAIN_SCHEMA_UNSUPPORTED' });
  });
});
