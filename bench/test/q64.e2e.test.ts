import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ids and targets, which stay what they are whether they are reached or not. */
const targets: readonly (readonly [id: string, target: number | null])[] = [
  // Against a limit, and against a copy.
  ['encode-bytes-64k', 1],
  ['encode-bytes-64k', null],
  ['encode-bytes-64m', 1],
  ['encode-bytes-64m', null],
  ['encode-string-64k', 2],
  ['decode-64k', 2],
  ['batch-1000x1536', 3],
  // A batch, and a single embedding.
  ['reuse-speed', null],
  ['reuse-speed', null],
  ['reuse-allocations', null],
  // With memory that is used again, and as a web stream.
  ['stream-1g', 1],
  ['stream-1g', 1],
  ['seed-eq64', null],
  ['seed-shq64', null],
  ['seed-t8q64', null],
  ['seed-zoq64', null],
  ...[256, 1_024, 4_096, 16_384, 65_536].map(() => ['seed-top-k', null] as const),
];

test('the q64 suite runs and prints a row for each case', async () => {
  const args = ['bench/src/main.ts', 'q64', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
  expect(rows.map((row) => [row.case, row.target])).toEqual(targets);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'q64', rounds: 1, level: null });
    expect(row.ours).toBeGreaterThan(0);
    expect(row.peer).toBeGreaterThan(0);
    const { unit, peerName } = row;
    const isComputed = unit !== 'allocations' && unit !== 'MB' && !peerName.startsWith('seed:');
    if (isComputed) expect(row.hash, row.case).toMatch(/^[0-9a-f]{64}$/);
  }
});
