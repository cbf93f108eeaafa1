import { AssertionError, compareBytes, seededRandom, toHexKey } from '@lucerna/base';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import { KEYSPACES } from '../keyspaces.ts';
import {
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvStore,
  WriteBatch,
} from '../kv-store.ts';
import { MAX_KEY_BYTES } from '../limits.ts';

/** What the suite needs to know about an implementation. */
export type KvStoreComplianceOptions = {
  /** Closes `store` and opens what it has written. Without it, the store is not persistent. */
  readonly reopen?: (store: KvStore) => Promise<KvStore>;
};

type Make = () => Promise<KvStore> | KvStore;
type Key = readonly number[];

const space = KEYSPACES.accounts;
const other = KEYSPACES.storage;

/** In order: empty, prefixes before their extensions, bytes without sign. */
const KEYS: readonly Key[] = [
  [],
  [0],
  [0, 0],
  [0, 0, 1],
  [0, 1],
  [0, 255],
  [1],
  [1, 0],
  [127],
  [128],
  [128, 0],
  [255],
  [255, 0],
  [255, 255],
];

/**
 * Registers the tests that every `KvStore` passes.
 *
 * @param make a new, empty store each time
 */
export function kvStoreCompliance(
  name: string,
  make: Make,
  options: KvStoreComplianceOptions = {},
): void {
  describe(`${name} is a KvStore`, () => {
    pointReads(make);
    orderedRanges(make);
    isolation(make);
    lifeCycle(make);
    randomWork(make);
    if (options.reopen !== undefined) persistence(make, options.reopen);
  });
}

function pointReads(make: Make): void {
  it('reads what was put last, and nothing where nothing is or was deleted', async () => {
    await using(make, async (store) => {
      expect(store.get(space, bytes(1))).toBeUndefined();
      await store.commit(batchOf([bytes(1), bytes(10)], [bytes(2), bytes(20)]), 'process');
      await store.commit(batchOf([bytes(1), bytes(11)], [bytes(2), undefined]), 'power');
      expect(store.get(space, bytes(1))).toEqual(bytes(11));
      expect(store.get(space, bytes(2))).toBeUndefined();
    });
  });

  it('keeps keyspaces apart', async () => {
    await using(make, async (store) => {
      const batch = batchOf([bytes(1), bytes(10)]);
      batch.put(other, bytes(1), bytes(20));
      batch.put(other, bytes(2), bytes(21));
      await store.commit(batch, 'process');
      expect(store.get(space, bytes(1))).toEqual(bytes(10));
      expect(store.get(other, bytes(1))).toEqual(bytes(20));
      expect(read(store)).toEqual([[bytes(1), bytes(10)]]);
    });
  });

  it('applies the changes of a batch in their order', async () => {
    await using(make, async (store) => {
      const batch = batchOf(
        [bytes(1), bytes(10)],
        [bytes(1), bytes(11)],
        [bytes(2), bytes(20)],
        [bytes(2), undefined],
        [bytes(3), undefined],
        [bytes(3), bytes(30)],
      );
      await store.commit(batch, 'process');
      expect(read(store)).toEqual([
        [bytes(1), bytes(11)],
        [bytes(3), bytes(30)],
      ]);
    });
  });

  it('takes empty, large and partial arrays, the longest key, and deletes what is not there', async () => {
    await using(make, async (store) => {
      const large = Uint8Array.from({ length: 1_000_003 }, (_, index) => index % 251);
      const longKey = new Uint8Array(MAX_KEY_BYTES).fill(7);
      const batch = batchOf(
        [bytes(1), bytes()],
        [bytes(2), large],
        [bytes(9, 3, 9).subarray(1, 2), bytes(9, 30, 31, 9).subarray(1, 3)],
        [longKey, bytes(40)],
        [bytes(8), undefined],
      );
      await store.commit(batch, 'process');
      expect(store.get(space, bytes(1))).toEqual(bytes());
      expect(compareBytes(store.get(space, bytes(2)) ?? bytes(), large)).toBe(0);
      expect(store.get(space, bytes(3))).toEqual(bytes(30, 31));
      expect(store.get(space, longKey)).toEqual(bytes(40));
      expect(store.get(space, bytes(8))).toBeUndefined();
    });
  });

  it('refuses a longer key, which is an error of the program', () => {
    const tooLong = new Uint8Array(MAX_KEY_BYTES + 1);
    expect(() => new WriteBatch().put(space, tooLong, bytes(1))).toThrow(AssertionError);
    expect(() => new WriteBatch().delete(space, tooLong)).toThrow(AssertionError);
  });

  it('takes an empty batch', async () => {
    await using(make, async (store) => {
      await store.commit(new WriteBatch(), 'power');
      expect(read(store)).toEqual([]);
    });
  });

  it('gives bytes that later reads and commits leave alone', async () => {
    await using(make, async (store) => {
      await store.commit(batchOf([bytes(1), bytes(10, 11)], [bytes(2), bytes(20, 21)]), 'process');
      const first = store.get(space, bytes(1));
      const rows = read(store);
      store.get(space, bytes(2));
      read(store, { reverse: true });
      await store.commit(batchOf([bytes(1), bytes(99, 99)], [bytes(2), undefined]), 'process');
      store.get(space, bytes(1));
      expect(first).toEqual(bytes(10, 11));
      expect(rows).toEqual([
        [bytes(1), bytes(10, 11)],
        [bytes(2), bytes(20, 21)],
      ]);
    });
  });
}

function orderedRanges(make: Make): void {
  it('orders keys as unsigned bytes, a prefix before its extensions', async () => {
    await using(make, async (store) => {
      await store.commit(allKeys(), 'process');
      expect(keysOf(read(store))).toEqual(KEYS);
      expect(keysOf(read(store, { reverse: true }))).toEqual([...KEYS].reverse());
    });
  });

  it('takes any bounds, directions and limits', async () => {
    await using(make, async (store) => {
      // Every second key is there, so bounds are met both on and between keys.
      const present = KEYS.filter((_, index) => index % 2 === 0);
      await store.commit(
        batchOf(...present.map((key) => [bytes(...key), bytes(1)] as const)),
        'process',
      );
      const bounds = [undefined, ...KEYS];
      for (const from of bounds) {
        for (const to of bounds) {
          for (const reverse of [false, true]) {
            const inside = present.filter((key) => isInside(key, from, to));
            if (reverse) inside.reverse();
            const range = rangeOf(from, to, reverse);
            expect(keysOf(read(store, range)), JSON.stringify([from, to, reverse])).toEqual(inside);
            for (const limit of [0, 1, 3]) {
              const some = keysOf(read(store, { ...range, limit }));
              expect(some).toEqual(inside.slice(0, limit));
            }
          }
        }
      }
    });
  });

  it('can be left early, and read while it is iterated', async () => {
    await using(make, async (store) => {
      await store.commit(allKeys(), 'process');
      const seen: Key[] = [];
      for (const [key] of store.range(space)) {
        seen.push([...key]);
        expect(store.get(space, key)).toEqual(bytes(1));
        expect(read(store, { from: key, limit: 1 }).length).toBe(1);
        if (seen.length === 3) break;
      }
      expect(seen).toEqual(KEYS.slice(0, 3));
      await store.commit(batchOf([bytes(2), bytes(1)]), 'process');
      expect(read(store).length).toBe(KEYS.length + 1);
    });
  });

  it('sees one moment while a commit comes in between', async () => {
    await using(make, async (store) => {
      await store.commit(allKeys(), 'process');
      const seen: Key[] = [];
      for (const [key] of store.range(space)) {
        seen.push([...key]);
        const changes = batchOf([bytes(255, 255), undefined], [bytes(2), bytes(1)]);
        if (seen.length === 2) await store.commit(changes, 'process');
      }
      expect(seen).toEqual(KEYS);
      expect(store.get(space, bytes(255, 255))).toBeUndefined();
    });
  });
}

function isolation(make: Make): void {
  it('has snapshots that later commits do not change', async () => {
    await using(make, async (store) => {
      const empty = store.snapshot();
      await store.commit(batchOf([bytes(1), bytes(10)], [bytes(2), bytes(20)]), 'process');
      const two = store.snapshot();
      const changes = batchOf([bytes(1), bytes(11)], [bytes(2), undefined], [bytes(3), bytes(30)]);
      await store.commit(changes, 'process');
      expect(read(empty)).toEqual([]);
      expect(two.get(space, bytes(1))).toEqual(bytes(10));
      expect(two.get(space, bytes(3))).toBeUndefined();
      expect(read(two)).toEqual([
        [bytes(1), bytes(10)],
        [bytes(2), bytes(20)],
      ]);
      expect(keysOf(read(two, { reverse: true }))).toEqual([[2], [1]]);
      empty.release();
      expect(two.get(space, bytes(2))).toEqual(bytes(20));
      two.release();
      expect(read(store)).toEqual([
        [bytes(1), bytes(11)],
        [bytes(3), bytes(30)],
      ]);
    });
  });

  it('has two snapshots of one moment, and one outlives the other', async () => {
    await using(make, async (store) => {
      await store.commit(batchOf([bytes(1), bytes(10)]), 'process');
      const first = store.snapshot();
      const second = store.snapshot();
      first.release();
      first.release();
      await store.commit(batchOf([bytes(1), bytes(11)]), 'process');
      expect(second.get(space, bytes(1))).toEqual(bytes(10));
      second.release();
    });
  });

  it('does not read a snapshot after its release', async () => {
    await using(make, async (store) => {
      const snapshot = store.snapshot();
      snapshot.release();
      expect(() => snapshot.get(space, bytes(1))).toThrow(AssertionError);
      expect(() => read(snapshot)).toThrow(AssertionError);
    });
  });

  it('shows a batch completely or not at all, and batches in the order of the calls', async () => {
    await using(make, async (store) => {
      const running: Promise<void>[] = [];
      for (let round = 1; round <= 20; round += 1) {
        const writes = KEYS.map((key) => [bytes(...key), bytes(round)] as const);
        running.push(store.commit(batchOf(...writes), 'process'));
        const visible = read(store);
        expect(visible.length === 0 || visible.length === KEYS.length).toBe(true);
        expect(new Set(visible.map(([, value]) => value[0])).size).toBeLessThanOrEqual(1);
      }
      await Promise.all(running);
      expect(read(store)).toEqual(KEYS.map((key) => [bytes(...key), bytes(20)]));
    });
  });
}

function lifeCycle(make: Make): void {
  it('refuses everything once it is closed', async () => {
    const store = await make();
    await store.commit(batchOf([bytes(1), bytes(10)]), 'process');
    const snapshot = store.snapshot();
    await store.close();
    await store.close();
    const closed = expect.objectContaining({ code: 'STORE_CLOSED' });
    expect(() => store.get(space, bytes(2))).toThrow(closed);
    expect(() => read(store)).toThrow(closed);
    expect(() => store.snapshot()).toThrow(closed);
    expect(() => snapshot.get(space, bytes(2))).toThrow(closed);
    expect(() => read(snapshot)).toThrow(closed);
    snapshot.release();
    await expect(store.commit(batchOf([bytes(1), bytes(1)]), 'process')).rejects.toThrow(closed);
  });

  it('finishes the commits that run when it is closed', async () => {
    const store = await make();
    const commits = [1, 2, 3].map((key) => store.commit(batchOf([bytes(key), bytes(1)]), 'power'));
    await store.close();
    await Promise.all(commits);
  });
}

function randomWork(make: Make): void {
  it('agrees with a sorted list over random batches', async () => {
    await using(make, async (store) => {
      const random = seededRandom(1);
      const model = new Map<string, KvEntry>();
      for (let round = 0; round < 60; round += 1) {
        const batch = new WriteBatch();
        for (let count = random.below(60); count > 0; count -= 1) {
          const key = Uint8Array.from({ length: random.below(4) }, () => random.below(5) * 60);
          if (random.below(3) === 0) {
            batch.delete(space, key);
            model.delete(toHexKey(key));
          } else {
            const value = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
            batch.put(space, key, value);
            model.set(toHexKey(key), [key, value]);
          }
        }
        await store.commit(batch, 'process');
        const rows = [...model.values()].sort(([left], [right]) => compareBytes(left, right));
        expect(read(store)).toEqual(rows);
        for (const [key, value] of rows) expect(store.get(space, key)).toEqual(value);
      }
    });
  });
}

function persistence(make: Make, reopen: (store: KvStore) => Promise<KvStore>): void {
  it.each(['process', 'power'] as const)('keeps what was committed at level %s', async (level) => {
    let store = await make();
    await store.commit(allKeys(), level);
    await store.commit(batchOf([bytes(128), undefined], [bytes(2), bytes(22)]), level);
    const rows = read(store);
    store = await reopen(store);
    expect(read(store)).toEqual(rows);
    expect(store.get(space, bytes(2))).toEqual(bytes(22));
    await store.commit(batchOf([bytes(3), bytes(33)]), level);
    store = await reopen(store);
    expect(store.get(space, bytes(3))).toEqual(bytes(33));
    await store.close();
  });
}

async function using(make: Make, test: (store: KvStore) => Promise<void>): Promise<void> {
  const store = await make();
  try {
    await test(store);
  } finally {
    await store.close();
  }
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

function batchOf(
  ...writes: readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[]
): WriteBatch {
  const batch = new WriteBatch();
  for (const [key, value] of writes) {
    if (value === undefined) batch.delete(space, key);
    else batch.put(space, key, value);
  }
  return batch;
}

/** All of KEYS in an order that is not theirs. */
function allKeys(): WriteBatch {
  const shuffled = KEYS.map((_, index) => KEYS[(index * 5) % KEYS.length] as Key);
  return batchOf(...shuffled.map((key) => [bytes(...key), bytes(1)] as const));
}

function read(reader: KvReader, range?: KvRange): KvEntry[] {
  return [...reader.range(space, range)];
}

function keysOf(entries: readonly KvEntry[]): Key[] {
  return entries.map(([key]) => [...key]);
}

function isInside(key: Key, from: Key | undefined, to: Key | undefined): boolean {
  const at = bytes(...key);
  if (from !== undefined && compareBytes(at, bytes(...from)) < 0) return false;
  return to === undefined || compareBytes(at, bytes(...to)) < 0;
}

function rangeOf(from: Key | undefined, to: Key | undefined, reverse: boolean): KvRange {
  return {
    ...(from === undefined ? {} : { from: bytes(...from) }),
    ...(to === undefined ? {} : { to: bytes(...to) }),
    reverse,
  };
}
