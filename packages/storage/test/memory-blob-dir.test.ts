import { createMemoryBlobDir } from '@lucerna/storage';
import { expect, it } from 'vitest';

it('is a full disk before it takes the process down', async () => {
  const dir = createMemoryBlobDir();
  await dir.write('a', [Uint8Array.of(1)], 'process');
  // A length is enough to be refused; nothing of that size is made.
  const huge = Object.defineProperty(new Uint8Array(1), 'length', { value: 2 ** 30 });
  const full = { code: 'FILE_DISK_FULL' };
  await expect(dir.write('a', [huge], 'process')).rejects.toMatchObject(full);
  await expect(dir.write('b', [huge], 'process')).rejects.toMatchObject(full);
  expect(await dir.names()).toEqual(['a']);
  expect(await dir.read('a', 0, 1)).toEqual(Uint8Array.of(1));
});
