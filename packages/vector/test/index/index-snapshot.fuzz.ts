import { isLucernaError, seededRandom } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IndexSnapshot } from '../../src/index/index-snapshot.ts';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import { found, openIndex, recall } from './index-support.ts';

const DIMENSION = 4;
const OPTIONS = { mode: 'hnsw', metric: 'l2', maxNeighbors: 6, efConstruction: 20 } as const;

const random = seededRandom(7);

function embeddings(count: number, dimension: number = DIMENSION): Float32Array {
  return Float32Array.from({ length: count * dimension }, () => random.below(1_000) / 500 - 1);
}

/** The embeddings of all live rows. */
function contents(index: VectorIndex): Map<number, readonly number[]> {
  const target = new Float32Array(index.dimension);
  const rows = new Map<number, readonly number[]>();
  for (const row of index.live.rows()) {
    index.read(row, target, 0);
    rows.set(row, [...target]);
  }
  return rows;
}

/** What the restored index has to hold: the same, by the rows' new numbers. */
function renumbered(
  rows: ReadonlyMap<number, readonly number[]>,
  snapshot: IndexSnapshot,
): Map<number, readonly number[]> {
  if (snapshot.renumbered === undefined) return new Map(rows);
  return new Map(Array.from(snapshot.renumbered, (row, number) => [number, rows.get(row)!]));
}

/** The bytes again, cut at other places. */
async function* recut(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += length) {
    yield bytes.slice(start, start + length);
  }
}

function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...chunks].map((chunk) => chunk.slice())));
}

async function restored(bytes: Uint8Array, length: number = 65_536): Promise<VectorIndex> {
  const index = openIndex(OPTIONS);
  await index.restore(recut(bytes, length));
  return index;
}

async function removeSome(index: VectorIndex, share: number): Promise<void> {
  for (const row of [...index.live.rows()]) {
    if (random.below(1_000) < share * 1_000) await index.mutate(() => index.remove(row));
  }
}

describe('index snapshot', () => {
  it('is that of its moment, whatever is written while it is read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.constantFrom('add', 'remove', 'work', 'snapshot'), { maxLength: 10 }),
        fc.boolean(),
        async (count, removed, cut, writes, isBuilt) => {
          const index = openIndex(OPTIONS);
          if (count > 0) await index.mutate(() => index.add(embeddings(count), count));
          if (isBuilt) await index.settled();
          await removeSome(index, removed);
          const expected = contents(index);
          const snapshot = index.snapshot();
          expect(snapshot.rows).toBe(expected.size);
          const chunks = snapshot.chunks()[Symbol.iterator]();
          const parts: Uint8Array[] = [];
          const others: IndexSnapshot[] = [];
          for (const write of writes) {
            if (write === 'add') await index.mutate(() => index.add(embeddings(20), 20));
            else if (write === 'remove') await removeSome(index, 0.3);
            else if (write === 'work') index.work();
            else others.push(index.snapshot());
            const { value } = chunks.next();
            if (value !== undefined) parts.push(value.slice());
          }
          for (let next = chunks.next(); next.done !== true; next = chunks.next()) {
            parts.push(next.value.slice());
          }
          const copy = await restored(joined(parts), cut);
          expect(contents(copy)).toEqual(renumbered(expected, snapshot));
          for (const { release } of [snapshot, ...others]) release();
          await index.settled();
          expect(index.statistics().dead).toBe(0);
          await copy.settled();
          await Promise.all([index.close(), copy.close()]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('brings the graph along, and is searched as before', async () => {
    const index = openIndex(OPTIONS, { dimension: 8 });
    await index.mutate(() => index.add(embeddings(3_000, 8), 3_000));
    await index.settled();
    const snapshot = index.snapshot();
    const copy = openIndex(OPTIONS, { dimension: 8 });
    await copy.restore(recut(joined(snapshot.chunks()), 100_000));
    snapshot.release();
    expect(copy.statistics()).toMatchObject({ live: 3_000, indexed: 3_000, waiting: 0 });
    const queries = embeddings(20, 8);
    const options = { limit: 10, efSearch: 40 };
    expect(await copy.search(queries, options)).toEqual(await index.search(queries, options));
  });

  it('still finds its rows by a graph some of whose rows were removed', async () => {
    const index = openIndex(OPTIONS, { dimension: 8 });
    await index.mutate(() => index.add(embeddings(3_000, 8), 3_000));
    await index.settled();
    await removeSome(index, 0.3);
    const snapshot = index.snapshot();
    const copy = openIndex(OPTIONS, { dimension: 8 });
    await copy.restore(recut(joined(snapshot.chunks()), 100_000));
    snapshot.release();
    const queries = embeddings(50, 8);
    const approximate = await copy.search(queries, { limit: 10, efSearch: 100 });
    const exact = await copy.search(queries, { limit: 10, efSearch: 100, mode: 'exact' });
    const recalls = approximate.map((hits, query) => recall(found(hits), found(exact[query]!)));
    expect(recalls.reduce((sum, each) => sum + each, 0) / recalls.length).toBeGreaterThan(0.9);
  });

  it('gives the rows new numbers when most places are free', async () => {
    const index = openIndex(OPTIONS);
    await index.mutate(() => index.add(embeddings(2_000), 2_000));
    await removeSome(index, 0.8);
    const expected = contents(index);
    const snapshot = index.snapshot();
    expect(snapshot.renumbered).toEqual(Uint32Array.from(index.live.rows()));
    const copy = await restored(joined(snapshot.chunks()));
    snapshot.release();
    expect(contents(copy)).toEqual(renumbered(expected, snapshot));
    expect(copy.rows).toBe(expected.size);
  });

  it('fits chunks of 1 MiB', async () => {
    const index = openIndex({ mode: 'exact' }, { dimension: 1_000 });
    await index.mutate(() => index.add(embeddings(700, 1_000), 700));
    const snapshot = index.snapshot();
    const lengths = [...snapshot.chunks()].map(({ length }) => length);
    snapshot.release();
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1_048_576);
    expect(lengths.length).toBe(3);
  });

  it('refuses bytes that are none', async () => {
    const index = openIndex(OPTIONS);
    await index.mutate(() => index.add(embeddings(100), 100));
    await index.settled();
    const snapshot = index.snapshot();
    const bytes = joined(snapshot.chunks());
    snapshot.release();
    const refused = async (broken: Uint8Array, code: string): Promise<void> => {
      await expect(restored(broken)).rejects.toSatisfy((error) => isLucernaError(error, code));
    };
    for (const end of [0, 3, 31, 32, 40, 500, bytes.length - 1]) {
      await refused(bytes.slice(0, end), 'VECTOR_SNAPSHOT_CORRUPT');
    }
    await refused(Uint8Array.from([...bytes, 0]), 'VECTOR_SNAPSHOT_CORRUPT');
    const changed = (at: number, value: number): Uint8Array => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    await refused(changed(0, 1), 'VECTOR_SNAPSHOT_CORRUPT');
    await refused(changed(4, 9), 'VECTOR_FORMAT_UNKNOWN');
    await refused(changed(8, 5), 'DIMENSION_MISMATCH');
    await refused(changed(16, 101), 'VECTOR_SNAPSHOT_CORRUPT');
    await refused(changed(bytes.length - 1, 0), 'VECTOR_SNAPSHOT_CORRUPT');
  });

  it('survives any change of its bytes: it is refused or restored', async () => {
    const index = openIndex(OPTIONS);
    await index.mutate(() => index.add(embeddings(40), 40));
    await index.settled();
    const snapshot = index.snapshot();
    const bytes = joined(snapshot.chunks());
    snapshot.release();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
        const broken = bytes.slice();
        broken[at] = value;
        const copy = openIndex(OPTIONS);
        try {
          await copy.restore(recut(broken, 1_000));
        } catch (error) {
          const codes = ['VECTOR_SNAPSHOT_CORRUPT', 'VECTOR_FORMAT_UNKNOWN', 'DIMENSION_MISMATCH'];
          expect(isLucernaError(error, ...codes), String(error)).toBe(true);
          return;
        }
        const hits = await copy.search(embeddings(3), { limit: 5, efSearch: 10 });
        for (const { rows } of hits) for (const row of rows) expect(copy.live.has(row)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
