import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Document } from '@langchain/core/documents';
import { Embeddings } from '@langchain/core/embeddings';
import { VectorStore } from '@lucerna/sdk';
import { type LucernaStoreConfig, LucernaVectorStore } from '@lucerna/sdk/langchain';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'lucerna-langchain-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Each text says itself where it points: two numbers. */
class PlaceEmbeddings extends Embeddings {
  constructor() {
    super({});
  }

  async embedDocuments(texts: string[]): Promise<number[][]> {
    return texts.map((text) => text.split(' ').slice(0, 2).map(Number));
  }

  async embedQuery(text: string): Promise<number[]> {
    const [embedding = []] = await this.embedDocuments([text]);
    return embedding;
  }
}

const embeddings = new PlaceEmbeddings();
const memory: LucernaStoreConfig = { memory: true };
const opened: LucernaVectorStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

async function three(config = memory): Promise<LucernaVectorStore> {
  const texts = ['1 0 east', '0 1 north', '-1 0 west'];
  const metadatas = [
    { year: 2001 },
    { year: 2002, loc: { lines: { from: 1, to: 2 } } },
    { year: 2003 },
  ];
  const store = await LucernaVectorStore.fromTexts(texts, metadatas, embeddings, config);
  opened.push(store);
  return store;
}

describe('LucernaVectorStore', () => {
  it('is made from texts, and finds them with their metadata', async () => {
    const store = await three();
    const [found, ...more] = await store.similaritySearch('0 2', 1);
    expect(more).toEqual([]);
    expect(found).toBeInstanceOf(Document);
    expect(found).toMatchObject({
      pageContent: '0 1 north',
      metadata: { year: 2002, loc: { lines: { from: 1, to: 2 } } },
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const scored = await store.similaritySearchWithScore('1 0', 3);
    expect(scored.map(([{ pageContent }, score]) => [pageContent, score])).toEqual([
      ['1 0 east', 1],
      ['0 1 north', 0.5],
      ['-1 0 west', 0],
    ]);
    expect(store._vectorstoreType()).toBe('lucerna');
    expect(JSON.stringify(store)).not.toContain('north');
  });

  it('takes one object as metadata of all texts', async () => {
    const store = await LucernaVectorStore.fromTexts(
      ['1 0', '0 1'],
      { from: 'here' },
      embeddings,
      memory,
    );
    opened.push(store);
    const found = await store.similaritySearch('1 0', 2);
    expect(found.map(({ metadata }) => metadata)).toEqual([{ from: 'here' }, { from: 'here' }]);
  });

  it('filters by metadata', async () => {
    const store = await three();
    const found = await store.similaritySearch('1 0', 3, { year: { $gt: 2001 } });
    expect(found.map(({ pageContent }) => pageContent)).toEqual(['0 1 north', '-1 0 west']);
    await expect(store.similaritySearch('1 0', 3, { $not: 1 })).rejects.toMatchObject({
      code: 'FILTER_INVALID',
    });
  });

  it('keeps ids, replaces what has them, and deletes by them or by a filter', async () => {
    const store = await three();
    const documents = [
      new Document({ pageContent: '1 1 first', metadata: { a: 1, b: 1 }, id: 'own' }),
      new Document({ pageContent: '1 2 second', metadata: {} }),
    ];
    expect(await store.addDocuments(documents, { ids: ['x', 'y'] })).toEqual(['x', 'y']);
    const [own, other] = await store.addDocuments(documents);
    expect(own).toBe('own');
    expect(other).toMatch(/^[0-9a-f-]{36}$/);
    await store.addDocuments([
      new Document({ pageContent: '5 5 new', metadata: { b: 2 }, id: 'own' }),
    ]);
    expect(store.store.count()).toBe(7);
    expect(store.store.get('own')).toEqual({ b: 2 });
    expect(store.store.collection.record('own')?.document).toBe('5 5 new');
    await store.delete({ ids: ['x', 'y', 'unknown'] });
    await store.delete({ filter: { year: 2001 } });
    await store.delete({ ids: [] });
    expect(store.store.count()).toBe(4);
    await store.delete({ ids: ['own'], filter: { b: 7 } });
    expect(store.store.has('own')).toBe(true);
    await expect(store.delete()).rejects.toMatchObject({ code: 'VECTOR_ARGUMENT_INVALID' });
    expect(store.store.count()).toBe(4);
  });

  it('finds what is near and different', async () => {
    const texts = ['1 0 a', '0.99 0.05 twin', '0.6 0.8 other', '-1 0 far'];
    const store = await LucernaVectorStore.fromTexts(texts, {}, embeddings, memory);
    opened.push(store);
    const pages = (found: Document[]) => found.map(({ pageContent }) => pageContent);
    expect(pages(await store.similaritySearch('1 0', 2))).toEqual(['1 0 a', '0.99 0.05 twin']);
    const diverse = await store.maxMarginalRelevanceSearch('1 0', { k: 2, fetchK: 3, lambda: 0.3 });
    expect(pages(diverse)).toEqual(['1 0 a', '0.6 0.8 other']);
    const near = await store.maxMarginalRelevanceSearch('1 0', { k: 2, fetchK: 2, lambda: 0.3 });
    expect(pages(near)).toEqual(['1 0 a', '0.99 0.05 twin']);
    expect(await store.maxMarginalRelevanceSearch('1 0', { k: 2, filter: { none: 1 } })).toEqual(
      [],
    );
  });

  it('is a retriever', async () => {
    const store = await three();
    const similar = store.asRetriever({ k: 1, filter: { year: { $gte: 2002 } } });
    expect((await similar.invoke('1 0.1')).map(({ pageContent }) => pageContent)).toEqual([
      '0 1 north',
    ]);
    const diverse = store.asRetriever({ k: 2, searchType: 'mmr', searchKwargs: { fetchK: 3 } });
    expect(await diverse.invoke('1 0')).toHaveLength(2);
    await similar.addDocuments([new Document({ pageContent: '3 3', metadata: { year: 2004 } })]);
    expect(store.store.count()).toBe(4);
  });

  it('keeps documents in a folder, or in a store that is open', async () => {
    const path = join(root, 'docs');
    const first = await three({ path, collection: 'docs', model: 'places' });
    await first.close();
    opened.pop();
    const again = await LucernaVectorStore.open(embeddings, { path, collection: 'docs' });
    expect((await again.similaritySearch('-2 0', 1)).map(({ pageContent }) => pageContent)).toEqual(
      ['-1 0 west'],
    );
    await again.close();
    await using store = await VectorStore.open(path, { collection: 'docs' });
    const beside = await LucernaVectorStore.fromDocuments(
      [new Document({ pageContent: '0 -1 south' })],
      embeddings,
      { store },
    );
    expect(beside.store).toBe(store);
    expect(store.count()).toBe(4);
    expect(await beside.addDocuments([])).toEqual([]);
  });

  it('leaves a store open that it was given, and closes its own, when documents are refused', async () => {
    const path = join(root, 'refused');
    const wrong = [new Document({ pageContent: 'a b' })];
    const refused = LucernaVectorStore.fromDocuments(wrong, embeddings, { path });
    await expect(refused).rejects.toMatchObject({ code: 'EMBEDDING_NOT_FINITE' });
    await using store = await VectorStore.open(path);
    const again = LucernaVectorStore.fromDocuments(wrong, embeddings, { store });
    await expect(again).rejects.toMatchObject({ code: 'EMBEDDING_NOT_FINITE' });
    expect(store.count()).toBe(0);
  });
});
