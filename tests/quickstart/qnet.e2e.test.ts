import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

const folder = fileURLToPath(new URL('../../examples/qnet', import.meta.url));
const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

const readme = readFileSync(join(folder, 'README.md'), 'utf8');
const printed = [...readme.matchAll(/^```text\n(.*?)^```$/gms)].map(([, text]) => text);

async function run(script: string, ...args: readonly string[]): Promise<string> {
  const command = [join(folder, script), ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command);
  expect(stderr).toBe('');
  return stdout;
}

describe('the README of the examples', () => {
  test('has four outputs', () => {
    expect(printed).toHaveLength(4);
  });

  test('says what state.ts prints', async () => {
    expect(await run('state.ts')).toBe(printed[0]);
  });

  test('says what mempool.ts prints, and prints when it is run again', async () => {
    const path = join(directory.path, 'state.db');
    expect(await run('mempool.ts', path)).toBe(printed[1]);
    expect(await run('mempool.ts', path)).toBe(printed[2]);
  });

  test('says what integration.ts prints, as often as one likes', async () => {
    for (const _ of ['first', 'second']) expect(await run('integration.ts')).toBe(printed[3]);
  });
});
