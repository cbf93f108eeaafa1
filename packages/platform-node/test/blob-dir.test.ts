import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobDir } from '@lucerna/storage';
import { blobDirCompliance } from '@lucerna/storage/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBlobDir } from '../src/blob-dir.ts';
import { startChild } from './support/run-child.ts';

let folder = '';
let made = 0;
let latest = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-blobs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function newPath(): string {
  made += 1;
  latest = join(folder, `${made}`);
  return latest;
}

blobDirCompliance('a folder of the system', () => openBlobDir(newPath()), {
  reopen: async (dir) => {
    await dir.close();
    return openBlobDir(latest);
  },
  ...(process.platform === 'win32' ? {} : { whileSyncsFail: withoutFolder }),
});

/** There is no folder that could be synced meanwhile. */
async function withoutFolder(change: () => Promise<void>): Promise<void> {
  const away = `${latest}-away`;
  await rename(latest, away);
  await change();
  await rename(away, latest);
}

describe('a folder of the system', () => {
  it('is what other programs see', async () => {
    const dir = await openBlobDir(newPath());
    await dir.write('a', [Uint8Array.of(97), Uint8Array.of(98)], 'power');
    expect(await readdir(latest)).toEqual(['a']);
    expect(await readFile(join(latest, 'a'), 'utf8')).toBe('ab');
    await dir.close();
  });

  it('loses what a crash has left of writing, and keeps what is not a blob', async () => {
    await mkdir(newPath());
    await mkdir(join(latest, 'folder'));
    const files = ['.1.new', '.22.new', '.x.new', '1.new', '.1.new2', 'A', 'a'];
    for (const name of files) await writeFile(join(latest, name), name);
    const dir = await openBlobDir(latest);
    const kept = ['.1.new2', '.x.new', '1.new', 'A', 'a', 'folder'];
    expect((await readdir(latest)).sort()).toEqual(kept);
    expect(await dir.names()).toEqual(['1.new', 'a']);
    expect(await dir.size('folder')).toBeUndefined();
    await expect(dir.read('folder', 0, 0)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    const failed = { code: 'FILE_WRITE_FAILED' };
    await expect(dir.write('folder', [], 'power')).rejects.toMatchObject(failed);
    await expect(dir.remove('folder', 'power')).rejects.toMatchObject(failed);
    expect((await readdir(latest)).sort()).toEqual(kept);
    await dir.close();
  });

  it('refuses a path that is a file, or leads through one', async () => {
    await writeFile(newPath(), '');
    const failed = { code: 'FILE_OPEN_FAILED' };
    await expect(openBlobDir(latest)).rejects.toMatchObject(failed);
    await expect(openBlobDir(join(latest, 'x'))).rejects.toMatchObject(failed);
  });

  it('reads what is there when somebody else has cut a blob', async () => {
    const dir = await openBlobDir(newPath());
    await dir.write('a', [Uint8Array.of(1, 2, 3)], 'process');
    await truncate(join(latest, 'a'), 2);
    expect(await dir.size('a')).toBe(2);
    await expect(dir.read('a', 0, 3)).rejects.toMatchObject({ code: 'FILE_READ_OUT_OF_RANGE' });
    await dir.close();
  });

  it('puts nothing in place once it was closed', async () => {
    const dir = await openBlobDir(newPath());
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      await dir.close();
    };
    await expect(dir.write('a', parts(), 'power')).rejects.toMatchObject({ code: 'FILE_CLOSED' });
    expect(await readdir(latest)).toEqual([]);
  });

  it('reports that it is gone', async () => {
    const dir = await openBlobDir(newPath());
    await rm(latest, { recursive: true });
    await expect(dir.names()).rejects.toMatchObject({ code: 'FILE_READ_FAILED' });
    const writing = dir.write('a', [], 'process');
    await expect(writing).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
  });
});

describe.skipIf(process.platform === 'win32')('a disk that fills up', () => {
  it('leaves the old blob', async () => {
    // Files of at most 1,000 blocks; the system answers a longer write as if there were no room.
    const limited = 'ulimit -f 1000; exec "$@"';
    const child = startChild('./blobs-full.ts', [newPath()], limited);
    expect(await child.line()).toBe('FILE_WRITE_FAILED');
    expect(await child.line()).toBe('3');
    await child.end();
    expect(await readdir(latest)).toEqual(['a']);
  });
});

describe('kill -9 while blobs are written', () => {
  it('leaves whole blobs, and all that were answered', async () => {
    const path = newPath();
    for (let crash = 1; crash <= 12; crash += 1) {
      const child = startChild('./blobs-forever.ts', [path]);
      let answered = 0;
      for (let lines = 0; lines < crash; lines += 1) answered = Number(await child.line());
      await child.end('SIGKILL');
      const dir = await openBlobDir(path);
      const rounds = [];
      for (const name of await dir.names()) rounds.push(await roundOf(dir, name));
      expect((await readdir(path)).sort()).toEqual(await dir.names());
      await dir.close();
      expect(answered).toBeGreaterThan(0);
      expect(Math.max(...rounds)).toBeGreaterThanOrEqual(answered);
    }
  });
});

/** The round that wrote the blob, all of which is of that round. */
async function roundOf(dir: BlobDir, name: string): Promise<number> {
  const bytes = await dir.read(name, 0, (await dir.size(name)) ?? 0);
  expect(bytes.length % 4).toBe(0);
  const words = new Uint32Array(bytes.buffer);
  const [round = 0] = words;
  // As many parts as `blobs-forever.ts` makes in that round.
  expect(words.length).toBe((1 + (round % 5)) * 50_000);
  expect(words.every((word) => word === round)).toBe(true);
  return round;
}
