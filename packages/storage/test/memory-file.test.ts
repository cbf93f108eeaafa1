import { createMemoryFile } from '@lucerna/storage';
import { expect, it } from 'vitest';

it('begins with a copy of what it is given', async () => {
  const contents = Uint8Array.of(1, 2, 3);
  const file = createMemoryFile(contents);
  contents.fill(9);
  await file.append(Uint8Array.of(4));
  expect(await file.read(0, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
});

it('is a full disk before it takes the process down', async () => {
  const file = createMemoryFile();
  await file.append(Uint8Array.of(1));
  // A length is enough to be refused; nothing of that size is made.
  const huge = Object.defineProperty(new Uint8Array(1), 'length', { value: 2 ** 30 });
  await expect(file.append(huge)).rejects.toMatchObject({ code: 'FILE_DISK_FULL' });
  expect(file.size()).toBe(1);
});
