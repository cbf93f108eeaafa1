import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_ACCOUNT } from '@lucerna/state';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addressOf, openBenchState, orClose } from '../src/suites/state/fixtures.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lucerna-fixtures-'));
  vi.stubEnv('LUCERNA_BENCH_DIR', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('a preparation that fails leaves no folder', async () => {
  const opened = await openBenchState(10);
  expect(readdirSync(folder).length).toBe(1);
  expect(await orClose(opened, async () => 7)).toBe(7);
  expect(readdirSync(folder).length).toBe(1);
  const failure = new RangeError('no');
  await expect(orClose(opened, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(readdirSync(folder)).toEqual([]);
});

test('a state that cannot be made leaves no folder', async () => {
  const impossible = {
    address: addressOf(10),
    before: undefined,
    after: { ...EMPTY_ACCOUNT, nonce: -1n },
    storageCleared: false,
  };
  await expect(openBenchState(10, [impossible])).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});
