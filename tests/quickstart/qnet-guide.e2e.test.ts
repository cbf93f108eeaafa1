import { afterAll, expect, test } from 'vitest';
import { followGuide } from '../support/follow-guide.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

test('docs/guides/coming-from-qnet.md', async () => {
  expect(await followGuide('coming-from-qnet.md', directory.path)).toEqual({
    ts: 4,
    text: 4,
    sh: 1,
  });
});
