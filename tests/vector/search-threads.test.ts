import { type Channel, seededRandom, type Threads } from '@lucerna/base';
import { systemClock } from '@lucerna/platform-node/clock';
import { nodeThreads } from '@lucerna/platform-node/threads';
import type { SearchMode } from '@lucerna/vector';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_INDEX } from '../../packages/vector/src/configuration.ts';
import { VectorIndex } from '../../packages/vector/src/index/vector-index.ts';

const DIMENSION = 32;
const ROWS = 3_000;
const QUERIES = 400;

const random = seededRandom(3);

function embeddings(count: number): Float32Array {
  return Float32Array.from({ length: count * DIMENSION }, () => random.below(20_001) / 1e4 - 1);
}

async function filled(
  mode: SearchMode,
  values: Float32Array,
  threads: Threads | undefined,
): Promise<VectorIndex> {
  const index = VectorIndex.create({
    dimension: DIMENSION,
    index: { ...DEFAULT_INDEX, mode, efConstruction: 40 },
    clock: systemClock,
    threads,
    sharedNs: 0,
    offloadedNs: 0,
  });
  await index.mutate(() => index.add(values, ROWS));
  await index.settled();
  return index;
}

type CountingThreads = {
  readonly threads: Threads;
  /** How many messages were sent, the first ones apart, and how many were answered. */
  readonly asked: () => number;
  readonly answers: () => number;
};

function countingThreads(): CountingThreads {
  const threads = { ...nodeThreads(), parallelism: 2 };
  let asked = 0;
  let answers = 0;
  const spawn = (task: string, init: unknown): Channel => {
    const channel = threads.spawn(task, init);
    const receive: Channel['receive'] = (handler) =>
      channel.receive((message) => {
        answers += 1;
        handler(message);
      });
    return {
      post: (message): void => {
        asked += 1;
        channel.post(message);
      },
      receive,
      closed: (handler) => channel.closed(handler),
      close: () => channel.close(),
    };
  };
  return { threads: { ...threads, spawn }, asked: () => asked, answers: () => answers };
}

describe('searching on threads of Node.js', () => {
  const threads: Threads = { ...nodeThreads(), parallelism: 2 };
  const open: VectorIndex[] = [];
  afterAll(async () => {
    for (const index of open) await index.close();
  });

  it.each(['exact', 'hnsw', 'binary'] as const)('finds the same as on one: %s', async (mode) => {
    const values = embeddings(ROWS);
    const alone = await filled(mode, values, undefined);
    const together = await filled(mode, values, threads);
    open.push(alone, together);
    const queries = embeddings(QUERIES);
    const options = { limit: 10, efSearch: 40 };
    const expected = await alone.search(queries, options);
    for (let round = 0; round < 3; round += 1) {
      expect(await together.search(queries, options)).toEqual(expected);
    }
    const singles = Array.from({ length: QUERIES }, (_, query) =>
      together.search(queries.subarray(query * DIMENSION, (query + 1) * DIMENSION), options),
    );
    expect((await Promise.all(singles)).flat()).toEqual(expected);
  });

  it('leaves queries that take long to another thread', async () => {
    const counting = countingThreads();
    const values = embeddings(ROWS);
    const alone = await filled('exact', values, undefined);
    const offloading = await filled('exact', values, counting.threads);
    open.push(alone, offloading);
    const options = { limit: 10, efSearch: 40 };
    // Until the threads have started, this one answers.
    await offloading.search(embeddings(2), options);
    while (counting.answers() < counting.asked()) await new Promise(setImmediate);
    const before = counting.answers();
    for (let round = 0; round < 20; round += 1) {
      const query = embeddings(1);
      expect(await offloading.search(query, options)).toEqual(await alone.search(query, options));
      // A result can be seen in the shared memory before the thread's message is: until then it counts as busy.
      while (counting.answers() < counting.asked()) await new Promise(setImmediate);
    }
    expect(counting.answers() - before).toBe(20);
  });

  it('goes on while rows come and go', async () => {
    const index = await filled('hnsw', embeddings(ROWS), threads);
    open.push(index);
    const searches: Promise<void>[] = [];
    for (let round = 0; round < 20; round += 1) {
      searches.push(
        index.reading(async (search) => {
          const live = index.live.clone();
          for (const { rows, distances } of await search(embeddings(20), {
            limit: 10,
            efSearch: 40,
          })) {
            expect(rows.length).toBe(10);
            expect([...distances]).toEqual([...distances].sort((one, other) => one - other));
            for (const row of rows) expect(live.has(row)).toBe(true);
          }
        }),
      );
      await index.mutate(() => {
        for (const row of [...index.live.rows()].slice(0, 50)) index.remove(row);
        index.add(embeddings(50), 50);
      });
      index.work();
    }
    await Promise.all(searches);
    await index.settled();
    expect(index.statistics()).toMatchObject({ live: ROWS, indexed: ROWS, dead: 0 });
  });
});
