import { afterEach, beforeEach, expect, test } from 'vitest';
import { followGuide } from '../support/follow-guide.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = makeTemporaryDirectory();
});

afterEach(() => directory.remove());

test('docs/guides/q64-search.md', async () => {
  const counts = await followGuide('q64-search.md', directory.path);
  expect(counts).toEqual({ ts: 3, text: 3, sh: 0 });
});
