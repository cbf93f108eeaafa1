import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the rpc suite runs and prints a row for each case', async () => {
  const args = ['bench/src/main.ts', 'rpc', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
  expect(rows.map((row) => row.case)).toEqual(['start', 'npm-start']);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'rpc', unit: 'ms', rounds: 1, level: 'process' });
    expect(row.ours).toBeGreaterThan(0);
    expect(row.ratio).toBeCloseTo((row.peer ?? 0) / row.ours, 6);
  }
});
