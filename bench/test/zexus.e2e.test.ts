import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ids and targets, which stay what they are whether they are reached or not; an id for each of its sizes. */
const targets: readonly (readonly [id: string, target: number | null])[] = [
  ['zxc-serialize-7001', 20],
  ['zxc-deserialize-7001', 30],
  ['zxc1-size-source', null],
  ['zxc1-size-json', null],
  ['zxc1-size-python', null],
  ['zxc2-size-source', null],
  ['zxc2-size-json', null],
  ['zxc2-mapped-size-source', null],
  ['compile', null],
  ['loop-interpreter', 1.1],
  ['loop-interpreter', 1.1],
  ['loop-interpreter', 1.1],
  ['loop-interpreter', 1.1],
  ['loop-python-vm', 20],
  ['loop-table', null],
  ['loop-table', null],
  ['loop-table', null],
  ['loop-table', null],
  ['loop-table', null],
  ['list-operations', null],
  ['map-operations', null],
  ['contract-call', null],
  ['token-transfer-vm', null],
  ['token-transfer-execution', null],
  ['token-transfer-block', null],
];

/** Both sides have computed the same thing there, and their results agree. */
const hashed = [
  'loop-interpreter',
  'loop-python-vm',
  'list-operations',
  'map-operations',
  'contract-call',
];

/** Where there is nothing to compare with. */
const alone = ['compile', 'token-transfer-vm', 'token-transfer-execution', 'token-transfer-block'];

async function rowsOf(
  more: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
  const args = ['bench/src/main.ts', 'zexus', '--quick', '--json', ...more];
  const options = { cwd: root, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
}

test('the zexus suite runs and prints a row for each case', async () => {
  const rows = await rowsOf([], {});
  expect(rows.map((row) => [row.case, row.target])).toEqual(targets);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'zexus', rounds: 1, level: null });
    expect(row.ours).toBeGreaterThan(0);
    if (alone.includes(row.case)) expect(row.peerName).toBe('no peer');
    else if (row.peer === null) expect(row.peerName).toMatch(/^Python.* \(not installed\)$/);
    else expect(row.peer).toBeGreaterThan(0);
    if (hashed.includes(row.case)) expect(row.hash).toMatch(/^[0-9a-f]{64}$/);
  }
  const sizes = rows.filter((row) => row.case.includes('-size-'));
  for (const row of sizes) expect(row.conditions).toMatch(/; \d+ contracts, \d+ instructions$/);
  const table = rows.filter((row) => row.case === 'loop-table');
  expect(
    table.map(({ conditions }) => /N = ([\d,]+), \d+ gas, \d+ inst/.exec(conditions)?.[1]),
  ).toEqual(['100', '500', '1,000', '2,000', '5,000']);
});

test('without Python its rows say so', async () => {
  const rows = await rowsOf(['--case', 'loop-interpreter'], { PATH: '' });
  expect(rows.length).toBe(4);
  for (const row of rows) {
    expect(row).toMatchObject({ peer: null, ratio: null, target: 1.1 });
    expect(row.peerName).toMatch(/^Python.* \(not installed\)$/);
  }
});
