import { fixedBytes, SILENT_LOG } from '@lucerna/base';
import { encodeBlock } from '@lucerna/protocol';
import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
  OverlayStore,
  WriteBatch,
} from '@lucerna/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { BlockBodies } from '../src/block-bodies.ts';
import { BlockLog } from '../src/block-log.ts';
import { CanonicalIndex } from '../src/canonical-index.ts';
import type { Chain } from '../src/chain.ts';
import type { HeadEvent } from '../src/head-listeners.ts';
import { chainLimits } from '../src/limits.ts';
import type { LogRecord } from '../src/log-record.ts';
import { splitBlocks } from '../src/record.ts';
import { checkBranchSize, type ReorgDepth, readBehind } from '../src/reorg.ts';
import { recordsOf } from './support/archives.ts';
import { branchOn, follow, rowsWithoutLog } from './support/branches.ts';
import { contractAddress } from './support/contract.ts';
import {
  ADDRESSES,
  grow,
  makeScript,
  memoryDisk,
  openMemoryChain,
  openOn,
  testGenesis,
  transfer,
} from './support/ledger.ts';
import { growWithLogs } from './support/staged-block.ts';

const STRANGER = fixedBytes(0xabcdn, 20);
const noTurns = async (): Promise<void> => undefined;

/** Three blocks that all know, four on top of them, and five others in their place. */
let trunk: readonly Uint8Array[];
let losing: readonly Uint8Array[];
let winning: readonly Uint8Array[];

beforeAll(async () => {
  trunk = await branchOn([], 3, 11);
  losing = await branchOn(trunk, 4, 12);
  winning = await branchOn(trunk, 5, 13);
  // Else nothing is said of contracts and their slots.
  for (const branch of [losing, winning]) {
    const { chain, store } = await follow([...trunk, ...branch]);
    await chain.flush();
    expect([...store.range(KEYSPACES.storage)].length).toBeGreaterThan(0);
    expect([...store.range(KEYSPACES.storageHistory)].length).toBeGreaterThan(3);
  }
});

/** Rows of code are never deleted: those of blocks that were removed stay. */
function expectSameRows(actual: KvStore, expected: KvStore): void {
  const rows = rowsWithoutLog(actual);
  for (const [keyspace, texts] of rowsWithoutLog(expected)) {
    if (keyspace === KEYSPACES.code.name)
      expect(rows.get(keyspace)).toEqual(expect.arrayContaining([...texts]));
    else expect(rows.get(keyspace), keyspace).toEqual(texts);
  }
}

/** Both answer everything alike. */
async function expectSameAnswers(actual: Chain, expected: Chain): Promise<void> {
  expect(actual.head()).toEqual(expected.head());
  const toHeight = expected.head().header.height;
  const contracts = ADDRESSES.map((_, sender) => contractAddress(sender, 0n));
  for (let height = 0; height <= toHeight; height += 1) {
    expect(actual.header(height)).toEqual(expected.header(height));
    expect(await actual.block(height)).toEqual(await expected.block(height));
    for (const address of [...ADDRESSES, ...contracts, STRANGER]) {
      expect(actual.state(height).account(address)).toEqual(
        expected.state(height).account(address),
      );
      const slots = [new Uint8Array(32)];
      expect(await actual.prove(height, address, slots, noTurns)).toEqual(
        await expected.prove(height, address, slots, noTurns),
      );
    }
  }
  expect(await actual.block(toHeight + 1)).toBeUndefined();
  const filter = { fromHeight: 0, toHeight, addresses: [], topics: [] };
  const logsOf = async (chain: Chain) => {
    const found = [];
    for await (const view of chain.logs(filter, noTurns)) found.push(view);
    return found;
  };
  expect(await logsOf(actual)).toEqual(await logsOf(expected));
  const { logBytes: _, ...figures } = await actual.verify();
  expect(await expected.verify()).toMatchObject(figures);
}

describe('a reorganisation', () => {
  it('leaves a chain as if it had only ever seen the winning branch, also when made again', async () => {
    for (const flushBlocks of [1, 4, 100]) {
      const file = createMemoryFile();
      const store = createMemoryStore();
      const disk = memoryDisk(file, store);
      const chain = await openOn(disk, { genesis: testGenesis(), writeBehind: { flushBlocks } });
      for (const block of [...trunk, ...losing]) await chain.import(block);
      const head = await chain.reorganise(winning);
      const fresh = await follow([...trunk, ...winning]);
      expect(head).toEqual(fresh.chain.head());
      await expectSameAnswers(chain, fresh.chain);
      await chain.close();
      await fresh.chain.close();
      expectSameRows(store, fresh.store);

      const other = createMemoryStore();
      for (const copy of [store, other]) {
        const reopened = await openOn(memoryDisk(file, copy), { writeBehind: { flushBlocks } });
        const again = await follow([...trunk, ...winning]);
        await expectSameAnswers(reopened, again.chain);
        await reopened.close();
      }
      for (const keyspace of Object.values(KEYSPACES)) {
        expect([...other.range(keyspace)]).toEqual([...store.range(keyspace)]);
      }
    }
  });

  it('can be reorganised again, back and forth, and blocks follow it', async () => {
    const file = createMemoryFile();
    const chain = await openOn(memoryDisk(file), { genesis: testGenesis() });
    for (const block of [...trunk, ...losing]) await chain.import(block);
    await chain.reorganise(winning);
    await chain.reorganise(losing);
    await chain.reorganise(winning.slice(0, 2));
    await chain.import(winning[2]!);
    await chain.rewind({ height: 5 });
    for (const block of winning.slice(2)) await chain.import(block);
    const fresh = await follow([...trunk, ...winning]);
    await expectSameAnswers(chain, fresh.chain);
    await chain.close();
    await expectSameAnswers(await openOn(memoryDisk(file)), fresh.chain);
  });

  it('passes over the blocks that the chain has, and may only add blocks', async () => {
    const { chain } = await follow(trunk);
    await chain.reorganise([...trunk.slice(1), ...winning]);
    const fresh = await follow([...trunk, ...winning]);
    expect(chain.head()).toEqual(fresh.chain.head());
    await expectSameAnswers(chain, fresh.chain);
    const known = chain.reorganise(trunk);
    await expect(known).rejects.toMatchObject({ code: 'CHAIN_BLOCK_KNOWN' });
  });

  it('is refused as a whole when a block is wrong, its parent unknown, or too much is asked', async () => {
    const file = createMemoryFile();
    const chain = await openOn(memoryDisk(file), { genesis: testGenesis() });
    for (const block of [...trunk, ...losing]) await chain.import(block);
    const head = chain.head();
    const bytes = file.size();
    const unknown = chain.reorganise(winning.slice(1));
    await expect(unknown).rejects.toMatchObject({ code: 'CHAIN_NOT_ON_HEAD' });
    const gap = chain.reorganise([winning[0]!, winning[2]!]);
    await expect(gap).rejects.toMatchObject({ code: 'BLOCK_HEIGHT' });
    const { chain: other } = await follow([...trunk, ...winning]);
    const last = (await other.block(8))!.block;
    const header = { ...last.header, stateRoot: new Uint8Array(32) };
    const lie = encodeBlock({ header, transactions: last.transactions });
    const wrong = chain.reorganise([...winning.slice(0, 4), lie]);
    await expect(wrong).rejects.toMatchObject({ code: 'BLOCK_STATE_ROOT' });
    expect(chain.head()).toBe(head);
    expect(file.size()).toBe(bytes);
    const fresh = await follow([...trunk, ...losing]);
    await expectSameAnswers(chain, fresh.chain);
    await expect(chain.rewind({ height: 8 })).rejects.toMatchObject({ code: 'STATE_FUTURE' });
  });

  it('is bounded by what the removed blocks have changed', async () => {
    const blocks = (await makeScript(6)).blocks.map((each, at) => ({ ...each, payloadBytes: at }));
    const contents = new Map(blocks.map((each) => [each.block.header.height, each]));
    const parts = {
      index: {
        head: blocks.at(-1)!.block,
        block: (height: number) => {
          const found = contents.get(height)?.block;
          return found === undefined ? undefined : { ...found, offset: 0 };
        },
      },
      bodies: {
        patches: async function* () {},
        content: async ({ header }: { readonly header: { readonly height: number } }) =>
          contents.get(header.height)!,
      },
    } as unknown as Parameters<typeof readBehind>[0];
    const exactly = { entries: 0, bytes: 0 };
    for (const { block, diff, payloadBytes } of blocks.slice(2)) {
      exactly.entries += 1 + block.transactions.length;
      exactly.entries += diff.accounts.length + diff.storage.length;
      exactly.bytes += payloadBytes;
    }
    const view = blocks[1]!.block;
    const head = { view, ordinal: 0, stateRoot: view.header.stateRoot };
    const read = async (depth?: ReorgDepth) =>
      (await readBehind(parts, head, noTurns, depth)).blocks;
    const expected = blocks.slice(2).map(({ payloadBytes: _, ...block }) => ({
      ...block,
      patches: [],
    }));
    expect(await read(exactly)).toEqual(expected);
    expect(await read()).toEqual(expected);
    const { entries, bytes } = exactly;
    for (const less of [
      { entries: entries - 1, bytes },
      { entries, bytes: bytes - 1 },
    ]) {
      await expect(read(less)).rejects.toMatchObject({ code: 'REORG_TOO_DEEP' });
    }
    // A row of the index that is missing is not the end of the chain.
    contents.delete(4);
    await expect(read()).rejects.toThrow('every height has a block');
  });

  it('counts the bytes that the log has of a block', async () => {
    const file = createMemoryFile();
    const chain = await openOn(memoryDisk(file), { genesis: testGenesis() });
    for (const block of [...trunk, ...losing]) await chain.import(block);
    await chain.reorganise(winning);
    const log = new BlockLog(file, SILENT_LOG);
    const records = await recordsBehindGenesis(file);
    const payloads = [...records.slice(0, 3).map(({ payload }) => payload)];
    const reorg = records.at(-1)!;
    payloads.push(...splitBlocks(reorg).payloads);
    const store = OverlayStore.open(createMemoryStore());
    const index = new CanonicalIndex(store);
    const bodies = new BlockBodies(log, index, store);
    for (let height = 1; height <= 8; height += 1) {
      const { start: offset } = height < 4 ? records[height - 1]! : reorg;
      const { payloadBytes } = await bodies.content({ ...chain.header(height)!, offset });
      expect(payloadBytes).toBe(payloads[height - 1]!.length);
    }
  });

  it('brings no more than a record can have, which is seen before anything is decoded', async () => {
    const { reorgBlocks, recordBytes, cachedReorgBytes } = chainLimits.values;
    const { chain } = await follow(trunk);
    const piece = new Uint8Array(2 ** 20);
    const branches = [
      new Array<Uint8Array>(reorgBlocks + 1).fill(winning[0]!),
      new Array<Uint8Array>(cachedReorgBytes / piece.length + 1).fill(piece),
      [new Uint8Array(recordBytes + 1)],
    ];
    for (const branch of branches) {
      const tooMuch = chain.reorganise(branch);
      await expect(tooMuch).rejects.toMatchObject({ code: 'REORG_TOO_DEEP' });
    }
    // One block alone is read like any other; several are only written where they stay in memory.
    checkBranchSize(0, 100);
    checkBranchSize(1, recordBytes);
    checkBranchSize(reorgBlocks, cachedReorgBytes);
    for (const [blocks, bytes] of [
      [1, recordBytes + 1],
      [2, cachedReorgBytes + 1],
      [reorgBlocks + 1, 100],
    ] as const) {
      const refused = expect.objectContaining({ code: 'REORG_TOO_DEEP' });
      expect(() => checkBranchSize(blocks, bytes)).toThrow(refused);
    }
  });

  it('finds the blocks of its record once, whichever are asked for', async () => {
    const blocks = await branchOn([], 40, 14);
    const file = createMemoryFile();
    const first = await openOn(memoryDisk(file), { genesis: testGenesis() });
    await first.reorganise(blocks);
    await first.close();
    const [record] = await recordsBehindGenesis(file);
    let cuts = 0;
    class CountedBytes extends Uint8Array {
      override subarray(start?: number, end?: number): Uint8Array<ArrayBuffer> {
        if (this.length === record!.payload.length) cuts += 1;
        return super.subarray(start, end);
      }
    }
    const counted: AppendFile = {
      ...file,
      read: async (offset, length) => new CountedBytes(await file.read(offset, length)),
    };
    const chain = await openOn(memoryDisk(counted));
    cuts = 0;
    for (let height = 1; height <= 40; height += 1) {
      expect((await chain.block(height))!.block.hash).toEqual(chain.header(height)!.hash);
      await chain.prove(height - 1, STRANGER, [], noTurns);
    }
    // Height and hash of the ancestor, and each block.
    expect(cuts).toBe(2 + 40);
  });

  it('lets others go first between blocks, and still changes the chain in one step', async () => {
    const { chain } = await follow([...trunk, ...losing]);
    const before = chain.head();
    let turns = 0;
    const takeTurn = async (): Promise<void> => {
      turns += 1;
      expect(chain.head()).toBe(before);
      expect((await chain.block(7))!.block.hash).toEqual(before.hash);
    };
    const reorganising = chain.reorganise(winning, takeTurn);
    // What comes later waits for it.
    let later = 0;
    const rewinding = chain.rewind(
      { height: 7 },
      {
        takeTurn: async () => {
          later += 1;
        },
      },
    );
    expect((await reorganising).header.height).toBe(8);
    // Each new block is decoded, and executed; each old one is read.
    expect(turns).toBe(5 + 4 + 5);
    await rewinding;
    expect(later).toBe(1);
    const fresh = await follow([...trunk, ...winning.slice(0, 4)]);
    await expectSameAnswers(chain, fresh.chain);
  });

  it('ends when its turn throws or the chain is closed, and has changed nothing', async () => {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const disk = memoryDisk(file, store);
    const first = await openOn(disk, { genesis: testGenesis() });
    for (const block of [...trunk, ...losing]) await first.import(block);
    await first.close();
    const bytes = file.size();
    for (let stopAt = 1; stopAt <= 14; stopAt += 1) {
      const chain = await openOn(disk);
      let left = stopAt;
      let closing: Promise<void> | undefined;
      const stop = async (): Promise<void> => {
        left -= 1;
        if (left > 0) return;
        if (stopAt % 2 === 0) throw new Error('stop');
        closing = chain.close();
      };
      const stopped = chain.reorganise(winning, stop);
      const expected = stopAt % 2 === 0 ? { message: 'stop' } : { code: 'CHAIN_CLOSED' };
      await expect(stopped).rejects.toMatchObject(expected);
      await (closing ?? chain.close());
      expect(file.size()).toBe(bytes);
    }
    const fresh = await follow([...trunk, ...losing]);
    await expectSameAnswers(await openOn(disk), fresh.chain);
  });
});

describe('a rewind', () => {
  it('leaves a chain as if the blocks had never been, down to the genesis', async () => {
    for (const height of [6, 3, 0]) {
      const file = createMemoryFile();
      const store = createMemoryStore();
      const chain = await openOn(memoryDisk(file, store), { genesis: testGenesis() });
      for (const block of [...trunk, ...losing]) await chain.import(block);
      await chain.rewind({ height: height });
      const fresh = await follow([...trunk, ...losing].slice(0, height));
      await expectSameAnswers(chain, fresh.chain);
      await chain.close();
      await fresh.chain.close();
      expectSameRows(store, fresh.store);
      const reopened = await openOn(memoryDisk(file, store));
      expect(reopened.head()).toEqual(fresh.chain.head());
      for (const block of [...trunk, ...losing].slice(height)) await reopened.import(block);
      await reopened.verify();
    }
  });

  it('to the head does nothing', async () => {
    const file = createMemoryFile();
    const chain = await openOn(memoryDisk(file), { genesis: testGenesis() });
    await grow(chain, []);
    const bytes = file.size();
    await chain.rewind({ height: 1 });
    expect(file.size()).toBe(bytes);
  });

  it('goes where no history is kept, which then begins there', async () => {
    const { chain } = await follow([...trunk, ...losing], { history: 2 });
    expect(() => chain.state(4)).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }));
    await chain.rewind({ height: 3 });
    expect(chain.state(3)).toBeDefined();
    expect(() => chain.state(2)).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }));
    for (const block of winning) await chain.import(block);
    const fresh = await follow([...trunk, ...winning]);
    for (const height of [6, 7, 8]) {
      for (const address of ADDRESSES) {
        expect(chain.state(height).account(address)).toEqual(
          fresh.chain.state(height).account(address),
        );
      }
    }
    await chain.verify();
  });

  it('takes its turn among commits', async () => {
    const chain = await openMemoryChain();
    for (let nonce = 0; nonce < 3; nonce += 1)
      await grow(chain, [transfer(0, nonce, STRANGER, 1n)]);
    const { chain: other } = await follow([]);
    const late = await grow(other, []);
    const outcomes = await Promise.allSettled([
      chain.rewind({ height: 0 }),
      chain.commit(late),
      chain.rewind({ height: 1 }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(chain.head().hash).toEqual(late.block.hash);
    await chain.verify();
  });
});

describe('a row that does not belong there', () => {
  it('is found when a rewind should have removed it', async () => {
    // The first block alone, and the last of two: neither has transactions, so only rows are counted.
    for (const keyspaces of [
      [KEYSPACES.blocks, KEYSPACES.blockHashes],
      [KEYSPACES.blocks],
      [KEYSPACES.blockHashes],
    ]) {
      const store = createMemoryStore();
      const disk = memoryDisk(createMemoryFile(), store);
      const chain = await openOn(disk, { genesis: testGenesis() });
      for (let height = 1; height <= 2; height += 1) await grow(chain, []);
      await chain.flush();
      const stale = new WriteBatch();
      for (const keyspace of keyspaces) {
        for (const [key, value] of store.range(keyspace)) stale.put(keyspace, key, value);
      }
      await chain.rewind({ height: 1 });
      await chain.flush();
      expect(await chain.verify()).toMatchObject({ height: 1 });
      await store.commit(stale, 'process');
      await expect(chain.verify()).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
    }
  });

  it('is not said to be pruned when a rewind lacks it', async () => {
    const store = createMemoryStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const chain = await openOn(disk, { genesis: testGenesis() });
    for (let height = 1; height <= 3; height += 1) await grow(chain, []);
    await chain.flush();
    const [, row] = store.range(KEYSPACES.blocks);
    const batch = new WriteBatch();
    batch.delete(KEYSPACES.blocks, row![0]);
    await store.commit(batch, 'process');
    await expect(chain.rewind({ height: 1 })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(chain.head().header.height).toBe(3);
  });
});

describe('a check of the chain', () => {
  it('lets others go first, and leaves out what they commit', async () => {
    const { alloc } = testGenesis();
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      address: fixedBytes(BigInt(0x5000 + index), 20),
      balance: 1n,
      nonce: 0n,
    }));
    const chain = await openMemoryChain({ genesis: testGenesis({ alloc: [...alloc, ...many] }) });
    for (let nonce = 0; nonce < 4; nonce += 1) {
      await grow(chain, [transfer(0, nonce, STRANGER, 1n)]);
    }
    const before = await chain.verify();
    const sum = before.accounts;
    const state: unknown[] = [];
    const log: unknown[] = [];
    let nonce = 4;
    const during = await chain.verify({
      takeTurn: async () => {
        // Every time other accounts, new ones too, and their rows reach the store.
        await grow(chain, [transfer(0, nonce, fixedBytes(BigInt(nonce) << 150n, 20), 1n)]);
        await chain.flush();
        nonce += 1;
      },
      onState: (...each) => state.push(each),
      onLog: (...each) => log.push(each),
    });
    expect(during).toEqual(before);
    expect(state.length).toBeGreaterThan(8);
    expect(state.at(-1)).toEqual([sum, sum]);
    expect(log).toHaveLength(5);
    expect(log.at(-1)).toEqual([before.logBytes, before.logBytes]);
    expect((await chain.verify()).accounts).toBe(sum + nonce - 4);
  });

  it('ends when the chain is closed', async () => {
    const { chain } = await follow(trunk);
    let closing: Promise<void> | undefined;
    const verifying = chain.verify({
      takeTurn: async () => {
        closing ??= chain.close();
      },
    });
    await expect(verifying).rejects.toMatchObject({ code: 'CHAIN_CLOSED' });
    await closing;
  });
});

describe('listeners', () => {
  it('are told of every new block, and once of those that went and of all that they touched', async () => {
    const { chain } = await follow([...trunk, ...losing]);
    const removed = await Promise.all(
      [7, 6, 5, 4].map(async (height) => (await chain.block(height))!),
    );
    const events: HeadEvent[] = [];
    chain.onHead((event) => {
      expect(chain.heightOf(event.block.hash)).toBe(event.block.header.height);
      expect(chain.head().header.height).toBe(8);
      for (const { block } of event.reverted) expect(chain.heightOf(block.hash)).toBeUndefined();
      events.push(event);
    });
    await chain.reorganise(winning);
    expect(events.map(({ block }) => block.header.height)).toEqual([4, 5, 6, 7, 8]);
    expect(events[0]!.reverted).toEqual(removed);
    expect(events.slice(1).every(({ reverted }) => reverted.length === 0)).toBe(true);
    for (const { block } of [...removed, ...events]) {
      for (const { sender } of block.transactions) {
        expect(events[0]!.touched).toContainEqual(sender);
      }
    }
    const others = events.slice(1).flatMap(({ touched }) => touched);
    expect(events[0]!.touched).toEqual(expect.arrayContaining(others));
    const keys = events[0]!.touched.map((address) => address.join());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are told of the old block that is the head again', async () => {
    const { chain } = await follow([...trunk, ...losing]);
    const events: HeadEvent[] = [];
    chain.onHead((event) => events.push(event));
    await chain.rewind({ height: 3 });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject(await chain.block(3).then((view) => view!));
    expect(events[0]!.reverted.map(({ block }) => block.header.height)).toEqual([7, 6, 5, 4]);
  });
});

describe('a query that a reorganisation overtakes', () => {
  it('for logs or a proof says so, and is right when asked again', async () => {
    const chain = await openMemoryChain();
    const log = { address: STRANGER, topics: [], data: new Uint8Array(0) };
    for (let nonce = 0; nonce < 4; nonce += 1) {
      await growWithLogs(chain, [transfer(0, nonce, STRANGER, 1n)], [[log, log]]);
    }
    const filter = { fromHeight: 0, toHeight: 4, addresses: [], topics: [] };
    const reorganised = { code: 'CHAIN_REORGANISED' };
    const scan = chain.logs(filter, noTurns);
    expect((await scan.next()).value).toMatchObject({ height: 1, logIndex: 0 });
    await chain.rewind({ height: 3 });
    await expect(scan.next()).rejects.toMatchObject(reorganised);
    const rewinding = async (): Promise<void> => {
      if (chain.head().header.height === 3) await chain.rewind({ height: 2 });
    };
    const proof = chain.prove(1, STRANGER, [], rewinding);
    await expect(proof).rejects.toMatchObject(reorganised);
    expect(await chain.prove(1, STRANGER, [], rewinding)).toMatchObject({ balance: 1n });
    const verifying = chain.verify();
    await chain.rewind({ height: 1 });
    await expect(verifying).rejects.toMatchObject(reorganised);
    expect((await chain.verify()).height).toBe(1);
  });

  it('for a block does not keep the one that was there', async () => {
    const file = createMemoryFile();
    const first = await openOn(memoryDisk(file), { genesis: testGenesis() });
    for (const block of [...trunk, ...losing]) await first.import(block);
    await first.close();
    for (let turns = 0; turns < 60; turns += 5) {
      const chain = await openOn(memoryDisk(await copyOf(file)));
      const reorganising = chain.reorganise(winning.slice(0, 3));
      const reading: Promise<unknown>[] = [];
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      for (let asked = 0; asked < 20; asked += 1) {
        reading.push(chain.block(4), chain.block(7));
        await Promise.resolve();
      }
      await Promise.all([reorganising, ...reading]);
      expect((await chain.block(4))!.block.hash).toEqual(chain.header(4)!.hash);
      expect(await chain.block(7)).toBeUndefined();
    }
  });
});

/** Of a log that begins with block 0. */
async function recordsBehindGenesis(file: AppendFile): Promise<readonly LogRecord[]> {
  return (await recordsOf(await file.read(0, file.size()))).slice(1);
}

async function copyOf(file: AppendFile): Promise<AppendFile> {
  const copy = createMemoryFile();
  await copy.append(await file.read(0, file.size()));
  return copy;
}
