import { seededRandom } from '@lucerna/base';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SegmentOptions } from '../../src/kernel/layout.ts';
import { POOL_KEYS } from '../../src/kernel/layout.ts';
import { levelOf } from '../../src/kernel/levels.ts';
import { Segment } from '../../src/kernel/segment.ts';
import { createSegmentMemory, growTo } from '../../src/kernel/segment-memory.ts';
import { vectorLimits } from '../../src/limits.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { Metric, SearchMode } from '../../src/metric.ts';
import { batchOf } from '../collection/batches.ts';
import { definitionOf, opened } from '../collection/support.ts';
import { fakeThreads } from '../index/fake-threads.ts';
import { found, openIndex } from '../index/index-support.ts';
import { embeddingsOf, SegmentPair } from './differential-support.ts';

const METRICS: readonly Metric[] = ['cosine', 'l2', 'ip'];

const base: SegmentOptions = {
  dimension: 2,
  metric: 'l2',
  maxNeighbors: 8,
  efConstruction: 30,
  hasGraph: false,
  hasBits: false,
  lanes: 1,
  isShared: false,
  maxBytes: 64_000_000,
};

/** Every third bit of what so many rows need. */
function everyThird(rows: number): Uint32Array {
  const words = new Uint32Array((rows + 31) >>> 5);
  for (let row = 0; row < rows; row += 3) words[row >>> 5]! |= 1 << (row & 31);
  return words;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the twin beside the kernel', () => {
  it.each(METRICS)('searches long embeddings over several blocks: %s', (metric) => {
    const dimension = 1_536;
    const rows = 400;
    const pair = new SegmentPair({ ...base, dimension, metric, hasGraph: true, hasBits: true });
    const values = embeddingsOf(rows + 4, dimension, 'plain', 11);
    for (let row = 0; row < rows; row += 100) {
      pair.both((segment) => segment.append(values, row * dimension, 100));
    }
    pair.both((segment) => {
      for (let slot = 0; slot < rows; slot += 1) segment.insert(slot, levelOf(slot, 8));
    });
    for (let query = rows; query < rows + 4; query += 1) {
      pair.both((segment) => segment.setQuery(0, values, query * dimension));
      expect(pair.search(0, (segment) => segment.scan(0, 10, 0, rows))).toHaveLength(10);
      expect(pair.search(0, (segment) => segment.scanBinary(0, 10, 50))).toHaveLength(10);
      for (const traversal of ['int8', 'f32'] as const) {
        const words = everyThird(rows);
        expect(pair.search(0, (segment) => segment.walk(0, 10, 60, traversal))).toHaveLength(10);
        // The zeros among the rows may cut others off.
        expect(pair.search(0, (segment) => segment.walk(0, 10, 60, traversal, words))).not.toEqual(
          [],
        );
      }
    }
  });

  it.each(METRICS)('makes room in the pool of an exact search: %s', (metric) => {
    // Each row is nearer than all before, or as near: all of them have to be looked at.
    const rows = POOL_KEYS + 3_000;
    const approaching = Float32Array.from({ length: rows * 2 }, (_, index) => {
      const row = index >>> 1;
      return index % 2 === 0 ? (rows - row) / rows : 0.5;
    });
    const alike = Float32Array.from({ length: rows * 2 }, (_, index) => 1 + (index % 2));
    for (const values of [approaching, alike]) {
      const pair = new SegmentPair({ ...base, metric, hasBits: true });
      pair.both((segment) => segment.append(values, 0, rows));
      pair.both((segment) => segment.setQuery(0, Float32Array.of(-1, 0.5), 0));
      for (const k of [1, 5_000]) {
        const slots = pair.search(0, (segment) => segment.scan(0, k, 0, rows));
        expect(slots).toHaveLength(k);
        const words = everyThird(rows);
        pair.search(0, (segment) => segment.scanFiltered(0, k, words, 0));
        // All rows have the same signs, more of them than candidates.
        pair.search(0, (segment) => segment.scanBinary(0, k, 10));
        pair.search(0, (segment) => segment.scanBinary(0, k, 10_000, words));
      }
    }
  });

  it('drops half of the candidates of a filtered walk that has no room', () => {
    const maxNeighbors = 128;
    const fan = 2 * maxNeighbors;
    const rows = POOL_KEYS + 3 * fan;
    const hubs = Math.ceil(rows / fan);
    const pair = new SegmentPair({
      ...base,
      dimension: 1,
      maxNeighbors,
      hasGraph: true,
      maxBytes: 128_000_000,
    });
    // The hubs lead to all rows, and are nearest to the query.
    const values = Float32Array.from({ length: rows }, (_, row) => (row < hubs ? 0 : 100 + row));
    pair.both((segment) => segment.append(values, 0, rows));
    pair.both((segment) => {
      for (let slot = 0; slot < rows; slot += 1) {
        const first = slot * fan + 1;
        const count = Math.max(0, Math.min(fan, rows - first));
        const links = Array.from({ length: count }, (_, index) => first + index);
        segment.importGraph(slot, Uint32Array.of(0, count, ...links));
      }
      segment.finishImport();
    });
    pair.both((segment) => segment.setQuery(0, Float32Array.of(1), 0));
    for (const traversal of ['int8', 'f32'] as const) {
      for (const words of [new Uint32Array(0), everyThird(rows)]) {
        pair.search(0, (segment) => segment.walk(0, 10, 2_000, traversal, words));
      }
      const far = new Uint32Array((rows + 31) >>> 5).fill(2 ** 32 - 1, rows >>> 6);
      const slots = pair.search(0, (segment) => segment.walk(0, 9_000, 9_000, traversal, far));
      expect(slots.length).toBe(9_000);
    }
  });

  it('mends lists with more rows behind dead ones than are looked at', () => {
    const rows = 2_000;
    const options = { ...base, dimension: 3, maxNeighbors: 64, hasGraph: true };
    const pair = new SegmentPair(options);
    const random = seededRandom(9);
    pair.both((segment) => segment.append(embeddingsOf(rows, 3, 'plain', 21), 0, rows));
    const graph = Array.from({ length: rows }, () =>
      Uint32Array.of(0, 128, ...Array.from({ length: 128 }, () => random.below(rows))),
    );
    pair.both((segment) => {
      for (const [slot, words] of graph.entries()) segment.importGraph(slot, words);
      segment.finishImport();
    });
    pair.both((segment) => {
      for (let slot = 0; slot < rows; slot += 1) if (slot % 3 === 0) segment.markDead(slot);
    });
    pair.both((segment) => segment.repair(0, 200));
    pair.both((segment) => segment.setQuery(0, Float32Array.of(0.1, 0.2, 0.3), 0));
    expect(pair.search(0, (segment) => segment.walk(0, 10, 40, 'int8'))).toHaveLength(10);
  });

  it('links a row anew that deletions have left alone', () => {
    // Ten rows that are linked to one another, then a chain of four, of which all but the last one die.
    const pair = new SegmentPair({ ...base, dimension: 1, hasGraph: true });
    const values = Float32Array.from({ length: 14 }, (_, slot) => slot * slot);
    const linked = Array.from({ length: 14 }, (_, slot) =>
      slot < 9 ? [...Array(10).keys()].filter((other) => other !== slot) : [slot - 1, slot + 1],
    );
    pair.both((segment) => segment.append(values, 0, 14));
    pair.both((segment) => {
      for (const [slot, links] of linked.entries()) {
        segment.importGraph(slot, Uint32Array.of(0, links.length, ...links));
      }
      segment.finishImport();
    });
    pair.both((segment) => {
      for (const slot of [10, 11, 12]) segment.markDead(slot);
    });
    pair.both((segment) => segment.repair(13, 14));
    const words = new Uint32Array(pair.kernel.graphWords);
    pair.kernel.exportGraph(13, words);
    expect(words[1]).toBeGreaterThan(0);
    expect([...words.subarray(2, 2 + words[1]!)].every((slot) => slot < 10)).toBe(true);
  });

  it.each(METRICS)('knows no distance that is not a number: %s', (metric) => {
    // Sums that overflow to infinities of both signs.
    const dimension = 64;
    const values = Float32Array.from({ length: 3 * dimension }, (_, index) =>
      index < dimension ? 1 : index % 4 === 0 ? 3.4e38 : -3.4e38,
    );
    const pair = new SegmentPair({ ...base, dimension, metric, hasGraph: true });
    pair.both((segment) => segment.append(values, 0, 3));
    pair.both((segment) => {
      for (let slot = 0; slot < 3; slot += 1) segment.insert(slot, 0);
    });
    for (const row of [0, 1]) {
      pair.both((segment) => segment.setQuery(0, values, row * dimension));
      expect(pair.search(0, (segment) => segment.scan(0, 3, 0, 3))).toHaveLength(3);
      expect([...pair.twin.distances(0)].some(Number.isNaN)).toBe(false);
      pair.search(0, (segment) => segment.walk(0, 3, 3, 'f32'));
      pair.search(0, (segment) => segment.walk(0, 3, 3, 'int8'));
    }
  });

  it.each(METRICS)('takes the same values for too small and too large: %s', (metric) => {
    const edges = [1e-12, 127e-12, 1e15, 1.2e-38, 3.4e38].map(Math.fround);
    const values = Float32Array.from(
      edges.flatMap((edge) => [1, 1 - 2 ** -23, 1 + 2 ** -23].map((factor) => edge * factor)),
    );
    const pair = new SegmentPair({ ...base, dimension: 1, metric, hasBits: true });
    pair.both((segment) => segment.append(values, 0, values.length));
    for (const index of values.keys()) {
      pair.both((segment) => segment.setQuery(0, values, index));
      pair.search(0, (segment) => segment.scan(0, 20, 0, values.length));
    }
  });

  it('gives rows fewer layers where an arena has no room', () => {
    // Blocks of few rows have arenas with room for fewer lists than there are layers.
    const dimension = 4_096;
    const options = { ...base, dimension, maxNeighbors: 256, hasGraph: true };
    const pair = new SegmentPair(options);
    const values = embeddingsOf(80, dimension, 'plain', 2);
    pair.both((segment) => segment.append(values, 0, 80));
    const levels = [15, 7, 3, 15, 1, 0, 4, 2, 15, 1, 1];
    for (const [slot, level] of levels.entries()) {
      pair.both((segment) => segment.insert(slot, level));
    }
    pair.both((segment) => {
      for (const slot of [1, 4, 6]) segment.markDead(slot);
      segment.repair(0, 80);
      for (const slot of [1, 4, 6]) segment.release(slot);
    });
    for (const [index, level] of [2, 15, 1].entries()) {
      pair.both((segment) => segment.insert(20 + index, level));
    }
    const words = new Uint32Array(pair.kernel.graphWords);
    expect(pair.kernel.exportGraph(0, words)).toBeGreaterThan(0);
    expect(words[0]).toBeLessThan(15);
  });

  it('gives what the kernel gives with relaxed SIMD', () => {
    for (const metric of METRICS) {
      const options = { ...base, dimension: 60, metric };
      const values = embeddingsOf(3_000, 60, 'plain', 5);
      const results = (['kernel', 'base-kernel', 'twin'] as const).map((engine) => {
        const segment = Segment.create(options, engine);
        expect(segment.engine).toBe(engine);
        segment.append(values, 0, 3_000);
        segment.setQuery(0, values, 600);
        segment.scan(0, 100, 0, 3_000);
        return { slots: segment.slots(0).slice(), distances: segment.distances(0).slice() };
      });
      expect(results[1]).toStrictEqual(results[0]);
      expect(results[2]).toStrictEqual(results[0]);
    }
  });

  it('serves who attached to shared memory, also after it has grown', () => {
    const options = { ...base, dimension: 20, hasGraph: true, isShared: true, lanes: 2 };
    const values = embeddingsOf(2_000, 20, 'plain', 3);
    const segment = Segment.create(options, 'twin');
    const other = Segment.attach(segment.shared);
    const before = segment.bytes;
    segment.append(values, 0, 2_000);
    expect(segment.bytes).toBeGreaterThan(before);
    for (let slot = 0; slot < 2_000; slot += 1) segment.insert(slot, levelOf(slot, 8));
    other.setQuery(1, values, 40);
    expect(other.walk(1, 5, 50, 'int8')).toBe(5);
    const kernel = Segment.create({ ...options, isShared: false }, 'kernel');
    kernel.append(values, 0, 2_000);
    for (let slot = 0; slot < 2_000; slot += 1) kernel.insert(slot, levelOf(slot, 8));
    for (const one of [segment, kernel]) {
      one.setQuery(0, values, 40);
      expect(one.walk(0, 5, 50, 'int8')).toBe(5);
      expect(one.slots(0)).toStrictEqual(other.slots(1));
      expect(one.distances(0)).toStrictEqual(other.distances(1));
    }
  });
});

/** Platforms on which the kernel cannot run. */
const PLATFORMS: readonly (readonly [string, () => void])[] = [
  ['there is no WebAssembly', () => vi.stubGlobal('WebAssembly', undefined)],
  [
    'there is no memory to be had',
    () => {
      const { WebAssembly: real } = globalThis as unknown as { WebAssembly: object };
      const Memory = class {
        constructor() {
          throw new RangeError('no memory');
        }
      };
      vi.stubGlobal('WebAssembly', Object.create(real, { Memory: { value: Memory } }));
    },
  ],
];

describe.each(PLATFORMS)('where %s', (_name, setUp) => {
  it('the twin computes', () => {
    setUp();
    expect(Segment.create(base).engine).toBe('twin');
    expect(Segment.create({ ...base, isShared: true }).engine).toBe('twin');
    // As much memory as a segment may ever have.
    const maxBytes = vectorLimits.values.segmentBytes;
    expect(Segment.create({ ...base, maxBytes }).engine).toBe('twin');
  });

  it.each<SearchMode>(['exact', 'binary', 'hnsw', 'auto'])(
    'an index gives the same results: %s',
    async (mode) => {
      const results = [];
      for (const isTwin of [false, true]) {
        if (isTwin) setUp();
        results.push(await indexResults(mode));
      }
      expect(results[1]).toStrictEqual(results[0]);
      expect(results[0]![0]).toHaveLength(10);
    },
  );

  it('a collection is written, searched, and opened again', async () => {
    setUp();
    const disk = new MemoryVectorDisk();
    const definition = definitionOf({ mode: 'hnsw' });
    const collection = await opened(disk, definition);
    await collection.add(batchOf(200, 4));
    await collection.delete({ ids: ['id-7'] });
    const request = { embeddings: Float32Array.of(1, 2, 3, 4), limit: 5 };
    const expected = await collection.query(request);
    expect(expected[0]).toHaveLength(5);
    await collection.compact();
    await collection.end();
    const again = await opened(disk, definition);
    expect(await again.query(request)).toStrictEqual(expected);
    await again.end();
  });
});

describe('where compiling is forbidden', () => {
  it('the twin computes, though memory is to be had', async () => {
    // Compiled modules are kept: this has to be a new beginning.
    vi.resetModules();
    const { WebAssembly: real } = globalThis as unknown as { WebAssembly: object };
    const Module = class {
      constructor() {
        throw new Error('refused by the content security policy');
      }
    };
    vi.stubGlobal('WebAssembly', Object.create(real, { Module: { value: Module } }));
    const fresh = await import('../../src/kernel/segment.ts');
    for (const isShared of [false, true]) {
      const segment = fresh.Segment.create({ ...base, isShared });
      expect(segment.engine).toBe('twin');
      segment.append(Float32Array.of(3, 4, 0, 1), 0, 2);
      segment.setQuery(0, Float32Array.of(0, 0), 0);
      expect(segment.scan(0, 5, 0, 2)).toBe(2);
      expect([...segment.slots(0)]).toEqual([1, 0]);
      expect([...segment.distances(0)]).toEqual([1, 25]);
    }
  });

  it('says so to who insists on the kernel', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(() => Segment.create(base, 'kernel')).toThrow(
      expect.objectContaining({ code: 'KERNEL_UNAVAILABLE' }),
    );
  });
});

describe('the memory of the twin', () => {
  it.each([false, true])('grows to its limit, shared: %s', (isShared) => {
    const values = new Float32Array(2 ** 21);
    const segment = Segment.create({ ...base, isShared, maxBytes: 6_000_000 }, 'twin');
    segment.append(values, 0, segment.capacity);
    expect(segment.bytes).toBeLessThanOrEqual(6_000_000);
    expect(segment.scan(0, 3, 0, segment.rows)).toBe(3);
  });

  it('says when there is no more', () => {
    const buffer = class {
      constructor() {
        throw new RangeError('no memory');
      }
    };
    vi.stubGlobal('SharedArrayBuffer', buffer);
    expect(() => Segment.create({ ...base, isShared: true }, 'twin')).toThrow(
      expect.objectContaining({ code: 'VECTOR_MEMORY_EXHAUSTED' }),
    );
    const memory = createSegmentMemory(65_536, 131_072, false, 'twin');
    growTo(memory, 131_072);
    expect(() => growTo(memory, 131_073)).toThrow(
      expect.objectContaining({ code: 'VECTOR_MEMORY_EXHAUSTED' }),
    );
    expect(memory.memory.buffer.byteLength).toBe(131_072);
  });
});

/** What an index with threads gives, before and after deletions. */
async function indexResults(mode: SearchMode): Promise<readonly (readonly unknown[])[]> {
  const dimension = 12;
  const values = embeddingsOf(600, dimension, 'plain', 17);
  const index = openIndex(
    { mode, metric: 'l2', maxNeighbors: 6, efConstruction: 40 },
    { dimension, threads: fakeThreads(2) },
  );
  const results: unknown[][] = [];
  const search = async (): Promise<void> => {
    const options = { limit: 10, efSearch: 50, traversal: 'int8', mode } as const;
    const queries = values.slice(0, 3 * dimension);
    for (const hits of await index.search(queries, options)) results.push([...found(hits)]);
  };
  const rows = await index.mutate(() => index.add(values, 600));
  await index.settled();
  await search();
  await index.mutate(() => {
    for (let number = 0; number < 300; number += 1) index.remove(rows[number * 2]!);
  });
  await index.settled();
  await search();
  await index.close();
  return results;
}
