import { SILENT_LOG } from '@lucerna/base';
import type { AppendFile } from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { vectorLimits } from '../../src/limits.ts';
import { openGenerationalLog, removeStore } from '../../src/log/generations.ts';
import { LogFiles } from '../../src/log/log-files.ts';
import { createMemoryVectorFolder, MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { VectorFolder } from '../../src/ports.ts';
import { FaultyPlace } from './faulty-place.ts';
import { ModelStore } from './model-store.ts';

const HANDLERS = {
  log: SILENT_LOG,
  onStart: () => undefined,
  onSnapshot: async () => undefined,
  onEntry: () => undefined,
};

/** The folder, with a count of what is done to its logs. */
function counted(folder: VectorFolder): VectorFolder & {
  readonly counts: { open: number; opened: number; syncs: number; mostOpen: number };
} {
  const counts = { open: 0, opened: 0, syncs: 0, mostOpen: 0 };
  return {
    ...folder,
    counts,
    openLog: async (name): Promise<AppendFile> => {
      const file = await folder.openLog(name);
      counts.opened += 1;
      counts.open += 1;
      counts.mostOpen = Math.max(counts.mostOpen, counts.open);
      return {
        ...file,
        sync: async () => {
          counts.syncs += 1;
          await file.sync();
        },
        close: async () => {
          counts.open -= 1;
          await file.close();
        },
      };
    },
  };
}

describe('a store', () => {
  it('has no files before its first entry', async () => {
    const folder = new MemoryVectorDisk().open('write');
    const store = await ModelStore.open(folder);
    expect(store.starts).toBe(1);
    expect(await folder.logNames()).toEqual([]);
    expect(store.log).toMatchObject({ generation: 1, logBytes: 0, snapshotBytes: 0, tornBytes: 0 });
    await store.add(1, 'process');
    expect(await folder.logNames()).toEqual(['store.1.log']);
  });

  it('syncs again after there was no room for a sync', async () => {
    const folder = new MemoryVectorDisk().open('write');
    const store = await openGenerationalLog(folder, 'store', HANDLERS);
    const { waitingLogCalls } = vectorLimits.values;
    const entry = [Uint8Array.of(1)];
    const waiting = Array.from({ length: waitingLogCalls }, () => store.append(entry, 'process'));
    await expect(store.sync()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await Promise.all(waiting);
    await store.sync();
    await store.append(entry, 'power');
    await store.close();
  });

  it('begins another log and drops what came before when it is compacted', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const store = await ModelStore.open(folder);
    for (const number of [1, 2, 3, 4]) await store.add(number, 'process');
    const before = store.log.logBytes;
    await store.compact();
    expect(await folder.logNames()).toEqual(['store.2.log']);
    expect(await folder.blobs.names()).toEqual(['store.2.snap']);
    expect(store.log).toMatchObject({ generation: 2, logBytes: 128 });
    expect(store.log.snapshotBytes).toBe(await folder.blobs.size('store.2.snap'));
    expect(before).toBeGreaterThan(store.log.snapshotBytes);
    await store.add(5, 'process');
    await store.compact();
    await store.log.close();
    await folder.close();
    const again = await ModelStore.open(disk.open('write'));
    expect(again.numbers).toEqual([1, 2, 3, 4, 5]);
    expect(again.log).toMatchObject({ generation: 3, logBytes: 128 });
  });

  it('takes entries while a snapshot is written, which does not show them', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const store = await ModelStore.open(folder);
    await store.add(1, 'process');
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      await store.add(2, 'power');
      yield new Uint8Array(Uint32Array.of(1).buffer);
      await store.add(3, 'process');
    };
    await store.log.compact(chunks);
    await store.log.close();
    await folder.close();
    expect((await ModelStore.open(disk.open('write'))).numbers).toEqual([1, 2, 3]);
  });

  it('goes on when a snapshot fails, and has all of it in its logs', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const store = await ModelStore.open(folder);
    await store.add(1, 'process');
    const problem = new Error('no more');
    const chunks = function* (): Generator<Uint8Array> {
      yield Uint8Array.of(1);
      throw problem;
    };
    await expect(store.log.compact(chunks)).rejects.toBe(problem);
    await store.add(2, 'process');
    await expect(store.log.compact(chunks)).rejects.toBe(problem);
    await store.add(3, 'process');
    expect(await folder.logNames()).toEqual(['store.1.log', 'store.2.log', 'store.3.log']);
    const { logBytes } = store.log;
    await store.log.close();
    await folder.close();
    const again = await ModelStore.open(disk.open('write'));
    expect(again.numbers).toEqual([1, 2, 3]);
    expect(again.log.logBytes).toBe(logBytes);
    await again.compact();
    expect(again.log.generation).toBe(4);
  });

  it('says what is wrong with a call', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const store = await ModelStore.open(folder);
    const { batchBytes } = vectorLimits.values;
    const long = new Array<Uint8Array>(batchBytes / 2 ** 20 + 1).fill(new Uint8Array(2 ** 20));
    await expect(store.log.append(long, 'process')).rejects.toMatchObject({
      code: 'BATCH_TOO_LARGE',
    });
    await store.add(1, 'process');
    const reader = await ModelStore.open(disk.open('read'));
    const readOnly = { code: 'DATABASE_READ_ONLY' };
    await expect(reader.log.append([], 'process')).rejects.toMatchObject(readOnly);
    await expect(reader.log.sync()).rejects.toMatchObject(readOnly);
    await expect(reader.compact()).rejects.toMatchObject(readOnly);
    await store.log.close();
    await reader.log.close();
    const closed = { code: 'DATABASE_CLOSED' };
    await expect(store.log.append([], 'process')).rejects.toMatchObject(closed);
    await expect(store.log.sync()).rejects.toMatchObject(closed);
    await expect(store.compact()).rejects.toMatchObject(closed);
    await expect(reader.log.refresh()).rejects.toMatchObject(closed);
  });

  it('ends the calls that came before it is closed', async () => {
    const disk = new MemoryVectorDisk();
    const folder = disk.open('write');
    const store = await ModelStore.open(folder);
    const adding = [1, 2, 3].map((number) => store.add(number, 'power'));
    await store.log.close();
    await Promise.all(adding);
    await folder.close();
    expect((await ModelStore.open(disk.open('write'))).numbers).toEqual([1, 2, 3]);
  });

  it('in a folder that nothing outlives writes nothing', async () => {
    const folder = createMemoryVectorFolder();
    const store = await ModelStore.open(folder);
    await store.add(1, 'power');
    await store.compact();
    await store.log.sync();
    expect(store.log.logBytes).toBe(0);
    expect(await folder.logNames()).toEqual([]);
    expect(await folder.blobs.names()).toEqual([]);
  });

  it('is removed with all of its files, and no others', async () => {
    const folder = new MemoryVectorDisk().open('write');
    const files = new LogFiles(folder);
    const names = ['store', 'store-2', 'stor'];
    for (const name of names) {
      const store = await openGenerationalLog(folder, name, { ...HANDLERS, files });
      await store.append([Uint8Array.of(1)], 'process');
      await store.compact(() => [Uint8Array.of(1)]);
      await store.rotate(() => undefined);
      await store.close();
    }
    await removeStore(files, 'store');
    expect(await folder.logNames()).toEqual([
      'stor.2.log',
      'stor.3.log',
      'store-2.2.log',
      'store-2.3.log',
    ]);
    expect(await folder.blobs.names()).toEqual(['stor.2.snap', 'store-2.2.snap']);
  });
});

describe('durability', () => {
  it('shares one sync among the entries that wait', async () => {
    const folder = counted(new MemoryVectorDisk().open('write'));
    const store = await ModelStore.open(folder);
    await store.add(0, 'power');
    expect(folder.counts.syncs).toBe(1);
    await Promise.all(Array.from({ length: 50 }, (_, index) => store.add(index, 'power')));
    expect(folder.counts.syncs).toBeLessThan(5);
    const { syncs } = folder.counts;
    // Everything is on the disk.
    await store.log.sync();
    expect(folder.counts.syncs).toBe(syncs);
  });

  it('writes nothing behind a sync that failed until it is opened again', async () => {
    const place = new FaultyPlace(new FaultyDisk());
    const folder = await place.open('write');
    const store = await ModelStore.open(folder);
    await store.add(1, 'power');
    place.disk.failAt(place.disk.operations + 2);
    await expect(store.add(2, 'power')).rejects.toMatchObject({ code: 'FILE_SYNC_FAILED' });
    const stopped = { code: 'VECTOR_WRITES_STOPPED' };
    expect(store.log.failure).toMatchObject(stopped);
    await expect(store.add(3, 'process')).rejects.toMatchObject(stopped);
    await expect(store.log.sync()).rejects.toMatchObject(stopped);
    await expect(store.compact()).rejects.toMatchObject(stopped);
    await store.log.close();
    await folder.close();
    const again = await ModelStore.open(await place.open('write'));
    expect(again.numbers).toEqual([1, 2]);
    await again.add(3, 'power');
  });

  it('takes a write back that has failed, at either level', async () => {
    for (const level of ['process', 'power'] as const) {
      const place = new FaultyPlace(new FaultyDisk({ seed: 5 }));
      const folder = await place.open('write');
      const store = await ModelStore.open(folder);
      await store.add(1, level);
      const { logBytes } = store.log;
      place.disk.failAt(place.disk.operations + 1);
      await expect(store.add(2, level)).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
      expect(store.log).toMatchObject({ failure: undefined, logBytes });
      await store.add(3, level);
      expect(store.numbers).toEqual([1, 3]);
    }
  });

  it('warns of a torn end, and counts what was cut off', async () => {
    const place = new FaultyPlace(new FaultyDisk({ seed: 1 }));
    const store = await ModelStore.open(await place.open('write'));
    await store.add(1, 'process');
    const file = place.disk.openFile('store.1.log#1');
    await file.append(Uint8Array.of(1, 2, 3, 4, 5));
    await place.crash('process');
    const warnings: unknown[] = [];
    const log = { ...SILENT_LOG, warn: (...call: unknown[]) => warnings.push(call[1]) };
    const again = await ModelStore.open(await place.open('write'), { log });
    expect(again.log.tornBytes).toBe(5);
    expect(warnings).toEqual([{ file: 'store.1.log', offset: again.log.logBytes, tornBytes: 5 }]);
  });
});

describe('a reader', () => {
  it('that the disk has failed starts over', async () => {
    for (let failAt = 1; failAt < 12; failAt += 1) {
      const place = new FaultyPlace(new FaultyDisk());
      const writer = await ModelStore.open(await place.open('write'));
      await writer.add(1, 'process');
      const reader = await ModelStore.open(await place.open('read'));
      for (const number of [2, 3, 4]) await writer.add(number, 'process');
      place.disk.failAt(place.disk.operations + failAt, 'forever');
      await reader.log.refresh().catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'FILE_READ_FAILED' });
      });
      place.disk.failAt(place.disk.operations + 1_000);
      await reader.log.refresh();
      expect(reader.numbers).toEqual([1, 2, 3, 4]);
    }
  });
});

describe('many stores', () => {
  it('keep few logs open, and lose nothing by it', async () => {
    const { openLogs } = vectorLimits.values;
    const disk = new MemoryVectorDisk();
    const folder = counted(disk.open('write'));
    const files = new LogFiles(folder);
    const count = 2 * openLogs;
    const open = (name: number, entries: number[]) =>
      openGenerationalLog(folder, `store-${name}`, {
        ...HANDLERS,
        files,
        onEntry: (entry) => {
          entries.push(entry[0] as number);
        },
      });
    const stores = await Promise.all(Array.from({ length: count }, (_, name) => open(name, [])));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(
        stores.map((store) =>
          store.append([Uint8Array.of(round)], round === 2 ? 'power' : 'process'),
        ),
      );
    }
    // Those in use at the same time may be more for a moment.
    expect(folder.counts.open).toBeLessThanOrEqual(openLogs + 1);
    for (const store of stores) await store.close();
    await files.closeAll();
    expect(folder.counts.open).toBe(0);
    await files.list();
    for (let name = 0; name < count; name += 1) {
      const entries: number[] = [];
      await open(name, entries);
      expect(entries).toEqual([0, 1, 2]);
    }
    expect(folder.counts.open).toBeLessThanOrEqual(openLogs + 1);
  });
});
