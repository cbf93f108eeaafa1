import {
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
  storageErrors,
} from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultyDisk, makeScript, memoryDisk, openOn, type Script } from './support/ledger.ts';
import { recordingSink } from './support/sink.ts';

let script: Script;

beforeAll(async () => {
  script = await makeScript(12);
});

/** A memory store whose commits can be made to fail, and are counted. */
function switchableStore() {
  const store = createMemoryStore();
  const state = { fails: false, attempts: 0 };
  const wrapped: KvStore = {
    ...store,
    commit: async (batch, level) => {
      state.attempts += 1;
      if (state.fails) throw storageErrors.create('STORE_WRITE_FAILED');
      await store.commit(batch, level);
    },
  };
  return { store: wrapped, state };
}

/** Heights that the store itself has. */
function storedHeight(store: KvStore): number {
  return [...store.range(KEYSPACES.blocks)].length - 1;
}

describe('writing behind', () => {
  it('gives the store its blocks in groups', async () => {
    const { store, state } = switchableStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const chain = await openOn(disk, { genesis: script.genesis, writeBehind: { flushBlocks: 5 } });
    for (const executed of script.blocks) await chain.commit(executed);
    await chain.flush();
    expect(storedHeight(store)).toBe(12);
    // Thirteen blocks with the genesis: two groups of five, and what was left.
    expect(state.attempts).toBe(3);
    await chain.flush();
    expect(state.attempts).toBe(3);
  });

  it('also goes by bytes', async () => {
    const { store, state } = switchableStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const writeBehind = { flushBlocks: 1000, flushBytes: 4000 };
    const chain = await openOn(disk, { genesis: script.genesis, writeBehind });
    for (const executed of script.blocks) await chain.commit(executed);
    expect(state.attempts).toBeGreaterThan(1);
    expect(state.attempts).toBeLessThan(13);
    await chain.close();
  });

  it('keeps what the store refuses, tries again with new blocks, and says so', async () => {
    const { store, state } = switchableStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const sink = recordingSink();
    const writeBehind = { flushBlocks: 3 };
    const chain = await openOn(disk, { genesis: script.genesis, writeBehind }, sink);
    state.fails = true;
    for (const executed of script.blocks.slice(0, 9)) await chain.commit(executed);
    await expect(chain.flush()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' });
    expect(storedHeight(store)).toBe(-1);
    // One attempt for three blocks and not one for each, and the one that was asked for.
    expect(state.attempts).toBe(4);
    expect(sink.count('warn')).toBe(4);
    expect((await chain.verify()).height).toBe(9);
    state.fails = false;
    await chain.flush();
    expect(storedHeight(store)).toBe(9);
    await chain.close();
    expect((await openOn(disk)).head()).toEqual(chain.head());
  });

  it('tries again after so many new bytes, and not with every block', async () => {
    const { store, state } = switchableStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const writeBehind = { flushBlocks: 1000, flushBytes: 3000 };
    const chain = await openOn(disk, { genesis: script.genesis, writeBehind });
    state.fails = true;
    for (const executed of script.blocks) await chain.commit(executed);
    expect(state.attempts).toBeGreaterThan(1);
    expect(state.attempts).toBeLessThan(5);
  });

  it('refuses blocks while too much is pending, and takes them when the store works again', async () => {
    const { store, state } = switchableStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const writeBehind = { flushBlocks: 2, backlogBytes: 12_000 };
    const chain = await openOn(disk, { genesis: script.genesis, writeBehind });
    state.fails = true;
    let refused = 0;
    for (const executed of script.blocks) {
      try {
        await chain.commit(executed);
      } catch (error) {
        expect(error).toMatchObject({
          code: 'CHAIN_BACKLOG',
          cause: { code: 'STORE_WRITE_FAILED' },
        });
        refused += 1;
        break;
      }
    }
    expect(refused).toBe(1);
    const { height } = chain.head().header;
    expect(height).toBeGreaterThan(0);
    expect(height).toBeLessThan(12);
    expect((await chain.verify()).height).toBe(height);
    expect((await chain.block(height))?.block.hash).toEqual(chain.head().hash);
    state.fails = false;
    for (const executed of script.blocks.slice(height)) await chain.commit(executed);
    expect((await chain.verify()).height).toBe(12);
  });

  it('also bounds what a restart keeps in memory', async () => {
    const file = createMemoryFile();
    const first = await openOn(memoryDisk(file), { genesis: script.genesis });
    for (const executed of script.blocks) await first.commit(executed);
    await first.close();
    const { store, state } = switchableStore();
    state.fails = true;
    const writeBehind = { flushBlocks: 2, backlogBytes: 12_000 };
    const opening = openOn(memoryDisk(file, store), { writeBehind });
    await expect(opening).rejects.toMatchObject({ code: 'CHAIN_BACKLOG' });
    state.fails = false;
    const opened = await openOn(memoryDisk(file, store), { writeBehind });
    expect(opened.head()).toEqual(first.head());
  });

  it('is bounded when closing, and the next start makes up for what is missing', async () => {
    const { store, state } = switchableStore();
    const disk = memoryDisk(createMemoryFile(), store);
    const sink = recordingSink();
    const chain = await openOn(disk, { genesis: script.genesis }, sink);
    for (const executed of script.blocks) await chain.commit(executed);
    state.fails = true;
    await chain.close();
    expect(state.attempts).toBe(3);
    expect(sink.count('warn')).toBe(4);
    expect(storedHeight(store)).toBe(-1);
    state.fails = false;
    const reopened = await openOn(disk);
    expect(reopened.head()).toEqual(chain.head());
    await reopened.verify();
  });

  it('does not lose a group that is committed while another one is on its way', async () => {
    const base = createMemoryStore();
    const gates: (() => void)[] = [];
    const slow: KvStore = {
      ...base,
      commit: async (batch, level) => {
        await new Promise<void>((resolve) => gates.push(resolve));
        await base.commit(batch, level);
      },
    };
    const disk = memoryDisk(createMemoryFile(), slow);
    const writeBehind = { flushBlocks: 1 };
    const chain = await openOn(disk, { genesis: script.genesis, writeBehind });
    // Commits do not wait for the store.
    for (const executed of script.blocks) await chain.commit(executed);
    expect(gates).toHaveLength(1);
    expect(storedHeight(base)).toBe(-1);
    expect((await chain.verify()).height).toBe(12);
    const closing = chain.close();
    while (storedHeight(base) < 12) {
      gates.shift()?.();
      await Promise.resolve();
    }
    await closing;
    expect((await openOn(memoryDisk(disk.log(), base))).head()).toEqual(chain.head());
  });
});

describe('a log that cannot be written', () => {
  it('because the disk is full refuses blocks until there is room, and shows nothing of them', async () => {
    const faulty = new FaultyDisk({ capacityBytes: 6_000 });
    const disk = faultyDisk(faulty);
    const chain = await openOn(disk, { genesis: script.genesis });
    let error: unknown;
    for (const executed of script.blocks) {
      await chain.commit(executed).catch((reason: unknown) => {
        error ??= reason;
      });
    }
    expect(error).toMatchObject({ code: 'FILE_DISK_FULL' });
    const { height } = chain.head().header;
    expect(height).toBeGreaterThan(1);
    expect(height).toBeLessThan(12);
    const refused = script.blocks[height]!.block;
    expect(chain.heightOf(refused.hash)).toBeUndefined();
    expect(chain.header(height + 1)).toBeUndefined();
    for (const { hash } of refused.transactions) {
      expect(chain.findTransaction(hash)).toBeUndefined();
    }
    expect((await chain.verify()).height).toBe(height);
    await expect(chain.commit(script.blocks[height]!)).rejects.toMatchObject({
      code: 'FILE_DISK_FULL',
    });
    const head = chain.head();
    await chain.close();
    expect((await openOn(disk)).head()).toEqual(head);
  });

  it('nor be taken back makes the chain read-only: queries go on', async () => {
    const faulty = new FaultyDisk({ seed: 4 });
    const disk = faultyDisk(faulty);
    const sink = recordingSink();
    const chain = await openOn(disk, { genesis: script.genesis }, sink);
    for (const executed of script.blocks.slice(0, 5)) await chain.commit(executed);
    const head = chain.head();
    // Any append and any truncation fail; reads work again after these two operations.
    faulty.failAt(faulty.operations + 1, 'forever');
    const sixth = script.blocks[5]!;
    await expect(chain.commit(sixth)).rejects.toMatchObject({ code: 'CHAIN_READ_ONLY' });
    faulty.failAt(faulty.operations + 1_000_000, 'once');
    await expect(chain.commit(sixth)).rejects.toMatchObject({ code: 'CHAIN_READ_ONLY' });
    expect(sink.count('error')).toBe(1);
    expect(chain.head()).toEqual(head);
    expect(chain.heightOf(sixth.block.hash)).toBeUndefined();
    expect((await chain.block(3))?.block.hash).toEqual(script.blocks[2]!.block.hash);
    expect((await chain.verify()).height).toBe(5);
    expect(chain.state(2)).toBeDefined();
    await expect(chain.flush()).rejects.toMatchObject({ code: 'CHAIN_READ_ONLY' });
    await chain.close();
    await faulty.crash('process');
    const reopened = await openOn(disk);
    expect(reopened.head()).toEqual(head);
    await reopened.commit(sixth);
    await reopened.verify();
  });
});
