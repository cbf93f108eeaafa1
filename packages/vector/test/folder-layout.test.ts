import { createMemoryBlobDir, createMemoryFile } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import {
  checkFolderMarker,
  FOLDER_MARKER,
  readOnlyBlobs,
  readOnlyFile,
} from '../src/folder-layout.ts';

const readOnly = { code: 'DATABASE_READ_ONLY' };

describe('the marker of a folder', () => {
  it('is known, and no other one', () => {
    expect(() => checkFolderMarker(FOLDER_MARKER, 'here')).not.toThrow();
    for (const text of ['', '2\n', '11', 'x'.repeat(1_000)]) {
      const unknown = { code: 'VECTOR_FORMAT_UNKNOWN', fields: { path: 'here' } };
      expect(() => checkFolderMarker(text, 'here')).toThrow(expect.objectContaining(unknown));
    }
  });
});

describe('what is opened to be read', () => {
  it('reads a file and does not change it', async () => {
    const file = readOnlyFile(createMemoryFile(Uint8Array.of(1, 2, 3)));
    expect(file.size()).toBe(3);
    expect(await file.read(1, 2)).toEqual(Uint8Array.of(2, 3));
    await expect(file.append(Uint8Array.of(4))).rejects.toMatchObject(readOnly);
    await expect(file.truncate(0)).rejects.toMatchObject(readOnly);
    await expect(file.sync()).rejects.toMatchObject(readOnly);
    expect(file.size()).toBe(3);
    await file.close();
    await expect(file.read(0, 1)).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });

  it('reads blobs and does not change them', async () => {
    const inner = createMemoryBlobDir();
    await inner.write('a', [Uint8Array.of(1, 2)], 'process');
    const blobs = readOnlyBlobs(inner);
    expect(await blobs.names()).toEqual(['a']);
    expect(await blobs.size('a')).toBe(2);
    expect(await blobs.read('a', 1, 1)).toEqual(Uint8Array.of(2));
    await expect(blobs.write('a', [], 'process')).rejects.toMatchObject(readOnly);
    await expect(blobs.remove('a', 'process')).rejects.toMatchObject(readOnly);
    expect(await blobs.size('a')).toBe(2);
    await blobs.close();
    await expect(blobs.names()).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });
});
