import { equalBytes } from '@lucerna/base';
import { type AppendFile, KEYSPACES, type KvStore, WriteBatch } from '@lucerna/storage';
import { createFaultyFile, FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';

const space = KEYSPACES.accounts;
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

function row(key: number, value: Uint8Array | undefined): WriteBatch {
  const batch = new WriteBatch();
  if (value === undefined) batch.delete(space, Uint8Array.of(key));
  else batch.put(space, Uint8Array.of(key), value);
  return batch;
}

async function bytesOf(file: AppendFile): Promise<Uint8Array> {
  return file.read(0, file.size());
}

/** Runs of equal bytes: `[byte, length]`. */
function runsOf(bytes: Uint8Array): (readonly [byte: number, length: number])[] {
  const found: [number, number][] = [];
  for (const byte of bytes) {
    const last = found.at(-1);
    if (last?.[0] === byte) last[1] += 1;
    else found.push([byte, 1]);
  }
  return found;
}

describe('a power loss by sectors', () => {
  it('takes any sectors, also earlier ones than it leaves; what is not there reads as zeros', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed += 1) {
      const file = createFaultyFile({ seed, powerLoss: 'sectors' });
      await file.append(filled(300, 1));
      await file.sync();
      await file.append(filled(724, 2)); // to byte 1024
      await file.append(filled(512, 3)); // to byte 1536
      const left = await bytesOf(await file.crash('power'));
      expect(left.length).toBeGreaterThanOrEqual(300);
      expect(equalBytes(left.subarray(0, 300), filled(300, 1))).toBe(true);
      const sectors = [left.subarray(300, 512), left.subarray(512, 1024), left.subarray(1024)];
      const wanted = [2, 2, 3];
      const kept = sectors.map((sector, index) => {
        if (sector.length === 0) return '-';
        const isWritten = equalBytes(sector, filled(sector.length, wanted[index] as number));
        if (!isWritten) expect(equalBytes(sector, filled(sector.length, 0))).toBe(true);
        return isWritten ? 'w' : '0';
      });
      seen.add(kept.join(''));
    }
    // '---', where not one byte is added, is too seldom to be met.
    seen.delete('---');
    const combinations = ['w--', '0--', 'ww-', 'w0-', '0w-', '00-'];
    for (const first of 'w0') for (const second of 'w0') combinations.push(`${first}${second}w`);
    for (const first of 'w0') for (const second of 'w0') combinations.push(`${first}${second}0`);
    expect([...seen].sort()).toEqual(combinations.sort());
  });

  it('leaves a sector as it was between two appends', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed += 1) {
      const file = createFaultyFile({ seed, powerLoss: 'sectors' });
      for (const byte of [1, 2, 3]) await file.append(filled(10, byte));
      const left = await bytesOf(await file.crash('power'));
      if (left.length === 30) seen.add(JSON.stringify(runsOf(left)));
    }
    const [a, b, c] = [[1, 10] as const, [2, 10] as const, [3, 10] as const];
    const contents = [[[0, 30]], [a, [0, 20]], [a, b, [0, 10]], [a, b, c]];
    expect([...seen].sort()).toEqual(contents.map((each) => JSON.stringify(each)).sort());
  });

  it('never harms what was synced and not cut, and never mixes up a cut and what came before', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed += 1) {
      const file = createFaultyFile({ seed, powerLoss: 'sectors' });
      await file.append(filled(1000, 1));
      await file.sync();
      await file.truncate(600);
      await file.append(filled(200, 2));
      const left = await bytesOf(await file.crash('power'));
      expect(equalBytes(left.subarray(0, 600), filled(600, 1))).toBe(true);
      const tail = runsOf(left.subarray(600)).map(([byte]) => byte);
      seen.add(left.length === 1000 ? `uncut ${tail}` : `cut ${tail}`);
      if (left.length !== 1000) expect(left.length).toBeLessThanOrEqual(800);
    }
    const uncut = ['uncut 1', 'uncut 0', 'uncut 2,0'];
    expect([...seen].sort()).toEqual([...uncut, 'cut ', 'cut 0', 'cut 2'].sort());
  });
});

describe('a sync that lies', () => {
  /** How much of a file and how many rows are left, over many seeds. */
  async function left(
    skipSync: number,
  ): Promise<{ bytes: number[]; rows: number[]; syncs: number }> {
    const bytes = new Set<number>();
    const rows = new Set<number>();
    let syncs = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const disk = new FaultyDisk({ seed, skipSync });
      const file = disk.openFile('file');
      const store = disk.openStore('store');
      await file.append(filled(2, 1));
      await file.sync(); // 1
      await store.commit(row(1, filled(1, 1)), 'power'); // 2
      await store.commit(row(2, filled(1, 1)), 'process');
      await store.commit(row(3, filled(1, 1)), 'power'); // 3
      await file.append(filled(2, 1));
      await file.sync(); // 4
      syncs = disk.syncs;
      await disk.crash('power');
      bytes.add(disk.openFile('file').size());
      rows.add([...disk.openStore('store').range(space)].length);
    }
    return { bytes: [...bytes].sort(), rows: [...rows].sort(), syncs };
  }

  it('loses with the power what only it has answered; a later one makes up for it', async () => {
    expect(await left(0)).toEqual({ bytes: [4], rows: [3], syncs: 4 });
    expect(await left(1)).toEqual({ bytes: [4], rows: [3], syncs: 4 });
    expect(await left(2)).toEqual({ bytes: [4], rows: [3], syncs: 4 });
    expect(await left(3)).toEqual({ bytes: [4], rows: [1, 2, 3], syncs: 4 });
    expect(await left(4)).toEqual({ bytes: [2, 3, 4], rows: [3], syncs: 4 });
  });

  it('is not one that fails, which is not counted', async () => {
    const disk = new FaultyDisk({ failAt: 2 });
    const file = disk.openFile('file');
    await file.append(filled(2, 1));
    await expect(file.sync()).rejects.toMatchObject({ code: 'FILE_SYNC_FAILED' });
    expect(disk.syncs).toBe(0);
  });
});

describe('a full disk', () => {
  it('counts files, rows and blobs', async () => {
    const disk = new FaultyDisk({ capacityBytes: 20 });
    const file = disk.openFile('file');
    const store = disk.openStore('store');
    const dir = disk.openBlobDir('dir');
    await file.append(filled(5, 1));
    await store.commit(row(1, filled(4, 1)), 'process');
    await dir.write('a', [filled(5, 1)], 'process');
    // 5 are left.
    const full = { code: 'STORE_WRITE_FAILED' };
    await expect(store.commit(row(2, filled(5, 1)), 'power')).rejects.toMatchObject(full);
    expect(store.get(space, Uint8Array.of(2))).toBeUndefined();
    await expect(dir.write('a', [filled(6, 2)], 'power')).rejects.toMatchObject({
      code: 'FILE_DISK_FULL',
    });
    expect(await dir.read('a', 0, 5)).toEqual(filled(5, 1));
    await store.commit(row(1, filled(9, 2)), 'process');
    await expect(file.append(filled(1, 1))).rejects.toMatchObject({ code: 'FILE_DISK_FULL' });
    // What needs no more room is taken, and what is removed makes room.
    await store.commit(row(1, filled(9, 3)), 'process');
    await dir.remove('a', 'process');
    await file.append(filled(5, 1));
    await store.commit(row(1, undefined), 'process');
    await dir.write('b', [filled(4, 1), filled(6, 1)], 'power');
    await expect(file.append(filled(1, 1))).rejects.toMatchObject({ code: 'FILE_DISK_FULL' });
  });

  it('counts a row that a batch changes twice once', async () => {
    const disk = new FaultyDisk({ capacityBytes: 10 });
    const store = disk.openStore('store');
    const batch = row(1, filled(9, 1));
    batch.delete(space, Uint8Array.of(1));
    batch.put(space, Uint8Array.of(1), filled(9, 2));
    await store.commit(batch, 'process');
    await store.commit(row(1, filled(8, 3)), 'process');
    await expect(store.commit(row(2, filled(1, 1)), 'process')).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
    });
  });
});

describe('a flipped bit', () => {
  it('of a file is the one that was asked for, durable or not, and stays', async () => {
    const make = async (disk: FaultyDisk): Promise<AppendFile> => {
      const file = disk.openFile('file');
      await file.append(filled(4, 0));
      await file.sync();
      await file.truncate(2);
      await file.append(filled(3, 0));
      return file;
    };
    for (let bit = 0; bit < 40; bit += 1) {
      const disk = new FaultyDisk();
      const file = await make(disk);
      expect(disk.flipFileBit('file', bit)).toBe(bit);
      const expected = filled(5, 0);
      expected[bit >>> 3] = 1 << (bit & 7);
      expect(await bytesOf(file)).toEqual(expected);
      await file.sync();
      await disk.crash('power');
      expect(await bytesOf(disk.openFile('file'))).toEqual(expected);
    }
    const bits = new Set<number>();
    for (let seed = 0; seed < 400; seed += 1) {
      const disk = new FaultyDisk({ seed });
      await make(disk);
      bits.add(disk.flipFileBit('file'));
    }
    expect(bits.size).toBe(40);
  });

  it('of a blob is seen, and stays', async () => {
    for (const level of ['process', 'power'] as const) {
      const disk = new FaultyDisk();
      const dir = disk.openBlobDir('dir');
      await dir.write('a', [filled(3, 0)], level);
      const bit = disk.flipBlobBit('dir', 'a');
      const expected = filled(3, 0);
      expected[bit >>> 3] = 1 << (bit & 7);
      expect(await dir.read('a', 0, 3)).toEqual(expected);
      await disk.crash(level);
      expect(await disk.openBlobDir('dir').read('a', 0, 3)).toEqual(expected);
    }
  });

  it('of a row is seen, in value or key, and a later sync does not mend it', async () => {
    const rows = (store: KvStore): number[][] =>
      [...store.range(space)].map(([key, value]) => [...key, ...value]);
    for (const level of ['process', 'power'] as const) {
      const disk = new FaultyDisk();
      const store = disk.openStore('store');
      await store.commit(row(0, filled(1, 0)), level);
      await store.commit(row(8, filled(1, 0)), level);
      const at = { keyspace: space, key: Uint8Array.of(0), bit: 1 };
      expect(await disk.flipRowBit('store', 'value', at)).toEqual(at);
      expect(await disk.flipRowBit('store', 'key', { ...at, bit: 2 })).toEqual({ ...at, bit: 2 });
      expect(rows(store)).toEqual([
        [4, 2],
        [8, 0],
      ]);
      await store.commit(row(9, filled(1, 9)), 'power');
      await disk.crash('power');
      expect(rows(disk.openStore('store'))).toEqual([
        [4, 2],
        [8, 0],
        [9, 9],
      ]);
    }
  });
});
