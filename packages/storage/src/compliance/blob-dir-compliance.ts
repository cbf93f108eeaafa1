import { compareBytes, concatBytes, seededRandom } from '@lucerna/base';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import type { BlobDir } from '../blob-dir.ts';
import { MAX_BLOB_NAME_LENGTH } from '../limits.ts';

/** What the suite needs to know about an implementation. */
export type BlobDirComplianceOptions = {
  /** Closes `dir` and opens what it has written. Without it, the directory is not persistent. */
  readonly reopen?: (dir: BlobDir) => Promise<BlobDir>;
  /**
   * Runs `change`, the removal of a blob that is not there, while syncs of the latest directory fail.
   * Without it, nothing can make them fail here. Goes with `reopen`.
   */
  readonly whileSyncsFail?: (change: () => Promise<void>) => Promise<void>;
};

type Make = () => Promise<BlobDir> | BlobDir;

/**
 * Registers the tests that every `BlobDir` passes.
 *
 * @param make a new, empty directory each time
 */
export function blobDirCompliance(
  name: string,
  make: Make,
  options: BlobDirComplianceOptions = {},
): void {
  describe(`${name} is a BlobDir`, () => {
    writesAndReads(make);
    naming(make);
    wholeness(make);
    lifeCycle(make);
    randomWork(make, options.reopen);
    const { reopen, whileSyncsFail } = options;
    if (reopen === undefined) return;
    persistence(make, reopen);
    if (whileSyncsFail !== undefined) failedSyncs(make, reopen, whileSyncsFail);
  });
}

function writesAndReads(make: Make): void {
  it('is empty at first', async () => {
    await using(make, async (dir) => {
      expect(await dir.names()).toEqual([]);
      expect(await dir.size('a')).toBeUndefined();
      await expect(dir.read('a', 0, 0)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    });
  });

  it('reads any part of what the parts were', async () => {
    await using(make, async (dir) => {
      const parts = [bytes(1, 2), bytes(), bytes(9, 3, 4, 9).subarray(1, 3), bytes(5)];
      await dir.write('five', parts, 'process');
      expect(await dir.size('five')).toBe(5);
      for (let from = 0; from <= 5; from += 1) {
        for (let to = from; to <= 5; to += 1) {
          const part = await dir.read('five', from, to - from);
          expect(part).toEqual(bytes(1, 2, 3, 4, 5).slice(from, to));
        }
      }
    });
  });

  it('refuses to read beyond the end', async () => {
    await using(make, async (dir) => {
      await dir.write('three', [bytes(1, 2, 3)], 'process');
      for (const [offset, length] of [
        [0, 4],
        [2, 2],
        [3, 1],
        [4, 0],
      ] as const) {
        await expect(dir.read('three', offset, length)).rejects.toMatchObject({
          code: 'FILE_READ_OUT_OF_RANGE',
        });
      }
    });
  });

  it.each(['process', 'power'] as const)('replaces and removes at level %s', async (level) => {
    await using(make, async (dir) => {
      await dir.write('a', [bytes(1, 2, 3)], level);
      await dir.write('a', [bytes(4)], level);
      await dir.write('b', [bytes(5)], level);
      expect(await contentsOf(dir)).toEqual({ a: [4], b: [5] });
      await dir.remove('a', level);
      await dir.remove('a', level);
      expect(await contentsOf(dir)).toEqual({ b: [5] });
      expect(await dir.size('a')).toBeUndefined();
      await expect(dir.read('a', 0, 1)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    });
  });

  it('takes empty and large blobs', async () => {
    await using(make, async (dir) => {
      const part = Uint8Array.from({ length: 100_003 }, (_, index) => index % 251);
      await dir.write('empty', [], 'power');
      await dir.write('large', new Array<Uint8Array>(30).fill(part), 'power');
      expect(await dir.size('empty')).toBe(0);
      expect(await dir.read('empty', 0, 0)).toEqual(bytes());
      expect(await dir.size('large')).toBe(30 * part.length);
      for (const index of [0, 7, 29]) {
        const found = await dir.read('large', index * part.length, part.length);
        expect(compareBytes(found, part)).toBe(0);
      }
    });
  });

  it('does not share memory with the caller, who may use one array for all parts', async () => {
    await using(make, async (dir) => {
      const part = bytes(0, 0);
      const parts = function* (): Generator<Uint8Array> {
        for (let round = 1; round <= 3; round += 1) yield part.fill(round);
      };
      await dir.write('six', parts(), 'process');
      part.fill(9);
      const taken = await dir.read('six', 0, 6);
      expect(taken).toEqual(bytes(1, 1, 2, 2, 3, 3));
      taken.fill(9);
      expect(await dir.read('six', 0, 6)).toEqual(bytes(1, 1, 2, 2, 3, 3));
    });
  });
}

function naming(make: Make): void {
  it('takes any name of the alphabet, and sorts names by bytes', async () => {
    await using(make, async (dir) => {
      const sorted = ['-a', '0', '0.1', '_', 'a', 'a-', 'a.', 'a..b', 'a.b', 'a0', 'a_', 'ab', 'z'];
      const names = [...sorted, 'z'.repeat(MAX_BLOB_NAME_LENGTH)];
      for (const name of names.toReversed()) await dir.write(name, [bytes(1)], 'process');
      expect(await dir.names()).toEqual(names);
    });
  });

  it('refuses any other name in every call', async () => {
    await using(make, async (dir) => {
      const long = 'a'.repeat(MAX_BLOB_NAME_LENGTH + 1);
      const bad = ['', '.', '..', '.a', 'A', 'a/b', '../a', 'a\\b', 'a b', 'a\n', 'a\0', 'é', long];
      for (const name of bad) {
        const invalid = { code: 'BLOB_NAME_INVALID' };
        await expect(dir.write(name, [bytes(1)], 'process')).rejects.toMatchObject(invalid);
        await expect(dir.read(name, 0, 0)).rejects.toMatchObject(invalid);
        await expect(dir.size(name)).rejects.toMatchObject(invalid);
        await expect(dir.remove(name, 'process')).rejects.toMatchObject(invalid);
      }
      expect(await dir.names()).toEqual([]);
    });
  });
}

function wholeness(make: Make): void {
  it('shows the old blob until the new one is complete', async () => {
    await using(make, async (dir) => {
      await dir.write('a', [bytes(1, 2)], 'process');
      const parts = async function* (): AsyncGenerator<Uint8Array> {
        for (let round = 0; round < 3; round += 1) {
          expect(await contentsOf(dir)).toEqual({ a: [1, 2] });
          yield bytes(7, round);
        }
        expect(await contentsOf(dir)).toEqual({ a: [1, 2] });
      };
      await dir.write('a', parts(), 'power');
      expect(await contentsOf(dir)).toEqual({ a: [7, 0, 7, 1, 7, 2] });
    });
  });

  it('changes nothing when the parts end with an error, which it passes on', async () => {
    await using(make, async (dir) => {
      await dir.write('a', [bytes(1, 2)], 'process');
      const problem = new Error('no more');
      const parts = function* (): Generator<Uint8Array> {
        yield bytes(7);
        throw problem;
      };
      await expect(dir.write('a', parts(), 'power')).rejects.toBe(problem);
      await expect(dir.write('b', parts(), 'power')).rejects.toBe(problem);
      expect(await contentsOf(dir)).toEqual({ a: [1, 2] });
      await dir.write('a', [bytes(3)], 'power');
      expect(await contentsOf(dir)).toEqual({ a: [3] });
    });
  });
}

function lifeCycle(make: Make): void {
  it('refuses everything once it is closed', async () => {
    const dir = await make();
    await dir.write('a', [bytes(1)], 'process');
    await dir.close();
    await dir.close();
    const closed = { code: 'FILE_CLOSED' };
    await expect(dir.names()).rejects.toMatchObject(closed);
    await expect(dir.size('a')).rejects.toMatchObject(closed);
    await expect(dir.read('a', 0, 1)).rejects.toMatchObject(closed);
    await expect(dir.write('a', [bytes(1)], 'process')).rejects.toMatchObject(closed);
    await expect(dir.remove('a', 'process')).rejects.toMatchObject(closed);
  });
}

function randomWork(make: Make, reopen: BlobDirComplianceOptions['reopen']): void {
  it('agrees with a map over random writes and removals', async () => {
    let dir = await make();
    const random = seededRandom(3);
    const model = new Map<string, Uint8Array>();
    for (let round = 0; round < 120; round += 1) {
      const name = `blob-${random.below(6)}`;
      const level = random.below(8) === 0 ? 'power' : 'process';
      if (random.below(3) === 0) {
        await dir.remove(name, level);
        model.delete(name);
      } else {
        const parts = Array.from({ length: random.below(4) }, () =>
          Uint8Array.from({ length: random.below(50) }, () => random.below(256)),
        );
        await dir.write(name, parts, level);
        model.set(name, concatBytes(...parts));
      }
      if (reopen !== undefined && random.below(20) === 0) dir = await reopen(dir);
      const names = [...model.keys()].sort();
      expect(await contentsOf(dir)).toEqual(
        Object.fromEntries(names.map((each) => [each, [...(model.get(each) ?? [])]])),
      );
      expect(await dir.names()).toEqual(names);
    }
    await dir.close();
  });
}

function persistence(make: Make, reopen: (dir: BlobDir) => Promise<BlobDir>): void {
  it.each(['process', 'power'] as const)('keeps what was written at level %s', async (level) => {
    let dir = await make();
    await dir.write('a', [bytes(1)], level);
    await dir.write('b', [bytes(2)], level);
    dir = await reopen(dir);
    expect(await contentsOf(dir)).toEqual({ a: [1], b: [2] });
    await dir.write('a', [bytes(3, 4)], level);
    await dir.remove('b', level);
    dir = await reopen(dir);
    expect(await contentsOf(dir)).toEqual({ a: [3, 4] });
    await dir.close();
  });
}

function failedSyncs(
  make: Make,
  reopen: NonNullable<BlobDirComplianceOptions['reopen']>,
  whileSyncsFail: NonNullable<BlobDirComplianceOptions['whileSyncsFail']>,
): void {
  it('takes no change after a sync that failed until it is opened again, but reads', async () => {
    let dir = await make();
    await dir.write('a', [bytes(1, 2)], 'power');
    const failed = { code: 'FILE_SYNC_FAILED' };
    await whileSyncsFail(async () => {
      await expect(dir.remove('none', 'power')).rejects.toMatchObject(failed);
    });
    for (const level of ['process', 'power'] as const) {
      await expect(dir.write('a', [bytes(3)], level)).rejects.toMatchObject(failed);
      await expect(dir.write('b', [bytes(3)], level)).rejects.toMatchObject(failed);
      await expect(dir.remove('a', level)).rejects.toMatchObject(failed);
    }
    expect(await contentsOf(dir)).toEqual({ a: [1, 2] });
    dir = await reopen(dir);
    await dir.write('b', [bytes(3)], 'power');
    await dir.remove('a', 'power');
    expect(await contentsOf(dir)).toEqual({ b: [3] });
    await dir.close();
  });
}

async function using(make: Make, test: (dir: BlobDir) => Promise<void>): Promise<void> {
  const dir = await make();
  try {
    await test(dir);
  } finally {
    await dir.close();
  }
}

async function contentsOf(dir: BlobDir): Promise<Record<string, number[]>> {
  const contents: Record<string, number[]> = {};
  for (const name of await dir.names()) {
    contents[name] = [...(await dir.read(name, 0, (await dir.size(name)) ?? 0))];
  }
  return contents;
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}
