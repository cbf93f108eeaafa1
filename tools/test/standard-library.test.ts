import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STANDARD_LIBRARY } from '@lucerna/zexus';
import { afterAll, expect, test } from 'vitest';
import { standardFilesModule, standardLibraryModule } from '../src/docs/standard-library.ts';

let modules = 0;
const root = mkdtempSync(join(tmpdir(), 'lucerna-standard-'));
afterAll(() => rmSync(root, { recursive: true }));

/** What the generated module exports when it runs. */
async function load(text: string): Promise<unknown> {
  modules += 1;
  const path = join(root, `module-${modules}.ts`);
  writeFileSync(path, text);
  return (await import(/* @vite-ignore */ path)).STANDARD_FILES;
}

test('texts come back as they are, whatever is in them', async () => {
  const place = ['$', '{x}'].join('');
  const texts = ['', 'a\n', '`', '\\', '\\`', place, `\\${place}`, '$', '{', '"é\u{1f600}\'\n\n'];
  const files = texts.map((text, index) => [`file${index}`, text] as const);
  expect(await load(standardFilesModule(files))).toEqual(Object.fromEntries(files));
});

test('the files of the folder with the suffix are in it, in the order of their names', () => {
  const folder = join(root, 'packages/zexus/std');
  mkdirSync(folder, { recursive: true });
  for (const name of ['b.zx', 'a.zx', 'note.md']) writeFileSync(join(folder, name), name);
  const [[path, text] = []] = Object.entries(standardLibraryModule(root));
  expect(path).toBe('packages/zexus/src/std/standard-files.ts');
  expect(text).toBe(
    standardFilesModule([
      ['a', 'a.zx'],
      ['b', 'b.zx'],
    ]),
  );
});

test('what the compiler has is what lies in the folder', async () => {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const [text = ''] = Object.values(standardLibraryModule(repository));
  expect(await load(text)).toEqual(Object.fromEntries(STANDARD_LIBRARY));
});
