import { createHash } from 'node:crypto';
import { toHexKey } from '@lucerna/base';
import { expect, it } from 'vitest';
import { sha256 } from '../src/index.ts';

it('agrees with Node around the block size of 64 bytes', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const data = Uint8Array.from({ length }, (_, index) => index % 251);
    expect(toHexKey(sha256(data))).toBe(createHash('sha256').update(data).digest('hex'));
  }
});
