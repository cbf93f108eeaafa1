import { type Log, SILENT_LOG } from '@lucerna/base';
import { describe, expect, it, vi } from 'vitest';
import { GraphKeeper } from '../../src/index/graph-keeper.ts';
import { hurryingClock, openIndex } from './index-support.ts';

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
});
