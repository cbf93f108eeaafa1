import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssertionError } from '@lucerna/base';
import { KEYSPACES, WriteBatch } from '@lucerna/storage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type DataDirectory,
  deleteChain,
  hasChain,
  isVacant,
  openDataDirectory,
  openDirectoryStore,
  placeBlockLog,
} from '../src/directory.ts';
import { startChild } from './support/run-child.ts';

let folder: string;
let directory: DataDirectory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lucerna-place-'));
  directory = await openDataDirectory(join(folder, 'data'));
});

afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true, force: true });
});

async function* partsOf(...texts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

async function rowCount(): Promise<number> {
  const store = await openDirectoryStore(directory);
  const rows = [...store.range(KEYSPACES.meta)].length;
  await store.close();
  return rows;
}

async function putRow(): Promise<void> {
  const store = await openDirectoryStore(directory);
  const batch = new WriteBatch();
  batch.put(KEYSPACES.meta, Uint8Array.of(1), Uint8Array.of(2));
  await store.commit(batch, 'power');
  await store.close();
}

const names = (): readonly string[] =>
  readdirSync(directory.path).filter((name) => /log|store/.test(name));

describe('what is there', () => {
  test('is nothing in a new directory, also with an empty log', async () => {
    expect(await hasChain(directory.path)).toBe(false);
    expect(await isVacant(directory)).toBe(true);
    expect(names()).toEqual([]);
    writeFileSync(directory.blockLogPath, '');
    expect(await hasChain(directory.path)).toBe(false);
    expect(await isVacant(directory)).toBe(true);
    expect(await hasChain(join(folder, 'nowhere'))).toBe(false);
  });

  test('is a database or a chain', async () => {
    await putRow();
    expect(await hasChain(directory.path)).toBe(false);
    expect(await isVacant(directory)).toBe(false);
    await deleteChain(directory);
    await placeBlockLog(directory, partsOf('one'));
    expect(await hasChain(directory.path)).toBe(true);
    expect(await isVacant(directory)).toBe(false);
  });

  test('is not known when the system refuses', async () => {
    await expect(
      hasChain(directory.blockLogPath.replace('blocks.log', 'schema')),
    ).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
    });
  });
});

describe('placeBlockLog', () => {
  test('writes all parts, and deletes the rows of whatever log was there before', async () => {
    await putRow();
    writeFileSync(directory.blockLogPath, '');
    await placeBlockLog(directory, partsOf('one ', '', 'two'));
    expect(readFileSync(directory.blockLogPath, 'utf8')).toBe('one two');
    expect(names()).toEqual(['blocks.log']);
    expect(await rowCount()).toBe(0);
  });

  test('leaves nothing when the parts fail, and throws what they throw', async () => {
    const failure = new RangeError('no more parts');
    await expect(placeBlockLog(directory, partsOf('one', failure))).rejects.toBe(failure);
    expect(names()).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'leaves no chain either when the system does not confirm the name of the log',
    async () => {
      await directory.close();
      const child = startChild('./place-unsynced.ts', [directory.path]);
      expect(await child.line()).toBe('DATA_DIRECTORY_UNUSABLE');
      await child.end();
      expect(names()).toEqual([]);
      directory = await openDataDirectory(directory.path);
      await placeBlockLog(directory, partsOf('again'));
      expect(readFileSync(directory.blockLogPath, 'utf8')).toBe('again');
    },
  );

  test('does not take the place of a log', async () => {
    writeFileSync(directory.blockLogPath, 'blocks');
    await expect(placeBlockLog(directory, partsOf('other'))).rejects.toThrow(AssertionError);
    expect(readFileSync(directory.blockLogPath, 'utf8')).toBe('blocks');
  });

  test('what a kill has left of it goes at the next start', async () => {
    writeFileSync(join(directory.path, 'blocks.log.new'), 'half a');
    await directory.close();
    directory = await openDataDirectory(directory.path);
    expect(names()).toEqual([]);
  });
});

test('deleteChain deletes store and log, and nothing else', async () => {
  await putRow();
  writeFileSync(directory.blockLogPath, 'blocks');
  writeFileSync(join(directory.path, 'my-log.txt'), 'mine');
  await deleteChain(directory);
  expect(names()).toEqual(['my-log.txt']);
  expect(await rowCount()).toBe(0);
});
