import type { BlobDir } from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';

const part = (...bytes: readonly number[]): Uint8Array[] => [Uint8Array.from(bytes)];

async function contentsOf(dir: BlobDir): Promise<Record<string, number[]>> {
  const contents: Record<string, number[]> = {};
  for (const name of await dir.names()) {
    contents[name] = [...(await dir.read(name, 0, (await dir.size(name)) as number))];
  }
  return contents;
}

/** What is found after a power loss, over many seeds, as text. */
async function outcomes(
  work: (dir: BlobDir, disk: FaultyDisk) => Promise<void>,
  plan: object = {},
): Promise<string[]> {
  const found = new Set<string>();
  for (let seed = 0; seed < 60; seed += 1) {
    const disk = new FaultyDisk({ seed, ...plan });
    await work(disk.openBlobDir('dir'), disk);
    await disk.crash('power');
    found.add(JSON.stringify(await contentsOf(disk.openBlobDir('dir'))));
  }
  return [...found].sort();
}

describe('a folder of blobs of a faulty disk', () => {
  it('keeps everything when only the process ends', async () => {
    const disk = new FaultyDisk();
    const dir = disk.openBlobDir('dir');
    await dir.write('a', part(1), 'process');
    await dir.write('b', part(2), 'process');
    await dir.remove('a', 'process');
    await disk.crash('process');
    await expect(dir.names()).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    expect(await contentsOf(disk.openBlobDir('dir'))).toEqual({ b: [2] });
  });

  it('loses unsynced changes with the power, each name for itself', async () => {
    const found = await outcomes(async (dir) => {
      await dir.write('a', part(1), 'power');
      await dir.write('a', part(2, 2), 'process');
      await dir.write('b', part(3), 'process');
    });
    const whole = [{ a: [1] }, { a: [1], b: [3] }, { a: [2, 2] }, { a: [2, 2], b: [3] }];
    expect(found).toEqual(whole.map((contents) => JSON.stringify(contents)).sort());
  });

  it('loses nothing at level power, and brings back what was removed below it', async () => {
    const hard = await outcomes(async (dir) => {
      await dir.write('a', part(1), 'process');
      await dir.write('b', part(2), 'power');
      await dir.write('a', part(3), 'power');
      await dir.remove('b', 'power');
    });
    expect(hard).toEqual(['{"a":[3]}']);
    const soft = await outcomes(async (dir) => {
      await dir.write('a', part(1), 'power');
      await dir.remove('a', 'process');
    });
    expect(soft).toEqual(['{"a":[1]}', '{}']);
  });

  it('changes nothing when a write or removal fails', async () => {
    for (const change of ['write', 'remove'] as const) {
      const disk = new FaultyDisk();
      const dir = disk.openBlobDir('dir');
      await dir.write('a', part(1), 'power');
      disk.failAt(disk.operations + 1);
      const changing =
        change === 'write' ? dir.write('a', part(2), 'power') : dir.remove('a', 'power');
      await expect(changing).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
      expect(await contentsOf(dir)).toEqual({ a: [1] });
      await disk.crash('power');
      expect(await contentsOf(disk.openBlobDir('dir'))).toEqual({ a: [1] });
    }
  });

  it('has the old or the new one after a sync that failed, or a death in the middle', async () => {
    for (const [operation, mode, code] of [
      [4, 'once', 'FILE_SYNC_FAILED'],
      [3, 'forever', 'FILE_WRITE_FAILED'],
      [4, 'forever', 'FILE_SYNC_FAILED'],
    ] as const) {
      const found = await outcomes(
        async (dir) => {
          await dir.write('a', part(1), 'power');
          await expect(dir.write('a', part(2), 'power')).rejects.toMatchObject({ code });
        },
        { failAt: operation, mode },
      );
      expect(found).toEqual(['{"a":[1]}', '{"a":[2]}']);
    }
  });

  it('fails reads as planned', async () => {
    const disk = new FaultyDisk({ failAt: 2 });
    const dir = disk.openBlobDir('dir');
    await dir.write('a', part(1), 'process');
    await expect(dir.read('a', 0, 1)).rejects.toMatchObject({ code: 'FILE_READ_FAILED' });
    expect(await dir.read('a', 0, 1)).toEqual(Uint8Array.of(1));
  });

  it('counts the syncs at level power, and loses what a lying one has answered', async () => {
    const honest = new FaultyDisk();
    const dir = honest.openBlobDir('dir');
    await dir.write('a', part(1), 'process');
    expect(honest.syncs).toBe(0);
    await dir.write('a', part(2), 'power');
    await dir.remove('a', 'power');
    expect(honest.syncs).toBe(2);

    const work = async (each: BlobDir): Promise<void> => {
      await each.write('a', part(1), 'power');
      await each.write('a', part(2), 'power');
      await each.remove('b', 'power');
      await each.write('b', part(3), 'power');
      await each.remove('b', 'power');
    };
    expect(await outcomes(work)).toEqual(['{"a":[2]}']);
    expect(await outcomes(work, { skipSync: 1 })).toEqual(['{"a":[2]}']);
    expect(await outcomes(work, { skipSync: 2 })).toEqual(['{"a":[1]}', '{"a":[2]}']);
    expect(await outcomes(work, { skipSync: 5 })).toEqual(['{"a":[2],"b":[3]}', '{"a":[2]}']);
  });
});
