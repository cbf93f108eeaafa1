import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const folder = fileURLToPath(new URL('../../examples/svdb-demo', import.meta.url));
const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

async function run(script: string, path: string): Promise<string> {
  const args = [join(folder, script), join(directory.path, path)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe('');
  return stdout;
}

test('the demo prints what its README says, as often as one likes', async () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const [, printed] = /^```text\n(.*?)^```$/ms.exec(readme) ?? [];
  expect(printed).toBeDefined();
  for (const _ of ['first', 'second']) expect(await run('svdb-demo.ts', 'demo')).toBe(printed);
});

test('the snippet finds the nearer one first', async () => {
  for (const _ of ['first', 'second']) {
    const [first, second] = await run('snippet.ts', 'snippet').then((text) => text.split('\n'));
    expect(first).toBe("[ [ 'id1', 0.9945998787879944 ], [ 'id2', 0.6644968390464783 ] ]");
    expect(second).toBe('');
  }
});
