import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ids and levels, in order. */
const cases: readonly (readonly [id: string, level: string | null])[] = [
  ['transfer', null],
  ['transfer', null],
  ['transfer', 'process'],
  ['read', null],
  ['block-1000', null],
  ['pool-add', null],
  ['pool-add', null],
  ['pool-top-100', null],
];

async function rowsOf(
  more: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
  const args = ['bench/src/main.ts', 'sdk', '--quick', '--json', ...more];
  const options = { cwd: root, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
}

test('the sdk suite runs and prints a row for each case', async () => {
  const rows = await rowsOf([], {});
  expect(rows.map((row) => [row.case, row.level])).toEqual(cases);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'sdk', rounds: 1, target: null });
    expect(row.ours).toBeGreaterThan(0);
    if (row.peer === null) expect(row.peerName).toMatch(/^Python.* \(not installed\)$/);
    else expect(row.peer).toBeGreaterThan(0);
    // Both sides have come to the same balances, sizes and orders.
    if (row.case !== 'read') expect(row.hash).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('without Python its rows say so', async () => {
  const [row] = await rowsOf(['--case', 'pool-top-100'], { PATH: '' });
  expect(row).toMatchObject({ peer: null, ratio: null });
  expect(row?.peerName).toMatch(/^Python.* \(not installed\)$/);
});
