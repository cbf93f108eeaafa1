import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Vector tests name their file in full, or a family `folder/prefix-${name}.json` and its names. */
function readsFile(source: string, file: string): boolean {
  if (source.includes(`'${file}'`)) return true;
  const [, prefix, name] = /^(.*-)(\w+)\.json$/.exec(file) ?? [];
  return (
    source.includes(`\`${prefix}\${name}.json\``) && new RegExp(`'${name}'|${name}:`).test(source)
  );
}

test('every file of vectors that was ever counted is still read', () => {
  const committed = JSON.parse(read('tools/src/vector-counts.json')) as Record<string, number>;
  const sources = globSync(['packages/*/test/**/*.vectors.test.ts', 'tests/**/*.test.ts'], {
    cwd: root,
  }).map(read);
  const unread = Object.keys(committed).filter(
    (file) => !sources.some((source) => readsFile(source, file)),
  );
  expect(unread).toEqual([]);
  expect(Object.keys(committed).length).toBeGreaterThan(20);
});
