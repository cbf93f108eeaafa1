import { KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { createFaultyFile, createFaultyStore, FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);
const part = (from: number, to: number): Uint8Array => Uint8Array.from(upTo(to).slice(from));

function row(number: number): WriteBatch {
  const batch = new WriteBatch();
  batch.put(KEYSPACES.blocks, Uint8Array.of(number), Uint8Array.of(number));
  batch.put(KEYSPACES.accounts, Uint8Array.of(number), Uint8Array.of(number));
  return batch;
}

function rowsOf(store: KvStore): number[] {
  const blocks = [...store.range(KEYSPACES.blocks)].map(([key]) => key[0] as number);
  const accounts = [...store.range(KEYSPACES.accounts)].map(([key]) => key[0] as number);
  expect(accounts).toEqual(blocks);
  return blocks;
}

async function bytesOf(file: {
  size: () => number;
  read: (from: number, length: number) => Promise<Uint8Array>;
}): Promise<number[]> {
  return [...(await file.read(0, file.size()))];
}

describe('a file of a faulty disk', () => {
  it('keeps everything when only the process ends', async () => {
    let file = createFaultyFile();
    await file.append(part(0, 10));
    file = await file.crash('process');
    expect(await bytesOf(file)).toEqual(upTo(10));
  });

  it('loses any unsynced end with the power, and nothing that was synced', async () => {
    const sizes = new Set<number>();
    for (let seed = 0; seed < 300; seed += 1) {
      const file = createFaultyFile({ seed });
      await file.append(part(0, 10));
      await file.sync();
      await file.append(part(10, 14));
      await file.append(part(14, 16));
      const left = await bytesOf(await file.crash('power'));
      expect(left).toEqual(upTo(left.length));
      sizes.add(left.length);
    }
    expect([...sizes].sort((left, right) => left - right)).toEqual([10, 11, 12, 13, 14, 15, 16]);
  });

  it('brings back with the power loss what an unsynced truncation had cut', async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const file = createFaultyFile({ seed });
      await file.append(part(0, 3));
      await file.sync();
      await file.truncate(1);
      await file.append(Uint8Array.of(9));
      found.add((await bytesOf(await file.crash('power'))).join());
    }
    expect([...found].sort()).toEqual(['0', '0,1,2', '0,9']);
  });

  it('keeps a part of an append that fails, and can be cut back', async () => {
    const parts = new Set<number>();
    for (let seed = 0; seed < 200; seed += 1) {
      const file = createFaultyFile({ seed, failAt: 2 });
      await file.append(part(0, 4));
      await expect(file.append(part(4, 8))).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
      const left = await bytesOf(file);
      expect(left).toEqual(upTo(left.length));
      parts.add(left.length);
      await file.truncate(4);
      await file.append(part(4, 6));
      expect(await bytesOf(file)).toEqual(upTo(6));
    }
    expect([...parts].sort()).toEqual([4, 5, 6, 7, 8]);
  });

  it('is full when it is full', async () => {
    const disk = new FaultyDisk({ capacityBytes: 10 });
    const first = disk.openFile('first');
    const second = disk.openFile('second');
    await first.append(part(0, 6));
    await expect(second.append(part(0, 6))).rejects.toMatchObject({ code: 'FILE_DISK_FULL' });
    expect(second.size()).toBe(4);
    await second.truncate(0);
    await second.append(part(0, 4));
  });

  it('takes nothing after a failed sync, until it is opened again', async () => {
    const disk = new FaultyDisk({ failAt: 2 });
    const file = disk.openFile('file');
    await file.append(part(0, 3));
    const failed = { code: 'FILE_SYNC_FAILED' };
    await expect(file.sync()).rejects.toMatchObject(failed);
    await expect(file.append(part(3, 4))).rejects.toMatchObject(failed);
    await expect(file.truncate(0)).rejects.toMatchObject(failed);
    await expect(file.sync()).rejects.toMatchObject(failed);
    expect(await bytesOf(file)).toEqual(upTo(3));
    await file.close();
    const again = disk.openFile('file');
    await again.append(part(3, 4));
    await again.sync();
  });
});

describe('a store of a faulty disk', () => {
  it('loses the last unsynced commits with the power, and nothing at level power', async () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 100; seed += 1) {
      const store = createFaultyStore({ seed });
      await store.commit(row(0), 'process');
      await store.commit(row(1), 'power');
      await store.commit(row(2), 'process');
      await store.commit(row(3), 'process');
      const left = rowsOf(await store.crash('power'));
      expect(left).toEqual(upTo(left.length));
      kept.add(left.length);
    }
    expect([...kept].sort()).toEqual([2, 3, 4]);
  });

  it('keeps all commits when only the process ends, but they are still not synced', async () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 50; seed += 1) {
      let store = createFaultyStore({ seed });
      await store.commit(row(0), 'process');
      store = await store.crash('process');
      expect(rowsOf(store)).toEqual([0]);
      kept.add(rowsOf(await store.crash('power')).length);
    }
    expect([...kept].sort()).toEqual([0, 1]);
  });

  it('shows nothing of a commit that fails', async () => {
    const store = createFaultyStore({ failAt: 1 });
    const failed = { code: 'STORE_WRITE_FAILED' };
    await expect(store.commit(row(0), 'power')).rejects.toMatchObject(failed);
    expect(rowsOf(store)).toEqual([]);
    await store.commit(row(1), 'power');
    expect(rowsOf(await store.crash('power'))).toEqual([1]);
  });

  it('may have taken the commit in which the process died', async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 50; seed += 1) {
      const store = createFaultyStore({ seed, failAt: 2, mode: 'forever' });
      await store.commit(row(0), 'power');
      const failed = { code: 'STORE_WRITE_FAILED' };
      await expect(store.commit(row(1), 'power')).rejects.toMatchObject(failed);
      await expect(store.commit(row(2), 'power')).rejects.toMatchObject(failed);
      expect(rowsOf(store)).toEqual([0]);
      found.add(rowsOf(await store.crash('power')).join());
    }
    expect([...found].sort()).toEqual(['0', '0,1']);
  });
});

describe('a faulty disk', () => {
  it('closes what is open when it crashes, and works again', async () => {
    const disk = new FaultyDisk({ failAt: 2, mode: 'forever' });
    const file = disk.openFile('file');
    const store = disk.openStore('store');
    await file.append(part(0, 3));
    await expect(file.sync()).rejects.toMatchObject({ code: 'FILE_SYNC_FAILED' });
    await disk.crash('process');
    await expect(file.append(part(3, 4))).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    await expect(store.commit(row(0), 'power')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const again = disk.openFile('file');
    await again.append(part(3, 4));
    await again.sync();
    expect(await bytesOf(again)).toEqual(upTo(4));
  });

  /** Log first, then store: appends, syncs and commits rows 0 … 5. */
  async function work(disk: FaultyDisk): Promise<void> {
    const file = disk.openFile('log');
    const store = disk.openStore('store');
    for (let number = 0; number < 6; number += 1) {
      await file.append(Uint8Array.of(number));
      await file.sync();
      await store.commit(row(number), 'power');
      await file.read(0, 1);
    }
  }

  it.each(['process', 'power'] as const)(
    'fails every operation of a piece of work in turn; then %s',
    async (kind) => {
      let failAt = 0;
      for (;;) {
        failAt += 1;
        const disk = new FaultyDisk({ seed: failAt, failAt, mode: 'forever' });
        const finished = await work(disk).then(
          () => true,
          () => false,
        );
        expect(finished).toBe(disk.operations < failAt);
        await disk.crash(kind);
        const log = await bytesOf(disk.openFile('log'));
        const rows = rowsOf(disk.openStore('store'));
        expect(log).toEqual(upTo(log.length));
        expect(rows).toEqual(upTo(rows.length));
        expect(rows.length).toBeLessThanOrEqual(log.length);
        expect(log.length - rows.length).toBeLessThanOrEqual(1);
        if (finished) break;
      }
      expect(failAt).toBe(25);
    },
  );

  it('does the same again with the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const found = [];
      const disk = new FaultyDisk({ seed });
      for (let round = 0; round < 20; round += 1) {
        const file = disk.openFile('file');
        await file.append(part(0, 50));
        disk.failAt(disk.operations + 1);
        await file.append(part(0, 50)).catch(() => undefined);
        found.push(file.size());
        await disk.crash('power');
        found.push(disk.openFile('file').size());
      }
      return found.join();
    };
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });
});
