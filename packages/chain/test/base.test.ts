import { compareBytes, fixedBytes } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { LogView } from '@lucerna/protocol';
import { EMPTY_ACCOUNT, type StateDiff } from '@lucerna/state';
import {
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
  WriteBatch,
} from '@lucerna/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../src/chain.ts';
import { readStoredGenesis } from '../src/genesis.ts';
import {
  archiveFrom,
  diskWith,
  type Pair,
  pairAt,
  recordsOf,
  stateOf,
  storeWithPart,
  trunk,
  WORK,
} from './support/archives.ts';
import { branchOn, follow, rowsWithoutLog } from './support/branches.ts';
import { contractAddress } from './support/contract.ts';
import { ADDRESSES, COINBASE, memoryDisk, openOn, testGenesis } from './support/ledger.ts';
import { recordingSink } from './support/sink.ts';
import { growWithDiff } from './support/staged-block.ts';

/** The base of most tests. */
const FIRST = 4;
const ACCOUNTS = [...ADDRESSES, COINBASE, ...[0, 1, 2].map((each) => contractAddress(each, 0n))];
const SLOTS = [0n, 1n].map((slot) => fixedBytes(slot, 32));
/** Everything that says what the state is, and nothing else. */
const STATE_ROWS = ['accounts', 'storage', 'code', 'accountTrie', 'storageTrie'];

let blocks: readonly Uint8Array[];

beforeAll(async () => {
  blocks = await trunk();
});

async function importAll({ whole, late, blocks: all }: Pair, from: number): Promise<void> {
  for (const block of all.slice(from)) {
    await whole.chain.import(block);
    await late.chain.import(block);
  }
}

/** Rows of the state are the same; of all others the late chain has none that the whole one lacks. */
async function compareRows({ whole, late }: Pick<Pair, 'whole' | 'late'>): Promise<void> {
  await whole.chain.flush();
  await late.chain.flush();
  const expected = rowsWithoutLog(whole.store);
  for (const [name, rows] of rowsWithoutLog(late.store)) {
    if (STATE_ROWS.includes(name)) expect(rows, name).toEqual(expected.get(name));
    else expect(expected.get(name), name).toEqual(expect.arrayContaining([...rows]));
  }
}

/** What a client can read of a height. */
async function view(chain: Chain, height: number): Promise<unknown> {
  const state = chain.state(height);
  const logs: LogView[] = [];
  const filter = { fromHeight: height, toHeight: height, addresses: [], topics: [] };
  for await (const log of chain.logs(filter, WORK.takeTurn)) logs.push(log);
  return {
    header: chain.header(height),
    block: await chain.block(height),
    logs,
    accounts: ACCOUNTS.map((address) => state.account(address)),
    words: ACCOUNTS.flatMap((address) => SLOTS.map((slot) => state.storage(address, slot))),
    proof: await chain.prove(height, ACCOUNTS[4]!, SLOTS, WORK.takeTurn),
  };
}

async function bytesOf(disk: ReturnType<typeof memoryDisk>): Promise<Uint8Array> {
  const file = disk.log();
  return file.read(0, file.size());
}

describe('a chain that begins with a snapshot', () => {
  it('has the state, and from there on all that the whole chain has', async () => {
    const pair = await pairAt(FIRST, blocks);
    const { whole, late } = pair;
    expect(late.chain.head()).toEqual(whole.chain.head());
    await compareRows(pair);
    await importAll(pair, FIRST);
    expect(late.chain.head()).toEqual(whole.chain.head());
    await compareRows(pair);
    for (let height = FIRST; height <= 9; height += 1) {
      expect(await view(late.chain, height)).toEqual(await view(whole.chain, height));
    }
    for (const { hash } of (await whole.chain.block(FIRST))!.block.transactions) {
      expect(late.chain.findTransaction(hash)).toEqual(whole.chain.findTransaction(hash));
    }
  });

  it('says where it begins', async () => {
    const { late, snapshot } = await pairAt(FIRST, blocks);
    const { chain } = await follow(blocks);
    const figures = {
      genesisHash: chain.header(0)!.hash,
      firstHeight: FIRST,
      height: FIRST,
      historyFrom: FIRST,
      logBytes: snapshot.length,
    };
    expect(late.chain.figures()).toEqual(figures);
    await late.chain.import(blocks[FIRST]!);
    expect(late.chain.figures()).toMatchObject({
      ...figures,
      height: 5,
      logBytes: expect.any(Number),
    });
    expect(late.chain.firstHeight()).toBe(FIRST);
    expect(late.chain.genesis).toEqual(testGenesis());
    const { genesisHash } = figures;
    expect(chain.figures()).toMatchObject({
      genesisHash,
      firstHeight: 0,
      height: 9,
      historyFrom: 0,
    });
  });

  it('knows nothing of earlier blocks, and says so where that is no answer', async () => {
    const pair = await pairAt(FIRST, blocks);
    await importAll(pair, FIRST);
    const { whole, late } = pair;
    for (let height = 0; height < FIRST; height += 1) {
      expect(late.chain.header(height)).toBeUndefined();
      expect(await late.chain.block(height)).toBeUndefined();
      const { hash, transactions } = (await whole.chain.block(height))!.block;
      expect(late.chain.heightOf(hash)).toBeUndefined();
      for (const transaction of transactions) {
        expect(late.chain.findTransaction(transaction.hash)).toBeUndefined();
      }
      const pruned = { code: 'BLOCKS_PRUNED', fields: { height, firstHeight: FIRST } };
      expect(() => late.chain.state(height)).toThrow(expect.objectContaining(pruned));
      const proof = late.chain.prove(height, COINBASE, [], WORK.takeTurn);
      await expect(proof).rejects.toMatchObject(pruned);
      const filter = { fromHeight: height, toHeight: 9, addresses: [], topics: [] };
      await expect(late.chain.logs(filter, WORK.takeTurn).next()).rejects.toMatchObject(pruned);
      await expect(late.chain.rewind({ height: height })).rejects.toMatchObject(pruned);
      const range = late.chain.exportBlocks({ from: Math.max(height, 1) }, WORK);
      if (height > 0)
        await range.next().then(
          () => expect.fail(),
          (error) => expect(error).toMatchObject(pruned),
        );
    }
  });

  it('adds up: what was burned before belongs to it', async () => {
    const pair = await pairAt(FIRST, blocks);
    await importAll(pair, FIRST);
    const { accounts, burned, totalBalance, genesisSupply } = await pair.whole.chain.verify();
    expect(await pair.late.chain.verify()).toMatchObject({
      firstHeight: FIRST,
      height: 9,
      accounts,
      burned,
      totalBalance,
      genesisSupply,
    });
  });

  it('is itself when it is opened again, and when its store is made again', async () => {
    const store = createMemoryStore();
    const { snapshot } = await pairAt(FIRST, blocks);
    const disk = await diskWith(snapshot, store);
    const first = await openOn(disk, { genesis: testGenesis() });
    for (const block of blocks.slice(FIRST)) await first.import(block);
    const head = first.head();
    await first.close();
    const rows = rowsWithoutLog(store);
    for (const again of [disk, await diskWith(await bytesOf(disk))]) {
      const chain = await openOn(again);
      expect(chain.head()).toEqual(head);
      expect(chain.firstHeight()).toBe(FIRST);
      await chain.verify();
      await chain.close();
      expect(rowsWithoutLog(again.store())).toEqual(rows);
    }
    expect([...store.range(KEYSPACES.meta)].length).toBe(1);
  });

  it('tells how much of the log is read', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const told: number[] = [];
    const chain = await openOn(await diskWith(snapshot), {
      onProgress: (done, total) => {
        expect(total).toBe(snapshot.length);
        told.push(done);
      },
    });
    expect(told).toEqual((await recordsOf(snapshot)).map(({ end }) => end.offset));
    const verified: unknown[] = [];
    await chain.verify({
      onState: () => expect(verified).toEqual([]),
      onLog: (...each) => verified.push(each),
    });
    expect(verified).toEqual(told.map((done) => [done, snapshot.length]));
  });

  it('may begin with any block, the genesis included', async () => {
    for (const first of [0, 1, 8]) {
      const pair = await pairAt(first, blocks);
      await importAll(pair, first);
      await compareRows(pair);
      expect(await view(pair.late.chain, first)).toEqual(await view(pair.whole.chain, first));
      await pair.late.chain.verify();
    }
  });

  it('keeps as much history as it is told', async () => {
    const pair = await pairAt(FIRST, blocks, { history: 2 });
    await importAll(pair, FIRST);
    await compareRows(pair);
    expect(pair.late.chain.figures().historyFrom).toBe(7);
    expect(() => pair.late.chain.state(6)).toThrow(
      expect.objectContaining({ code: 'STATE_PRUNED' }),
    );
    await pair.late.chain.verify();
  });

  it('is of the genesis that its snapshot names', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    expect(await readStoredGenesis((await diskWith(snapshot)).log())).toEqual(testGenesis());
    for (const store of [createMemoryStore(), (await pairAt(FIRST, blocks)).late.store]) {
      const opening = openOn(await diskWith(snapshot, store), {
        genesis: testGenesis({ timestamp: 5 }),
      });
      await expect(opening).rejects.toMatchObject({ code: 'CHAIN_GENESIS_MISMATCH' });
    }
  });
});

describe('reorganisations behind a base', () => {
  it('go back to the base, and not further', async () => {
    const pair = await pairAt(FIRST, blocks);
    await importAll(pair, FIRST);
    const branch = await branchOn(blocks.slice(0, FIRST), 3, 77);
    for (const { chain } of [pair.whole, pair.late]) {
      await chain.reorganise(branch);
      await chain.rewind({ height: FIRST + 1 });
      await chain.rewind({ height: FIRST });
      await chain.reorganise(branch);
    }
    await compareRows(pair);
    await pair.late.chain.verify();
    const below = await branchOn(blocks.slice(0, FIRST - 1), 3, 78);
    await expect(pair.late.chain.reorganise(below)).rejects.toMatchObject({
      code: 'CHAIN_NOT_ON_HEAD',
    });
    expect(await view(pair.late.chain, FIRST)).toEqual(await view(pair.whole.chain, FIRST));
  });

  it('are applied again when the store is made again', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const disk = await diskWith(snapshot);
    const chain = await openOn(disk);
    await chain.import(blocks[FIRST]!);
    await chain.rewind({ height: FIRST });
    for (const block of await branchOn(blocks.slice(0, FIRST), 2, 77)) await chain.import(block);
    await chain.reorganise(blocks.slice(FIRST, FIRST + 3));
    await chain.close();
    const again = await diskWith(await bytesOf(disk));
    const remade = await openOn(again);
    expect(remade.head().hash).toEqual(chain.head().hash);
    await remade.verify();
    await remade.close();
    expect(rowsWithoutLog(again.store())).toEqual(rowsWithoutLog(disk.store()));
  });
});

describe('a log whose base is not whole', () => {
  it('is refused wherever it ends, and stays as it is', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    for (let length = 32; length < snapshot.length; length += 37) {
      const disk = await diskWith(snapshot.subarray(0, length));
      const sink = recordingSink();
      for (const genesis of [undefined, testGenesis()]) {
        const opening = openOn(disk, { genesis }, sink);
        await expect(opening).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPLETE' });
      }
      expect(disk.log().size()).toBe(length);
      expect(sink.lines).toEqual([]);
    }
  });

  it('is refused at the end of every record', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    for (const { end } of (await recordsOf(snapshot)).slice(0, -1)) {
      const disk = await diskWith(snapshot.subarray(0, end.offset));
      await expect(openOn(disk)).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPLETE' });
      expect(disk.log().size()).toBe(end.offset);
    }
  });

  it('is no new chain for whoever looks at its genesis', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const disk = await diskWith(snapshot.subarray(0, 100));
    await expect(readStoredGenesis(disk.log())).rejects.toMatchObject({
      code: 'SNAPSHOT_INCOMPLETE',
    });
  });

  it('or is damaged is refused, and stays as it is', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    for (let place = 0; place < snapshot.length; place += 29) {
      const damaged = snapshot.slice();
      damaged[place]! ^= 0x10;
      const disk = await diskWith(damaged);
      await expect(openOn(disk), `byte ${place}`).rejects.toMatchObject({
        code: expect.stringMatching(/^(LOG_CORRUPT|SNAPSHOT_INCOMPLETE)$/),
      });
      expect(await bytesOf(disk)).toEqual(damaged);
    }
  });

  it('or has lost its first sectors is refused, and stays as it is', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const [base] = await recordsOf(snapshot);
    for (const lost of [512, base!.end.offset]) {
      const damaged = snapshot.slice().fill(0, 0, lost);
      const disk = await diskWith(damaged);
      for (const look of [() => openOn(disk), () => readStoredGenesis(disk.log())]) {
        await expect(look()).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPLETE' });
      }
      expect(await bytesOf(disk)).toEqual(damaged);
    }
  });

  it('or lies is refused, and leaves no chain behind', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const records = await recordsOf(snapshot);
    const swapped = [
      ...records.slice(0, 1),
      ...records.slice(2, 3),
      ...records.slice(1, 2),
      ...records.slice(3),
    ];
    const fewer = records.filter((_, index) => index !== 2);
    for (const wrong of [swapped, fewer]) {
      const disk = await diskWith(archiveFrom(wrong));
      await expect(openOn(disk)).rejects.toMatchObject({
        code: expect.stringMatching(/^(SNAPSHOT_INVALID|LOG_RECORD_INVALID)$/),
      });
      await expect(openOn(disk)).rejects.toThrow();
    }
  });

  it('does not matter once blocks follow: an unfinished one is cut off', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const disk = await diskWith(snapshot);
    const chain = await openOn(disk);
    await chain.import(blocks[FIRST]!);
    await chain.close();
    const log = await bytesOf(disk);
    const torn = await diskWith(log.subarray(0, log.length - 1));
    const sink = recordingSink();
    const again = await openOn(torn, {}, sink);
    expect(again.head().header.height).toBe(FIRST);
    expect(sink.count('warn')).toBe(1);
    expect(torn.log().size()).toBe(snapshot.length);
  });
});

describe('a store with a part of the state of a base', () => {
  it('gets the rest from the same base', async () => {
    const { snapshot, late } = await pairAt(FIRST, blocks);
    const store = await storeWithPart(snapshot);
    const chain = await openOn(await diskWith(snapshot, store));
    await chain.verify();
    await chain.close();
    await late.chain.flush();
    expect(rowsWithoutLog(store)).toEqual(rowsWithoutLog(late.store));
  });

  it('is for no other chain', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const others = [
      (await pairAt(FIRST + 1, blocks)).snapshot,
      await bytesOf(await diskWith(await genesisLog())),
      new Uint8Array(0),
    ];
    for (const log of others) {
      const disk = await diskWith(log, await storeWithPart(snapshot));
      const opening = openOn(disk, { genesis: testGenesis() });
      await expect(opening).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
      expect(await bytesOf(disk)).toEqual(log);
    }
  });

  async function genesisLog(): Promise<Uint8Array> {
    const disk = memoryDisk();
    await (await openOn(disk, { genesis: testGenesis() })).close();
    return bytesOf(disk);
  }
});

describe('a check of a chain that begins with a snapshot', () => {
  it('finds an index that does not belong to its base', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    for (const keyspace of [KEYSPACES.blocks, KEYSPACES.blockHashes, KEYSPACES.transactions]) {
      const store = createMemoryStore();
      const disk = await diskWith(snapshot, store);
      const chain = await openOn(disk);
      await chain.import(blocks[FIRST]!);
      await chain.flush();
      const [row] = store.range(keyspace, { limit: 1 });
      const batch = new WriteBatch();
      batch.delete(keyspace, row![0]);
      await store.commit(batch, 'process');
      await expect(chain.verify(), keyspace.name).rejects.toMatchObject({
        code: 'CHAIN_INDEX_MISMATCH',
      });
    }
  });

  it('finds rows that say something else of its base', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    // The last bytes of a height and of a position; position in the log and hash of the base block.
    for (const [keyspace, place] of [
      [KEYSPACES.blockHashes, -1],
      [KEYSPACES.transactions, -1],
      [KEYSPACES.blocks, 3],
      [KEYSPACES.blocks, 10],
    ] as const) {
      const store = createMemoryStore();
      const chain = await openOn(await diskWith(snapshot, store));
      await chain.flush();
      const [row] = store.range(keyspace, { limit: 1 });
      const value = row![1].slice();
      const at = place < 0 ? value.length + place : place;
      value[at] = keyspace === KEYSPACES.blockHashes ? FIRST + 1 : 1;
      const batch = new WriteBatch();
      batch.put(keyspace, row![0], value);
      await store.commit(batch, 'process');
      await expect(chain.verify(), `${keyspace.name} ${place}`).rejects.toMatchObject({
        code: 'CHAIN_INDEX_MISMATCH',
      });
    }
  });

  it('finds damage in the state of the base, which nothing else reads any more', async () => {
    const { snapshot } = await pairAt(FIRST, blocks);
    const store = createMemoryStore();
    const first = await openOn(await diskWith(snapshot, store));
    await first.close();
    const [, chunk] = await recordsOf(snapshot);
    const damaged = snapshot.slice();
    damaged[chunk!.end.offset - 1]! ^= 1;
    const file = createMemoryFile();
    await file.append(damaged);
    const chain = await openOn(memoryDisk(file, store));
    await expect(chain.verify()).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      fields: { offset: chunk!.start },
    });
  });
});

describe('a state that is larger than a batch', () => {
  it('is taken in part by part, and once more after a crash in between', async () => {
    const store = createMemoryStore();
    const whole = await openOn(memoryDisk(createMemoryFile(), store), { genesis: testGenesis() });
    await growWithDiff(whole, store, codesOf(20, 1_000_000));
    const snapshot = await stateOf(whole, 4_194_304);
    const target = createMemoryStore();
    for (const allowed of [1, Number.POSITIVE_INFINITY]) {
      let commits = 0;
      const failing: KvStore = {
        ...target,
        commit: async (batch, level) => {
          commits += 1;
          if (commits > allowed) throw new Error('the power is gone');
          await target.commit(batch, level);
        },
        close: async () => undefined,
      };
      const chain = await openOn(await diskWith(snapshot, failing));
      expect(commits).toBeGreaterThan(0);
      if (allowed > 1) expect((await chain.verify()).accounts).toBe(23);
      await chain.close();
      const codes = [...target.range(KEYSPACES.code)].length;
      expect(codes === 20).toBe(allowed > 1);
      expect([...target.range(KEYSPACES.blocks)].length).toBe(allowed > 1 ? 1 : 0);
    }
  });

  /** So many accounts, each with a code of its own. */
  function codesOf(count: number, codeBytes: number): StateDiff {
    const code = Array.from({ length: count }, (_, index) => {
      const each = new Uint8Array(codeBytes).fill(index + 1);
      return { code: each, codeHash: keccak256(each) };
    });
    const accounts = code.map(({ codeHash }, index) => ({
      address: fixedBytes(BigInt(0xc0de00 + index), 20),
      before: undefined,
      after: { ...EMPTY_ACCOUNT, nonce: 1n, codeHash },
      storageCleared: false,
    }));
    code.sort((left, right) => compareBytes(left.codeHash, right.codeHash));
    return { accounts, storage: [], code };
  }
});
