import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';
import type { VectorFolder } from '@lucerna/vector';
import { vectorFolderCompliance } from '@lucerna/vector/compliance';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from './support/run-child.ts';

let root = '';
let made = 0;
let latest = '';
let opened: VectorFolder[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lucerna-vectors-'));
});
afterEach(async () => {
  for (const folder of opened) await folder.close();
  opened = [];
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

function newPath(): string {
  made += 1;
  latest = join(root, `${made}`);
  return latest;
}

async function open(path: string, access: 'write' | 'read' = 'write'): Promise<VectorFolder> {
  const folder = await openVectorFolder(path, { access });
  opened.push(folder);
  return folder;
}

vectorFolderCompliance('a folder of the system', () => {
  const path = newPath();
  return { open: (access) => openVectorFolder(path, { access }) };
});

describe('a vector folder', () => {
  it('is what other programs see', async () => {
    const folder = await open(newPath());
    const log = await folder.openLog('b.1');
    await log.append(new TextEncoder().encode('text'));
    await log.close();
    expect(await readFile(join(latest, 'logs/b.1'), 'utf8')).toBe('text');
    expect((await readdir(latest)).sort()).toEqual(['blobs', 'lock', 'logs', 'lucerna-vector']);
    await folder.close();
    expect((await readdir(latest)).sort()).toEqual(['blobs', 'logs', 'lucerna-vector']);
  });

  it('leaves files alone whose names no log can have', async () => {
    const folder = await open(newPath());
    await writeFile(join(latest, 'logs/Notes.txt'), '');
    await mkdir(join(latest, 'logs/folder'));
    expect(await folder.logNames()).toEqual([]);
  });
});

describe('a path', () => {
  it('is refused where there are other files, before anything is written', async () => {
    await mkdir(newPath());
    await writeFile(join(latest, 'thesis.txt'), 'precious');
    await expect(open(latest)).rejects.toMatchObject({
      code: 'VECTOR_FOLDER_FOREIGN',
      fields: { file: 'thesis.txt' },
    });
    expect(await readdir(latest)).toEqual(['thesis.txt']);
  });

  it('is taken when an opening was cut short there, or somebody has added files since', async () => {
    await mkdir(newPath());
    await writeFile(join(latest, 'lucerna-vector.new'), '');
    await (await open(latest)).close();
    await writeFile(join(latest, '.DS_Store'), '');
    await open(latest);
  });

  it('is refused when it is a file, or leads through one', async () => {
    await writeFile(newPath(), '');
    const failed = { code: 'FILE_OPEN_FAILED' };
    await expect(open(latest)).rejects.toMatchObject(failed);
    await expect(open(join(latest, 'x'))).rejects.toMatchObject(failed);
    const missing = { code: 'VECTOR_FOLDER_MISSING' };
    await expect(open(latest, 'read')).rejects.toMatchObject(missing);
  });

  it('is refused in another layout, and nothing is touched', async () => {
    await mkdir(newPath());
    await writeFile(join(latest, 'lucerna-vector'), '2\n');
    for (const access of ['write', 'read'] as const) {
      await expect(open(latest, access)).rejects.toMatchObject({ code: 'VECTOR_FORMAT_UNKNOWN' });
    }
    expect(await readdir(latest)).toEqual(['lucerna-vector']);
  });
});

describe('a folder that somebody writes to', () => {
  it('has no second writer, in this process or another one', async () => {
    const child = startChild('./hold-vector-folder.ts', [newPath()]);
    expect(await child.line()).toBe('open');
    const inUse = { code: 'VECTOR_FOLDER_IN_USE' };
    await expect(open(latest)).rejects.toMatchObject({ ...inUse, fields: { pid: child.pid } });
    await child.end('SIGKILL');
    await open(latest);
    await expect(open(latest)).rejects.toMatchObject({ ...inUse, fields: { pid: process.pid } });
  });

  it('has readers, who leave what it is writing', async () => {
    await open(newPath());
    await writeFile(join(latest, 'blobs/.9.new'), '');
    await open(latest, 'read');
    expect(await readdir(join(latest, 'blobs'))).toEqual(['.9.new']);
  });

  it('is missing for a reader until it has been opened to be written', async () => {
    await expect(open(newPath(), 'read')).rejects.toMatchObject({ code: 'VECTOR_FOLDER_MISSING' });
    await mkdir(latest);
    await expect(open(latest, 'read')).rejects.toMatchObject({ code: 'VECTOR_FOLDER_MISSING' });
    expect(await readdir(latest)).toEqual([]);
  });
});
