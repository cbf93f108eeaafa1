import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ids and targets, which stay what they are whether they are reached or not. */
const targets: readonly (readonly [id: string, target: number | null])[] = [
  ['build-100k', 1.5],
  ['hnsw-100k-r90', 1.8],
  ['hnsw-100k-r95', 1.8],
  ['hnsw-100k-r99', 1.2],
  ['hnsw-100k-r90-native', 1.3],
  ['hnsw-100k-r95-native', 1.3],
  ['hnsw-340k-r95', 1.5],
  ['mnist-60k-r95', null],
  ['mnist-60k-r99', null],
  ['mnist-60k-r99-native', null],
  // Against a scan, a graph, and a scan of nothing but what passes.
  ['filter-1pct', 1],
  ['filter-1pct', null],
  ['filter-1pct', null],
  ['filter-10pct', 1],
  ['filter-10pct', null],
  ['filter-10pct', null],
  ['exact-10k-1536', 1.9],
  ['ingest-1536', 1],
  ['ingest-1536-power', null],
  ['ingest-1536-arrays', null],
  ['http-query', 1.5],
];

test('the vector suite runs and prints a row for each case, with its recall', async () => {
  const args = ['bench/src/main.ts', 'vector', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
  expect(rows.map((row) => [row.case, row.target])).toEqual(targets);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'vector', rounds: 1 });
    expect(row.ours).toBeGreaterThan(0);
    if (/^(?:hnsw|mnist|filter|http)/.test(row.case)) {
      const [, recall] = /recall@10 (\d\.\d+)/.exec(row.conditions) ?? [];
      expect(Number(recall), row.conditions).toBeGreaterThan(0.85);
    }
  }
});
