import { fixedBytes } from '@lucerna/base';
import { expect, it } from 'vitest';
import { stateLimits } from '../../src/limits.ts';
import { RecentCodes } from '../../src/snapshot/recent-codes.ts';

function hash(index: number): Uint8Array {
  return fixedBytes(BigInt(index), 32);
}

it('a code is due again when as many others have been named since', () => {
  const { snapshotCodes } = stateLimits.values;
  const codes = new RecentCodes();
  for (let index = 0; index < snapshotCodes; index += 1) {
    expect(codes.isDue(hash(index))).toBe(true);
  }
  expect(codes.isDue(hash(0))).toBe(false);
  // Naming code 0 has made code 1 the oldest.
  expect(codes.isDue(hash(snapshotCodes))).toBe(true);
  expect(codes.isDue(hash(0))).toBe(false);
  expect(codes.isDue(hash(2))).toBe(false);
  expect(codes.isDue(hash(1))).toBe(true);
});
