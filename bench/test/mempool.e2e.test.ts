import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ids and targets, which stay what they are whether they are reached or not. */
const targets: Readonly<Record<string, number | null>> = {
  insert: 1,
  'insert-maps': null,
  'insert-full': null,
  'build-100k': 1,
  'head-100k': null,
};

test('the mempool suite runs and prints a row for each case', async () => {
  const args = ['bench/src/main.ts', 'mempool', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
  expect(rows.map((row) => [row.case, row.target])).toEqual(Object.entries(targets));
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'mempool', rounds: 1, level: null });
    expect(row.ours).toBeGreaterThan(0);
    expect(row.peer).toBeGreaterThan(0);
  }
  const hashes = new Map(rows.map((row) => [row.case, row.hash]));
  expect(hashes.get('insert')).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes.get('insert-maps')).toBe(hashes.get('insert'));
});
