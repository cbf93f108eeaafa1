import { describe, expect, it } from 'vitest';
import type { Collection } from '../../src/collection-api.ts';
import { vectorLimits } from '../../src/limits.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { MetadataPatch } from '../../src/metadata.ts';
import type { RecordBatch } from '../../src/record.ts';
import { batchOf, one } from './batches.ts';
import { definitionOf, opened, UNKNOWN_IDENTITY } from './support.ts';

const HALF = '\ud800';
const unchecked = <T>(value: unknown): T => value as T;

/** Every batch that is refused, and why. All of them have a good record first. */
const REFUSED: readonly [string, string, Partial<RecordBatch>][] = [
  ['an empty id', 'ID_INVALID', { ids: ['x', ''] }],
  ['half a character in an id', 'ID_INVALID', { ids: ['x', HALF] }],
  ['an id that is no text', 'ID_INVALID', { ids: unchecked(['x', 7]) }],
  ['an id that is too long', 'ID_INVALID', { ids: ['x', 'y'.repeat(4_097)] }],
  ['an id that is too long in UTF-8', 'ID_INVALID', { ids: ['x', 'ä'.repeat(2_049)] }],
  ['an id twice', 'ID_DUPLICATE', { ids: ['x', 'x'] }],
  ['too few embeddings', 'COLUMN_LENGTH_MISMATCH', { embeddings: Float32Array.of(1, 2, 3) }],
  ['too many embeddings', 'COLUMN_LENGTH_MISMATCH', { embeddings: new Float32Array(6) }],
  ['too few documents', 'COLUMN_LENGTH_MISMATCH', { documents: ['a'] }],
  ['too many uris', 'COLUMN_LENGTH_MISMATCH', { uris: ['a', 'b', 'c'] }],
  ['too few metadata', 'COLUMN_LENGTH_MISMATCH', { metadatas: [null] }],
  ['too few payloads', 'COLUMN_LENGTH_MISMATCH', { payloads: [] }],
  ['too few provenances', 'COLUMN_LENGTH_MISMATCH', { provenances: [{}] }],
  ['too few flags', 'COLUMN_LENGTH_MISMATCH', { hasEmbedding: Uint8Array.of(1) }],
  ['another dimension', 'DIMENSION_MISMATCH', { embeddings: new Float32Array(6), dimension: 3 }],
  ['dimension 0', 'VECTOR_ARGUMENT_INVALID', { embeddings: new Float32Array(0), dimension: 0 }],
  ['a broken dimension', 'VECTOR_ARGUMENT_INVALID', { dimension: 1.5 }],
  [
    'a dimension that is too large',
    'VECTOR_ARGUMENT_INVALID',
    { embeddings: new Float32Array(2 * 4_097), dimension: 4_097 },
  ],
  ['NaN', 'EMBEDDING_NOT_FINITE', { embeddings: Float32Array.of(1, 2, 3, Number.NaN) }],
  ['infinity', 'EMBEDDING_NOT_FINITE', { embeddings: Float32Array.of(1, 2, Infinity, 3) }],
  ['minus infinity', 'EMBEDDING_NOT_FINITE', { embeddings: Float32Array.of(1, -Infinity, 3, 4) }],
  [
    'embeddings of another type',
    'VECTOR_ARGUMENT_INVALID',
    { embeddings: unchecked([1, 2, 3, 4]) },
  ],
  ['no embeddings', 'VECTOR_ARGUMENT_INVALID', { embeddings: undefined }],
  ['a missing embedding', 'VECTOR_ARGUMENT_INVALID', { hasEmbedding: Uint8Array.of(1, 0) }],
  ['a document that is no text', 'VECTOR_ARGUMENT_INVALID', { documents: unchecked(['a', 7]) }],
  ['half a character in a document', 'VECTOR_ARGUMENT_INVALID', { documents: ['a', HALF] }],
  ['half a character in a uri', 'VECTOR_ARGUMENT_INVALID', { uris: ['a', HALF] }],
  ['half a character in a payload', 'VECTOR_ARGUMENT_INVALID', { payloads: ['a', HALF] }],
  [
    'half a character in an author',
    'VECTOR_ARGUMENT_INVALID',
    { provenances: [{}, { author: HALF }] },
  ],
  ['a time that is no number', 'VECTOR_ARGUMENT_INVALID', { provenances: [{}, { timeMs: 0.5 }] }],
  [
    'a provenance that is no object',
    'VECTOR_ARGUMENT_INVALID',
    { provenances: unchecked([{}, 'me']) },
  ],
  ['NaN in metadata', 'METADATA_INVALID', metadata(['a', Number.NaN])],
  ['65 bits in metadata', 'METADATA_INVALID', metadata(['a', 2n ** 63n])],
  ['an empty key', 'METADATA_INVALID', metadata(['', 1n])],
  ['half a character in metadata', 'METADATA_INVALID', metadata(['a', HALF])],
  ['a mixed list', 'METADATA_INVALID', metadata(['a', unchecked([1n, 'x'])])],
  ['metadata that are no object', 'METADATA_INVALID', { metadatas: unchecked([null, 'x']) }],
];

function metadata(...entries: [string, NonNullable<ReturnType<MetadataPatch['get']>>][]): {
  readonly metadatas: readonly (MetadataPatch | null)[];
} {
  return { metadatas: [new Map([['good', true]]), new Map(entries)] };
}

async function filled(disk?: MemoryVectorDisk): ReturnType<typeof opened> {
  const collection = await opened(disk);
  await collection.add({ ...one('old', 3, 4), documents: ['kept'] });
  return collection;
}

/** All that can be seen of a collection. */
function contentsOf(collection: Collection): unknown {
  const ids = [...collection.ids()];
  return {
    count: collection.count(),
    identity: collection.identity,
    records: collection.get(),
    embeddings: ids.map((id) => collection.embedding(id)),
  };
}

describe('a batch', () => {
  it.each(REFUSED)('with %s is refused as a whole: %s', async (_what, code, change) => {
    const disk = new MemoryVectorDisk();
    const collection = await filled(disk);
    const before = contentsOf(collection);
    const { logBytes } = collection.statistics();
    const batch = { ids: ['x', 'y'], embeddings: Float32Array.of(1, 2, 3, 4), dimension: 2 };
    await expect(collection.add({ ...batch, ...change })).rejects.toMatchObject({ code });
    await expect(collection.upsert({ ...batch, ...change })).rejects.toMatchObject({ code });
    expect(contentsOf(collection)).toEqual(before);
    expect(collection.statistics().logBytes).toBe(logBytes);
    await collection.end();
    const again = await opened(disk);
    expect(contentsOf(again)).toEqual(before);
    await again.end();
  });

  it('of more records than one call may have is refused', async () => {
    const collection = await opened();
    const limit = vectorLimits.values.batchRecords;
    const batch = batchOf(limit + 1, 1);
    await expect(collection.add(batch)).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' });
    expect(collection.count()).toBe(0);
    expect(await collection.add(batchOf(limit, 1))).toBe(limit);
    await collection.end();
  });

  it('without records changes nothing, but is checked', async () => {
    const collection = await opened();
    expect(await collection.add({ ids: [] })).toBe(0);
    expect(
      await collection.upsert({ ids: [], embeddings: new Float32Array(0), dimension: 3 }),
    ).toBe(0);
    expect(await collection.update({ ids: [] })).toBe(0);
    expect(collection.identity.dimension).toBeUndefined();
    const longer = collection.add({ ids: [], documents: ['a'] });
    await expect(longer).rejects.toMatchObject({ code: 'COLUMN_LENGTH_MISMATCH' });
    await collection.end();
  });

  it('may be changed by the caller once it is written', async () => {
    const collection = await opened();
    const list: bigint[] = [1n];
    const patch = new Map<string, bigint[]>([['list', list]]);
    const provenance = { author: 'me' };
    const embeddings = Float32Array.of(1, 2);
    await collection.add({
      ids: ['a'],
      embeddings,
      dimension: 2,
      metadatas: [patch],
      provenances: [provenance],
    });
    embeddings.fill(9);
    list.push(2n);
    patch.set('more', []);
    provenance.author = 'you';
    expect(collection.embedding('a')).toEqual(Float32Array.of(1, 2));
    expect(collection.record('a')).toMatchObject({ provenance: { author: 'me' } });
    expect(collection.record('a')?.metadata).toEqual(new Map([['list', [1n]]]));
    collection.embedding('a')?.fill(9);
    expect(collection.embedding('a')).toEqual(Float32Array.of(1, 2));
    await collection.end();
  });
});

describe('add', () => {
  it('refuses ids that there are, or leaves those records alone', async () => {
    const collection = await filled();
    const batch = { ids: ['new', 'old'], embeddings: Float32Array.of(1, 2, 5, 6), dimension: 2 };
    await expect(collection.add(batch)).rejects.toMatchObject({
      code: 'ID_EXISTS',
      fields: { id: 'old', index: 1 },
    });
    expect(collection.count()).toBe(1);
    expect(await collection.add(batch, { onExisting: 'ignore' })).toBe(1);
    expect(collection.embedding('old')).toEqual(Float32Array.of(3, 4));
    expect(collection.embedding('new')).toEqual(Float32Array.of(1, 2));
    expect(await collection.add(batch, { onExisting: 'ignore' })).toBe(0);
    await collection.end();
  });

  it('sees what was asked for before, also when nobody waits', async () => {
    const collection = await opened();
    const results = await Promise.allSettled([
      collection.add(one('a', 1, 2)),
      collection.add(one('a', 3, 4)),
      collection.upsert(one('a', 5, 6)),
      collection.delete({ ids: ['a'] }),
      collection.add(one('a', 7, 8)),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(collection.embedding('a')).toEqual(Float32Array.of(7, 8));
    await collection.end();
  });
});

describe('update and upsert', () => {
  it('merge metadata, keep what is not said, and keep the place', async () => {
    const collection = await filled();
    await collection.add(one('later', 0, 1));
    await collection.update({
      ids: ['old', 'nobody'],
      metadatas: [
        new Map<string, bigint | string>([
          ['a', 1n],
          ['b', 'x'],
        ]),
        null,
      ],
      uris: ['file:a', 'file:b'],
    });
    expect(
      await collection.upsert({ ...one('old', 6, 8), metadatas: [new Map([['a', null]])] }),
    ).toBe(0);
    expect([...collection.ids()]).toEqual(['old', 'later']);
    expect(collection.record('old')).toEqual({
      id: 'old',
      metadata: new Map([['b', 'x']]),
      document: 'kept',
      uri: 'file:a',
      payload: undefined,
      provenance: undefined,
    });
    expect(collection.embedding('old')).toEqual(Float32Array.of(6, 8));
    expect(await collection.update({ ids: ['nobody'], documents: ['x'] })).toBe(0);
    await collection.update({ ids: ['old'], metadatas: [new Map([['b', null]])] });
    expect(collection.record('old')?.metadata).toBeUndefined();
    await collection.end();
  });

  it('take embeddings of some records only', async () => {
    const collection = await filled();
    await collection.add(one('later', 0, 1));
    const embeddings = Float32Array.of(Number.NaN, 0, 5, 5);
    await collection.update({
      ids: ['old', 'later'],
      embeddings,
      dimension: 2,
      hasEmbedding: Uint8Array.of(0, 1),
      documents: ['changed', null],
    });
    expect(collection.embedding('old')).toEqual(Float32Array.of(3, 4));
    expect(collection.embedding('later')).toEqual(Float32Array.of(5, 5));
    expect(collection.record('old')?.document).toBe('changed');
    await collection.end();
  });

  it('refuse metadata that become too many by merging, before anything is written', async () => {
    const disk = new MemoryVectorDisk();
    const collection = await filled(disk);
    const keys = (prefix: string, count: number): MetadataPatch =>
      new Map(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, true]));
    const limit = vectorLimits.values.metadataKeys;
    await collection.update({ ids: ['old'], metadatas: [keys('a', limit - 1)] });
    const tooMany = collection.update({ ids: ['old'], metadatas: [keys('b', 2)] });
    await expect(tooMany).rejects.toMatchObject({ code: 'METADATA_INVALID' });
    await collection.update({ ids: ['old'], metadatas: [keys('a', limit - 1)] });
    await collection.end();
    const again = await opened(disk);
    expect(again.record('old')?.metadata?.size).toBe(limit - 1);
    await again.end();
  });
});

describe('delete', () => {
  it('takes the oldest first, up to a limit', async () => {
    const collection = await opened();
    await collection.add(batchOf(6));
    expect(await collection.delete({ ids: ['id-5', 'id-1', 'id-3', 'nobody'], limit: 2 })).toBe(2);
    expect([...collection.ids()]).toEqual(['id-0', 'id-2', 'id-4', 'id-5']);
    expect(await collection.delete({ ids: ['id-1'] })).toBe(0);
    expect(await collection.delete({})).toBe(4);
    expect(collection.count()).toBe(0);
    await collection.end();
  });
});

describe('what embeddings are', () => {
  it('is learned from the first batch, and outlives all records', async () => {
    const disk = new MemoryVectorDisk();
    let collection = await opened(disk);
    expect(collection.identity).toEqual(UNKNOWN_IDENTITY);
    await collection.add(one('a', 1, 2), { model: 'first' });
    await collection.delete({ ids: ['a'] });
    await collection.end();
    for (const compacts of [false, true]) {
      collection = await opened(disk);
      expect(collection.identity).toMatchObject({ dimension: 2, model: 'first' });
      const other = collection.add(one('a', 1, 2), { model: 'second' });
      await expect(other).rejects.toMatchObject({ code: 'EMBEDDING_MODEL_MISMATCH' });
      await expect(collection.add(one('a', 1, 2, 3))).rejects.toMatchObject({
        code: 'DIMENSION_MISMATCH',
      });
      const query = { embeddings: Float32Array.of(1, 2), limit: 1, model: 'second' };
      await expect(collection.query(query)).rejects.toMatchObject({
        code: 'EMBEDDING_MODEL_MISMATCH',
      });
      if (compacts) await collection.compact();
      await collection.end();
    }
  });

  it('may be said beforehand', async () => {
    const identity = { model: 'm', dimension: 2, isNormalised: true };
    const collection = await opened(undefined, { ...definitionOf(), identity });
    await expect(collection.add(one('a', 1))).rejects.toMatchObject({ code: 'DIMENSION_MISMATCH' });
    await expect(collection.add(one('a', 3, 4))).rejects.toMatchObject({
      code: 'EMBEDDING_NOT_NORMALISED',
    });
    await expect(collection.add(one('a', 1, 0), { model: 'n' })).rejects.toMatchObject({
      code: 'EMBEDDING_MODEL_MISMATCH',
    });
    expect(await collection.add(one('a', 0.6, 0.8))).toBe(1);
    expect(await collection.add(one('b', 0, -1), { model: 'm' })).toBe(1);
    await collection.end();
  });

  it.each(['', HALF, 'x'.repeat(2_000), unchecked<string>(7)])(
    'refuses model %j',
    async (model) => {
      const collection = await opened();
      await expect(collection.add(one('a', 1), { model })).rejects.toMatchObject({
        code: 'VECTOR_ARGUMENT_INVALID',
      });
      await collection.end();
    },
  );
});

describe('keys of metadata', () => {
  it('are limited for a collection, and deleted ones count no more', async () => {
    const collection = await opened();
    const { collectionKeys, metadataKeys } = vectorLimits.values;
    const count = collectionKeys / metadataKeys;
    let next = 0;
    const metadata = (keys: number): MetadataPatch =>
      new Map(Array.from({ length: keys }, () => [`key ${next++}`, true]));
    const metadatas = Array.from({ length: count }, () => metadata(metadataKeys));
    await collection.add({ ...batchOf(count, 2), metadatas });
    const refused = collection.add({ ...one('x', 1, 2), metadatas: [metadata(1)] });
    await expect(refused).rejects.toMatchObject({ code: 'METADATA_INVALID' });
    await collection.add({ ...one('x', 1, 2), metadatas: [new Map([['key 0', 'known']])] });
    await collection.delete({ ids: ['id-1'] });
    await collection.add({ ...one('y', 1, 2), metadatas: [metadata(metadataKeys)] });
    await collection.end();
  });
});
