import { expect, test } from 'vitest';
import type { Row } from '../src/harness.ts';
import { parseOptions } from '../src/options.ts';
import { formatNumber, formatRow } from '../src/report.ts';

const row: Row = {
  suite: 'rpc',
  case: 'start',
  unit: 'ms',
  ours: 250,
  peer: 500,
  peerName: 'limit:500ms',
  ratio: 2,
  target: 1,
  rounds: 5,
  level: null,
  hash: null,
  conditions: 'here',
};

test('a row says whether it reaches its target', () => {
  expect(formatRow(row)).toMatch(/^rpc\/start +250 ms +500 limit:500ms +2× reaches 1×$/);
  expect(formatRow({ ...row, ratio: 0.5 })).toMatch(/0\.5× MISSES 1×$/);
  expect(formatRow({ ...row, target: null, level: 'power' })).toMatch(
    /^rpc\/start \(power\) .* 2×$/,
  );
  expect(formatRow({ ...row, peer: null, ratio: null })).toMatch(/limit:500ms +not compared$/);
});

test('what bounds a figure is said where the target is missed, and only there', () => {
  expect(formatRow({ ...row, ratio: 0.5 }, 'bound by the disk')).toMatch(
    /MISSES 1×\n {4}bound by the disk$/,
  );
  expect(formatRow(row, 'bound by the disk')).not.toContain('bound');
  expect(formatRow({ ...row, target: null }, 'bound by the disk')).not.toContain('bound');
});

test('what a row depends on beside all others stands behind it', () => {
  const conditions = 'here, CPU time, N = 100';
  expect(formatRow({ ...row, conditions }, undefined, 'here')).toMatch(
    /reaches 1× {3}\[CPU time, N = 100\]$/,
  );
  expect(formatRow({ ...row, conditions }, undefined, conditions)).toMatch(/reaches 1×$/);
});

test.each([
  [0.012345, '0.0123'],
  [1234567, '1,230,000'],
  [2, '2'],
])('%d is shown as %s', (value, shown) => {
  expect(formatNumber(value)).toBe(shown);
});

test('the command line', () => {
  expect(parseOptions(['rpc', '--case', 'start', '--json'])).toEqual({
    suite: 'rpc',
    caseId: 'start',
    json: true,
    quick: false,
  });
  expect(parseOptions(['--quick']).suite).toBeUndefined();
  expect(() => parseOptions(['rpc', 'state'])).toThrow(TypeError);
  expect(() => parseOptions(['--fast'])).toThrow(TypeError);
});
