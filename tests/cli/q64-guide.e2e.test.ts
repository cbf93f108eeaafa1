import { afterEach, beforeEach, expect, test } from 'vitest';
import { followGuide } from '../support/follow-guide.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = makeTemporaryDirectory();
});

afterEach(() => directory.remove());

test('docs/guides/q64.md', async () => {
  expect(await followGuide('q64.md', directory.path)).toEqual({ ts: 2, text: 3, sh: 1 });
});
