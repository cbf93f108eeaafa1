import { type Log, SILENT_LOG } from '@lucerna/base';
import { describe, expect, it, vi } from 'vitest';
import { vectorErrors } from '../../src/errors.ts';
import { GraphKeeper } from '../../src/index/graph-keeper.ts';
import { Segment } from '../../src/kernel/segment.ts';
import { hurryingClock, openIndex, smallSegmentBytes } from './index-support.ts';

const SEARCH = { limit: 1, efSearch: 1 };

/** An index of a few rows, with a search that has begun and takes several turns. */
async function searched(log: Log = SILENT_LOG) {
  const index = openIndex({ mode: 'hnsw' }, { clock: hurryingClock(), log });
  await index.mutate(() => index.add(new Float32Array(400).fill(1), 100));
  const running = index.search(new Float32Array(40), SEARCH);
  return { index, running };
}

describe('an index', () => {
  it('answers a search that waits behind work when it is closed', async () => {
    const { index, running } = await searched();
    index.work();
    const waiting = index.search(new Float32Array(4), SEARCH);
    const closing = index.close();
    expect(await running).toHaveLength(10);
    expect(await waiting).toHaveLength(1);
    await closing;
  });

  it('does no more work to be settled when nobody waits for it', async () => {
    const { index, running } = await searched();
    await running;
    let rounds = 0;
    await index.settled(() => {
      rounds += 1;
      return rounds <= 3;
    });
    expect(index.statistics().waiting).toBe(97);
    await index.settled();
    expect(index.statistics().waiting).toBe(0);
    await index.close();
  });

  it('tells of work that fails when its turn comes', async () => {
    const errors: string[] = [];
    const log: Log = { ...SILENT_LOG, error: (message) => void errors.push(message) };
    const { index, running } = await searched(log);
    const spy = vi.spyOn(GraphKeeper.prototype, 'slice').mockImplementation(() => {
      throw new Error('broken');
    });
    index.work();
    await running;
    await index.mutate(() => undefined);
    expect(errors).toHaveLength(1);
    spy.mockRestore();
    for (let turn = 0; turn < 200 && index.hasWork(); turn += 1) index.work();
    expect(index.statistics().waiting).toBe(0);
    await index.close();
  });

  it('keeps memory that was reserved until it is used', async () => {
    const segmentBytes = smallSegmentBytes('exact');
    const index = openIndex({ mode: 'exact' }, { segmentBytes });
    const full = new Float32Array(4 * 1_024).fill(1);
    const rows = await index.mutate(() => index.add(full, 1_024));
    await index.mutate(() => index.add(full, 1_024));
    await index.mutate(() => {
      for (const row of rows) index.remove(row);
      // There is room for them in places that are free.
      index.reserve(1_024);
    });
    const memoryIsGone = (): never => {
      throw vectorErrors.create('VECTOR_MEMORY_EXHAUSTED');
    };
    const spies = [
      vi.spyOn(Segment, 'create').mockImplementation(memoryIsGone),
      vi.spyOn(Segment.prototype, 'append').mockImplementation(memoryIsGone),
    ];
    while (index.hasWork()) index.work();
    const added = await index.mutate(() => index.add(full, 1_024));
    for (const spy of spies) spy.mockRestore();
    expect(added).toHaveLength(1_024);
    expect(index.statistics().live).toBe(2_048);
    // Where nobody counts on it, it is given back.
    await index.mutate(() => {
      for (const row of added) index.remove(row);
      index.reserve(10);
      index.reserve(0);
    });
    expect(index.statistics().free).toBe(1_024);
    while (index.hasWork()) index.work();
    expect(index.statistics().free).toBe(0);
    await index.close();
  });

  it('orders products that are nothing beside 1 over all of its segments', async () => {
    const index = openIndex(
      { mode: 'exact', metric: 'ip' },
      { segmentBytes: smallSegmentBytes('exact') },
    );
    const count = 3_000;
    const nearest = (row: number): number => (row * 7) % count;
    // Of very different sizes by segment: each has a unit of its own.
    const values = Float32Array.from({ length: 4 * count }, (_, place) => {
      const row = Math.floor(place / 4);
      return place % 4 === 0 ? (nearest(row) + 1) * 1e-12 : row < 1_024 ? 1e30 : 0;
    });
    await index.mutate(() => index.add(values, count));
    expect(index.statistics().segments).toBe(3);
    const [hits] = await index.search(Float32Array.of(1e-3, 0, 0, 0), { limit: 50, efSearch: 50 });
    const expected = Array.from({ length: count }, (_, row) => row)
      .sort((one, other) => nearest(other) - nearest(one))
      .slice(0, 50);
    expect([...hits!.rows]).toEqual(expected);
    expect(hits!.distances[0]).toBeCloseTo(1 - 3_000e-15, 15);
    await index.close();
  });
});
