import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Durability } from '@lucerna/base';
import { openLmdbStore } from '@lucerna/platform-node/lmdb';
import { openRocksStore } from '@lucerna/platform-node/rocksdb';
import {
  createMemoryStore,
  KEYSPACES,
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  type KvStore,
  WriteBatch,
} from '@lucerna/storage';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { hasRocksDb } from './support/rocksdb-platform.ts';

// The store in memory, itself checked against a sorted list, is the model of the two on the disk.

const SPACES = [KEYSPACES.accounts, KEYSPACES.storage] as const;

// Few keys, so that deletions, bounds and snapshots meet; lengths around the empty one.
const key = fc.uint8Array({ maxLength: 3, max: 3 });
const value = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined, freq: 3 });
const space = fc.constantFrom(...SPACES);
const write = fc.tuple(space, key, value);
const bound = fc.option(key, { nil: undefined });
const range = fc
  .record({
    from: bound,
    to: bound,
    reverse: fc.boolean(),
    limit: fc.option(fc.nat(20), { nil: undefined }),
  })
  .map(
    ({ from, to, reverse, limit }): KvRange => ({
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(limit === undefined ? {} : { limit }),
      reverse,
    }),
  );
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      writes: fc.array(write, { maxLength: 40, size: 'max' }),
      level: fc.constantFrom<Durability>('process', 'process', 'power'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(5) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      which: fc.nat(5),
      space,
      range,
      key,
    }),
  },
  // Begins a range, and steps through those that have begun, whatever is committed in between.
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('begin' as const), which: fc.nat(5), space, range }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('step' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);
const actions = fc.array(action, { maxLength: 60, size: 'max' });
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Opens the store, or closes the one before and opens what it has written. */
type Reopen = (previous: KvStore | undefined) => Promise<KvStore>;

/** A store, its snapshots and the ranges that are being read. */
class Run {
  readonly #open: Reopen;
  #store: KvStore;
  #snapshots: KvSnapshot[] = [];
  #ranges: Iterator<KvEntry>[] = [];

  private constructor(open: Reopen, store: KvStore) {
    this.#open = open;
    this.#store = store;
  }

  static async start(open: Reopen): Promise<Run> {
    return new Run(open, await open(undefined));
  }

  /** What is to be seen by doing it. */
  async do(step: Action): Promise<unknown> {
    switch (step.kind) {
      case 'commit':
        return this.#store.commit(batchOf(step.writes), step.level);
      case 'snapshot':
        this.#snapshots.push(this.#store.snapshot());
        return undefined;
      case 'release':
        // Ranges over it end with it.
        this.#leaveRanges();
        return pick(
          this.#snapshots.splice(step.which % (this.#snapshots.length + 1), 1),
          0,
        )?.release();
      case 'read':
        return readAll(this.#reader(step.which), step);
      case 'begin': {
        const rows = this.#reader(step.which).range(step.space, step.range);
        const iterator = rows[Symbol.iterator]();
        this.#ranges.push(iterator);
        return iterator.next().value;
      }
      case 'step':
        return pick(this.#ranges, step.which)?.next().value;
      case 'reopen':
        this.#leaveRanges();
        for (const snapshot of this.#snapshots) snapshot.release();
        this.#snapshots = [];
        this.#store = await this.#open(this.#store);
        return undefined;
    }
  }

  everything(): unknown {
    return [this.#store, ...this.#snapshots].map((reader) =>
      SPACES.map((keyspace) => [
        [...reader.range(keyspace)],
        [...reader.range(keyspace, { reverse: true })],
      ]),
    );
  }

  async end(): Promise<void> {
    this.#leaveRanges();
    await this.#store.close();
  }

  #leaveRanges(): void {
    for (const range of this.#ranges) range.return?.();
    this.#ranges = [];
  }

  #reader(which: number): KvReader {
    return [this.#store, ...this.#snapshots][which % (this.#snapshots.length + 1)] as KvReader;
  }
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)];
}

function batchOf(writes: readonly (typeof write extends fc.Arbitrary<infer T> ? T : never)[]) {
  const batch = new WriteBatch();
  for (const [keyspace, at, stored] of writes) {
    if (stored === undefined) batch.delete(keyspace, at);
    else batch.put(keyspace, at, stored);
  }
  return batch;
}

function readAll(reader: KvReader, step: Action & { readonly kind: 'read' }): unknown {
  return [reader.get(step.space, step.key), [...reader.range(step.space, step.range)]];
}

let folder = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-stores-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Open = (path: string) => Promise<KvStore>;

async function compare(open: Open, steps: readonly Action[]): Promise<void> {
  made += 1;
  const path = join(folder, `${made}`);
  const model = await Run.start(async (previous) => previous ?? createMemoryStore());
  const tested = await Run.start(async (previous) => {
    await previous?.close();
    return open(path);
  });
  try {
    for (const step of steps) expect(await tested.do(step)).toEqual(await model.do(step));
    expect(tested.everything()).toEqual(model.everything());
  } finally {
    await tested.end();
    await rm(path, { recursive: true });
  }
}

describe('random work on a store equals the same in memory', () => {
  const property = (open: Open): Promise<void> =>
    fc.assert(
      fc.asyncProperty(actions, (steps) => compare(open, steps)),
      runs(60),
    );

  it('with LMDB', () => property(openLmdbStore));
  it.runIf(hasRocksDb())('with RocksDB', () => property(openRocksStore));
});
