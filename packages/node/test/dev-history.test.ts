import { fromHex } from '@lucerna/base';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { INITIAL_SETTINGS } from '../src/dev/settings.ts';
import { SnapshotStore } from '../src/dev/snapshot-store.ts';
import { nodeLimits } from '../src/limits.ts';
import {
  balanceOf,
  type DevChain,
  expectSound,
  heightOf,
  mineOne,
  OTHER,
  START_SECONDS,
  STRANGER,
  startDev,
  viewOf,
} from './support/dev-chain.ts';
import { manualClock } from './support/manual-clock.ts';

const SLOT = new Uint8Array(32);
const WORD = new Uint8Array(32).fill(9);

/** Some blocks, some cheats, something in the pool, and a clock that is ahead. */
async function busyChain(): Promise<DevChain> {
  const chain = await startDev();
  await chain.send(0);
  await mineOne(chain);
  await chain.dev.setBalance(OTHER, 5n);
  await chain.dev.setStorage(STRANGER, SLOT, WORD);
  await chain.dev.increaseTime(500);
  await chain.send(1);
  await chain.send(1, { nonce: '0x5' });
  await chain.dev.impersonate(OTHER);
  return chain;
}

/** More of everything. */
async function carryOn(chain: DevChain): Promise<void> {
  const { dev, clock } = chain;
  await mineOne(chain);
  await dev.setBalance(STRANGER, 77n);
  await dev.setBalance(OTHER, 10n ** 20n);
  await dev.setNonce(OTHER, 4n);
  await dev.stopImpersonating(OTHER);
  await dev.setCoinbase(OTHER);
  await dev.setBlockGasLimit(60_000_000n);
  await dev.setNextBlockBaseFee(5n);
  await mineOne(chain);
  await dev.increaseTime(10_000);
  await dev.setStorage(STRANGER, SLOT, new Uint8Array(32));
  await dev.dropAllTransactions();
  await chain.send(2);
  clock.advance(3_000);
  await dev.setMinGasPrice(3n);
}

describe('a snapshot', () => {
  it('brings everything back: chain, state, pool, clock, settings', async () => {
    const chain = await busyChain();
    const before = await viewOf(chain);
    expect(await chain.dev.snapshot()).toBe(0n);
    await carryOn(chain);
    expect(await viewOf(chain)).not.toEqual(before);
    expect(await chain.dev.revert(0n)).toBe(true);
    // Three seconds of real time have passed, and none on the chain.
    const offset = { timeOffsetSeconds: 497 };
    expect(await viewOf(chain)).toEqual({
      ...(before as object),
      info: expectInfo(before, offset),
    });
    expect(await mineOne(chain)).toBe(START_SECONDS + 500);
    await expectSound(chain);
  });

  it('is used up, and takes the later ones with it; ids are never used twice', async () => {
    const { dev } = await startDev();
    expect([await dev.snapshot(), await dev.snapshot(), await dev.snapshot()]).toEqual([
      0n,
      1n,
      2n,
    ]);
    expect(await dev.revert(1n)).toBe(true);
    expect(dev.info().snapshots.map(({ id }) => id)).toEqual([0n]);
    expect(await dev.revert(1n)).toBe(false);
    expect(await dev.revert(2n)).toBe(false);
    expect(await dev.snapshot()).toBe(3n);
    expect(await dev.revert(0n)).toBe(true);
    expect(await dev.revert(3n)).toBe(false);
    expect(await dev.snapshot()).toBe(4n);
  });

  it('outlives crashes, and so does going back to it', async () => {
    let chain = await busyChain();
    const { hash } = chain.node.chain.head();
    await chain.dev.snapshot();
    const before = await viewOf(chain);
    await carryOn(chain);
    chain = await chain.crash();
    expect(chain.dev.info().snapshots).toEqual([{ id: 0n, height: 1, hash }]);
    expect(await chain.dev.revert(0n)).toBe(true);
    chain = await chain.crash();
    const offset = { timeOffsetSeconds: 497 };
    const expected = { ...(before as object), snapshots: [], info: expectInfo(before, offset) };
    expect(await viewOf(chain)).toEqual(expected);
    await expectSound(chain);
  });

  it('leaves alone how blocks are made', async () => {
    const { dev } = await startDev();
    await dev.snapshot();
    await dev.setAutomine(true);
    await dev.setIntervalMining(4_000);
    await dev.revert(0n);
    expect(dev.mining()).toEqual({ automine: true, intervalMs: 4_000 });
  });

  it('brings back filters and where they were', async () => {
    const chain = await startDev();
    const filter = await chain.request('eth_newBlockFilter');
    await mineOne(chain);
    await chain.dev.snapshot();
    expect(await chain.request('eth_getFilterChanges', filter)).toHaveLength(1);
    await chain.dev.revert(0n);
    expect(await chain.request('eth_getFilterChanges', filter)).toHaveLength(1);
    expect(await chain.request('eth_getFilterChanges', filter)).toHaveLength(0);
  });

  it('is refused when there are too many', async () => {
    const { chain } = (await startDev()).node;
    const store = new SnapshotStore(chain);
    const { hash } = chain.head();
    const rest = { chainSeconds: 0, settings: INITIAL_SETTINGS, pool: [], filters: [] };
    const snapshot = (id: number) => ({ ...rest, id: BigInt(id), point: chain.point(), hash });
    const limit = nodeLimits.values.snapshots;
    for (let id = 0; id < limit; id += 1) store.written(snapshot(id));
    const refused = expect.objectContaining({ code: 'SNAPSHOTS_FULL' });
    expect(() => store.noteOf(snapshot(limit))).toThrow(refused);
    const gone = store.removal(({ id }) => id > 5n);
    expect(gone.notes).toHaveLength(limit - 6);
    gone.written();
    expect(store.noteOf(snapshot(6)).key).toBe('dev/snapshot/0000000000000006');
  });
});

function expectInfo(before: unknown, change: object): object {
  return { ...(before as { readonly info: object }).info, ...change };
}

describe('going back', () => {
  it('takes blocks off, and what is behind the new head is what was behind it', async () => {
    const chain = await busyChain();
    await chain.dev.dropAllTransactions();
    await chain.dev.snapshot();
    await chain.dev.mine({ blocks: 3, intervalSeconds: 100 });
    await chain.dev.setBalance(OTHER, 9n);
    await chain.dev.snapshot();
    await chain.dev.setNextBlockBaseFee(123n);
    await chain.dev.rollback(3);
    expect(heightOf(chain)).toBe(1);
    expect(balanceOf(chain, OTHER)).toBe(5n);
    expect(chain.dev.info().snapshots.map(({ id }) => id)).toEqual([0n]);
    // For the next block, whichever that is.
    expect(chain.dev.info().baseFeePerGas).toBe(123n);
    expect(await mineOne(chain)).toBe(START_SECONDS);
    expect(await chain.dev.revert(1n)).toBe(false);
    await expectSound(chain);
  });

  it('refuses to go below block 0', async () => {
    const { dev } = await startDev();
    await dev.mine({ blocks: 2 });
    await expect(dev.rollback(3)).rejects.toMatchObject({ code: 'ROLLBACK_TOO_DEEP' });
    await expect(dev.reorg(3, [])).rejects.toMatchObject({ code: 'ROLLBACK_TOO_DEEP' });
    await dev.rollback(0);
    expect(dev.info().snapshots).toEqual([]);
  });

  it('puts other blocks in the place of the last ones', async () => {
    const chain = await startDev();
    const { dev, node, send, request } = chain;
    await send(0);
    await dev.mine({ blocks: 3 });
    const old = node.chain.head().hash;
    const raw = async (sender: number, fields: object): Promise<Uint8Array> => {
      const from = node.accounts[sender]?.address;
      const transaction = { from, to: from, nonce: '0x0', gas: '0x5208', ...fields };
      const signed = await request('eth_signTransaction', {
        ...transaction,
        gasPrice: '0x77359400',
      });
      return fromHex(
        (typeof signed === 'string' ? signed : (signed as { raw: string }).raw) as string,
      );
    };
    const mined = await raw(1, { value: '0x5' });
    const refused = await raw(2, { nonce: '0x9' });
    await expect(dev.reorg(2, [{ blockOffset: 2, raw: mined }])).rejects.toMatchObject({
      code: 'REORG_OFFSET_OUT_OF_RANGE',
    });
    await expect(dev.reorg(2, [{ blockOffset: 0, raw: WORD }])).rejects.toThrow();
    expect(node.chain.head().hash).toEqual(old);
    await dev.reorg(2, [
      { blockOffset: 1, raw: mined },
      { blockOffset: 1, raw: refused },
    ]);
    expect(heightOf(chain)).toBe(3);
    expect(node.chain.head().hash).not.toEqual(old);
    expect((await node.chain.block(3))?.block.transactions.map((one) => one.raw)).toEqual([mined]);
    expect((await node.chain.block(1))?.block.transactions).toHaveLength(1);
    // Clients see it also where time and transactions are the same.
    await dev.mine({});
    const empty = node.chain.head();
    await dev.reorg(1, []);
    expect(heightOf(chain)).toBe(empty.header.height);
    expect(node.chain.head().hash).not.toEqual(empty.hash);
    await expectSound(chain);
  });

  it('begins anew', async () => {
    let chain = await busyChain();
    const { instanceId } = chain.dev.info();
    await chain.dev.snapshot();
    await carryOn(chain);
    await chain.dev.setAutomine(true);
    await chain.dev.reset();
    const fresh = await startDev({ clock: chain.clock });
    const view = (await viewOf(fresh)) as { blocks: unknown };
    expect({ ...((await viewOf(chain)) as object), blocks: 0 }).toMatchObject({
      info: { timeOffsetSeconds: 0, minGasPrice: 0n, mining: { automine: false, intervalMs: 0 } },
      snapshots: [],
    });
    expect(view.blocks).toHaveLength(2);
    expect(heightOf(chain)).toBe(0);
    expect(balanceOf(chain, OTHER)).toBe(0n);
    expect(chain.dev.info().instanceId).not.toEqual(instanceId);
    const renewed = chain.dev.info().instanceId;
    chain = await chain.crash();
    expect(chain.dev.info().instanceId).toEqual(renewed);
    expect(await chain.dev.snapshot()).toBe(1n);
    await expectSound(chain);
  });
});

describe('a chain that does not keep everything', () => {
  it.each([0, 2])('goes back further than its %s blocks of history', async (history) => {
    let chain = await startDev({ history });
    const id = await chain.dev.snapshot();
    const before = await viewOf(chain);
    for (let block = 0; block < 8; block += 1) {
      await chain.dev.setBalance(OTHER, BigInt(block));
      await mineOne(chain);
    }
    chain = await chain.reopen({ history });
    expect(await chain.dev.revert(id)).toBe(true);
    expect(await viewOf(chain)).toEqual({ ...(before as object), snapshots: [] });
    await expectSound(chain);
  });

  it('goes back to its first block and no further', async () => {
    const whole = await startDev();
    await whole.dev.mine({ blocks: 5 });
    const disk = new FaultyDisk();
    const log = disk.openFile('blocks.log');
    const takeTurn = async (): Promise<void> => undefined;
    for await (const part of whole.node.chain.exportState({ takeTurn })) await log.append(part);
    await log.close();
    const chain = await startDev({ disk });
    await chain.dev.mine({ blocks: 2 });
    const tooDeep = { code: 'ROLLBACK_TOO_DEEP' };
    await expect(chain.dev.rollback(3)).rejects.toMatchObject(tooDeep);
    await expect(chain.dev.reorg(3, [])).rejects.toMatchObject(tooDeep);
    await expect(chain.dev.reset()).rejects.toMatchObject({ code: 'BLOCKS_PRUNED' });
    expect(heightOf(chain)).toBe(7);
    await chain.dev.rollback(2);
    expect(heightOf(chain)).toBe(5);
  });
});

describe('work that takes long', () => {
  it('lets others go first', async () => {
    const still = manualClock(START_SECONDS * 1_000);
    let looks = 0;
    const nowMs = (): number => {
      looks += 1;
      return still.nowMs() + looks;
    };
    const chain = await startDev({ clock: { ...still, nowMs } });
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (heightOf(chain) < 200) setImmediate(count);
    };
    setImmediate(count);
    await chain.dev.mine({ blocks: 200 });
    expect(turns).toBeGreaterThan(5);
  });
});
