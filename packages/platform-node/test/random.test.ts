import { toHex } from '@lucerna/base';
import { systemRandom } from '@lucerna/platform-node/random';
import { describe, expect, it } from 'vitest';

describe('the system random generator', () => {
  it('gives as many bytes as were asked for', () => {
    for (const length of [0, 1, 16, 100_000]) {
      expect(systemRandom.bytes(length)).toHaveLength(length);
    }
  });

  it('gives other bytes each time, of the caller’s own', () => {
    const seen = new Set<string>();
    for (let round = 0; round < 1_000; round += 1) {
      const bytes = systemRandom.bytes(16);
      expect(bytes.buffer.byteLength).toBe(16);
      seen.add(toHex(bytes));
    }
    expect(seen.size).toBe(1_000);
  });

  it('gives every value of a byte', () => {
    expect(new Set(systemRandom.bytes(100_000)).size).toBe(256);
  });
});
