import { SILENT_LOG } from '@lucerna/base';
import { storageErrors } from '@lucerna/storage';
import { describe, expect, it, vi } from 'vitest';
import { openCollection } from '../../src/collection/collection.ts';
import { CollectionState } from '../../src/collection/collection-state.ts';
import type { OwnedCollection } from '../../src/collection/parts.ts';
import { RecordTable } from '../../src/collection/record-table.ts';
import { vectorErrors } from '../../src/errors.ts';
import { VectorIndex } from '../../src/index/vector-index.ts';
import { vectorLimits } from '../../src/limits.ts';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { VectorFolder } from '../../src/ports.ts';
import { batchOf, one } from './batches.ts';
import { definitionOf, opened, testClock } from './support.ts';

/** A folder whose files fail as long as `plan` says so. */
type Plan = { append: boolean; sync: boolean; blob: boolean };

function failingFolder(disk: MemoryVectorDisk, plan: Plan): VectorFolder {
  const folder = disk.open('write');
  const check = (fails: boolean, code: 'FILE_WRITE_FAILED' | 'FILE_SYNC_FAILED'): void => {
    if (fails) throw storageErrors.create(code);
  };
  return {
    ...folder,
    openLog: async (name) => {
      const file = await folder.openLog(name);
      return {
        ...file,
        append: async (bytes) => {
          // Half of it arrives.
          if (plan.append) await file.append(bytes.subarray(0, bytes.length >>> 1));
          check(plan.append, 'FILE_WRITE_FAILED');
          await file.append(bytes);
        },
        sync: async () => {
          check(plan.sync, 'FILE_SYNC_FAILED');
          await file.sync();
        },
      };
    },
    blobs: {
      ...folder.blobs,
      write: async (name, parts, level) => {
        check(plan.blob, 'FILE_WRITE_FAILED');
        await folder.blobs.write(name, parts, level);
      },
    },
  };
}

async function openedOn(
  folder: VectorFolder,
  durability: 'process' | 'power' = 'process',
): Promise<OwnedCollection> {
  const definition = definitionOf({ mode: 'exact' });
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const ports = { folder, clock: testClock, random, log: SILENT_LOG };
  return openCollection({ definition: () => definition, ports, durability, logName: 'things' });
}

describe('when the disk fails', () => {
  it('a write that was not made is not seen, and the next one is', async () => {
    const disk = new MemoryVectorDisk();
    const plan = { append: false, sync: false, blob: false };
    const folder = failingFolder(disk, plan);
    const collection = await openedOn(folder);
    await collection.add(one('a', 1, 2));
    plan.append = true;
    const failed = { code: 'FILE_WRITE_FAILED' };
    await expect(collection.add(one('b', 3, 4))).rejects.toMatchObject(failed);
    await expect(collection.upsert(one('a', 3, 4))).rejects.toMatchObject(failed);
    await expect(collection.delete({ ids: ['a'] })).rejects.toMatchObject(failed);
    plan.append = false;
    expect([...collection.ids()]).toEqual(['a']);
    expect(collection.embedding('a')).toEqual(Float32Array.of(1, 2));
    await collection.add(one('c', 5, 6));
    await collection.close();
    await folder.close();
    const again = await opened(disk);
    expect([...again.ids()]).toEqual(['a', 'c']);
    await again.end();
  });

  it('nothing is written any more after a failed sync, until it is opened again', async () => {
    const disk = new MemoryVectorDisk();
    const plan = { append: false, sync: false, blob: false };
    const folder = failingFolder(disk, plan);
    const collection = await openedOn(folder, 'power');
    await collection.add(one('a', 1, 2));
    plan.sync = true;
    await expect(collection.add(one('b', 3, 4))).rejects.toMatchObject({
      code: 'FILE_SYNC_FAILED',
    });
    plan.sync = false;
    await expect(collection.add(one('c', 3, 4))).rejects.toMatchObject({
      code: 'VECTOR_WRITES_STOPPED',
    });
    expect([...collection.ids()]).toEqual(['a']);
    await collection.close();
    await folder.close();
    const again = await opened(disk);
    expect(again.has('a')).toBe(true);
    await again.add(one('d', 3, 4));
    await again.end();
  });

  it('a compaction that fails changes nothing, and the next one does it', async () => {
    const disk = new MemoryVectorDisk();
    const plan = { append: false, sync: false, blob: false };
    const folder = failingFolder(disk, plan);
    const collection = await openedOn(folder);
    await collection.add(batchOf(20));
    plan.blob = true;
    await expect(collection.compact()).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
    plan.blob = false;
    plan.append = true;
    await expect(collection.compact()).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
    plan.append = false;
    await collection.delete({ ids: ['id-3'] });
    expect(collection.statistics().snapshotBytes).toBe(0);
    const { logBytes } = collection.statistics();
    await collection.compact();
    expect(collection.statistics().snapshotBytes).toBeGreaterThan(20 * 16);
    expect(collection.statistics().logBytes).toBeLessThan(logBytes);
    await collection.close();
    await folder.close();
    const again = await opened(disk);
    expect(again.count()).toBe(19);
    await again.end();
  });

  it('and memory is exhausted, nothing is written that could not be read again', async () => {
    const disk = new MemoryVectorDisk();
    const collection = await opened(disk);
    const exhaust = (): never => {
      throw vectorErrors.create('VECTOR_MEMORY_EXHAUSTED');
    };
    const spy = vi.spyOn(VectorIndex.prototype, 'reserve').mockImplementation(exhaust);
    const exhausted = { code: 'VECTOR_MEMORY_EXHAUSTED' };
    await expect(collection.add(one('a', 1, 2))).rejects.toMatchObject(exhausted);
    await expect(collection.add(one('a', 1, 2, 3, 4))).rejects.toMatchObject(exhausted);
    expect(collection.identity.dimension).toBeUndefined();
    expect(collection.statistics()).toMatchObject({ records: 0, logBytes: 0 });
    const three = { embeddings: Float32Array.of(1, 2, 3), limit: 1 };
    expect(await collection.query(three)).toEqual([[]]);
    spy.mockRestore();
    await collection.add(one('a', 1, 2, 3));
    const second = vi.spyOn(VectorIndex.prototype, 'reserve').mockImplementation(exhaust);
    await expect(collection.upsert(one('b', 1, 2, 3))).rejects.toMatchObject(exhausted);
    second.mockRestore();
    expect([...collection.ids()]).toEqual(['a']);
    await collection.end();
    const again = await opened(disk);
    expect(again.embedding('a')).toEqual(Float32Array.of(1, 2, 3));
    await again.end();
  });

  it('and a write is in the log and not in memory, everything is refused until a restart', async () => {
    const disk = new MemoryVectorDisk();
    const collection = await opened(disk);
    await collection.add(one('a', 1, 2));
    const spy = vi.spyOn(VectorIndex.prototype, 'add').mockImplementation(() => {
      throw new Error('on purpose');
    });
    await expect(collection.add(one('b', 3, 4))).rejects.toThrow('on purpose');
    spy.mockRestore();
    expect(() => collection.get()).toThrow('on purpose');
    await expect(collection.add(one('c', 3, 4))).rejects.toThrow('on purpose');
    await expect(collection.compact()).rejects.toThrow('on purpose');
    // Whoever looks after the log may still ask.
    expect(collection.statistics().records).toBe(1);
    await collection.end();
    const again = await opened(disk);
    expect([...again.ids()]).toEqual(['a', 'b']);
    expect(again.embedding('b')).toEqual(Float32Array.of(3, 4));
    await again.end();
  });

  it('a reader that cannot go on says so', async () => {
    const disk = new MemoryVectorDisk();
    const writer = await opened(disk);
    await writer.add(one('a', 1, 2, 3));
    const reader = await opened(disk, undefined, 'read');
    expect(reader.count()).toBe(1);
    const corrupt = { code: 'VECTOR_LOG_CORRUPT' };
    await writer.add(one('b', 1, 2, 3));
    // As if a program of another format had written it.
    const failing = vi.spyOn(CollectionState.prototype, 'apply').mockImplementation(() => {
      throw vectorErrors.create('VECTOR_LOG_CORRUPT');
    });
    await expect(reader.refresh()).rejects.toMatchObject(corrupt);
    failing.mockRestore();
    expect(() => reader.count()).toThrow(expect.objectContaining(corrupt));
    await reader.end();
    await writer.end();
  });

  it('a collection is as large as it may be, no more is added', async () => {
    const collection = await opened();
    await collection.add(one('a', 1, 2));
    const { collectionRecords } = vectorLimits.values;
    const size = vi.spyOn(RecordTable.prototype, 'size', 'get').mockReturnValue(collectionRecords);
    const full = { code: 'COLLECTION_FULL' };
    await expect(collection.add(one('b', 1, 2))).rejects.toMatchObject(full);
    expect(await collection.upsert(one('a', 3, 4))).toBe(0);
    size.mockRestore();
    expect(await collection.add(one('b', 1, 2))).toBe(1);
    await collection.end();
  });

  it('a log that no program of this format can have written is refused', async () => {
    const disk = new MemoryVectorDisk();
    const collection = await opened(disk);
    await collection.add(one('a', 1, 2));
    await collection.end();
    // A definition of another collection: the entry's embeddings do not fit it.
    const identity = { model: undefined, dimension: 3, isNormalised: undefined };
    const definition = { ...definitionOf({ mode: 'exact' }), identity };
    await expect(opened(disk, definition)).rejects.toMatchObject({ code: 'VECTOR_LOG_CORRUPT' });
  });
});
