import { describe, expect, it } from 'vitest';
import { devSealer } from '../src/dev/dev-sealer.ts';
import { type DevChain, heightOf, mineOne, START_SECONDS, startDev } from './support/dev-chain.ts';

const TOO_EARLY = { code: 'TIMESTAMP_BEFORE_HEAD' };
const OUT_OF_RANGE = { code: 'TIMESTAMP_OUT_OF_RANGE' };

const times = ({ node }: DevChain): readonly number[] => {
  const { height } = node.chain.head().header;
  return Array.from({ length: height }, (_, index) => {
    const timestamp = node.chain.header(index + 1)?.header.timestamp ?? 0;
    return timestamp - START_SECONDS;
  });
};

describe('the clock of a dev chain', () => {
  it('moves forward, and goes on from there', async () => {
    const chain = await startDev();
    expect(await chain.dev.increaseTime(100)).toBe(100);
    expect(await chain.dev.increaseTime(50)).toBe(150);
    expect(await mineOne(chain)).toBe(START_SECONDS + 150);
    chain.clock.advance(7_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 157);
    expect(chain.dev.info().timeOffsetSeconds).toBe(150);
  });

  it('is set to a time, and says by how much it has moved', async () => {
    const chain = await startDev();
    expect(await chain.dev.setTime(START_SECONDS + 5_000)).toBe(5_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 5_000);
    await expect(chain.dev.setTime(START_SECONDS + 4_999)).rejects.toMatchObject(TOO_EARLY);
    chain.clock.advance(60_000);
    expect(await chain.dev.setTime(START_SECONDS + 5_000)).toBe(-60);
    expect(await mineOne(chain)).toBe(START_SECONDS + 5_000);
  });

  it('gives the next block an exact time, and goes on from it', async () => {
    const chain = await startDev();
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 1_000);
    expect(chain.api.pendingBlock().block.header.timestamp).toBe(START_SECONDS + 1_000);
    expect(heightOf(chain)).toBe(0);
    chain.clock.advance(5_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 1_000);
    chain.clock.advance(5_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 1_005);
    await expect(chain.dev.setNextBlockTimestamp(START_SECONDS)).rejects.toMatchObject(TOO_EARLY);
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 1_005);
    expect(await mineOne(chain)).toBe(START_SECONDS + 1_005);
  });

  it('keeps the same distance between blocks while it is told to', async () => {
    const chain = await startDev();
    await chain.dev.setBlockTimestampInterval(7);
    expect(chain.dev.info().blockTimestampIntervalSeconds).toBe(7);
    await mineOne(chain);
    chain.clock.advance(60_000);
    await mineOne(chain);
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 100);
    await mineOne(chain);
    await mineOne(chain);
    await chain.dev.setBlockTimestampInterval(undefined);
    await mineOne(chain);
    expect(times(chain)).toEqual([7, 14, 100, 107, 107]);
    chain.clock.advance(10_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 117);
  });

  it('goes on from blocks that were kept at a distance, also for who moves it', async () => {
    let chain = await startDev();
    await chain.dev.setBlockTimestampInterval(1_000);
    await chain.dev.mine({ blocks: 10 });
    await chain.dev.setBlockTimestampInterval(undefined);
    expect(await chain.dev.increaseTime(100)).toBe(10_100);
    chain = await chain.crash();
    expect(await mineOne(chain)).toBe(START_SECONDS + 10_100);
  });

  it('does not stand still behind a head that a crash has left ahead of it', async () => {
    const heights = new Set<number>();
    for (const operation of [1, 2, 3]) {
      let chain = await startDev();
      chain.disk.failAt(chain.disk.operations + operation, 'forever');
      await chain.dev.mine({ timestamp: START_SECONDS + 1_000 }).catch(() => undefined);
      chain = await chain.crash();
      heights.add(heightOf(chain));
      const expected = heightOf(chain) === 0 ? 10 : 1_010;
      await chain.dev.increaseTime(10);
      expect(await mineOne(chain)).toBe(START_SECONDS + expected);
    }
    expect([...heights]).toEqual([0, 1]);
  });

  it('gives a block that failed no second try at its time', async () => {
    const chain = await startDev();
    chain.disk.failAt(chain.disk.operations + 1, 'once');
    await expect(chain.dev.mine({ timestamp: START_SECONDS + 1_000 })).rejects.toThrow();
    expect(await mineOne(chain)).toBe(START_SECONDS);
  });

  it('begins anew where it was told to begin', async () => {
    const sealer = devSealer({ mode: 'manual' }, START_SECONDS - 5_000);
    let chain = await startDev({ timestamp: START_SECONDS - 5_000, sealer });
    expect(await mineOne(chain)).toBe(START_SECONDS - 5_000);
    await chain.dev.increaseTime(9_000);
    chain.clock.advance(60_000);
    await chain.dev.reset();
    expect(await mineOne(chain)).toBe(START_SECONDS - 5_000);
    chain = await chain.reopen({ sealer });
    chain.clock.advance(2_000);
    expect(await mineOne(chain)).toBe(START_SECONDS - 4_998);
  });

  it('mines several blocks with seconds between them', async () => {
    const chain = await startDev();
    await chain.dev.mine({ blocks: 3, intervalSeconds: 10 });
    await chain.dev.mine({ blocks: 2, timestamp: START_SECONDS + 100, intervalSeconds: 5 });
    await chain.dev.mine({ blocks: 2, timestamp: START_SECONDS + 200 });
    expect(times(chain)).toEqual([10, 20, 30, 100, 105, 200, 200]);
  });

  it('keeps the times that were set when blocks are mined with seconds between them', async () => {
    const chain = await startDev();
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 100);
    await chain.dev.mine({ blocks: 2, intervalSeconds: 10 });
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 200);
    await chain.dev.mine({ blocks: 2, intervalSeconds: 0 });
    await chain.dev.setBlockTimestampInterval(7);
    await chain.dev.mine({ blocks: 2, intervalSeconds: 10 });
    expect(times(chain)).toEqual([100, 110, 200, 200, 207, 214]);
  });

  it('is never so late that nothing could follow', async () => {
    const chain = await startDev();
    await expect(chain.dev.setTime(2 ** 52 + 1)).rejects.toMatchObject(OUT_OF_RANGE);
    await expect(chain.dev.increaseTime(2 ** 53 - 1)).rejects.toMatchObject(OUT_OF_RANGE);
    await expect(chain.dev.setNextBlockTimestamp(2 ** 53)).rejects.toMatchObject(OUT_OF_RANGE);
    await expect(chain.dev.setBlockTimestampInterval(2 ** 52)).rejects.toMatchObject(OUT_OF_RANGE);
    await chain.dev.setNextBlockTimestamp(2 ** 52);
    await mineOne(chain);
    await expect(chain.dev.mine({ intervalSeconds: 1 })).rejects.toMatchObject(OUT_OF_RANGE);
    expect(await mineOne(chain)).toBe(2 ** 52);
  });

  it('survives a crash with all that was set', async () => {
    let chain = await startDev();
    await chain.dev.increaseTime(1_000);
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 5_000);
    chain.clock.advance(30_000);
    chain = await chain.crash();
    expect(chain.dev.info().timeOffsetSeconds).toBe(1_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 5_000);
    chain.clock.advance(30_000);
    chain = await chain.crash();
    expect(await mineOne(chain)).toBe(START_SECONDS + 5_030);
    await chain.dev.setBlockTimestampInterval(9);
    chain = await chain.crash();
    expect(await mineOne(chain)).toBe(START_SECONDS + 5_039);
  });

  it('goes on from a block whose time was asked for, also when the crash came right after it', async () => {
    let chain = await startDev();
    await chain.dev.setNextBlockTimestamp(START_SECONDS + 5_000);
    const before = chain.disk.operations;
    // The append of the block is the first operation, that of the new setting the second.
    chain.disk.failAt(before + 2, 'forever');
    await expect(chain.dev.mine({})).rejects.toMatchObject({ code: 'CHAIN_READ_ONLY' });
    chain = await chain.crash();
    expect(heightOf(chain)).toBe(1);
    chain.clock.advance(20_000);
    expect(await mineOne(chain)).toBe(START_SECONDS + 5_020);
  });
});
