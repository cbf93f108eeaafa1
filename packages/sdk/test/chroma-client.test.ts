import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VectorDatabase } from '@lucerna/vector';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientError } from '../src/chroma-client/errors.ts';
import {
  ChromaClientError,
  ChromaForbiddenError,
  type ChromaMetadata,
  ChromaNotFoundError,
  ChromaRateLimitError,
  ChromaServerError,
  ChromaUniqueError,
  ChromaValueError,
  createChromaAdmin,
  createChromaClient,
  openVectorDatabase,
} from '../src/index.ts';

let database: VectorDatabase;
beforeEach(async () => {
  database = await openVectorDatabase({ memory: true });
});
afterEach(async () => {
  await database.close();
});

/** Embeds a text as its length. */
class Lengths {
  name = 'lengths';
  readonly factor: number;

  constructor(factor: number) {
    this.factor = factor;
  }

  static buildFromConfig(config: Record<string, unknown>): Lengths {
    return new Lengths(Number(config['factor']));
  }

  getConfig(): Record<string, unknown> {
    return { factor: this.factor };
  }

  defaultSpace(): 'l2' {
    return 'l2';
  }

  async generate(texts: string[]): Promise<number[][]> {
    return texts.map((text) => [text.length * this.factor]);
  }

  async generateForQueries(texts: string[]): Promise<number[][]> {
    return texts.map((text) => [text.length * this.factor + 0.5]);
  }
}

describe('the client', () => {
  it('keeps integers of 64 bits, and floats that are whole for JavaScript as integers', async () => {
    const notes = await createChromaClient(database).createCollection({ name: 'notes' });
    const metadata: ChromaMetadata = { big: 2n ** 62n + 1n, small: 3, whole: 3.0, half: 0.5 };
    await notes.add({ ids: ['a'], embeddings: [Float32Array.of(0.1, 1)], metadatas: [metadata] });
    const { metadatas, embeddings } = await notes.get({ include: ['metadatas', 'embeddings'] });
    expect(metadatas).toEqual([{ big: 2n ** 62n + 1n, small: 3, whole: 3, half: 0.5 }]);
    expect(embeddings).toEqual([[0.1, 1]]);
    expect((await notes.get({ where: { big: { $gt: 2n ** 62n } } })).ids).toEqual(['a']);
    expect((await notes.get({ where: { big: { $gt: 2n ** 62n + 1n } } })).ids).toEqual([]);
    const [stored] = database.collections({
      tenant: 'default_tenant',
      database: 'default_database',
    });
    expect(stored?.record('a')?.metadata?.get('small')).toBe(3n);
  });

  it('takes keys of metadata away where a value is null, but not from new records', async () => {
    const notes = await createChromaClient(database).createCollection({ name: 'notes' });
    await notes.add({ ids: ['a'], embeddings: [[1]], metadatas: [{ x: 1, y: null }] });
    await notes.update({ ids: ['a'], metadatas: [{ x: null, z: 2 }] });
    expect((await notes.get()).metadatas).toEqual([{ z: 2 }]);
  });

  it('makes the embedding functions of stored collections again', async () => {
    const client = createChromaClient(database, { embeddingFunctions: { lengths: Lengths } });
    const embeddingFunction = new Lengths(2);
    const made = await client.createCollection({ name: 'made', embeddingFunction });
    await made.add({ ids: ['x', 'y'], documents: ['a', 'abc'] });
    const found = await client.getCollection({ name: 'made' });
    expect(found.embeddingFunction).toEqual(embeddingFunction);
    const { ids, distances } = await found.query({ queryTexts: ['abc'], nResults: 1 });
    expect([ids, distances]).toEqual([[['y']], [[0.25]]]);
    const [rows] = (
      await found.search({ rank: { $knn: { query: 'ab' } }, limit: 1, select: ['#score'] })
    ).rows();
    expect(rows).toEqual([{ id: 'y', score: 2.25 }]);
    const plain = createChromaClient(database);
    const unknown = await plain.getCollection({ name: 'made' });
    expect(unknown.embeddingFunction).toBeUndefined();
    await expect(unknown.query({ queryTexts: ['a'] })).rejects.toThrow(ChromaValueError);
    const own = { generate: embeddingFunction.generate };
    const legacy = await plain.createCollection({ name: 'legacy', embeddingFunction: own });
    expect(legacy.configuration.embedding_function).toEqual({ type: 'legacy' });
  });

  it('refuses two indexes or two embedding functions at once', async () => {
    const client = createChromaClient(database);
    const embeddingFunction = new Lengths(1);
    const requests = [
      { name: 'notes', embeddingFunction, configuration: { embeddingFunction } },
      { name: 'notes', configuration: { hnsw: {}, spann: {} } },
    ];
    for (const request of requests) {
      await expect(client.createCollection(request)).rejects.toThrow(ChromaValueError);
    }
  });

  it('has a database of its own in the tenant that it is told', async () => {
    const admin = createChromaAdmin(database);
    await admin.createTenant({ name: 'birds' });
    await admin.createDatabase({ tenant: 'birds', name: 'sea' });
    const client = createChromaClient(database, { tenant: 'birds', database: 'sea' });
    const gulls = await client.createCollection({ name: 'gulls' });
    expect([gulls.tenant, gulls.database]).toEqual(['birds', 'sea']);
    expect(await createChromaClient(database).countCollections()).toBe(0);
    const handle = client.collection(gulls.id);
    await handle.add({ ids: ['a'], embeddings: [[1]] });
    expect(await gulls.count()).toBe(1);
  });

  it('resets only where that is allowed', async () => {
    const client = createChromaClient(database, { allowReset: false });
    await expect(client.reset()).rejects.toThrow(ChromaForbiddenError);
    await createChromaClient(database).reset();
  });

  it('has errors that are told apart by class, with what has happened as their cause', async () => {
    const client = createChromaClient(database);
    await expect(client.getCollection({ name: 'none' })).rejects.toThrow(ChromaNotFoundError);
    const notes = await client.createCollection({ name: 'notes' });
    await expect(client.createCollection({ name: 'notes' })).rejects.toThrow(ChromaUniqueError);
    await notes.add({ ids: ['a'], embeddings: [[1]] });
    const wrong = notes.add({ ids: ['b'], embeddings: [[1, 2]] });
    await expect(wrong).rejects.toThrow(ChromaClientError);
    await expect(wrong).rejects.toMatchObject({
      name: 'ChromaClientError',
      cause: { code: 'CHROMA_ARGUMENT_INVALID' },
    });
    await expect(notes.fork({ name: 'fork' })).rejects.toThrow(ChromaServerError);
    const busy = { status: 429, error: 'RateLimitError', message: 'later' };
    expect(clientError(busy, undefined)).toBeInstanceOf(ChromaRateLimitError);
  });

  it.each([
    [{ ids: 'a', embeddings: [[1]] }],
    [{ ids: [1], embeddings: [[1]] }],
    [{ ids: ['a'], embeddings: 'x' }],
    [
      {
        ids: Array.from({ length: 5_462 }, (_, id) => `${id}`),
        embeddings: Array(5_462).fill([1]),
      },
    ],
  ])('refuses records that are none before it asks anybody', async (records) => {
    const notes = await createChromaClient(database).createCollection({ name: 'notes' });
    await expect(notes.add(records as never)).rejects.toThrow(ChromaValueError);
  });

  it.each([
    [{}],
    [{ queryEmbeddings: 'x' }],
    [{ queryEmbeddings: [] }],
    [{ queryEmbeddings: [[1]], nResults: 'x' }],
    [{ queryEmbeddings: [[1]], nResults: 0 }],
    [{ queryEmbeddings: [[1]], include: 'documents' }],
    [{ queryEmbeddings: [[1]], where: 'x' }],
    [{ queryEmbeddings: [[1]], whereDocument: {} }],
  ])('refuses queries that are none: %j', async (request) => {
    const notes = await createChromaClient(database).createCollection({ name: 'notes' });
    await expect(notes.query(request as never)).rejects.toThrow(ChromaValueError);
    await expect(notes.search([])).rejects.toThrow(ChromaValueError);
    await expect(notes.delete({ limit: 1 })).rejects.toThrow('limit');
    await expect(notes.delete({ where: { a: 1 }, limit: -1 })).rejects.toThrow('limit');
  });

  it('keeps what it has written in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lucerna-chroma-'));
    try {
      const first = await openVectorDatabase(folder);
      const notes = await createChromaClient(first).createCollection({
        name: 'notes',
        configuration: { hnsw: { space: 'cosine' } },
        metadata: { topic: 'birds' },
      });
      await notes.add({ ids: ['a'], embeddings: [[1, 0]], documents: ['text'] });
      await first.close();
      const second = await openVectorDatabase(folder);
      const found = await createChromaClient(second).getCollection({ name: 'notes' });
      expect(found.metadata).toEqual({ topic: 'birds' });
      expect(found.configuration.hnsw?.space).toBe('cosine');
      expect((await found.peek()).documents).toEqual(['text']);
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
