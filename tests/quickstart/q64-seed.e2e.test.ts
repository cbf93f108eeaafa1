import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../examples/q64-seed', import.meta.url));

test('the snippets print what their README says', async () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const [, printed] = /^```text\n(.*?)^```$/ms.exec(readme) ?? [];
  expect(printed).toBeDefined();
  const script = join(folder, 'q64-seed.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);
  expect(stderr).toBe('');
  expect(stdout).toBe(printed);
});
