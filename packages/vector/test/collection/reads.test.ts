import { describe, expect, it, vi } from 'vitest';
import type { QueryRequest } from '../../src/collection-api.ts';
import { vectorLimits } from '../../src/limits.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import { RowSet } from '../../src/row-set.ts';
import { batchOf, one } from './batches.ts';
import { definitionOf, newState, opened } from './support.ts';

const ids = (found: readonly { readonly id: string }[]): string[] => found.map(({ id }) => id);

describe('get', () => {
  it('gives pages in the order of insertion', async () => {
    const collection = await opened();
    await collection.add(batchOf(5));
    await collection.delete({ ids: ['id-1'] });
    await collection.add(one('id-1', 0, 0, 0, 1));
    expect(ids(collection.get())).toEqual(['id-0', 'id-2', 'id-3', 'id-4', 'id-1']);
    expect(ids(collection.get({ offset: 1, limit: 2 }))).toEqual(['id-2', 'id-3']);
    expect(ids(collection.get({ ids: ['id-1', 'id-0', 'id-1', 'x'] }))).toEqual(['id-0', 'id-1']);
    expect(ids(collection.get({ ids: ['id-1', 'id-0'], offset: 1 }))).toEqual(['id-1']);
    expect(collection.get({ limit: 0 })).toEqual([]);
    expect(collection.get({ offset: 9 })).toEqual([]);
    for (const bad of [{ limit: -1 }, { offset: 0.5 }, { limit: Number.NaN }]) {
      expect(() => collection.get(bad)).toThrow(
        expect.objectContaining({ code: 'VECTOR_ARGUMENT_INVALID' }),
      );
    }
    await collection.end();
  });
});

describe('query', () => {
  it('has no results where there is nothing', async () => {
    const collection = await opened();
    expect(await collection.query({ embeddings: Float32Array.of(1, 2), limit: 3 })).toEqual([[]]);
    const two = { embeddings: Float32Array.of(1, 2), dimension: 1, limit: 3 };
    expect(await collection.query(two)).toEqual([[], []]);
    await collection.add(batchOf(3, 2));
    expect(await collection.query({ embeddings: new Float32Array(0), limit: 3 })).toEqual([]);
    const nobody = { embeddings: Float32Array.of(1, 2), limit: 3, ids: ['nobody'] };
    expect(await collection.query(nobody)).toEqual([[]]);
    await collection.delete({});
    expect(await collection.query({ embeddings: Float32Array.of(1, 2), limit: 3 })).toEqual([[]]);
    await collection.end();
  });

  it.each<[string, Partial<QueryRequest>]>([
    ['VECTOR_ARGUMENT_INVALID', { limit: 0 }],
    ['VECTOR_ARGUMENT_INVALID', { limit: 10_001 }],
    ['VECTOR_ARGUMENT_INVALID', { limit: 1.5 }],
    ['VECTOR_ARGUMENT_INVALID', { efSearch: 0 }],
    ['VECTOR_ARGUMENT_INVALID', { efSearch: 10_001 }],
    ['VECTOR_ARGUMENT_INVALID', { mode: 'hnsw' }],
    ['VECTOR_ARGUMENT_INVALID', { mode: 'binary' }],
    ['VECTOR_ARGUMENT_INVALID', { mode: 'fast' as 'exact' }],
    ['VECTOR_ARGUMENT_INVALID', { traversal: 'f64' as 'f32' }],
    ['VECTOR_ARGUMENT_INVALID', { embeddings: [1, 2] as unknown as Float32Array }],
    ['DIMENSION_MISMATCH', { embeddings: new Float32Array(3) }],
    ['DIMENSION_MISMATCH', { embeddings: new Float32Array(4), dimension: 4 }],
    ['EMBEDDING_NOT_FINITE', { embeddings: Float32Array.of(1, Number.NaN) }],
    ['EMBEDDING_NOT_FINITE', { embeddings: Float32Array.of(1, 2, 3, Infinity) }],
    ['REGEX_INVALID', { where: { kind: 'documentMatches', pattern: '(' } }],
  ])('throws %s for %j', async (code, change) => {
    const collection = await opened();
    await collection.add(batchOf(3, 2));
    const request = { embeddings: Float32Array.of(1, 2), limit: 2, ...change };
    await expect(collection.query(request)).rejects.toMatchObject({ code });
    await collection.end();
  });

  it('answers from one moment while writes go on', async () => {
    const dimension = 8;
    const collection = await opened(undefined, definitionOf({ metric: 'l2', mode: 'exact' }));
    // Every record says in its document which embedding it has: all values are that number.
    const batch = (value: number) => ({
      ids: Array.from({ length: 50 }, (_, index) => `id-${index}`),
      embeddings: new Float32Array(50 * dimension).fill(value),
      dimension,
      documents: Array.from({ length: 50 }, () => String(value)),
    });
    await collection.add(batch(0));
    const answers: Promise<unknown>[] = [];
    for (let value = 1; value <= 20; value += 1) {
      const change = value % 3 === 0 ? collection.delete({}) : collection.upsert(batch(value));
      const query = { embeddings: new Float32Array(dimension).fill(value), limit: 60 };
      const answer = collection.query(query).then(([hits = []]) => {
        expect([0, 50]).toContain(hits.length);
        const documents = new Set(hits.map(({ record }) => record.document));
        expect(documents.size).toBeLessThan(2);
        for (const { record, distance } of hits) {
          expect(distance).toBe((Number(record.document) - value) ** 2 * dimension);
        }
      });
      answers.push(answer, change);
      if (value % 4 === 0) await change;
    }
    await Promise.all(answers);
    await collection.end();
  });
});

describe('a reader', () => {
  it('sees what the writer has written when it is told to look', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await opened(disk);
    await writer.add(batchOf(3));
    const reader = await opened(disk, undefined, 'read');
    expect([...reader.ids()]).toEqual(['id-0', 'id-1', 'id-2']);
    await writer.delete({ ids: ['id-1'] });
    await writer.add(one('new', 1, 2, 3, 4));
    expect(reader.count()).toBe(3);
    await reader.refresh();
    expect([...reader.ids()]).toEqual(['id-0', 'id-2', 'new']);
    expect(reader.embedding('new')).toEqual(Float32Array.of(1, 2, 3, 4));
    await writer.compact();
    await writer.delete({ ids: ['id-0'] });
    await writer.compact();
    await writer.update({ ids: ['new'], documents: ['text'] });
    await reader.refresh();
    expect(reader.get()).toEqual(writer.get());
    const query = { embeddings: Float32Array.of(1, 2, 3, 4), limit: 5 };
    expect(await reader.query(query)).toEqual(await writer.query(query));
    await writer.refresh();
    await writer.end();
    await reader.end();
  });

  it('changes nothing', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await opened(disk);
    await writer.add(batchOf(3));
    const reader = await opened(disk, undefined, 'read');
    const readOnly = { code: 'DATABASE_READ_ONLY' };
    await expect(reader.add(one('x', 1, 2, 3, 4))).rejects.toMatchObject(readOnly);
    await expect(reader.update({ ids: [] })).rejects.toMatchObject(readOnly);
    await expect(reader.upsert({ ids: [] })).rejects.toMatchObject(readOnly);
    await expect(reader.delete({})).rejects.toMatchObject(readOnly);
    await expect(reader.compact()).rejects.toMatchObject(readOnly);
    await reader.end();
    await writer.end();
  });
});

describe('a condition on ids', () => {
  it('looks the ids up, and not at every record', () => {
    const state = newState();
    const nothing = { metadata: undefined, document: undefined, uri: undefined };
    const record = { id: 'a', ...nothing, payload: undefined, provenance: undefined };
    state.restoreRecord(record, 0);
    const live = new RowSet();
    live.add(0);
    const lookup = vi.spyOn(state.table, 'row');
    const where = { kind: 'id', values: ['a', 'b'], isNegated: false } as const;
    expect(state.filters.match(where, undefined, live).size).toBe(1);
    expect(lookup.mock.calls).toEqual([['a'], ['b']]);
  });
});

describe('queries of one call', () => {
  it('that could have more results than fit into memory are refused', async () => {
    const collection = await opened();
    await collection.add(batchOf(1_000, 1));
    const limit = vectorLimits.values.results;
    const most = Math.floor(vectorLimits.values.queryHits / 1_000);
    const refused = collection.query({ embeddings: new Float32Array(most + 1), limit });
    await expect(refused).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' });
    const found = await collection.query({ embeddings: new Float32Array(2), limit });
    expect(found.map((hits) => hits.length)).toEqual([1_000, 1_000]);
    await collection.end();
  });
});

describe('a collection that is closed', () => {
  it('says so in every call', async () => {
    const collection = await opened();
    await collection.add(batchOf(3, 2));
    const running = collection.add(one('last', 1, 2));
    await collection.end();
    expect(await running).toBe(1);
    await collection.close();
    const closed = { code: 'DATABASE_CLOSED' };
    const throwing = expect.objectContaining(closed);
    expect(() => collection.count()).toThrow(throwing);
    expect(() => collection.has('a')).toThrow(throwing);
    expect(() => collection.ids()).toThrow(throwing);
    expect(() => collection.record('a')).toThrow(throwing);
    expect(() => collection.embedding('a')).toThrow(throwing);
    expect(() => collection.get()).toThrow(throwing);
    expect(() => collection.statistics()).toThrow(throwing);
    const query = collection.query({ embeddings: Float32Array.of(1, 2), limit: 1 });
    await expect(query).rejects.toMatchObject(closed);
    await expect(collection.add(one('x', 1, 2))).rejects.toMatchObject(closed);
    await expect(collection.delete({})).rejects.toMatchObject(closed);
    await expect(collection.settled()).rejects.toMatchObject(closed);
    await expect(collection.compact()).rejects.toMatchObject(closed);
    await expect(collection.persist()).rejects.toMatchObject(closed);
    await expect(collection.refresh()).rejects.toMatchObject(closed);
    expect(collection.hasWork()).toBe(false);
    collection.work();
    expect(collection.name).toBe('things');
  });
});
