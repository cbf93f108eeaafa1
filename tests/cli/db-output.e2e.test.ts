import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDevNode } from '@lucerna/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

// What the commands say when their output does not get to where it was to go.

const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

const directory = makeTemporaryDirectory();
afterAll(() => directory.remove());

beforeAll(async () => {
  const node = await createDevNode({ dataDirectory: join(directory.path, 'data') });
  await node.mine(2_000);
  await node.close();
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a line of bash with `lucerna db` as `db`. */
function shell(line: string): Promise<Ended> {
  const script = `db() { "$NODE" "$ENTRY" db "$@" --data-dir data; }; ${line}`;
  return new Promise((resolve) => {
    const options = {
      cwd: directory.path,
      env: { ...process.env, NODE: process.execPath, ENTRY: entryFile },
    };
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe.runIf(existsSync('/dev/full'))('a full disk below standard output', () => {
  test.each(['stats', 'verify', 'export -', 'snapshot -'])('fails %s, once', async (command) => {
    const { code, stderr } = await shell(`db ${command} --json > /dev/full`);
    expect(code).toBe(1);
    const [first = '', ...more] = stderr.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(JSON.parse(first).error).toMatchObject({
      code: 'STDOUT_UNWRITABLE',
      message: expect.stringContaining('ENOSPC'),
    });
  });

  test('is told to people, too', async () => {
    const { code, stderr } = await shell('db stats > /dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*\[STDOUT_UNWRITABLE\]\n {7}.*\n$/);
  });
});

describe.skipIf(process.platform === 'win32')('a reader that has gone', () => {
  test.each(['export -', 'snapshot -'])('ends %s without a word', async (command) => {
    expect(await shell(`db ${command} | true; exit "\${PIPESTATUS[0]}"`)).toEqual({
      code: 141,
      stdout: '',
      stderr: '',
    });
  });

  test('is no reason for a result to fail', async () => {
    expect(await shell(`db stats | true; exit "\${PIPESTATUS[0]}"`)).toMatchObject({
      code: 0,
      stderr: '',
    });
  });
});
