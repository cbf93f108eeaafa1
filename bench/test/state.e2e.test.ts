import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ids and targets, which stay what they are whether they are reached or not. */
const targets: Readonly<Record<string, number | null>> = {
  'trie-insert-100k': 20,
  'trie-update-10k-root': 20,
  'trie-1m': null,
  'trie-1m-memory': null,
  'trie-1m-update': null,
  'keccak-32': 12,
  'keccak-532': 12,
  'keccak-32-wasm': 1.4,
  'tx-decode-sender': 1.6,
  'block-hash': 10,
  'sig-verify': 2,
  'tx-execute': 10,
  'state-read': 10,
  'state-write': 10,
  'state-write-durable': null,
  'merkle-proof': 10,
  'trie-update-10k-root-lmdb': 8,
  'commit-2000-lmdb': null,
  'commit-2000-rocksdb': null,
};

/** Both sides have computed the same thing there, and their results agree. */
const hashed = [
  'trie-insert-100k',
  'trie-update-10k-root',
  'keccak-32',
  'keccak-532',
  'tx-decode-sender',
  'trie-update-10k-root-lmdb',
];

const durable: readonly string[] = [
  'state-write-durable',
  'trie-update-10k-root-lmdb',
  'commit-2000-lmdb',
  'commit-2000-rocksdb',
];

test('the state suite runs and prints a row for each case', async () => {
  const args = ['bench/src/main.ts', 'state', '--quick', '--json'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
  // RocksDB has no build for some platforms, which is said instead.
  const missing = [...stderr.matchAll(/^state\/(\S+): not measured/gm)].map(([, id]) => id);
  const expected = Object.entries(targets).filter(([id]) => !missing.includes(id));
  expect(missing.filter((id) => id !== 'commit-2000-rocksdb')).toEqual([]);
  expect(rows.map((row) => [row.case, row.target])).toEqual(expected);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: 'state', rounds: 1 });
    expect(row.level).toBe(durable.includes(row.case) ? 'power' : null);
    expect(row.ours).toBeGreaterThan(0);
    if (row.peer === null) expect(row.peerName).toMatch(/ \(not installed\)$/);
    else expect(row.peer).toBeGreaterThan(0);
    if (hashed.includes(row.case)) expect(row.hash).toMatch(/^(?:0x)?[0-9a-f]{64}$/);
  }
  expect(stderr).not.toContain('installing');
});
