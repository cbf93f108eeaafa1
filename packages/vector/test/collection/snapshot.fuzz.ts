import { concatBytes } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import type { CollectionState } from '../../src/collection/collection-state.ts';
import type { CollectionEntry } from '../../src/collection/entry-codec.ts';
import { momentOf, restoreState, snapshotChunks } from '../../src/collection/snapshot-codec.ts';
import { vectorLimits } from '../../src/limits.ts';
import { anyId, newState, putEntry, randomEmbeddings } from './support.ts';

const DIMENSION = 3;
const atOnce = async (): Promise<void> => undefined;

async function bytesOf(state: CollectionState): Promise<Uint8Array> {
  const moment = momentOf(state);
  const parts: Uint8Array[] = [];
  for await (const chunk of snapshotChunks(moment)) parts.push(chunk.slice());
  moment.index?.release();
  return concatBytes(...parts);
}

async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (let index = 0; offset < bytes.length; index += 1) {
    const length = lengths[index % lengths.length]!;
    yield bytes.slice(offset, offset + length);
    offset += length;
  }
}

function contentsOf(state: CollectionState): unknown {
  return [...state.table.ids()].map((id) => {
    const values = new Float32Array(DIMENSION);
    state.vectors?.read(state.table.row(id)!, values, 0);
    return { record: state.table.record(id), values };
  });
}

/** Puts records that are new only with an embedding, as the checks before a write see to it. */
async function filled(entries: readonly CollectionEntry[]): Promise<CollectionState> {
  const state = newState();
  for (const entry of entries) {
    if (entry.kind === 'delete') {
      const ids = entry.ids.filter((id) => state.table.has(id));
      await state.change({ kind: 'delete', ids });
      continue;
    }
    const { values } = { values: randomEmbeddings(entry.ids.length, DIMENSION, entry.ids.length) };
    const embeddings = { values, dimension: DIMENSION, mask: undefined };
    await state.change({ ...entry, embeddings });
  }
  return state;
}

const entries = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: putEntry(DIMENSION, anyId) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), ids: fc.uniqueArray(anyId) }),
    },
  ),
  { maxLength: 5 },
);
const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 });

describe('a snapshot', () => {
  it('gives the state again, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(entries, lengths, async (list, cuts) => {
        const state = await filled(list);
        const again = newState();
        await restoreState(again, cut(await bytesOf(state), cuts), atOnce);
        expect(contentsOf(again)).toEqual(contentsOf(state));
        expect(again.identity).toEqual(state.identity);
        expect([...again.live.rows()].length).toBe(again.table.size);
      }),
      runs(60),
    );
  });

  it('shows its moment, whatever is written while it is read', async () => {
    const state = await filled([]);
    const put = (prefix: string, seed: number): CollectionEntry => ({
      kind: 'put',
      ids: Array.from({ length: 500 }, (_, index) => `${prefix}${index}`),
      columns: { documents: Array.from({ length: 500 }, () => prefix) },
      embeddings: {
        values: randomEmbeddings(500, DIMENSION, seed),
        dimension: DIMENSION,
        mask: undefined,
      },
      model: undefined,
    });
    await state.change(put('a', 1));
    const expected = contentsOf(state);
    const moment = momentOf(state);
    const changes: CollectionEntry[] = [
      put('a', 2),
      put('b', 3),
      { kind: 'delete', ids: Array.from({ length: 400 }, (_, index) => `a${index}`) },
      put('c', 4),
    ];
    const parts: Uint8Array[] = [];
    for await (const chunk of snapshotChunks(moment)) {
      parts.push(chunk.slice());
      const change = changes.shift();
      if (change !== undefined) await state.change(change);
      while (state.vectors?.hasWork() === true && changes.length > 0) state.vectors.work();
    }
    moment.index?.release();
    for (const change of changes) await state.change(change);
    const again = newState();
    await restoreState(again, cut(concatBytes(...parts), [1_000]), atOnce);
    expect(contentsOf(again)).toEqual(expected);
    expect(state.table.size).toBe(1_100);
  });

  it('gives rows new numbers where most are free, and finds every embedding again', async () => {
    const count = 3_000;
    const ids = Array.from({ length: count }, (_, index) => `id-${index}`);
    const state = await filled([
      { kind: 'put', ids, columns: {}, embeddings: undefined, model: undefined },
      { kind: 'delete', ids: ids.filter((_, index) => index % 5 !== 2) },
    ]);
    const moment = momentOf(state);
    expect(moment.index?.renumbered).toHaveLength(count / 5);
    moment.index?.release();
    const again = newState();
    await restoreState(again, cut(await bytesOf(state), [100_000]), atOnce);
    expect(contentsOf(again)).toEqual(contentsOf(state));
    expect(Math.max(...again.live.rows())).toBe(count / 5 - 1);
  });

  it('of a document that is larger than a chunk comes in chunks', async () => {
    const document = 'x'.repeat(3 * vectorLimits.values.snapshotChunkBytes);
    const state = await filled([
      {
        kind: 'put',
        ids: ['a'],
        columns: { documents: [document] },
        embeddings: undefined,
        model: undefined,
      },
    ]);
    const bytes = await bytesOf(state);
    const moment = momentOf(state);
    for await (const chunk of snapshotChunks(moment)) {
      expect(chunk.length).toBeLessThanOrEqual(vectorLimits.values.snapshotChunkBytes);
    }
    moment.index?.release();
    const again = newState();
    await restoreState(again, cut(bytes, [1_000_000]), atOnce);
    expect(again.table.record('a')?.document).toBe(document);
  });

  it('is cut into blocks that count metadata and provenance', async () => {
    const count = 60;
    const long = 'x'.repeat(100_000);
    const state = await filled([
      {
        kind: 'put',
        ids: Array.from({ length: count }, (_, index) => `${index}`),
        columns: {
          metadatas: Array.from({ length: count }, () => new Map([['k', [long]]])),
          provenances: Array.from({ length: count }, () => ({ source: long })),
        },
        embeddings: {
          values: randomEmbeddings(count, DIMENSION, 1),
          dimension: DIMENSION,
          mask: undefined,
        },
        model: undefined,
      },
    ]);
    const bytes = await bytesOf(state);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const head = view.getUint32(0, true);
    const first = view.getUint32(4 + head, true);
    expect(first).toBeLessThan(vectorLimits.values.snapshotChunkBytes * 2);
    const again = newState();
    await restoreState(again, cut(bytes, [1_000_000]), atOnce);
    expect(again.table.size).toBe(count);
  });

  it('is damaged wherever it ends too soon', async () => {
    const state = await filled([
      { kind: 'put', ids: ['a', 'b'], columns: {}, embeddings: undefined, model: 'm' },
    ]);
    const bytes = await bytesOf(state);
    for (let length = 0; length < bytes.length; length += 1) {
      const reading = restoreState(newState(), cut(bytes.slice(0, length), [64]), atOnce);
      await expect(reading).rejects.toMatchObject({ code: 'VECTOR_SNAPSHOT_CORRUPT' });
    }
  });

  it('is never read as something else without a coded error', async () => {
    const state = await filled([
      {
        kind: 'put',
        ids: ['a', 'b'],
        columns: { documents: ['x', undefined] },
        embeddings: undefined,
        model: 'm',
      },
    ]);
    const bytes = await bytesOf(state);
    // The blocks of the records: what comes behind is the index's own.
    for (let place = 0; place < 60; place += 1) {
      for (const value of [0, 1, 2, 0x7f, 0xff]) {
        const damaged = bytes.slice();
        damaged[place] = value;
        try {
          await restoreState(newState(), cut(damaged, [64]), atOnce);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^VECTOR_|^DIMENSION_MISMATCH/);
        }
      }
    }
  });
});
