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
  expect(rows.map((row) => row.case)).toEqual([
    'start',
    'npm-start',
    'block-number',
    'get-balance',
    'eth-call',
    'full-block',
    'full-block-1',
    'send-receipt-process',
    'send-receipt-power',
    'memory-10k-blocks',
    'memory-stream',
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'rpc', rounds: 1 });
    expect(row.ours).toBeGreaterThan(0);
    if (row.peer === null) expect(row.peerName).toMatch(/not installed/);
    const { peer } = row;
    const [over, under] = row.unit.endsWith('/s') ? [row.ours, peer] : [peer, row.ours];
    if (peer !== null) expect(row.ratio).toBeCloseTo((over ?? 0) / (under ?? 1), 6);
  }
});
