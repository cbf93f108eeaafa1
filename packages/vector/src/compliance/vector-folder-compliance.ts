import { present } from '@lucerna/base';
import { appendFileCompliance, blobDirCompliance } from '@lucerna/storage/compliance';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import type { VectorFolder } from '../ports.ts';

/** Where a folder is: it can be opened again and again. */
export type VectorFolderPlace = {
  readonly open: (access: 'write' | 'read') => Promise<VectorFolder> | VectorFolder;
};

type MakePlace = () => Promise<VectorFolderPlace> | VectorFolderPlace;

/**
 * Registers the tests that every `VectorFolder` passes, and those of its logs and blobs.
 *
 * @param makePlace a new one each time, without a folder or with an empty one
 */
export function vectorFolderCompliance(name: string, makePlace: MakePlace): void {
  describe(`${name} is a VectorFolder`, () => {
    logs(makePlace);
    naming(makePlace);
    persistence(makePlace);
    claims(makePlace);
    readers(makePlace);
  });
  partsOf(name, makePlace);
}

/** The suites of the parts; each file or folder of blobs is the only one of its folder. */
function partsOf(name: string, makePlace: MakePlace): void {
  const origins = new Map<unknown, { place: VectorFolderPlace; folder: VectorFolder }>();
  const opened = async <T>(
    open: (folder: VectorFolder) => Promise<T> | T,
    place: VectorFolderPlace,
  ): Promise<T> => {
    const folder = await place.open('write');
    const part = await open(folder);
    origins.set(part, { place, folder });
    return part;
  };
  const reopened = async <T extends { readonly close: () => Promise<void> }>(
    open: (folder: VectorFolder) => Promise<T> | T,
    part: T,
  ): Promise<T> => {
    const origin = present(origins.get(part), 'the part was made here');
    await part.close();
    await origin.folder.close();
    return opened(open, origin.place);
  };
  const openLog = (folder: VectorFolder) => folder.openLog('some.log');
  const blobsOf = (folder: VectorFolder) => folder.blobs;
  appendFileCompliance(`a log of ${name}`, async () => opened(openLog, await makePlace()), {
    reopen: (file) => reopened(openLog, file),
  });
  blobDirCompliance(`blobs of ${name}`, async () => opened(blobsOf, await makePlace()), {
    reopen: (blobs) => reopened(blobsOf, blobs),
  });
}

function logs(makePlace: MakePlace): void {
  it('is empty at first', async () => {
    const folder = await (await makePlace()).open('write');
    expect(folder.access).toBe('write');
    expect(await folder.logNames()).toEqual([]);
    expect(await folder.blobs.names()).toEqual([]);
    await folder.close();
  });

  it('makes logs when they are opened, and takes them away', async () => {
    const folder = await (await makePlace()).open('write');
    for (const name of ['b.2.log', 'b.10.log', 'a.1.log']) {
      const log = await folder.openLog(name);
      await log.append(bytes(name.length));
      await log.close();
    }
    expect(await folder.logNames()).toEqual(['a.1.log', 'b.10.log', 'b.2.log']);
    await folder.removeLog('b.10.log');
    await folder.removeLog('b.10.log');
    await folder.removeLog('never.there');
    expect(await folder.logNames()).toEqual(['a.1.log', 'b.2.log']);
    const again = await folder.openLog('b.10.log');
    expect(again.size()).toBe(0);
    await again.close();
    await folder.close();
  });

  it('keeps logs and blobs of one name apart', async () => {
    const folder = await (await makePlace()).open('write');
    const log = await folder.openLog('same');
    await log.append(bytes(1, 2));
    await folder.blobs.write('same', [bytes(3)], 'process');
    expect(await log.read(0, log.size())).toEqual(bytes(1, 2));
    await log.close();
    await folder.removeLog('same');
    expect(await folder.blobs.read('same', 0, 1)).toEqual(bytes(3));
    expect(await folder.logNames()).toEqual([]);
    await folder.close();
  });
}

function naming(makePlace: MakePlace): void {
  it('takes the names of blobs for logs, and refuses any other', async () => {
    const folder = await (await makePlace()).open('write');
    const long = 'z'.repeat(64);
    for (const name of ['a..b', '0', '_', long]) await (await folder.openLog(name)).close();
    expect(await folder.logNames()).toEqual(['0', '_', 'a..b', long]);
    for (const name of ['', '.a', 'A', 'a/b', '..', 'a b', `${long}z`]) {
      const invalid = { code: 'BLOB_NAME_INVALID' };
      await expect(folder.openLog(name)).rejects.toMatchObject(invalid);
      await expect(folder.removeLog(name)).rejects.toMatchObject(invalid);
    }
    await folder.close();
  });
}

function persistence(makePlace: MakePlace): void {
  it('keeps logs and blobs when it is closed', async () => {
    const place = await makePlace();
    const first = await place.open('write');
    const log = await first.openLog('a.log');
    await log.append(bytes(1, 2, 3));
    await log.close();
    await (await first.openLog('b.log')).close();
    await first.removeLog('b.log');
    await first.blobs.write('c', [bytes(4)], 'power');
    await first.close();
    await first.close();
    await expect(first.openLog('a.log')).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    await expect(first.logNames()).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    await expect(first.removeLog('a.log')).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    const second = await place.open('write');
    expect(await second.logNames()).toEqual(['a.log']);
    const again = await second.openLog('a.log');
    expect(await again.read(0, again.size())).toEqual(bytes(1, 2, 3));
    await again.close();
    expect(await second.blobs.read('c', 0, 1)).toEqual(bytes(4));
    await second.close();
  });
}

function claims(makePlace: MakePlace): void {
  it('has one writer at a time', async () => {
    const place = await makePlace();
    const first = await place.open('write');
    await expect(attempt(place, 'write')).rejects.toMatchObject({ code: 'VECTOR_FOLDER_IN_USE' });
    await first.close();
    const second = await place.open('write');
    await second.close();
  });
}

function readers(makePlace: MakePlace): void {
  it('shows readers what is there, when they look', async () => {
    const place = await makePlace();
    const writer = await place.open('write');
    const log = await writer.openLog('a.log');
    await log.append(bytes(1, 2));
    const reader = await place.open('read');
    expect(reader.access).toBe('read');
    const before = await reader.openLog('a.log');
    expect(await before.read(0, before.size())).toEqual(bytes(1, 2));
    await log.append(bytes(3));
    await writer.blobs.write('b', [bytes(4)], 'power');
    await (await writer.openLog('c.log')).close();
    const after = await reader.openLog('a.log');
    expect(await after.read(0, after.size())).toEqual(bytes(1, 2, 3));
    expect(before.size()).toBe(2);
    expect(await reader.logNames()).toEqual(['a.log', 'c.log']);
    expect(await reader.blobs.read('b', 0, 1)).toEqual(bytes(4));
    for (const each of [log, before, after]) await each.close();
    await reader.close();
    await writer.close();
  });

  it('lets readers change nothing', async () => {
    const place = await makePlace();
    const writer = await place.open('write');
    await (await writer.openLog('a.log')).close();
    await writer.blobs.write('b', [bytes(1)], 'power');
    const reader = await place.open('read');
    const readOnly = { code: 'DATABASE_READ_ONLY' };
    const log = await reader.openLog('a.log');
    await expect(log.append(bytes(1))).rejects.toMatchObject(readOnly);
    await expect(log.truncate(0)).rejects.toMatchObject(readOnly);
    await expect(log.sync()).rejects.toMatchObject(readOnly);
    await log.close();
    await expect(reader.openLog('d.log')).rejects.toMatchObject({ code: 'FILE_OPEN_FAILED' });
    await expect(reader.removeLog('a.log')).rejects.toMatchObject(readOnly);
    await expect(reader.blobs.write('b', [], 'power')).rejects.toMatchObject(readOnly);
    await expect(reader.blobs.remove('b', 'power')).rejects.toMatchObject(readOnly);
    expect(await writer.logNames()).toEqual(['a.log']);
    expect(await writer.blobs.names()).toEqual(['b']);
    await reader.close();
    await writer.close();
  });
}

/** Also where `open` throws instead of rejecting. */
async function attempt(place: VectorFolderPlace, access: 'write' | 'read'): Promise<VectorFolder> {
  return place.open(access);
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}
