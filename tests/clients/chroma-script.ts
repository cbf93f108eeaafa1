import {
  type AdminClient,
  type ChromaClient,
  type Collection,
  GroupBy,
  K,
  Knn,
  MinK,
  Rrf,
  Schema,
  Search,
  VectorIndexConfig,
} from 'chromadb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** A client whose database is empty, whatever is behind it. */
export type ChromaUnderTest = {
  readonly client: ChromaClient;
  readonly admin: AdminClient;
  readonly close: () => Promise<void>;
};

/** Makes embeddings that are easy to foresee: how often each of three letters stands in the text. */
class LetterCounts {
  name = 'letter-counts';

  static buildFromConfig(): LetterCounts {
    return new LetterCounts();
  }

  getConfig(): Record<string, unknown> {
    return { letters: 'abc' };
  }

  async generate(texts: string[]): Promise<number[][]> {
    return texts.map((text) => ['a', 'b', 'c'].map((letter) => text.split(letter).length - 1));
  }
}

async function nameOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).name;
  }
  return 'no error';
}

/** What every client of the protocol does with every database behind it. */
export function describeChroma(title: string, open: () => Promise<ChromaUnderTest>): void {
  describe(title, () => {
    let test: ChromaUnderTest;
    let client: ChromaClient;
    beforeAll(async () => {
      test = await open();
      client = test.client;
    });
    afterAll(async () => {
      await test.close();
    });
    beforeEach(async () => {
      await client.reset();
    });
    const collection = (name = 'notes'): Promise<Collection> =>
      client.createCollection({ name, embeddingFunction: null });

    describe('the system', () => {
      it('answers what clients ask first', async () => {
        expect(await client.version()).toMatch(/^\d+\.\d+\.\d+$/);
        expect(await client.heartbeat()).toBeGreaterThan(1e18);
        expect(await client.getMaxBatchSize()).toBe(5_461);
        expect(await client.supportsBase64Encoding()).toBe(true);
        expect(await client.getUserIdentity()).toEqual({
          user_id: '',
          tenant: 'default_tenant',
          databases: ['default_database'],
        });
      });
    });

    describe('collections', () => {
      it('are created, found and deleted', async () => {
        const made = await collection();
        expect(await client.countCollections()).toBe(1);
        const found = await client.getCollection({ name: 'notes' });
        expect([found.id, found.name]).toEqual([made.id, 'notes']);
        expect((await client.getCollectionById(made.id)).name).toBe('notes');
        const crn = 'default_tenant:default_database:notes';
        expect((await client.getCollectionByCrn(crn)).id).toBe(made.id);
        await collection('others');
        const both = await client.getCollections(['notes', 'others']);
        expect(both.map(({ name }) => name)).toEqual(['notes', 'others']);
        const listed = await client.listCollections();
        expect(listed.map(({ id }) => id)).toEqual(both.map(({ id }) => id).sort());
        expect(await client.listCollections({ limit: 1, offset: 1 })).toHaveLength(1);
        await client.deleteCollection({ name: 'notes' });
        expect(await nameOf(client.getCollection({ name: 'notes' }))).toBe('ChromaNotFoundError');
        expect(await client.countCollections()).toBe(1);
      });

      it('have errors for what cannot be', async () => {
        await collection();
        expect(await nameOf(collection())).toBe('ChromaUniqueError');
        expect(await nameOf(collection('x'))).toBe('ChromaClientError');
        const none = { name: 'none' };
        expect(await nameOf(client.deleteCollection(none))).toBe('ChromaNotFoundError');
        const unknown = '00000000-0000-4000-8000-000000000000';
        expect(await nameOf(client.getCollectionById(unknown))).toBe('ChromaNotFoundError');
        expect(await nameOf(client.getCollectionById('notes'))).toBe('ChromaClientError');
        expect(await nameOf(client.collection(unknown).count())).toBe('ChromaNotFoundError');
      });

      it('are got or created', async () => {
        const request = { name: 'notes', embeddingFunction: null };
        const made = await client.getOrCreateCollection({ ...request, metadata: { version: 1 } });
        const again = await client.getOrCreateCollection({ ...request, metadata: { version: 2 } });
        expect(again.id).toBe(made.id);
        expect(again.metadata).toEqual({ version: 1 });
      });

      it('change their name, metadata and configuration', async () => {
        const made = await client.createCollection({
          name: 'notes',
          embeddingFunction: null,
          metadata: { topic: 'birds', year: 2020 },
          configuration: { hnsw: { space: 'cosine', ef_search: 50 } },
        });
        expect(made.configuration.hnsw).toMatchObject({ space: 'cosine', ef_search: 50 });
        await made.modify({
          name: 'renamed',
          metadata: { topic: 'fish' },
          configuration: { hnsw: { ef_search: 70 } },
        });
        expect(made.name).toBe('renamed');
        const found = await client.getCollection({ name: 'renamed' });
        expect(found.metadata).toEqual({ topic: 'fish' });
        expect(found.configuration.hnsw).toMatchObject({ space: 'cosine', ef_search: 70 });
        await collection('taken');
        expect(await nameOf(found.modify({ name: 'taken' }))).toBe('ChromaUniqueError');
      });

      it('take their distance from metadata, configuration or schema', async () => {
        const spaceOf = async (name: string): Promise<unknown> =>
          (await client.getCollection({ name })).configuration.hnsw?.space;
        const request = { embeddingFunction: null };
        await client.createCollection({ ...request, name: 'plain' });
        const metadata = { 'hnsw:space': 'ip' };
        await client.createCollection({ ...request, name: 'legacy', metadata });
        const configuration = { hnsw: { space: 'cosine' as const } };
        await client.createCollection({ ...request, name: 'configured', configuration });
        const schema = new Schema().createIndex(new VectorIndexConfig({ space: 'cosine' }));
        await client.createCollection({ ...request, name: 'described', schema });
        const names = ['plain', 'legacy', 'configured', 'described'];
        expect(await Promise.all(names.map(spaceOf))).toEqual(['l2', 'ip', 'cosine', 'cosine']);
      });

      it('cannot be forked, as in the local Chroma', async () => {
        const notes = await collection();
        expect(await nameOf(notes.fork({ name: 'fork' }))).toBe('ChromaServerError');
        expect(await nameOf(notes.forkCount())).toBe('ChromaServerError');
      });
    });

    describe('records', () => {
      it('are added, counted, read and peeked at', async () => {
        const notes = await collection();
        await notes.add({
          ids: ['b', 'a', 'c'],
          embeddings: [
            [1, 2],
            [0.1, -0.5],
            [0, 0],
          ],
          documents: ['one', 'two', 'three'],
          metadatas: [{ n: 1, f: 1.5, s: 'x', t: true }, { n: 2 }, { n: 3 }],
          uris: ['file:b', 'file:a', 'file:c'],
        });
        expect(await notes.count()).toBe(3);
        expect(await notes.count({ readLevel: 'index_and_wal' })).toBe(3);
        const all = await notes.get({ include: ['documents', 'embeddings', 'metadatas', 'uris'] });
        expect(all.ids).toEqual(['b', 'a', 'c']);
        expect(all.documents).toEqual(['one', 'two', 'three']);
        expect(all.embeddings).toEqual([
          [1, 2],
          [0.1, -0.5],
          [0, 0],
        ]);
        expect(all.metadatas).toEqual([{ n: 1, f: 1.5, s: 'x', t: true }, { n: 2 }, { n: 3 }]);
        expect(all.uris).toEqual(['file:b', 'file:a', 'file:c']);
        expect(all.rows()[1]).toEqual({
          id: 'a',
          document: 'two',
          embedding: [0.1, -0.5],
          metadata: { n: 2 },
          uri: 'file:a',
        });
        const some = await notes.get({ ids: ['c', 'b', 'unknown'] });
        expect([some.ids, some.embeddings, some.uris]).toEqual([['b', 'c'], [], []]);
        expect((await notes.get({ limit: 1, offset: 1 })).ids).toEqual(['a']);
        expect((await notes.peek({ limit: 2 })).ids).toEqual(['b', 'a']);
      });

      it('stay as they are when they are added again', async () => {
        const notes = await collection();
        await notes.add({ ids: ['a'], embeddings: [[1, 2]], documents: ['first'] });
        await notes.add({
          ids: ['a', 'b'],
          embeddings: [
            [3, 4],
            [5, 6],
          ],
          documents: ['second', 'other'],
        });
        expect((await notes.get()).documents).toEqual(['first', 'other']);
      });

      it('are updated and upserted, with merged metadata', async () => {
        const notes = await collection();
        await notes.add({ ids: ['a'], embeddings: [[1, 2]], metadatas: [{ kept: 1, changed: 1 }] });
        await notes.update({ ids: ['a', 'unknown'], metadatas: [{ changed: 2 }, { x: 1 }] });
        await notes.upsert({
          ids: ['a', 'b'],
          embeddings: [
            [3, 4],
            [5, 6],
          ],
          documents: ['text', 'more'],
        });
        const all = await notes.get({ include: ['documents', 'embeddings', 'metadatas'] });
        expect(all.ids).toEqual(['a', 'b']);
        expect(all.metadatas).toEqual([{ kept: 1, changed: 2 }, null]);
        expect(all.documents).toEqual(['text', 'more']);
        expect(all.embeddings).toEqual([
          [3, 4],
          [5, 6],
        ]);
      });

      it('are deleted by id, by filter, and at most so many', async () => {
        const notes = await collection();
        const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
        await notes.add({
          ids,
          embeddings: ids.map((_, index) => [index, 0]),
          metadatas: ids.map((_, index) => ({ even: index % 2 === 0 })),
          documents: ids.map((id) => `text of ${id}`),
        });
        expect(await notes.delete({ ids: ['a'] })).toEqual({ deleted: 1 });
        expect(await notes.delete({ where: { even: true }, limit: 1 })).toEqual({ deleted: 1 });
        expect((await notes.get()).ids).toEqual(['b', 'd', 'e', 'f']);
        const last = { whereDocument: { $contains: 'of f' } };
        expect(await notes.delete(last)).toEqual({ deleted: 1 });
        expect(await notes.delete({ where: { even: false } })).toEqual({ deleted: 2 });
        expect((await notes.get()).ids).toEqual(['e']);
      });

      it('keep lists and sparse embeddings as metadata', async () => {
        const notes = await collection();
        const metadata = {
          tags: ['x', 'y'],
          years: [1, 2],
          weights: [0.5, 1.5],
          flags: [true, false],
          sparse: { indices: [1, 5], values: [0.5, 2] },
        };
        await notes.add({ ids: ['a'], embeddings: [[1, 2]], metadatas: [metadata] });
        expect((await notes.get()).metadatas).toEqual([metadata]);
        expect((await notes.get({ where: { tags: { $contains: 'y' } } })).ids).toEqual(['a']);
        expect((await notes.get({ where: { years: { $not_contains: 2 } } })).ids).toEqual([]);
      });

      it('have errors for what cannot be', async () => {
        const notes = await collection();
        const add = (records: object): Promise<string> =>
          nameOf(notes.add(records as Parameters<Collection['add']>[0]));
        const two = [
          [1, 2],
          [3, 4],
        ];
        expect(await add({ ids: ['a', 'b'], embeddings: [[1, 2]] })).toBe('ChromaValueError');
        expect(await add({ ids: ['a', 'a'], embeddings: two })).toBe('ChromaValueError');
        expect(await add({ ids: [], embeddings: [] })).toBe('ChromaValueError');
        expect(await add({ ids: ['a'] })).toBe('ChromaValueError');
        expect(await add({ ids: ['a'], embeddings: [[]] })).toBe('ChromaValueError');
        expect(await add({ ids: ['a'], embeddings: [[1, 2]], metadatas: [{}] })).toBe(
          'ChromaValueError',
        );
        expect(await add({ ids: ['a'], documents: ['no embedding function'] })).toBe(
          'ChromaValueError',
        );
        expect(await add({ ids: [''], embeddings: [[1, 2]] })).toBe('ChromaClientError');
        expect(await add({ ids: ['a', 'b'], embeddings: [[1, 2], [3]] })).toBe('ChromaClientError');
        expect(await add({ ids: ['a'], embeddings: [[1, Number.NaN]] })).toBe('ChromaClientError');
        expect(await notes.count()).toBe(0);
        await notes.add({ ids: ['a'], embeddings: [[1, 2]] });
        expect(await add({ ids: ['b'], embeddings: [[1, 2, 3]] })).toBe('ChromaClientError');
        expect(await nameOf(notes.query({ queryEmbeddings: [[1, 2, 3]] }))).toBe(
          'ChromaClientError',
        );
        expect(await notes.count()).toBe(1);
      });
    });

    describe('queries', () => {
      const filled = async (space: 'l2' | 'cosine' | 'ip'): Promise<Collection> => {
        const notes = await client.createCollection({
          name: `notes-${space}`,
          embeddingFunction: null,
          configuration: { hnsw: { space } },
        });
        await notes.add({
          ids: ['x', 'y', 'xy', 'far'],
          embeddings: [
            [1, 0],
            [0, 1],
            [1, 1],
            [4, 3],
          ],
          documents: ['an x', 'a y', 'x and y', 'far away'],
          metadatas: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }],
        });
        return notes;
      };

      it('find the nearest first, by each distance', async () => {
        const expected = {
          l2: [
            ['x', 0],
            ['xy', 1],
            ['y', 2],
            ['far', 18],
          ],
          cosine: [
            ['x', 0],
            ['far', 1 - 4 / 5],
            ['xy', 1 - Math.SQRT1_2],
            ['y', 1],
          ],
          ip: [
            ['far', -3],
            ['x', 0],
            ['xy', 0],
            ['y', 1],
          ],
        } as const;
        for (const space of ['l2', 'cosine', 'ip'] as const) {
          const notes = await filled(space);
          const found = await notes.query({ queryEmbeddings: [[1, 0]] });
          expect(found.ids, space).toEqual([expected[space].map(([id]) => id)]);
          for (const [index, [, distance]] of expected[space].entries()) {
            expect(found.distances[0]?.[index], space).toBeCloseTo(distance, 6);
          }
        }
      });

      it('take several queries, ids, filters and fields', async () => {
        const notes = await filled('l2');
        const found = await notes.query({
          queryEmbeddings: [
            [1, 0],
            [0, 1],
          ],
          nResults: 2,
          include: ['documents', 'metadatas', 'embeddings', 'distances', 'uris'],
        });
        expect(found.ids).toEqual([
          ['x', 'xy'],
          ['y', 'xy'],
        ]);
        expect(found.rows()[1]).toEqual([
          {
            id: 'y',
            distance: 0,
            document: 'a y',
            embedding: [0, 1],
            metadata: { n: 2 },
            uri: null,
          },
          {
            id: 'xy',
            distance: 1,
            document: 'x and y',
            embedding: [1, 1],
            metadata: { n: 3 },
            uri: null,
          },
        ]);
        const ids = async (request: object): Promise<unknown> =>
          (await notes.query({ queryEmbeddings: [[1, 0]], include: [], ...request })).ids[0];
        expect(await ids({ ids: ['far', 'y'] })).toEqual(['y', 'far']);
        expect(await ids({ ids: ['y', 'unknown'] })).toEqual(['y']);
        expect(await ids({ where: { n: { $gte: 3 } } })).toEqual(['xy', 'far']);
        expect(await ids({ where: { n: 99 } })).toEqual([]);
        expect(await ids({ whereDocument: { $contains: 'y' }, nResults: 1 })).toEqual(['xy']);
        expect(await ids({ nResults: 100 })).toHaveLength(4);
      });

      it('find nothing where nothing is', async () => {
        const notes = await collection();
        const found = await notes.query({ queryEmbeddings: [[1, 0]] });
        expect([found.ids, found.distances]).toEqual([[[]], [[]]]);
      });

      it('have errors for what cannot be', async () => {
        const notes = await filled('l2');
        const query = (request: object): Promise<string> =>
          nameOf(notes.query({ queryEmbeddings: [[1, 0]], ...request }));
        expect(await query({ nResults: -1 })).toBe('ChromaValueError');
        expect(await query({ include: ['data'] })).toBe('ChromaValueError');
        expect(await query({ where: { n: 1, m: 2 } })).toBe('ChromaValueError');
        expect(await query({ whereDocument: { $regex: '(' } })).toBe('ChromaClientError');
        expect(await nameOf(notes.get({ include: ['distances'] }))).toBe('ChromaValueError');
      });
    });

    describe('filters', () => {
      it('follow the operators', async () => {
        const notes = await collection();
        const metadatas = [
          { n: 1, f: 0.5, s: 'x', b: true },
          { n: 2, f: 1.5, s: 'y', b: false },
          { n: 3, f: 2.5, s: 'z' },
          { other: 'text' },
        ];
        await notes.add({
          ids: ['1', '2', '3', '4'],
          embeddings: metadatas.map((_, index) => [index]),
          metadatas,
          documents: ['red apple', 'Green apple', 'red plum', 'nothing'],
        });
        const where = async (filter: object): Promise<string> =>
          (await notes.get({ where: filter as never })).ids.join('');
        const cases: readonly (readonly [object, string])[] = [
          [{ n: 2 }, '2'],
          [{ n: { $eq: 2 } }, '2'],
          [{ n: { $ne: 2 } }, '134'],
          [{ n: { $gt: 1 } }, '23'],
          [{ n: { $gte: 1.5 } }, '23'],
          [{ f: { $lt: 2 } }, '12'],
          [{ f: { $lte: 0.5 } }, '1'],
          [{ s: { $in: ['x', 'z'] } }, '13'],
          [{ s: { $nin: ['x', 'z'] } }, '24'],
          [{ b: true }, '1'],
          [{ b: { $ne: true } }, '234'],
          [{ $and: [{ n: { $gt: 1 } }, { s: 'z' }] }, '3'],
          [{ $or: [{ n: 1 }, { other: 'text' }] }, '14'],
          [{ $or: [{ $and: [{ n: 1 }, { s: 'x' }] }, { n: 3 }] }, '13'],
        ];
        for (const [filter, ids] of cases) {
          expect(await where(filter), JSON.stringify(filter)).toBe(ids);
        }
        const document = async (filter: object): Promise<string> =>
          (await notes.get({ whereDocument: filter as never })).ids.join('');
        expect(await document({ $contains: 'apple' })).toBe('12');
        expect(await document({ $not_contains: 'apple' })).toBe('34');
        expect(await document({ $regex: '^[Rr]ed' })).toBe('13');
        expect(await document({ $not_regex: 'e' })).toBe('4');
        expect(await document({ $and: [{ $contains: 'red' }, { $contains: 'plum' }] })).toBe('3');
        expect(await document({ $or: [{ $contains: 'plum' }, { $contains: 'Green' }] })).toBe('23');
      });
    });

    describe('embedding functions', () => {
      it('embed documents and queries', async () => {
        const embeddingFunction = new LetterCounts();
        const notes = await client.createCollection({ name: 'letters', embeddingFunction });
        await notes.add({ ids: ['1', '2', '3'], documents: ['aaa', 'bbb', 'abc'] });
        const found = await notes.query({ queryTexts: ['bb'], nResults: 1 });
        expect([found.ids, found.distances]).toEqual([[['2']], [[1]]]);
        await notes.update({ ids: ['1'], documents: ['bb'] });
        expect((await notes.query({ queryTexts: ['bb'], nResults: 1 })).ids).toEqual([['1']]);
        const stored = await client.getCollection({ name: 'letters', embeddingFunction });
        expect((await stored.query({ queryTexts: ['abc'], nResults: 1 })).ids).toEqual([['3']]);
      });
    });

    describe('searches', () => {
      const filled = async (): Promise<Collection> => {
        const notes = await collection();
        await notes.add({
          ids: ['a', 'b', 'c', 'd'],
          embeddings: [
            [0, 0],
            [1, 0],
            [2, 0],
            [3, 0],
          ],
          documents: ['text a', 'text b', 'text c', 'other d'],
          metadatas: [
            { kind: 'x', n: 1, sparse: { indices: [1], values: [1] } },
            { kind: 'x', n: 2, sparse: { indices: [1], values: [5] } },
            { kind: 'y', n: 3, sparse: { indices: [2], values: [1] } },
            { kind: 'y', n: 4 },
          ],
        });
        return notes;
      };

      it('rank by distance and select fields', async () => {
        const notes = await filled();
        const search = new Search()
          .where(K('n').gt(1))
          .rank(Knn({ query: [0, 0], limit: 2 }))
          .limit(10)
          .select(K.DOCUMENT, K.SCORE, 'kind');
        const found = await notes.search(search);
        expect(found.ids).toEqual([['b', 'c']]);
        expect(found.rows()).toEqual([
          [
            { id: 'b', document: 'text b', score: 1, metadata: { kind: 'x' } },
            { id: 'c', document: 'text c', score: 4, metadata: { kind: 'y' } },
          ],
        ]);
      });

      it('fuse dense and sparse rankings', async () => {
        const notes = await filled();
        const dense = Knn({ query: [0, 0], returnRank: true });
        const sparse = Knn({
          query: { indices: [1], values: [1] },
          key: 'sparse',
          returnRank: true,
        });
        const found = await notes.search([
          new Search().rank(Rrf({ ranks: [dense, sparse], k: 60 })).select(K.SCORE),
          new Search().rank(Knn({ query: { indices: [1], values: [2] }, key: 'sparse' })).limit(1),
          new Search()
            .rank(
              Knn({ query: [0, 0] })
                .multiply(2)
                .add(1),
            )
            .select(K.SCORE)
            .limit(1, 1),
        ]);
        expect(found.ids).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
        expect(found.scores[0]?.[0]).toBeCloseTo(-(1 / 60 + 1 / 61), 6);
        expect(found.scores[2]).toEqual([3]);
      });

      it('group and filter by id and document, and list without a ranking', async () => {
        const notes = await filled();
        const best = new GroupBy([K('kind')], new MinK([K.SCORE], 1));
        const found = await notes.search([
          new Search().rank(Knn({ query: [0, 0] })).groupBy(best),
          new Search()
            .where(K.ID.isIn(['a', 'd']))
            .limit(5)
            .select(K.METADATA),
          new Search().where(K.DOCUMENT.contains('text')).limit(2, 1),
        ]);
        expect(found.ids).toEqual([
          ['a', 'c'],
          ['a', 'd'],
          ['b', 'c'],
        ]);
        expect(found.metadatas[1]?.[1]).toEqual({ kind: 'y', n: 4 });
      });
    });

    describe('tenants and databases', () => {
      it('are created, listed, found and deleted', async () => {
        const { admin } = test;
        await admin.createTenant({ name: 'birds' });
        expect(await admin.getTenant({ name: 'birds' })).toBe('birds');
        expect(await nameOf(admin.createTenant({ name: 'birds' }))).toBe('ChromaUniqueError');
        expect(await nameOf(admin.getTenant({ name: 'fish' }))).toBe('ChromaNotFoundError');
        await admin.createDatabase({ tenant: 'birds', name: 'sea' });
        await admin.createDatabase({ tenant: 'birds', name: 'land' });
        expect(await nameOf(admin.createDatabase({ tenant: 'birds', name: 'sea' }))).toBe(
          'ChromaUniqueError',
        );
        const listed = await admin.listDatabases({ tenant: 'birds' });
        expect(listed.map(({ name }) => name)).toEqual(['land', 'sea']);
        expect(await admin.listDatabases({ tenant: 'birds', limit: 1, offset: 1 })).toEqual([
          listed[1],
        ]);
        expect(await admin.getDatabase({ tenant: 'birds', name: 'sea' })).toEqual(listed[1]);
        await admin.deleteDatabase({ tenant: 'birds', name: 'sea' });
        expect(await nameOf(admin.getDatabase({ tenant: 'birds', name: 'sea' }))).toBe(
          'ChromaNotFoundError',
        );
      });
    });

    it('says how far the graph is', async () => {
      const notes = await collection();
      await notes.add({ ids: ['a'], embeddings: [[1, 2]] });
      expect(await notes.getIndexingStatus()).toMatchObject({
        op_indexing_progress: 1,
        num_unindexed_ops: 0,
        total_ops: 1,
      });
    });
  });
}
