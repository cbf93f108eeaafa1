import { type Log, SILENT_LOG, seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { SearchJob } from '../../src/index/search-job.ts';
import type { SearchMessage } from '../../src/index/search-messages.ts';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import { type FakeThreads, fakeThreads } from './fake-threads.ts';
import { hurryingClock, openIndex } from './index-support.ts';

const DIMENSION = 8;
const SEARCH = { limit: 5, efSearch: 20 };

function embeddings(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count * DIMENSION }, () => random.below(1_000) / 500 - 1);
}

async function filled(threads?: FakeThreads, log: Log = SILENT_LOG): Promise<VectorIndex> {
  const options = { dimension: DIMENSION, clock: hurryingClock(), threads, log, sharedNs: 0 };
  const index = openIndex({ mode: 'exact' }, options);
  await index.mutate(() => index.add(embeddings(200, 1), 200));
  return index;
}

/** The answers of an index without threads. */
async function expected(queries: Float32Array) {
  const index = await filled();
  const hits = await index.search(queries, SEARCH);
  await index.close();
  return hits;
}

function warnings(): { readonly log: Log; readonly seen: string[] } {
  const seen: string[] = [];
  return { log: { ...SILENT_LOG, warn: (message) => void seen.push(message) }, seen };
}

describe('search threads', () => {
  it('share the queries of a batch', async () => {
    const threads = fakeThreads(2);
    const index = await filled(threads);
    const queries = embeddings(50, 2);
    expect(await index.search(queries, SEARCH)).toEqual(await expected(queries));
    expect(threads.started.length).toBe(2);
    await index.close();
  });

  it('share queries that are asked one by one at the same time', async () => {
    const threads = fakeThreads(2);
    const index = await filled(threads);
    const queries = embeddings(30, 3);
    const single = (query: number): Float32Array =>
      queries.subarray(query * DIMENSION, (query + 1) * DIMENSION);
    // Threads that have not started yet are not waited for.
    await index.search(single(0), SEARCH);
    while (threads.started.some(({ received }) => received() < 1)) await new Promise(setImmediate);
    await new Promise(setImmediate);
    const all = Array.from({ length: 30 }, (_, query) => index.search(single(query), SEARCH));
    expect((await Promise.all(all)).flat()).toEqual(await expected(queries));
    // The first message wakes a thread.
    expect(threads.started.map(({ received }) => received() > 5)).toEqual([true, true]);
    await index.close();
  });

  it('belong to all indexes of a port together', async () => {
    const threads = fakeThreads(2);
    const indexes = [await filled(threads), await filled(threads), await filled(threads)];
    const queries = embeddings(20, 4);
    const hits = await expected(queries);
    for (const index of indexes) expect(await index.search(queries, SEARCH)).toEqual(hits);
    expect(threads.started.length).toBe(2);
    await indexes[0]!.close();
    expect(await indexes[1]!.search(queries, SEARCH)).toEqual(hits);
    for (const index of indexes) await index.close();
    const later = await filled(threads);
    expect(await later.search(queries, SEARCH)).toEqual(hits);
    expect(threads.started.length).toBe(4);
    await later.close();
  });

  it.each([
    [1, 'before it takes a query'],
    [2, 'before it takes a query'],
    [1, 'with a query'],
    [2, 'with a query'],
  ])('are done without when %i of 2 die %s, with a warning each', async (deaths, when) => {
    const { log, seen } = warnings();
    const threads = fakeThreads(2, {
      onMessage: (thread, lane, message) => {
        const { kind, ...search } = message as Extract<SearchMessage, { kind: 'search' }>;
        if (kind !== 'search' || lane > deaths) return;
        if (when === 'with a query') new SearchJob(search.shape, search.buffer).take(lane);
        thread.kill();
      },
    });
    const index = await filled(threads, log);
    for (let seed = 5; seed < 8; seed += 1) {
      const queries = embeddings(40, seed);
      expect(await index.search(queries, SEARCH)).toEqual(await expected(queries));
    }
    expect(seen.length).toBe(deaths);
    await index.close();
  });

  it('answer a single query that takes long, also when they die of it', async () => {
    const { log, seen } = warnings();
    let isDeadly = false;
    const threads = fakeThreads(1, {
      onMessage: (thread, lane, message) => {
        const { kind, ...search } = message as Extract<SearchMessage, { kind: 'search' }>;
        if (kind !== 'search' || !isDeadly) return;
        new SearchJob(search.shape, search.buffer).take(lane);
        thread.kill();
      },
    });
    const options = { dimension: DIMENSION, threads, log, offloadedNs: 0, sharedNs: 0 };
    const index = openIndex({ mode: 'exact' }, options);
    await index.mutate(() => index.add(embeddings(200, 1), 200));
    const query = embeddings(1, 4);
    const hits = await expected(query);
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await index.search(query, SEARCH)).toEqual(hits);
      await new Promise(setImmediate);
    }
    expect(threads.started[0]!.received()).toBeGreaterThan(1);
    isDeadly = true;
    expect(await index.search(query, SEARCH)).toEqual(hits);
    expect(await index.search(query, SEARCH)).toEqual(hits);
    expect(seen.length).toBe(1);
    await index.close();
  });

  it('are done without where they cannot be started', async () => {
    const { log, seen } = warnings();
    const threads = fakeThreads(2);
    const spawn = (): never => {
      throw new Error('no threads here');
    };
    const index = await filled({ ...threads, spawn }, log);
    const queries = embeddings(10, 9);
    expect(await index.search(queries, SEARCH)).toEqual(await expected(queries));
    expect(seen.length).toBe(1);
    await index.close();
  });

  it('learn of segments that are added or given back', async () => {
    const threads = fakeThreads(2);
    const clock = hurryingClock();
    const options = { dimension: DIMENSION, clock, threads, sharedNs: 0, segmentBytes: 3_000_000 };
    const index = openIndex({ mode: 'exact', metric: 'l2' }, options);
    const queries = embeddings(20, 10);
    let rows = 0;
    while (index.statistics().segments < 3) {
      await index.mutate(() => index.add(embeddings(1_024, rows), 1_024));
      rows += 1_024;
      const alone = await index.search(queries.subarray(0, DIMENSION), SEARCH);
      expect((await index.search(queries, SEARCH))[0]).toEqual(alone[0]);
    }
    await index.mutate(() => {
      for (const row of [...index.live.rows()]) if (row > 100) index.remove(row);
    });
    await index.settled();
    expect(index.statistics().segments).toBe(1);
    for (const { rows: hits } of await index.search(queries, SEARCH)) {
      expect(hits.length).toBe(5);
      expect(Math.max(...hits)).toBeLessThanOrEqual(100);
    }
    await index.close();
  });
});
