import { SILENT_LOG } from '@lucerna/base';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCollection } from '../../src/collection/collection.ts';
import type { OwnedCollection } from '../../src/collection/parts.ts';
import type { SalvageLoss } from '../../src/collection-api.ts';
import { FILE_HEADER_BYTES, fileSeed } from '../../src/log/file-header.ts';
import { FRAME_HEADER_BYTES, frameBytes, readFrameHeader } from '../../src/log/frame.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { StoredRecord } from '../../src/record.ts';
import { batchOf } from './batches.ts';
import { definitionOf, opened, portsOver } from './support.ts';

const DIMENSION = 320;
const COUNT = 1_800;
const SNAPSHOT = 'things.2.snap';
const LOG = 'things.2.log';
/** Enough for several blocks of records, as the embeddings have several chunks. */
const documentOf = (index: number): string => `${index} `.repeat(300);

type Whole = { readonly record: StoredRecord; readonly embedding: readonly number[] };
type Frame = { readonly offset: number; readonly payloadBytes: number };

let snapshot: Uint8Array;
let log: Uint8Array;
let truth: ReadonlyMap<string, Whole>;
let frames: readonly Frame[];

function wholeOf(collection: OwnedCollection): Map<string, Whole> {
  const entries = collection.get().map((record): [string, Whole] => {
    return [record.id, { record, embedding: [...(collection.embedding(record.id) ?? [])] }];
  });
  return new Map(entries);
}

beforeAll(async () => {
  const disk = new MemoryVectorDisk();
  const collection = await opened(disk, definitionOf({ mode: 'hnsw', maxNeighbors: 4 }));
  const { ids, embeddings } = batchOf(COUNT, DIMENSION);
  await collection.add(
    {
      ids,
      embeddings,
      dimension: DIMENSION,
      documents: ids.map((_, index) => documentOf(index)),
      metadatas: ids.map((_, index) => new Map([['index', BigInt(index)]])),
    },
    { model: 'm' },
  );
  await collection.compact();
  // What the log changes from there on: metadata, an embedding, both; new ones, and some are deleted.
  const some = ['id-3', 'id-900', 'id-1700'];
  const gone = new Map([['index', null]]);
  await collection.update({ ids: some, metadatas: some.map(() => gone), uris: ['a', 'b', 'c'] });
  const { embeddings: values } = batchOf(2, DIMENSION, { seed: 2 });
  await collection.upsert({ ids: ['id-5', 'id-1500'], embeddings: values, dimension: DIMENSION });
  await collection.upsert({ ...batchOf(3, DIMENSION, { prefix: 'new' }), documents: some });
  await collection.delete({ ids: ['id-7', 'id-1600', 'new-1'] });
  truth = wholeOf(collection);
  await collection.end();
  const folder = disk.open('read');
  snapshot = await folder.blobs.read(SNAPSHOT, 0, (await folder.blobs.size(SNAPSHOT)) ?? 0);
  const file = await folder.openLog(LOG);
  log = await file.read(0, file.size());
  await folder.close();
  frames = framesOf(snapshot);
  expect(frames.length).toBeGreaterThan(10);
});

function framesOf(bytes: Uint8Array): Frame[] {
  const seed = fileSeed({ kind: 'snapshot', name: 'things', generation: 2 });
  const found: Frame[] = [];
  for (let offset = FILE_HEADER_BYTES; offset < bytes.length; ) {
    const header = readFrameHeader(bytes.subarray(offset), seed, offset);
    if (header === undefined) throw new Error('a frame is whole');
    found.push({ offset, payloadBytes: header.payloadBytes });
    offset += frameBytes(header.payloadBytes);
  }
  return found;
}

type Saved = {
  readonly whole: ReadonlyMap<string, Whole>;
  readonly loss: SalvageLoss | undefined;
  readonly nearest: string | undefined;
};

async function salvaged(bytes: Uint8Array, logBytes: Uint8Array | null = log): Promise<Saved> {
  const disk = new MemoryVectorDisk();
  const writer = disk.open('write');
  await writer.blobs.write(SNAPSHOT, [bytes], 'process');
  if (logBytes !== null) await (await writer.openLog(LOG)).append(logBytes);
  await writer.close();
  const folder = disk.open('read');
  const errors: string[] = [];
  const collection = await openCollection({
    definition: () => definitionOf({ mode: 'hnsw', maxNeighbors: 4 }),
    ports: { ...portsOver(folder), log: { ...SILENT_LOG, error: (text) => errors.push(text) } },
    durability: 'process',
    logName: 'things',
    salvage: true,
  });
  expect(errors).not.toEqual([]);
  const whole = wholeOf(collection);
  const [first] = whole.values();
  const found =
    first === undefined
      ? undefined
      : await collection.query({ embeddings: Float32Array.from(first.embedding), limit: 1 });
  const loss = collection.loss();
  await collection.close();
  await folder.close();
  return { whole, loss, nearest: found?.[0]?.[0]?.record.id };
}

/** What is saved is what was there, but for as many records as are said to be incomplete. */
function check({ whole, loss, nearest }: Saved): { readonly missing: number } {
  const { records = COUNT, incomplete } = loss ?? { records: 0, incomplete: 0 };
  const other: string[] = [];
  for (const [id, saved] of whole) {
    const expected = truth.get(id);
    expect(saved.embedding, id).toEqual(expected?.embedding);
    if (JSON.stringify(plain(saved.record)) !== JSON.stringify(plain(expected?.record))) {
      other.push(id);
    }
  }
  expect(other.length).toBeLessThanOrEqual(incomplete);
  expect(nearest).toBe(whole.keys().next().value);
  const missing = truth.size - whole.size;
  expect(missing).toBeLessThanOrEqual(records);
  return { missing };
}

function plain(record: StoredRecord | undefined): unknown {
  return {
    ...record,
    metadata: [...(record?.metadata ?? [])].map(([key, value]) => [key, `${value}`]),
  };
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ 0x10;
  return copy;
};

describe('a damaged snapshot', () => {
  it('gives what stands beside the damage of a payload', async () => {
    for (const [index, { offset, payloadBytes }] of frames.entries()) {
      if (payloadBytes === 0) continue;
      const at = offset + FRAME_HEADER_BYTES + (payloadBytes >>> 1);
      const { missing } = check(await salvaged(flipped(snapshot, at)));
      // The head and the graph hold no records.
      expect(missing, `frame ${index}`).toBeLessThan(COUNT - 800);
    }
  });

  it('gives records beyond the damage of a frame whose length is unknown', async () => {
    const [headLength, head, blockLength, block] = frames;
    for (const frame of [headLength, head, blockLength, block]) {
      const saved = await salvaged(flipped(snapshot, frame?.offset ?? 0));
      check(saved);
      expect(saved.whole.size).toBeGreaterThan(800);
    }
  });

  it('gives what stands before its end', async () => {
    let most = 0;
    let least = truth.size;
    for (const { offset, payloadBytes } of frames) {
      const saved = await salvaged(snapshot.subarray(0, offset + (payloadBytes >>> 1)));
      check(saved);
      most = Math.max(most, saved.whole.size);
      least = Math.min(least, saved.whole.size);
      // New records are whole in the log, and so are those whose embedding it has.
      for (const id of ['new-0', 'new-2', 'id-5', 'id-1500'])
        expect(saved.whole.has(id)).toBe(true);
    }
    expect(most).toBe(truth.size);
    expect(least).toBe(4);
  });

  it('is whole where nothing of a record is damaged', async () => {
    const last = frames.at(-1)?.offset ?? 0;
    for (const bytes of [
      flipped(snapshot, 3),
      flipped(snapshot, last),
      snapshot.subarray(0, last),
      Uint8Array.from([...snapshot, 1]),
    ]) {
      const saved = await salvaged(bytes);
      expect(check(saved)).toEqual({ missing: 0 });
      expect(saved.loss).toBeUndefined();
    }
  });

  it('says which records only the log has, and what it has of them', async () => {
    const { whole, loss } = await salvaged(new Uint8Array(0));
    expect([...whole.keys()]).toEqual(['id-5', 'id-1500', 'new-0', 'new-2']);
    expect(loss).toMatchObject({ records: undefined, incomplete: 4 });
    expect(loss?.damages).toEqual([expect.stringContaining(SNAPSHOT), expect.anything()]);
    expect(whole.get('new-0')).toEqual(truth.get('new-0'));
    expect(whole.get('id-5')?.record.document).toBeUndefined();
  });

  it('stands alone where the log is missing or damaged', async () => {
    const without = await salvaged(snapshot, null);
    expect(without.whole.size).toBe(COUNT);
    expect(without.loss).toMatchObject({ records: 0, incomplete: 0 });
    const both = await salvaged(flipped(snapshot, 3), flipped(log, log.length >>> 1));
    expect(both.whole.size).toBeGreaterThanOrEqual(COUNT - 3);
    expect(both.loss?.damages.join('\n')).toContain(LOG);
  });
});
