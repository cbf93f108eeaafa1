import { type Clock, SILENT_LOG, seededRandom, type Threads } from '@lucerna/base';
import fc from 'fast-check';
import { openCollection } from '../../src/collection/collection.ts';
import { CollectionState } from '../../src/collection/collection-state.ts';
import type { PutEntry } from '../../src/collection/entry-codec.ts';
import type { CollectionDefinition, OwnedCollection } from '../../src/collection/parts.ts';
import type { RecordColumns } from '../../src/collection/record-columns.ts';
import { NaiveRecords } from '../../src/compliance/naive-records.ts';
import { DEFAULT_INDEX, type IndexConfiguration } from '../../src/configuration.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { MetadataPatch, MetadataValue } from '../../src/metadata.ts';
import type { Metric } from '../../src/metric.ts';
import type { VectorFolder, VectorPorts } from '../../src/ports.ts';
import type { Provenance, RecordBatch } from '../../src/record.ts';

/** A clock whose time stands still, and whose tasks run when their turn comes. */
export const testClock: Clock = {
  nowMs: () => 0,
  schedule: (_delayMs, task) => {
    const timer = setImmediate(task);
    return () => clearImmediate(timer);
  },
};

export const UNKNOWN_IDENTITY = {
  model: undefined,
  dimension: undefined,
  isNormalised: undefined,
} as const;

export function definitionOf(index: Partial<IndexConfiguration> = {}): CollectionDefinition {
  return {
    id: '6b1f0a52-7a55-4c3f-8f5d-0d7a3c1f9e11',
    tenant: 'default_tenant',
    database: 'default_database',
    name: 'things',
    metadata: undefined,
    attributes: undefined,
    index: { ...DEFAULT_INDEX, ...index },
    identity: UNKNOWN_IDENTITY,
  };
}

export function newState(index: Partial<IndexConfiguration> = {}): CollectionState {
  return new CollectionState({
    identity: UNKNOWN_IDENTITY,
    index: { ...DEFAULT_INDEX, ...index },
    clock: testClock,
    log: SILENT_LOG,
    threads: undefined,
  });
}

/** Embeddings with values in −1…1, the same for the same seed. */
export function randomEmbeddings(count: number, dimension: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from(
    { length: count * dimension },
    () => random.below(2 ** 24) / 2 ** 23 - 1,
  );
}

const text = fc.string({ unit: 'binary', maxLength: 60 });
const float = fc.double({ noNaN: true, noDefaultInfinity: true });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: 1, maxLength: 4 });

const sparse = fc
  .uniqueArray(fc.record({ index: fc.nat(2 ** 31 - 1), value: float, token: text }), {
    maxLength: 4,
    selector: ({ index }) => index,
  })
  .chain((items) => {
    items.sort((left, right) => left.index - right.index);
    const indices = items.map(({ index }) => index);
    const values = items.map(({ value }) => value);
    return fc.constantFrom(
      { indices, values },
      { indices, values, tokens: items.map(({ token }) => token) },
    );
  });

export const metadataValue: fc.Arbitrary<MetadataValue> = fc.oneof(
  fc.boolean(),
  int64,
  float,
  text,
  list(fc.boolean()),
  list(int64),
  list(float),
  list(text),
  sparse,
);

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
);

export const metadataPatch: fc.Arbitrary<MetadataPatch> = fc
  .uniqueArray(fc.tuple(key, fc.option(metadataValue)), {
    minLength: 1,
    maxLength: 4,
    selector: ([name]) => name,
  })
  .map((entries) => new Map(entries));

export const provenance: fc.Arbitrary<Provenance> = fc.record(
  { author: text, source: text, timeMs: fc.maxSafeInteger(), supersedes: text },
  { requiredKeys: [] },
);

/** Columns of `count` places, any of them absent, as they are read again: without null. */
export function columnsOf(count: number): fc.Arbitrary<RecordColumns> {
  const column = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<(T | undefined)[]> =>
    fc.array(fc.option(value, { nil: undefined }), { minLength: count, maxLength: count });
  return fc.record(
    {
      documents: column(text),
      uris: column(text),
      metadatas: column(metadataPatch),
      payloads: column(text),
      provenances: column(provenance),
    },
    { requiredKeys: [] },
  );
}

/** Puts with ids of a small set, all embeddings of one dimension. */
export function putEntry(dimension: number, ids: fc.Arbitrary<string>): fc.Arbitrary<PutEntry> {
  return fc.uniqueArray(ids, { minLength: 1, maxLength: 12 }).chain((chosen) => {
    const count = chosen.length;
    const flags = fc.uint8Array({ minLength: count, maxLength: count, max: 1 });
    return fc
      .record({
        columns: columnsOf(count),
        embeddings: fc.constantFrom('none', 'some', 'all'),
        flags,
        seed: fc.nat(),
        model: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
      })
      .map(({ columns, embeddings, flags: mask, seed, model }): PutEntry => {
        const rows = embeddings === 'all' ? count : mask.reduce((sum, flag) => sum + flag, 0);
        const values = randomEmbeddings(rows, dimension, seed);
        return {
          kind: 'put',
          ids: chosen,
          columns,
          embeddings:
            embeddings === 'none'
              ? undefined
              : { values, dimension, mask: embeddings === 'some' ? mask : undefined },
          model,
        };
      });
  });
}

export const anyId: fc.Arbitrary<string> = fc.string({
  unit: 'binary',
  minLength: 1,
  maxLength: 70,
});

/** A collection that ends together with its folder. */
export type OpenedCollection = OwnedCollection & { readonly end: () => Promise<void> };

/** The collection on that disk, opened. */
export async function opened(
  disk: MemoryVectorDisk = new MemoryVectorDisk(),
  definition: CollectionDefinition = definitionOf({ mode: 'exact' }),
  access: 'read' | 'write' = 'write',
): Promise<OpenedCollection> {
  const folder = disk.open(access);
  const random = { bytes: (length: number) => new Uint8Array(length) };
  try {
    const collection = await openCollection({
      definition: () => definition,
      ports: { folder, clock: testClock, random, log: SILENT_LOG },
      durability: 'process',
      logName: 'things',
    });
    const end = async (): Promise<void> => {
      await collection.close();
      await folder.close();
    };
    return Object.assign(collection, { end });
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** The ports of a database over that folder. */
export function portsOver(folder: VectorFolder, threads?: Threads): VectorPorts {
  const random = seededRandom(7);
  return {
    folder,
    clock: testClock,
    random: { bytes: (length) => Uint8Array.from({ length }, () => random.below(256)) },
    log: SILENT_LOG,
    ...(threads === undefined ? {} : { threads }),
  };
}

/** The ids of the `limit` nearest records of a batch to each query, by looking at all of them. */
export function exactIds(
  metric: Metric,
  batch: RecordBatch,
  queries: Float32Array,
  limit: number,
): string[][] {
  const model = new NaiveRecords(metric);
  model.add(batch);
  const { dimension = 1 } = batch;
  return Array.from({ length: queries.length / dimension }, (_, index) => {
    const query = queries.subarray(index * dimension, (index + 1) * dimension);
    return model.nearest(query, limit).map(({ id }) => id);
  });
}
