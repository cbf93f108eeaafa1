import { type Durability, LucernaError, SILENT_LOG } from '@lucerna/base';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { openCollection } from '../../src/collection/collection.ts';
import type { Collection } from '../../src/collection-api.ts';
import { FaultyPlace } from '../log/faulty-place.ts';
import { batchOf, one } from './batches.ts';
import { definitionOf, testClock } from './support.ts';

const DIMENSION = 4;

async function openOn(
  place: FaultyPlace,
  durability: Durability,
): Promise<{ readonly collection: Collection; readonly end: () => Promise<void> }> {
  const folder = await place.open('write');
  const definition = definitionOf({ mode: 'hnsw', maxNeighbors: 4, efConstruction: 10 });
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const ports = { folder, clock: testClock, random, log: SILENT_LOG };
  try {
    const parts = { definition: () => definition, ports, durability, logName: 'things' };
    const collection = await openCollection(parts);
    const end = async (): Promise<void> => {
      await collection.close();
      await folder.close();
    };
    return { collection, end };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** All that a collection holds, as a text. */
function contentsOf(collection: Collection): string {
  return JSON.stringify(
    collection.get().map((record) => ({
      ...record,
      metadata: record.metadata && [...record.metadata].map(([key, value]) => [key, String(value)]),
      embedding: [...(collection.embedding(record.id) ?? [])],
    })),
  );
}

/** Each of them is a whole or is not; together they meet every kind of entry. */
const CHANGES: readonly ((collection: Collection) => Promise<unknown>)[] = [
  (things) => things.add({ ...batchOf(7, DIMENSION), documents: batchOf(7).ids }, { model: 'm' }),
  (things) =>
    things.update({
      ids: ['id-1', 'id-2', 'nobody'],
      metadatas: [new Map([['a', 1n]]), new Map([['b', 'x']]), null],
    }),
  (things) => things.delete({ ids: ['id-0', 'id-3'] }),
  (things) => things.upsert(batchOf(9, DIMENSION, { seed: 2 })),
  (things) => things.delete({ where: { kind: 'equal', key: 'a', value: 1n } }),
  (things) => things.add(one('id-0-again', 1, 2, 3, 4)),
];

/** What can be there after a crash: one of the states, the last one being the change that was underway. */
type Known = { readonly states: string[]; hardened: number; underway: boolean };

/** Makes the changes, with a compaction beside some of them, until the disk fails. */
async function work(place: FaultyPlace, durability: Durability): Promise<Known> {
  const known: Known = { states: ['[]'], hardened: 0, underway: false };
  const model = await openOn(new FaultyPlace(new FaultyDisk()), 'process');
  let opened: Awaited<ReturnType<typeof openOn>> | undefined;
  try {
    opened = await openOn(place, durability);
    const { collection } = opened;
    for (const [index, change] of CHANGES.entries()) {
      await change(model.collection);
      known.states.push(contentsOf(model.collection));
      known.underway = true;
      const compaction = index % 2 === 1 ? collection.compact() : undefined;
      const made = await Promise.allSettled([compaction, change(collection)]);
      for (const result of made) if (result.status === 'rejected') throw result.reason;
      known.underway = false;
      expect(contentsOf(collection)).toBe(known.states.at(-1));
      if (durability === 'power') known.hardened = known.states.length - 1;
    }
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
  }
  // What is shown is what was answered, whatever the disk did.
  if (opened !== undefined) expect(known.states).toContain(contentsOf(opened.collection));
  await opened?.end().catch((error: unknown) => expect(error).toBeInstanceOf(LucernaError));
  await model.end();
  return known;
}

describe.each(['process', 'power'] as const)('a collection at level %s', (level) => {
  it('is found whole after a crash at any operation', async () => {
    const untroubled = new FaultyPlace(new FaultyDisk());
    expect(await work(untroubled, level)).toMatchObject({ underway: false });
    const { operations } = untroubled.disk;
    expect(operations).toBeGreaterThan(30);
    for (let failAt = 1; failAt <= operations; failAt += 1) {
      for (const crash of ['process', 'power'] as const) {
        const place = new FaultyPlace(new FaultyDisk({ seed: failAt, failAt, mode: 'forever' }));
        const known = await work(place, level);
        await place.crash(crash);
        const { collection, end } = await openOn(place, level);
        const found = contentsOf(collection);
        const last = known.states.length - 1 - (known.underway ? 1 : 0);
        const first = level === 'process' && crash === 'power' ? known.hardened : last;
        expect(known.states.slice(first)).toContain(found);
        // It goes on, and what was learned of the embeddings is as whole as the records.
        const knowsModel = found !== '[]' || collection.identity.model !== undefined;
        expect(collection.identity.model).toBe(knowsModel ? 'm' : undefined);
        await collection.upsert(batchOf(3, DIMENSION, { prefix: 'later' }));
        await collection.compact();
        const after = contentsOf(collection);
        await end();
        const again = await openOn(place, level);
        expect(contentsOf(again.collection)).toBe(after);
        await again.end();
      }
    }
  });
});
