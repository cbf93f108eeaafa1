import { systemRandom } from '@lucerna/platform-web/random';
import { describe, expect, it } from 'vitest';

describe('the random generator of a browser', () => {
  it('gives as many bytes as were asked for, also more than one call of the browser does', () => {
    for (const length of [0, 1, 16, 65_536, 65_537, 200_000]) {
      expect(systemRandom.bytes(length)).toHaveLength(length);
    }
    const bytes = systemRandom.bytes(200_000);
    for (let from = 0; from < bytes.length; from += 50_000) {
      expect(new Set(bytes.subarray(from, from + 50_000)).size).toBe(256);
    }
  });
});
