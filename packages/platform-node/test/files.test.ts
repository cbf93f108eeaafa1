import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile } from '@lucerna/platform-node/files';
import { appendFileCompliance } from '@lucerna/storage/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
let made = 0;
let latest = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lucerna-files-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function newPath(): string {
  made += 1;
  latest = join(folder, `${made}`);
  return latest;
}

appendFileCompliance('a file of the system', () => openFile(newPath()), {
  reopen: async (file) => {
    await file.close();
    return openFile(latest);
  },
});

describe('a file of the system', () => {
  it('is what other programs see', async () => {
    const file = await openFile(newPath());
    await file.append(Uint8Array.of(1, 2, 3));
    await file.truncate(2);
    expect([...(await readFile(latest))]).toEqual([1, 2]);
    await file.close();
  });

  it('opens a file that is there', async () => {
    await writeFile(newPath(), 'abc');
    const file = await openFile(latest);
    expect(new TextDecoder().decode(await file.read(1, 2))).toBe('bc');
    await file.close();
  });

  it('refuses a folder, and a path through a file', async () => {
    await expect(openFile(folder)).rejects.toMatchObject({ code: 'FILE_OPEN_FAILED' });
    await writeFile(newPath(), '');
    await expect(openFile(join(latest, 'x'))).rejects.toMatchObject({ code: 'FILE_OPEN_FAILED' });
  });

  it('reports bytes that somebody else has cut off', async () => {
    const file = await openFile(newPath());
    await file.append(Uint8Array.of(1, 2, 3));
    await writeFile(latest, '');
    await expect(file.read(0, 3)).rejects.toMatchObject({ code: 'FILE_READ_FAILED' });
    await file.close();
  });
});

describe.runIf(process.platform === 'linux')('a device without room', () => {
  it('is a full disk', async () => {
    // Linux: every write to this device says that there is no space left.
    const file = await openFile('/dev/full');
    await expect(file.append(Uint8Array.of(1))).rejects.toMatchObject({ code: 'FILE_DISK_FULL' });
    await file.close();
  });

  it('says that it was not stored, and goes on saying it', async () => {
    // Linux: a character device cannot be synced.
    const file = await openFile('/dev/null');
    const failed = { code: 'FILE_SYNC_FAILED' };
    await file.append(Uint8Array.of(1));
    await expect(file.sync()).rejects.toMatchObject(failed);
    await expect(file.append(Uint8Array.of(1))).rejects.toMatchObject(failed);
    await expect(file.truncate(0)).rejects.toMatchObject(failed);
    await expect(file.sync()).rejects.toMatchObject(failed);
    await file.close();
  });
});
