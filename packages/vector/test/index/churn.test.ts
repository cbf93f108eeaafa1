import { type Clock, seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import type { SearchMode } from '../../src/metric.ts';
import {
  found,
  hurryingClock,
  IndexModel,
  openIndex,
  recall,
  STANDING_CLOCK,
} from './index-support.ts';

const DIMENSION = 8;
const LIVE_ROWS = 1_000;

/** An index all of whose rows are replaced again and again. */
class Churn {
  readonly index: VectorIndex;
  readonly model: IndexModel = new IndexModel('l2');
  readonly #random = seededRandom(11);

  constructor(mode: SearchMode, clock: Clock = STANDING_CLOCK) {
    const options = { metric: 'l2', mode, maxNeighbors: 8, efConstruction: 40 } as const;
    this.index = openIndex(options, { dimension: DIMENSION, graphFromRows: 100, clock });
  }

  async add(count: number): Promise<void> {
    const embeddings = Array.from({ length: count }, () => this.embedding());
    const values = Float32Array.from(embeddings.flat());
    const rows = await this.index.mutate(() => this.index.add(values, count));
    rows.forEach((row, place) => {
      this.model.embeddings.set(row, embeddings[place]!);
    });
  }

  async remove(count: number): Promise<void> {
    const rows = [...this.model.rows];
    await this.index.mutate(() => {
      for (let left = count; left > 0; left -= 1) {
        const [row] = rows.splice(this.#random.below(rows.length), 1);
        this.index.remove(row!);
        this.model.embeddings.delete(row!);
      }
    });
  }

  embedding(): readonly number[] {
    return Array.from({ length: DIMENSION }, () => this.#random.below(2_000) - 1_000);
  }

  async recall(queries: number): Promise<number> {
    let sum = 0;
    for (let query = 0; query < queries; query += 1) {
      const embedding = this.embedding();
      const values = Float32Array.from(embedding);
      const [hits] = await this.index.search(values, { limit: 10, efSearch: 50 });
      sum += recall(found(hits!), this.model.nearest(embedding, 10));
    }
    return sum / queries;
  }
}

describe('an index whose rows come and go', () => {
  it.each(['exact', 'hnsw', 'auto', 'binary'] as const)(
    'stays as large as its rows: %s',
    async (mode) => {
      const churn = new Churn(mode);
      await churn.add(LIVE_ROWS);
      await churn.index.settled();
      const { memoryBytes } = churn.index.statistics();
      for (let round = 0; round < 60; round += 1) {
        await churn.remove(300);
        await churn.add(300);
        // Less than it would take to keep up: then additions pay.
        churn.index.work();
        const { live, dead, free } = churn.index.statistics();
        expect(live).toBe(LIVE_ROWS);
        expect(live + dead + free).toBe(churn.index.rows);
        expect(churn.index.rows).toBeLessThan(LIVE_ROWS * 2);
      }
      await churn.index.settled();
      const after = churn.index.statistics();
      expect(after.dead).toBe(0);
      expect(after.memoryBytes).toBeLessThan(memoryBytes * 2);
      if (mode !== 'binary') expect(await churn.recall(30)).toBeGreaterThan(0.95);
      await churn.index.close();
    },
  );

  it('is found by a graph that was repaired many times as by a new one', async () => {
    const churn = new Churn('hnsw');
    await churn.add(LIVE_ROWS);
    await churn.index.settled();
    const before = await churn.recall(50);
    for (let round = 0; round < 30; round += 1) {
      await churn.remove(250);
      await churn.add(250);
      await churn.index.settled();
    }
    expect(churn.index.statistics()).toMatchObject({ indexed: LIVE_ROWS, waiting: 0, dead: 0 });
    expect(await churn.recall(50)).toBeGreaterThan(before - 0.03);
    await churn.index.close();
  });

  it('gives the memory back when everything was removed', async () => {
    const churn = new Churn('hnsw');
    await churn.add(3_000);
    await churn.index.settled();
    await churn.remove(3_000);
    await churn.index.settled();
    const none = { live: 0, dead: 0, free: 0, indexed: 0, waiting: 0, segments: 0 };
    expect(churn.index.statistics()).toMatchObject(none);
    await churn.add(10);
    expect(await churn.recall(5)).toBe(1);
    await churn.index.close();
  });

  it('finds each row once, and only live ones, while rows die in the middle of a repair', async () => {
    // One step of work at a time, so that changes come between any two.
    const churn = new Churn('hnsw', hurryingClock());
    await churn.add(2_000);
    await churn.index.settled();
    for (let round = 0; round < 250; round += 1) {
      await churn.remove(40);
      for (let step = 0; step < 3; step += 1) churn.index.work();
      await churn.add(40);
      for (let step = 0; step < 3; step += 1) churn.index.work();
      const query = Float32Array.from(churn.embedding());
      const [hits] = await churn.index.search(query, { limit: 60, efSearch: 200 });
      expect(new Set(hits!.rows).size).toBe(60);
      expect([...hits!.rows].every((row) => churn.model.embeddings.has(row))).toBe(true);
    }
    await churn.index.close();
  });
});
