import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import type { SharedSegment } from '../../src/kernel/segment-memory.ts';
import { clusteredValues, foundRows, insertRows, makeSegment } from './segment-support.ts';

const DIMENSION = 16;
const workers: Worker[] = [];

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
});

/** Searches on a thread of its own, one query after the other. */
function startSearcher(
  shared: SharedSegment,
  lane: number,
): (query: Float32Array) => Promise<unknown> {
  const worker = new Worker(new URL('./segment-searcher.ts', import.meta.url), {
    workerData: { shared, lane },
  });
  workers.push(worker);
  let settle: { resolve: (answer: unknown) => void; reject: (error: unknown) => void } | undefined;
  worker.on('message', (answer) => settle?.resolve(answer));
  worker.on('error', (error) => settle?.reject(error));
  return (query) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      worker.postMessage(query);
    });
}

describe('a shared segment', () => {
  it('gives the same on every thread, at the same time and after it has grown', async () => {
    const rows = 2_000;
    const values = clusteredValues(rows, DIMENSION, 1);
    const segment = makeSegment({ dimension: DIMENSION, isShared: true, lanes: 3 });
    segment.append(values, 0, 500);
    insertRows(segment, 0, 500);
    const searchers = [1, 2].map((lane) => startSearcher(segment.shared, lane));
    for (const end of [500, 1_200, rows]) {
      const first = segment.rows;
      if (end > first) segment.append(values, first * DIMENSION, end - first);
      insertRows(segment, first, end);
      for (let round = 0; round < 5; round += 1) {
        const at = round * 91 * DIMENSION;
        const query = values.slice(at, at + DIMENSION);
        const answers = searchers.map((search) => search(query));
        segment.setQuery(0, query, 0);
        segment.scan(0, 10, 0, end);
        const exact = foundRows(segment);
        segment.walk(0, 10, 40, 'int8');
        const expected = { rows: end, exact, walked: foundRows(segment) };
        for (const answer of answers) expect(await answer).toStrictEqual(expected);
      }
    }
  });
});
